/** What is measured, beside what, and with which targets. */
import { batch, connections, mounts, nothing, others } from "./scene.ts";

/** What a run measures. */
export const MODES = ["works", "lists", "calls", "growth", "endurance"] as const;
/** One of them. */
export type Mode = typeof MODES[number];

/** The library: it has the targets. */
export const OURS = ["netns in Deno", "netns in Node"] as const;
/** What the others are compared with: a C program, the tool that prints a list, or what the same runtime has of its own. */
export const C = "C", TOOL = "tool", OWN = ", own";
/** By how many MiB a contender grew, beside what it took. */
export const GROWN = ", MiB";
/** True for what others are compared with. */
export const isMeasure = (name: string): boolean => name === C || name === TOOL || name.endsWith(OWN);

/** The works for which there is a namespace for each time that they are done. */
export const STARS: readonly string[] = ["wire", "wire-first", "again", "destroy"];

/** Makes so many, until the end of the block. */
export type There = (size: number) => Disposable | Promise<AsyncDisposable>;

/** A piece of work that is done side by side. */
export interface Work {
  /** The first word of the programs of this folder. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** How often it is done in a round. */
  readonly count: number;
  /** The most that ours may take, as a ratio to the measure: in both runtimes, or in each. */
  readonly target?: number | Readonly<Record<string, number>>;
  /** What the measure does. @default {the same} */
  readonly measure?: { readonly name: string; readonly count?: number };
  /** How much there is, and what makes it. @default {nothing but the namespaces of the work} */
  readonly size?: number;
  readonly there?: There;
  /** The command that prints the list, and what makes an object of each of its rows. */
  readonly tool?: { readonly words: readonly string[]; readonly read: (text: string) => object[] };
}

/** The works side by side. The usual tools have no handles: they switch by name, each time. */
const WORKS: readonly Work[] = [
  { name: "switch-name", title: "switch by name and back", count: 20_000, target: 0.75 },
  {
    ...{ name: "switch-handle", title: "switch with an open handle and back", count: 20_000, target: 0.45 },
    measure: { name: "switch-name" },
  },
  { name: "create-delete", title: "create and delete a name", count: 100, target: 1.25 },
  { name: "wire", title: "wire a namespace of 100", count: 100, target: 1 },
  {
    ...{ name: "wire-first", title: "the same, as the first thing in a process", count: 100 },
    measure: { name: "wire" },
  },
  { name: "again", title: "apply it again: nothing to do", count: 100, target: 1, measure: { name: "wire" } },
  { name: "spawn", title: "start a process there", count: 50, target: 0.75 },
];

const JSON_OF_IP = (text: string): object[] => JSON.parse(text);
const sockets = { size: 10_000, count: 10, target: 0.5, there: connections } as const;

/** Lists beside the tool that prints them, whose text a program must read. */
const LISTS: readonly Work[] = [
  {
    ...sockets,
    name: "list-sockets",
    title: "list 10,000 sockets",
    tool: { words: ["ss", "-HOtane"], read: rowsOfSs },
  },
  {
    ...{ ...sockets, name: "list-measured", title: "the same, with what TCP measured" },
    tool: { words: ["ss", "-HOtanie"], read: rowsOfSs },
  },
  {
    ...{ name: "list-routes", title: "list 10,000 routes", size: 10_000, count: 10, target: 0.5 },
    there: (size) => batch(size, (i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`),
    tool: { words: ["ip", "-j", "route"], read: JSON_OF_IP },
  },
  {
    ...{ name: "list-links", title: "list 1,000 links with their counters", size: 1000, count: 10, target: 0.5 },
    there: (size) => batch(Math.ceil(size / 2), (i) => `link add left${i} type veth peer name right${i}`),
    tool: { words: ["ip", "-j", "-d", "-s", "link"], read: JSON_OF_IP },
  },
];

/** The lines of `ss`: five columns, and behind them words with values. */
function rowsOfSs(text: string): object[] {
  return text.trim().split("\n").map((line) => {
    const [state, rxQueue, txQueue, local, remote, ...words] = line.trim().split(/\s+/);
    const values = Object.fromEntries(words.map((word) => word.split(/:(.*)/, 2)));
    return { state, rxQueue: Number(rxQueue), txQueue: Number(txQueue), local, remote, ...values };
  });
}

/** Asynchronous calls in a namespace, beside what the runtime itself has for them. */
const CALLS: readonly Work[] = [
  {
    ...{ name: "connect", title: "`connect`, beside `net.connect` at home", count: 300, target: 1.15 },
    measure: { name: "connect-own" },
  },
  {
    ...{ name: "fetch", title: "`fetch` over a kept connection, beside the runtime's own at home", count: 300 },
    ...{ target: { [OURS[0]]: 2, [OURS[1]]: 1.3 }, measure: { name: "fetch-own" } },
  },
  {
    ...{ name: "worker-call", title: "a call of a worker, beside `runInNamespace`", count: 1000, target: 0.01 },
    measure: { name: "run-in-namespace", count: 5 },
  },
];

/** What is done side by side, by mode. */
export const SIDE_BY_SIDE: Readonly<Record<"works" | "lists" | "calls", readonly Work[]>> = {
  works: WORKS,
  lists: LISTS,
  calls: CALLS,
};

/** Something of which there is more and more. */
export interface Growth {
  readonly name: string;
  /** For people, in the head of the table. */
  readonly title: string;
  readonly sizes: readonly number[];
  /** From which size on something is claimed, up to the last. */
  readonly from: number;
  readonly there: There;
  /** What is done among so many, and how often. @default {as often as there are} */
  readonly works: readonly (Pick<Work, "name"> & { readonly count?: number })[];
}

/** Works that touch one namespace. */
const few = [
  ...[{ name: "switch-name", count: 5000 }, { name: "switch-handle", count: 5000 }],
  ...[{ name: "create-delete", count: 30 }, { name: "spawn", count: 10 }],
];
const stars = [{ name: "wire" }, { name: "again" }, { name: "destroy" }];
const sizes = [10, 100, 1000, 10_000];

/** What grows. */
export const GROWTHS: readonly Growth[] = [
  {
    ...{ name: "namespaces", title: "other named namespaces", sizes: [10, 100, 1000, 3000], from: 10, there: others },
    works: [...few, ...stars.map((star) => ({ ...star, count: 20 }))],
  },
  { name: "mounts", title: "other mounts", sizes, from: 10, there: mounts, works: few },
  {
    ...{ name: "interfaces", title: "interfaces in one file", sizes, from: 100, there: nothing },
    works: [{ name: "parse" }, { name: "plan" }],
  },
  { name: "wired", title: "namespaces in one file", sizes: [10, 100, 1000], from: 100, there: nothing, works: stars },
];

/** What a process does again and again, and how often: what it uses must not grow with that. */
export const ENDURANCES: readonly { readonly name: string; readonly title: string; readonly count: number }[] = [
  { name: "switches", title: "switches", count: 1_000_000 },
  { name: "create-delete", title: "namespaces made and deleted", count: 20_000 },
  { name: "containers", title: "containers started and ended", count: 2000 },
  { name: "run-in-namespace", title: "calls of runInNamespace", count: 300 },
];
