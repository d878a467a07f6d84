/** An agent that runs beside a test or a measurement. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { larger, type Size, sizeOf } from "./floods.ts";
import { pause } from "./following.ts";

/** An agent, killed at the end of the block. */
export class RunningAgent implements AsyncDisposable {
  readonly #child: ChildProcess;
  #text = "";

  /** Starts `words`, which are the command with its options; `env` is what its environment has besides. */
  constructor([command = "", ...args]: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on("data", (data) => this.#text += data);
  }

  /** What it has said. */
  get output(): string {
    return this.#text;
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** True until it has ended. */
  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has of the machine now. */
  get size(): Size {
    return sizeOf(this.pid);
  }

  /** The processor time that it has had, in milliseconds. See proc(5). */
  get processorTime(): number {
    const [user, system] = readFileSync(`/proc/${this.pid}/stat`, "latin1").replace(/^.*\) /, "").split(" ").slice(11);
    return (Number(user) + Number(system)) * 10;
  }

  /** The most that it has of the machine in so many milliseconds, looked at every so many. */
  async most(ms: number, every: number): Promise<Size> {
    let most = this.size;
    for (const end = performance.now() + ms; performance.now() < end; await pause(every)) {
      most = larger(most, this.size);
    }
    return most;
  }

  /** Ends it as a service manager does, and gives its status. */
  async end(): Promise<number | null> {
    return await this.#end("SIGTERM");
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.runs) return this.#child.exitCode;
    const ended = once(this.#child, "exit");
    process.kill(this.pid, signal); // of Deno's own kill, the status would be null, of every child
    const [status] = await ended;
    return status;
  }
}
