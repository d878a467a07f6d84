/** What a process says to that of its rootless lab, and what that answers: frames of v8's serialization. */
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { deserialize, serialize } from "node:v8";
import type { CaptureOptions } from "../../capture/capture.ts";
import type { NetworkConfigInput } from "../../models/config_input.ts";
import type { ImpairmentInput } from "../../models/impair.ts";
import type { LinkStats } from "../../netlink/link/stats.ts";
import type { ConnectOptions } from "../../netns/sockets/connect.ts";
import type { Thrown } from "../../netns/worker_program.ts";
import type { LabReport } from "../report.ts";

/** A topology, in a form that can be passed. */
export type PassedTopology = { readonly url: string } | { readonly given: string | NetworkConfigInput };

/** What is asked for, and what comes of it. */
export interface Requests {
  apply: { readonly given: PassedTopology; readonly value: LabState };
  plug: { readonly given: { readonly link: string; readonly up: boolean }; readonly value: LabState };
  impair: { readonly given: { readonly link: string; readonly to: ImpairmentInput | undefined }; readonly value: void };
  stats: { readonly given: string; readonly value: LinkStats };
  partition: { readonly given: readonly (readonly string[])[]; readonly value: void };
  heal: { readonly given: undefined; readonly value: void };
  report: { readonly given: undefined; readonly value: LabReport };
  capture: { readonly given: { readonly host: string; readonly options: CaptureOptions }; readonly value: number };
  dropped: { readonly given: number; readonly value: number };
  endCapture: { readonly given: number; readonly value: void };
  worker: { readonly given: { readonly host: string; readonly url: string }; readonly value: number };
  call: { readonly given: WorkerCall; readonly value: unknown };
  endWorker: { readonly given: number; readonly value: void };
  end: { readonly given: undefined; readonly value: void };
}

/** A call of a function of a worker. */
export interface WorkerCall {
  /** The number of the worker. */
  readonly worker: number;
  /** The function. */
  readonly name: string;
  /** Its arguments. */
  readonly args: readonly unknown[];
  /** Where among the arguments an `AbortSignal` stands. */
  readonly signals: readonly number[];
}

/** What is known of a lab after each change. */
export interface LabState {
  /** The hosts: their names, the descriptors of their namespaces, their addresses. */
  readonly hosts: readonly { readonly name: string; readonly fd: number; readonly addresses: readonly string[] }[];
  /** The links: `"client eth0"`. */
  readonly links: readonly string[];
}

/** A message to the process of a lab. */
export type Message =
  | { readonly id: number; readonly kind: keyof Requests; readonly given: unknown }
  | { readonly id: number; readonly kind: "abort"; readonly index: number; readonly reason: Thrown };

/** An answer. */
export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: Thrown };

/** What the process of a lab is given when it starts. */
export interface Start {
  /** What proves that somebody is its starter. */
  readonly token: string;
  /** The id of its starter: if its parent is another one, that has ended already. */
  readonly starter: number;
  /** The file in which it writes its report when it gets {@linkcode REPORT_SIGNAL}. */
  readonly report?: string;
}

/** The signal by which a process that ends asks for the report of its lab: it can wait for no answer. */
export const REPORT_SIGNAL = "SIGUSR2";

/** The first line of a connection to the process of a lab. */
export interface Greeting {
  /** What proves that it comes from the process that started it. */
  readonly token: string;
  /** Where it leads; without it, to the lab itself. */
  readonly connect?: { readonly host: string; readonly to: Omit<ConnectOptions, "signal"> };
}

/** Sends a message. */
export function send(socket: Socket, message: Message | Reply): void {
  const bytes = serialize(message);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  socket.write(length);
  socket.write(bytes);
}

/** Calls `take` with each message that comes. */
export function receive(socket: Socket, take: (message: unknown) => void): void {
  let rest = new Uint8Array(0);
  socket.on("data", (data: Uint8Array) => {
    const all = new Uint8Array(rest.length + data.length);
    all.set(rest);
    all.set(data, rest.length);
    rest = all;
    while (rest.length >= 4) {
      const end = 4 + new DataView(rest.buffer, rest.byteOffset).getUint32(0);
      if (rest.length < end) return;
      const message: unknown = deserialize(rest.slice(4, end));
      rest = rest.subarray(end);
      take(message);
    }
  });
}

/** The first line that comes on a connection; what comes after it stays there. */
export function firstLine(socket: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const bytes: number[] = [];
    const fail = (): void => reject(new Error("The process of the lab has ended"));
    // Not by its event `data`: after a pause, whoever gets the socket would have to resume it.
    const take = (): void => {
      for (let data = read(socket); data !== null; data = read(socket)) {
        const end = data.indexOf(NEWLINE);
        for (const byte of end < 0 ? data : data.subarray(0, end)) bytes.push(byte);
        if (bytes.length > LONGEST_LINE) return void socket.destroy();
        if (end < 0) continue;
        socket.off("readable", take).off("close", fail);
        if (end + 1 < data.length) socket.unshift(data.subarray(end + 1));
        return resolve(new TextDecoder().decode(Uint8Array.from(bytes)));
      }
    };
    socket.on("readable", take).once("close", fail);
  });
}

const NEWLINE = 10;
/** A bound for what somebody sends who has not shown the token yet, in bytes. */
const LONGEST_LINE = 64 * 1024;

const read = (socket: Readable): Uint8Array | null => socket.read() as Uint8Array | null;
