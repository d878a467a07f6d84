/** A real etcd: members that a test starts, kills and wipes, and the writer etcdctl. See etcd(1), etcdctl(1). */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe } from "@std/testing/bdd";
import { Member } from "../../src/etcd/member.ts";
import { pause } from "./following.ts";

/** Puts the words of a command where they run. */
export type Enter = (words: readonly string[]) => readonly [command: string, args: readonly string[]];

/** A suite that needs etcd. Where that is not installed it is skipped with a notice; in CI it fails. */
export function describeEtcd(title: string, body: () => void): void {
  const isThere = ["etcd", "etcdctl"].every((one) =>
    spawnSync(one, ["--help"], { stdio: "ignore" }).error === undefined
  );
  const skip = !isThere && process.env["CI"] !== "true";
  if (skip) console.warn(`notice: ${title} is skipped: etcd or etcdctl is not installed`);
  describe(title, { skip }, body);
}

/** Waits until something is so, at most a minute, without asking too often: each question starts a program. */
export async function patiently(condition: () => boolean, what: () => unknown): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`It did not come to be: ${JSON.stringify(what(), undefined, 1)}`);
    await pause(100);
  }
}

/** A value as etcd keeps it. */
const textOf = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value);

/** How a member is started. */
export interface MemberOptions {
  /** Where it runs. */
  readonly enter: Enter;
  /** Its address. @default {"127.0.0.1"} */
  readonly host?: string;
  /** Its port for clients; that for members is the next one. @default {2379} */
  readonly port?: number;
  /** Its name. @default {"default"} */
  readonly name?: string;
  /** The cluster: `NAME=http://HOST:2380,…`. */
  readonly cluster?: string;
  /** More words for etcd. */
  readonly options?: readonly string[];
  /** More words for etcdctl. */
  readonly client?: readonly string[];
  /** `https` if the options say so. @default {"http"} */
  readonly scheme?: "http" | "https";
}

/** One member, with a data directory of its own. */
export class EtcdMember implements AsyncDisposable {
  readonly #options: MemberOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "netns-etcd-"));
  #child: ChildProcess | undefined;

  /** Starts nothing yet. */
  constructor(options: MemberOptions) {
    this.#options = options;
  }

  /** Where it answers. */
  get endpoint(): string {
    return `${this.#options.host ?? "127.0.0.1"}:${this.#options.port ?? 2379}`;
  }

  /** Where its data is. */
  get data(): string {
    return join(this.#folder, "data");
  }

  /** Its process. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it, without waiting; `more` are words for etcd this time. */
  spawn(...more: readonly string[]): void {
    const { enter, host = "127.0.0.1", port = 2379, name = "default", scheme = "http" } = this.#options;
    const client = `${scheme}://${this.endpoint}`;
    const peer = `http://${host}:${port + 1}`;
    const cluster = this.#options.cluster ?? `${name}=${peer}`;
    const [command, args] = enter([
      ...["etcd", "--name", name, "--data-dir", this.data, "--logger", "zap", "--log-level", "error"],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster],
      ...this.#options.options ?? [],
      ...more,
    ]);
    const log = openSync(join(this.#folder, "log"), "a");
    this.#child = spawn(command, [...args], { stdio: ["ignore", log, log] });
  }

  /** Starts it, and waits until it answers. */
  async start(...more: readonly string[]): Promise<void> {
    this.spawn(...more);
    await this.answers();
  }

  /** Waits until it answers. */
  async answers(): Promise<void> {
    for (let i = 0; this.try("get", "health").status !== 0; i++) {
      if (i > 300 || this.#child?.exitCode !== null) {
        throw new Error(`etcd does not answer:\n${readFileSync(join(this.#folder, "log"), "utf8")}`);
      }
      await pause(50);
    }
  }

  /** Kills it, as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Forgets all that it kept. */
  wipe(): void {
    rmSync(this.data, { recursive: true });
  }

  /** Runs etcdctl, which may fail. */
  try(
    ...words: readonly string[]
  ): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
    const { enter, client = [], scheme = "http" } = this.#options;
    const endpoint = `${scheme}://${this.endpoint}`;
    const [command, args] = enter([
      "etcdctl",
      "--endpoints",
      endpoint,
      "--command-timeout",
      "10s",
      ...client,
      ...words,
    ]);
    return spawnSync(command, [...args], { encoding: "utf8", env: { ...process.env, ETCDCTL_API: "3" } });
  }

  /** Runs etcdctl, and gives what it prints. */
  ctl(...words: readonly string[]): string {
    const { status, stdout, stderr } = this.try(...words);
    if (status !== 0) throw new Error(`etcdctl ${words.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** Puts values, each at its key. */
  put(prefix: string, values: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(values)) {
      this.ctl("put", prefix + key, textOf(value));
    }
  }

  /** Puts many values at once, each at its key, without etcdctl. */
  async write(prefix: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    const { signal } = new AbortController();
    const options = { dialTimeout: 5000, operationTimeout: 60_000, tls: undefined, signal, username: undefined };
    using member = await Member.connect(this.endpoint, { ...options, password: () => Promise.resolve("") });
    await member.write(Object.entries(values).map(([key, value]) => ({ key: prefix + key, value: textOf(value) })), 0n);
  }

  /** The value of a key, as JSON. */
  value(key: string): Readonly<Record<string, unknown>> | undefined {
    const text = this.ctl("get", "--print-value-only", key);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Kills it and removes what it kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
