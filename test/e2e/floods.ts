/** What a container runtime may do wrong, and what an agent may use of the machine meanwhile. */
import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { beginStream, chunk, reply, type Script, writeForEver } from "./hostile_runtime.ts";

/** How much an agent may grow by all of it, in MiB; V8 gives back late what it took. */
export const MOST_GROWTH = 200;
/** How many descriptors it may have more than at rest: sixteen looks, as many that are being closed, the events, a pass. */
export const MOST_DESCRIPTORS = 40;
/** How many containers change at once. */
const EVENTS = 20_000;

/** True for the path of the list of containers. */
export const isList = (path: string): boolean => path.includes("/containers/json");
const isEvents = (path: string): boolean => path.includes("/events");
const isInspect = (path: string): boolean => /[/]containers[/][0-9a-f]+[/]json/.test(path);

/** What is wrong, what that looks like, for how many milliseconds, and from which request on. */
export type Flood = readonly [what: string, script: Script, ms: number, asked: (path: string) => boolean];

/** All of it. */
export const FLOODS: readonly Flood[] = [
  ["every answer is a redirect", (_, socket) => redirect(socket), 1500, () => true],
  ["events are a redirect", (path, socket) => isEvents(path) ? redirect(socket) : "usual", 1500, isEvents],
  ["it says nothing", () => undefined, 2000, () => true],
  [
    "the list has no end",
    (path, socket) => {
      if (!isList(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, chunk(`{"Id":"${"0".repeat(64)}"},`.repeat(1000)));
    },
    4000,
    isList,
  ],
  [
    "20,000 containers change, and none can be looked at",
    (path, socket) => {
      if (isInspect(path)) return undefined;
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      for (let i = 0; i < EVENTS; i++) socket.write(event(i.toString(16).padStart(64, "0")));
    },
    4000,
    isInspect,
  ],
  [
    "one container changes again and again",
    (path, socket) => {
      if (isInspect(path)) return undefined;
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, event("1".repeat(64)));
    },
    3000,
    isInspect,
  ],
  [
    "events are garbage without end",
    (path, socket) => {
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, chunk("garbage\n".repeat(2000)));
    },
    4000,
    isEvents,
  ],
  [
    "a line of events has no end",
    (path, socket) => {
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, chunk("x".repeat(60_000)));
    },
    3000,
    isEvents,
  ],
  [
    "containers run that no process is",
    (path, socket) => {
      if (isList(path)) {
        reply(socket, Array.from({ length: 5000 }, (_, i) => ({ Id: i.toString(16).padStart(64, "0") })));
      } else if (isInspect(path)) reply(socket, container(path.match(/[0-9a-f]{64}/)?.[0] ?? "", 4_194_304));
      else return "usual";
    },
    4000,
    isInspect,
  ],
];

function redirect(socket: Socket): void {
  socket.end("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
}

const event = (id: string): Uint8Array => chunk(`{"Type":"container","Action":"start","Actor":{"ID":"${id}"}}\n`);

/** A container with the label "web", as the API has it. */
export const container = (id: string, pid: number): Record<string, unknown> => ({
  Id: id,
  Name: "/web-1",
  State: { Running: true, Pid: pid, StartedAt: "2026-01-01T00:00:00Z" },
  Config: { Env: ["MICROSERVICE_LABEL=web"] },
  HostConfig: { NetworkMode: "bridge" },
});

/** What a process has of the machine. */
export interface Size {
  readonly descriptors: number;
  /** In MiB. */
  readonly resident: number;
}

/** What a process has now. */
export function sizeOf(pid: number): Size {
  const kib = Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)?.[1]);
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, resident: Math.round(kib / 1024) };
}

/** The larger of each. */
export const larger = (a: Size, b: Size): Size => ({
  descriptors: Math.max(a.descriptors, b.descriptors),
  resident: Math.max(a.resident, b.resident),
});
