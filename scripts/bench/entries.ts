/** What is measured, beside what, and with which targets: a row each. `works.ts` has what the library does for it. */
import { connections, inHub, mounts, nothing, others, type There } from "./scene.ts";

/** The library: in Deno and in Node, and in Bun for lists and calls. */
export const OURS = ["netns in Deno", "netns in Node"] as const, BUN = "netns in Bun";
/** What the others are compared with: a C program, the tool that prints a list, or what the same runtime has of its own. */
export const C = "C", TOOL = "tool", OWN = ", own";
/** By how many MiB a contender grew, beside what it took. */
export const GROWN = ", MiB";
/** True for what others are compared with. */
export const isMeasure = (name: string): boolean => name === C || name === TOOL || name.endsWith(OWN);

/** How a work is done side by side. */
interface How {
  /** How often in a round. @default {as often as there are} */
  readonly count?: number | undefined;
  /** The most that ours may take, as a ratio to the measure: in Deno, in Node and, if it has a target, in Bun. */
  readonly target?: readonly number[];
  /** The most microseconds that ours may take in Deno and in Node, whatever the measure takes. */
  readonly most?: number;
  /** What the measure does, and how often. @default {the same} */
  readonly beside?: string;
  readonly besideCount?: number;
  /** How much there is, and what makes it. @default {nothing but the namespaces of the work} */
  readonly sizes?: readonly number[];
  readonly there?: There;
  /** The command that prints the list, and what makes an object of each of its rows. */
  readonly tool?: Tool;
}
type Tool = readonly [words: string, read: (text: string) => object[]];
/** A work: the first word of the programs of this folder, its name for people, and how it is done. */
export type Entry = How & { readonly name: string; readonly title: string };
const row = (name: string, title: string, how: How): Entry => ({ name, title, ...how });
const atMost = (ratio: number): { readonly target: readonly number[] } => ({ target: [ratio, ratio] });

/** A long list, beside the tool that prints it: a program must read its text. */
const LONG = { sizes: [10_000], count: 10, ...atMost(0.5) };
const routes = inHub(1, (i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`);
const pairs = inHub(2, (i) => `link add left${i} type veth peer name right${i}`);
const ip = (words: string): Tool => [`ip -j ${words}`, JSON.parse];
const ss = (words: string): Tool => [`ss ${words}`, rowsOfSs];

/** The lines of `ss`: five columns, and behind them words with values. */
function rowsOfSs(text: string): object[] {
  return text.trim().split("\n").map((line) => {
    const [state, rxQueue, txQueue, local, remote, ...words] = line.trim().split(/\s+/);
    const values = Object.fromEntries(words.map((word) => word.split(/:(.*)/, 2)));
    return { state, rxQueue: Number(rxQueue), txQueue: Number(txQueue), local, remote, ...values };
  });
}

/** What is done side by side, by mode. */
export const ENTRIES: Readonly<Record<"works" | "lists" | "calls", readonly Entry[]>> = {
  works: [
    row("switch-name", "switch by name and back", { count: 20_000, ...atMost(0.75) }),
    // The usual tools have no handles: they switch by name, each time.
    row("switch-handle", "switch with an open handle and back", {
      ...{ count: 20_000, ...atMost(0.45), beside: "switch-name" },
    }),
    row("create-delete", "create and delete a name", { count: 100, ...atMost(1.25) }),
    row("wire", "wire a namespace of 100", { count: 100, ...atMost(1) }),
    row("wire-first", "the same, as the first thing in a process", { count: 100, beside: "wire" }),
    row("again", "apply it again: nothing to do", { count: 100, ...atMost(1), beside: "wire" }),
    row("spawn", "start a process there", { count: 50, ...atMost(0.75) }),
  ],
  lists: [
    row("list-sockets", "list 10,000 sockets", { ...LONG, there: connections, tool: ss("-HOtane") }),
    row("list-measured", "the same, with what TCP measured", { ...LONG, there: connections, tool: ss("-HOtanie") }),
    row("list-routes", "list 10,000 routes", { ...LONG, there: routes, tool: ip("route") }),
    row("list-links", "list 1,000 links with their counters", {
      ...{ ...LONG, sizes: [1000], there: pairs, tool: ip("-d -s link") },
    }),
  ],
  calls: [
    row("connect", "`connect`, beside `net.connect` at home", {
      ...{ count: 300, target: [1.15, 1.15, 1.15], beside: "connect-own" },
    }),
    row("fetch", "`fetch` over a kept connection, beside the runtime's own at home", {
      ...{ count: 300, target: [2, 1.3, 2], beside: "fetch-own" },
    }),
    row("worker-call", "a call of a worker, beside `runInNamespace`", {
      ...{ count: 1000, target: [0.01, 0.01, 0.01], beside: "run-in-namespace", besideCount: 5 },
    }),
    row("lab", "a lab of a router and 20 hosts, beside `ip -batch`", {
      ...{ count: 1, ...atMost(1), most: 50_000, beside: "lab-by-ip" },
    }),
    row("command", "`netns apply` of a router and 100 hosts, the whole command, beside `ip -batch`", {
      ...{ count: 1, target: [0.6, 0.6, 0.6], beside: "command-by-ip" },
    }),
    row("command-again", "`netns apply` of them again, beside the same", {
      ...{ count: 1, target: [0.3, 0.3, 0.3], beside: "command-by-ip" },
    }),
    // It fails if one is missing. Each has 10 microseconds: then all were sent at that rate while they were taken.
    row("capture", "capture one of 100,000 packets a second, beside their sender alone", {
      ...{ count: 200_000, ...atMost(1.05), most: 10.5, beside: "send" },
    }),
  ],
};

/** Something of which there is more and more. */
export interface Growth extends Required<Pick<Entry, "name" | "title" | "there" | "sizes">> {
  /** What is done among so many, and how often. */
  readonly works: Readonly<Record<string, Entry["count"]>>;
  /** From which size on something is claimed, up to the last. */
  readonly from: number;
}

/** Works that touch one namespace. */
const few = { "switch-name": 5000, "switch-handle": 5000, "create-delete": 30, spawn: 10 };
const files = { parse: undefined, plan: undefined };
const stars = (count?: number): Growth["works"] => ({ wire: count, again: count, destroy: count });
const growth = (
  name: string,
  title: string,
  there: There,
  works: Growth["works"],
  from: number,
  ...sizes: number[]
) => (
  { name, title, there, works, sizes, from }
);

/** What grows. */
export const GROWTHS: readonly Growth[] = [
  growth("namespaces", "other named namespaces", others, { ...few, ...stars(20) }, 10, 10, 100, 1000, 3000),
  growth("mounts", "other mounts", mounts, few, 10, 10, 100, 1000, 10_000),
  growth("interfaces", "interfaces in one file", nothing, files, 100, 10, 100, 1000, 10_000),
  growth("wired", "namespaces in one file", nothing, stars(), 100, 10, 100, 1000),
];

/** What a process does again and again, and how often: what it uses must not grow with that. */
export const ENDURANCES: readonly { readonly name: string; readonly title: string; readonly count: number }[] = [
  { name: "switches", title: "switches", count: 1_000_000 },
  { name: "create-delete", title: "namespaces made and deleted", count: 20_000 },
  { name: "containers", title: "containers started and ended", count: 2000 },
  { name: "run-in-namespace", title: "calls of runInNamespace", count: 300 },
];
