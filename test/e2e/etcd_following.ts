/** A source that follows a cluster within a test, and what it gives and says. */
import { etcdConfigs, type EtcdEvent, type EtcdOptions, type NetworkConfig } from "@netns/netns";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "./following.ts";

/** Two ports that nobody has, one after the other: the first of them. */
export async function freePorts(): Promise<number> {
  while (true) {
    const [port, first] = await listening(0);
    const second = port > 65_000 ? undefined : await listening(port + 1).catch(() => undefined);
    for (const server of [first, second?.[1]]) await new Promise((resolve) => server?.close(resolve) ?? resolve(0));
    if (second !== undefined) return port;
  }
}

function listening(port: number): Promise<[number, ReturnType<typeof createServer>]> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve([typeof address === "object" ? address?.port ?? 0 : 0, server]);
    });
  });
}

/** Follows the keys of the label `l`, until the end of the block. */
export class EtcdFollowing implements AsyncDisposable {
  /** What it said. */
  readonly events: EtcdEvent[] = [];
  /** Every configuration that it gave. */
  readonly configs: NetworkConfig[] = [];
  readonly #ended = new AbortController();
  readonly #directory: string;
  readonly #owns: boolean;
  readonly #done: Promise<void>;

  /** Begins at once; `directory` is kept if it is given. Everything counts as applied. */
  constructor(options: Partial<EtcdOptions>) {
    this.#owns = options.directory === undefined;
    this.#directory = options.directory ?? mkdtempSync(join(tmpdir(), "netns-following-"));
    const { signal } = this.#ended;
    const onEvent = (event: EtcdEvent): void => void this.events.push(event);
    const configs = etcdConfigs({ label: "l", onEvent, signal, ...options, directory: this.#directory });
    const collect = async (): Promise<void> => {
      for await (const config of configs) {
        this.configs.push(config);
        configs.onApplied(config, { done: [], unchanged: 0, pending: [], failed: [] });
      }
    };
    this.#done = collect();
  }

  /** The names of the interfaces of the newest configuration. */
  get names(): string {
    return this.configs.at(-1)?.interfaces.map(({ name }) => name).join(" ") ?? "none";
  }

  /** What it said of a kind: reasons, addresses. */
  said(kind: EtcdEvent["kind"]): string[] {
    return this.events.filter((one) => one.kind === kind)
      .map((one) => "reason" in one ? one.reason : "address" in one ? one.address : JSON.stringify(one));
  }

  /** Waits until something is so. */
  async until(condition: () => boolean): Promise<void> {
    const end = performance.now() + 60_000;
    while (!condition()) {
      if (performance.now() > end) {
        throw new Error(`It did not come to be: ${JSON.stringify([this.names, this.events.slice(-20)])}`);
      }
      await pause(20);
    }
  }

  /** Waits until it says of a kind what `text` matches. */
  async says(kind: EtcdEvent["kind"], text: RegExp): Promise<void> {
    await this.until(() => this.said(kind).some((one) => text.test(one)));
  }

  /** Waits until its newest configuration has these interfaces. */
  async has(names: string): Promise<void> {
    await this.until(() => this.names === names);
  }

  /** Ends it, and throws what it ended with. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    try {
      await this.#done;
    } finally {
      if (this.#owns) rmSync(this.#directory, { recursive: true, force: true });
    }
  }
}
