/** The process of a rootless lab, as root of a user namespace: it has the lab, and does what its starter asks for. */
import { createServer, type Socket } from "node:net";
import process from "node:process";
import { renameSync, writeFileSync } from "node:fs";
import { serialize } from "node:v8";
import { dieWithParent, setEnvironmentVariable } from "../../../ffi/mod.ts";
import type { Capture } from "../../capture/capture.ts";
import type { NamespaceWorker } from "../../netns/namespace_worker.ts";
import { assembled, partsOf } from "../../netns/worker_program.ts";
import { Lab } from "../lab.ts";
import { REPORTS } from "../report_files.ts";
import type { LabTopology } from "../topology.ts";
import {
  firstLine,
  type Greeting,
  type LabState,
  type Message,
  type PassedTopology,
  receive,
  REPORT_SIGNAL,
  type Requests,
  send,
  type Start,
} from "./messages.ts";

/** The socket that listens, outside. */
const LISTENING = 3;

/** A module whose functions are unknown. */
type Functions = Record<string, (...args: unknown[]) => unknown>;

let lab: Lab | undefined;
/** By the numbers of the requests that began them. */
const captures = new Map<number, Capture>();
/** By the numbers of the requests that started them. */
const workers = new Map<number, NamespaceWorker<Functions>>();
/** Of the starts and the calls of workers: their signals, by the request and the place among its arguments. */
const controllers = new Map<string, AbortController>();

const there = (): Lab => {
  if (lab === undefined) throw new Error("The lab has ended");
  return lab;
};

const found = <T>(all: ReadonlyMap<number, T>, id: number): T => {
  const one = all.get(id);
  if (one === undefined) throw new Error("It has ended");
  return one;
};

const topologyOf = (passed: PassedTopology): LabTopology => "url" in passed ? new URL(passed.url) : passed.given;

const state = (): LabState => ({
  hosts: there().hosts.map((name) => {
    const { handle: { fd }, addresses } = there().host(name);
    return { name, fd, addresses };
  }),
  links: there().links,
});

type Handlers = {
  readonly [K in keyof Requests]: (given: Requests[K]["given"], id: number) => Promise<Requests[K]["value"]>;
};

const handlers: Handlers = {
  async apply(topology) {
    if (lab === undefined) lab = await Lab.up(topologyOf(topology));
    else await lab.apply(topologyOf(topology));
    return state();
  },
  async plug({ link, up }) {
    await (up ? there().link(link).up() : there().link(link).down());
    return state();
  },
  impair: ({ link, to }) => there().link(link).impair(to),
  stats: (link) => there().link(link).stats(),
  partition: (groups) => there().partition(...groups),
  heal: () => there().heal(),
  report: () => Promise.resolve(there().report()),
  async capture({ host, options }, id) {
    captures.set(id, await there().host(host).capture(options));
    return id;
  },
  dropped: (id) => Promise.resolve(found(captures, id).dropped),
  endCapture: (id) => found(captures, id)[Symbol.asyncDispose](),
  async worker({ host, url }, id) {
    const controller = new AbortController();
    controllers.set(`${id} 0`, controller);
    try {
      workers.set(id, await there().host(host).worker<Functions>(url, { signal: controller.signal }));
      return id;
    } finally {
      controllers.delete(`${id} 0`);
    }
  },
  async call({ worker, name, args: given, signals }, id) {
    const args = [...given];
    for (const index of signals) {
      const controller = new AbortController();
      controllers.set(`${id} ${index}`, controller);
      args[index] = controller.signal;
    }
    try {
      return await found(workers, worker).call(name, ...args);
    } finally {
      for (const index of signals) controllers.delete(`${id} ${index}`);
    }
  },
  async endWorker(id) {
    await found(workers, id)[Symbol.asyncDispose]();
  },
  async end() {
    const ended = lab;
    lab = undefined;
    await ended?.[Symbol.asyncDispose]();
  },
};

/** Does what a request asks for. */
function perform<K extends keyof Requests>(kind: K, given: unknown, id: number): Promise<Requests[K]["value"]> {
  return handlers[kind](given as Requests[K]["given"], id);
}

async function answer(control: Socket, message: Message): Promise<void> {
  const { id } = message;
  if (message.kind === "abort") {
    const controller = controllers.get(`${id} ${message.index}`);
    if (controller !== undefined) controller.abort(assembled(message.reason));
    else await workers.get(id)?.[Symbol.asyncDispose](); // it had just started, and nobody knows of it
    return;
  }
  try {
    send(control, { id, value: await perform(message.kind, message.given, id) });
  } catch (error) {
    send(control, { id, error: partsOf(error) });
  }
}

async function accept(socket: Socket, expected: string): Promise<void> {
  socket.on("error", () => socket.destroy());
  const { token, connect } = JSON.parse(await firstLine(socket)) as Greeting;
  if (token !== expected) return void socket.destroy();
  if (connect === undefined) {
    receive(socket, (message) => void answer(socket, message as Message));
    const exit = (): never => process.exit(); // with it ends all that is in the lab
    socket.once("end", exit).once("close", exit);
    socket.resume();
    return;
  }
  try {
    const inner = await there().host(connect.host).connect(connect.to);
    inner.on("error", () => socket.destroy());
    inner.once("close", () => socket.end());
    socket.once("close", () => inner.destroy());
    socket.write("{}\n");
    inner.pipe(socket).pipe(inner);
  } catch (error) {
    socket.end(`${JSON.stringify({ error: partsOf(error) })}\n`);
  }
}

/** What the starter writes. */
async function startFrom(input: AsyncIterable<Uint8Array>): Promise<Start> {
  let text = "";
  for await (const part of input) text += new TextDecoder().decode(part);
  if (text === "") throw new Error("The process of the lab was given no token");
  return JSON.parse(text) as Start; // as `Start` was written
}

/** Writes the report at once and whole: the starter waits until the file is there. */
function writeReport(file: string): void {
  if (lab === undefined) return;
  writeFileSync(`${file}.part`, serialize(lab.report()));
  renameSync(`${file}.part`, file);
}

dieWithParent();
setEnvironmentVariable(REPORTS, undefined); // the starter leaves the report
const { token, starter, report } = await startFrom(process.stdin);
if (process.ppid !== starter) process.exit(); // it ended before this process could end with it
if (report !== undefined) process.on(REPORT_SIGNAL, () => writeReport(report));
createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  accept(socket, token).catch(() => socket.destroy());
}).listen({ fd: LISTENING });
