/** Stands between a client and a container runtime, and does to the event stream what a test wants. */
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server, Socket } from "node:net";

/** What happens to the next piece of the event stream: it goes through as it is, cut off in its middle, or spoiled. */
export type Fate = "through" | "cut" | "spoiled" | "crumbled";

/** A socket that hands on to another. */
export class Proxy implements AsyncDisposable {
  readonly socket: string;
  /** What happens to each piece of the event stream. After a cut or a spoiled one, the next go through. */
  fate: Fate = "through";
  /** Receives the first line of each request, which goes on when this is done. */
  hold: ((line: string) => Promise<void> | undefined) | undefined;
  /** How many event streams there were. */
  streams = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(target: string) {
    this.socket = `${target}.proxy`;
    this.#server = createServer((client) => this.#join(client, new Socket().connect(target)));
  }

  /** Listens beside `target`. */
  static async open(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    rmSync(proxy.socket, { force: true });
    proxy.#server.listen(proxy.socket);
    await once(proxy.#server, "listening");
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, target: Socket): void {
    let events = false;
    const end = (): void => [client, target].forEach((one) => void one.destroy());
    for (const one of [client, target]) {
      this.#open.add(one);
      one.on("error", end).on("close", () => {
        this.#open.delete(one);
        end();
      });
    }
    client.on("data", (data: Buffer) => {
      const line = data.toString("latin1").split("\r\n")[0] ?? "";
      if (!events && / \/(v[\d.]+\/)?events/.test(line)) {
        events = true;
        this.streams++;
      }
      const held = this.hold?.(line);
      if (held === undefined) target.write(data);
      else held.then(() => target.write(data), end);
    });
    target.on("data", (data: Buffer) => {
      // what has no brace is the head of the answer
      if (events && data.includes("{")) this.#meddle(data, client, end);
      else client.write(data);
    });
  }

  #meddle(data: Buffer, client: Socket, end: () => void): void {
    if (this.fate === "through") client.write(data);
    else if (this.fate === "cut") client.write(data.subarray(0, data.length / 2), end);
    else if (this.fate === "crumbled") { for (const byte of data) client.write(Uint8Array.of(byte)); }
    else {
      data[data.indexOf("{")] = "x".charCodeAt(0);
      client.write(data);
    }
    if (this.fate !== "crumbled") this.fate = "through";
  }
}
