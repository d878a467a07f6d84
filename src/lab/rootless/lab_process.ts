/** The process of a rootless lab, seen from the one that started it. */
import { defined } from "../../collections.ts";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { deserialize } from "node:v8";
import { close, runtimeKind } from "../../../ffi/mod.ts";
import { orAborted } from "../../async/limit.ts";
import type { ConnectOptions } from "../../netns/sockets/connect.ts";
import { answered } from "../../netns/namespace_worker.ts";
import { listeningDescriptor, localPortOf } from "../../netns/sockets/listen.ts";
import { assembled, partsOf, type Thrown } from "../../netns/worker_program.ts";
import { inUserNamespace, requireUserNamespaces } from "../../system/user_namespace.ts";
import { Keeper } from "../keeper.ts";
import { reportsDirectory } from "../report_files.ts";
import { Owned } from "../owned.ts";
import type { LabReport } from "../report.ts";
import {
  firstLine,
  type Greeting,
  type LabState,
  receive,
  type Reply,
  REPORT_SIGNAL,
  type Requests,
  send,
  type Start,
} from "./messages.ts";

const LOCALHOST = "127.0.0.1";
/** How long an ending process waits for the report, in milliseconds. */
const REPORT_WAIT = 10_000;
const REPORT_PAUSE = 5;

/** Something that was asked of the process, and what settles it. */
interface Waiting {
  /** The function of a worker that was called; undefined for what the lab itself was asked. */
  readonly call: string | undefined;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** The process, and what was asked of it. */
export class LabProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #control: Socket;
  readonly #port: number;
  readonly #start: Start;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  /** Why it is over. */
  #over: { readonly reason: unknown } | undefined;
  #ending: Promise<void> | undefined;
  /** What its hosts have open in this process. */
  readonly owned: Owned = new Owned();
  /** Ends the programs of its hosts, whatever becomes of this process. */
  readonly keeper: Keeper = new Keeper();
  /** What is known of the lab. */
  state: LabState = { hosts: [], links: [] };

  private constructor(child: ChildProcess, control: Socket, port: number, start: Start) {
    this.#child = child;
    this.#control = control;
    this.#port = port;
    this.#start = start;
    receive(control, (message) => this.#settle(message as Reply));
    control.once("close", () => this.#fail("The process of the lab has ended"));
    control.resume();
    // As a lab in this process, it keeps that alive only while something is asked for.
    child.unref();
    control.unref();
  }

  /**
   * Starts it.
   *
   * @throws {Error} User namespaces are not allowed: the message says what forbids them.
   */
  static async start(): Promise<LabProcess> {
    requireUserNamespaces();
    // Its socket listens here, where this process can reach it; the token keeps other users out.
    const listening = listeningDescriptor(LOCALHOST, 0);
    try {
      const port = localPortOf(listening);
      const [token, reports] = [crypto.randomUUID(), reportsDirectory()];
      const report = reports === undefined ? undefined : join(reports, `.report-${crypto.randomUUID()}`);
      const start: Start = defined({ token, starter: process.pid, report });
      const [command, args] = inUserNamespace([process.execPath, ...programWords()]);
      const child = spawn(command, args, { stdio: ["pipe", "inherit", "inherit", listening] });
      child.stdin?.on("error", () => undefined); // it has ended, and its status says so
      child.stdin?.end(JSON.stringify(start)); // not as an argument, which every user can read
      const failed = once(child, "exit").then(() => {
        throw new Error("The process of the lab did not start");
      });
      failed.catch(() => undefined);
      try {
        return new LabProcess(child, await Promise.race([greeted(port, { token }), failed]), port, start);
      } catch (error) {
        child.kill("SIGKILL");
        throw error;
      }
    } finally {
      close(listening);
    }
  }

  /** The id of the process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Throws after the end. */
  checkOpen(): void {
    this.owned.check();
    if (this.#over !== undefined) throw this.#over.reason;
  }

  /** True while there is a lab that answers. */
  get hasLab(): boolean {
    return this.#over === undefined && this.state.hosts.length > 0;
  }

  /** What the lab looks like, where nothing can be waited for: while this process ends. Undefined if it does not say so. */
  reportNow(): LabReport | undefined {
    const { report: file } = this.#start;
    if (file === undefined || !this.hasLab) return undefined;
    mkdirSync(dirname(file), { recursive: true });
    process.kill(this.pid, REPORT_SIGNAL);
    const clock = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; !existsSync(file) && waited < REPORT_WAIT; waited += REPORT_PAUSE) {
      Atomics.wait(clock, 0, 0, REPORT_PAUSE);
    }
    if (!existsSync(file)) return undefined;
    const report = deserialize(readFileSync(file)) as LabReport; // as the process wrote it
    rmSync(file);
    return report;
  }

  /** What is known of a host. */
  hostOf(name: string): LabState["hosts"][number] {
    const host = this.state.hosts.find((one) => one.name === name);
    if (host !== undefined) return host;
    const expected = this.state.hosts.map(({ name }) => name).join(", ");
    throw new TypeError(`Cannot use ${JSON.stringify(name)} as a host of the lab: expected ${expected}`);
  }

  /** Asks for something that changes the lab. */
  async change<K extends "apply" | "plug">(kind: K, given: Requests[K]["given"]): Promise<void> {
    this.state = await this.ask(kind, given);
  }

  /** Asks for something, until the signal aborts; signals go with it. `call` is the function of a worker that it calls. */
  async ask<K extends keyof Requests>(
    kind: K,
    given: Requests[K]["given"],
    { call, signal, signals = [] }: {
      readonly call?: string | undefined;
      readonly signal?: AbortSignal | undefined;
      readonly signals?: readonly { readonly signal: AbortSignal; readonly index: number }[];
    } = {},
  ): Promise<Requests[K]["value"]> {
    if (this.#over !== undefined) throw this.#over.reason;
    for (const one of [signal, ...signals.map(({ signal }) => signal)]) one?.throwIfAborted();
    const id = ++this.#last;
    const settled = new AbortController();
    try {
      const answer = new Promise<unknown>((resolve, reject) => {
        if (this.#waiting.size === 0) this.#control.ref();
        this.#waiting.set(id, { call, resolve, reject });
        for (const { signal, index } of signals) {
          signal.addEventListener("abort", () => {
            send(this.#control, { id, kind: "abort", index, reason: partsOf(signal.reason) });
            reject(signal.reason);
          }, { signal: settled.signal });
        }
        send(this.#control, { id, kind, given });
      });
      return await orAborted(answer, signal) as Requests[K]["value"];
    } finally {
      settled.abort();
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#control.unref();
    }
  }

  /** A connection from a host. */
  async connect(host: string, { signal, ...to }: ConnectOptions): Promise<Socket> {
    this.checkOpen();
    const { token } = this.#start;
    return await this.owned.wait(async (ending) => {
      const connecting = greeted(this.#port, { token, connect: { host, to } });
      try {
        return await orAborted(connecting, ending);
      } catch (error) {
        connecting.then((socket) => socket.destroy(), () => undefined); // it may still come to be
        throw error;
      }
    }, signal);
  }

  /** Ends it, and what its hosts have open here, also when it has ended by itself. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    try {
      await this.owned.end(new Error("The lab has ended"));
      if (this.#over === undefined) await this.ask("end", undefined);
    } finally {
      this.#fail("The lab has ended");
      const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null;
      const ended = isOver ? undefined : once(this.#child, "exit");
      this.#child.ref();
      this.#control.destroy();
      await ended;
      await this.keeper[Symbol.asyncDispose]();
    }
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if ("error" in reply) waiting?.reject(assembled(reply.error));
    else waiting?.resolve(reply.value);
  }

  #fail(how: string): void {
    const reason = new Error(how);
    this.#over ??= { reason };
    for (const { call, reject } of this.#waiting.values()) {
      reject(call === undefined ? reason : new Error(`${how} before ${answered(call)}`));
    }
    this.#waiting.clear();
  }
}

/** How the runtime runs the program of the process. In a bundle it is a file beside it. */
function programWords(): string[] {
  const own = import.meta.url;
  const { href, protocol, pathname } = new URL(own.endsWith(".ts") ? "./process.ts" : "./lab_process.js", own);
  const program = protocol === "file:" ? decodeURIComponent(pathname) : href;
  return runtimeKind() === "deno" ? ["run", "--quiet", "--allow-all", program] : [program];
}

/** Connects to the process, and says why: to talk to it, or through it. */
async function greeted(port: number, greeting: Greeting): Promise<Socket> {
  const socket = connect({ port, host: LOCALHOST, noDelay: true });
  await once(socket, "connect");
  socket.on("error", () => socket.destroy());
  socket.write(`${JSON.stringify(greeting)}\n`);
  if (greeting.connect === undefined) return socket;
  const { error } = JSON.parse(await firstLine(socket)) as { readonly error?: Thrown };
  if (error === undefined) return socket;
  socket.destroy();
  throw assembled(error);
}
