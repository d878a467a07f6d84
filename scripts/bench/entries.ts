/** What is measured, beside what, and with which targets: a row each. `pieces.ts` has what the library does for it. */
import { batch, connections, mounts, nothing, others, type There } from "./scene.ts";

/** The library: it has the targets. */
export const OURS = ["netns in Deno", "netns in Node"] as const;
/** The library in Bun: for lists and calls. */
export const BUN = "netns in Bun";
/** What the others are compared with: a C program, the tool that prints a list, or what the same runtime has of its own. */
export const C = "C", TOOL = "tool", OWN = ", own";
/** By how many MiB a contender grew, beside what it took. */
export const GROWN = ", MiB";
/** True for what others are compared with. */
export const isMeasure = (name: string): boolean => name === C || name === TOOL || name.endsWith(OWN);

/** How a work is done side by side. */
interface How {
  /** How often in a round. */
  readonly count: number;
  /** The most that ours may take, as a ratio to the measure: in Deno and in Node, or in each that is named. */
  readonly target?: number | Readonly<Record<string, number>>;
  /** The most microseconds that ours may take, whatever the measure takes. */
  readonly most?: number;
  /** What the measure does, and how often. @default {the same} */
  readonly beside?: string;
  readonly besideCount?: number;
  /** How much there is, and what makes it. @default {nothing but the namespaces of the work} */
  readonly size?: number;
  readonly there?: There;
  /** The command that prints the list, and what makes an object of each of its rows. */
  readonly tool?: readonly [words: string, read: (text: string) => object[]];
}
/** A work: the first word of the programs of this folder, its name for people, and how it is done. */
export type Entry = How & { readonly name: string; readonly title: string };
const row = (name: string, title: string, how: How): Entry => ({ name, title, ...how });

/** A long list, beside the tool that prints it: a program must read its text. */
const LONG = { size: 10_000, count: 10, target: 0.5 };
const routes: There = (size) => batch(size, (i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`);
const pairs: There = (size) => batch(Math.ceil(size / 2), (i) => `link add left${i} type veth peer name right${i}`);
const ip = (words: string) => [`ip -j ${words}`, JSON.parse] as const;
const ss = (words: string) => [`ss ${words}`, rowsOfSs] as const;

/** The lines of `ss`: five columns, and behind them words with values. */
function rowsOfSs(text: string): object[] {
  return text.trim().split("\n").map((line) => {
    const [state, rxQueue, txQueue, local, remote, ...words] = line.trim().split(/\s+/);
    const values = Object.fromEntries(words.map((word) => word.split(/:(.*)/, 2)));
    return { state, rxQueue: Number(rxQueue), txQueue: Number(txQueue), local, remote, ...values };
  });
}

/** Targets in Deno, Node and Bun. */
const inEach = (deno: number, node: number, bun: number): Readonly<Record<string, number>> => ({
  ...{ [OURS[0]]: deno, [OURS[1]]: node, [BUN]: bun },
});

/** What is done side by side, by mode. */
export const ENTRIES: Readonly<Record<"works" | "lists" | "calls", readonly Entry[]>> = {
  works: [
    row("switch-name", "switch by name and back", { count: 20_000, target: 0.75 }),
    // The usual tools have no handles: they switch by name, each time.
    row("switch-handle", "switch with an open handle and back", { count: 20_000, target: 0.45, beside: "switch-name" }),
    row("create-delete", "create and delete a name", { count: 100, target: 1.25 }),
    row("wire", "wire a namespace of 100", { count: 100, target: 1 }),
    row("wire-first", "the same, as the first thing in a process", { count: 100, beside: "wire" }),
    row("again", "apply it again: nothing to do", { count: 100, target: 1, beside: "wire" }),
    row("spawn", "start a process there", { count: 50, target: 0.75 }),
  ],
  lists: [
    row("list-sockets", "list 10,000 sockets", { ...LONG, there: connections, tool: ss("-HOtane") }),
    row("list-measured", "the same, with what TCP measured", { ...LONG, there: connections, tool: ss("-HOtanie") }),
    row("list-routes", "list 10,000 routes", { ...LONG, there: routes, tool: ip("route") }),
    row("list-links", "list 1,000 links with their counters", {
      ...LONG,
      size: 1000,
      there: pairs,
      tool: ip("-d -s link"),
    }),
  ],
  calls: [
    row("connect", "`connect`, beside `net.connect` at home", {
      ...{ count: 300, target: inEach(1.15, 1.15, 1.15), beside: "connect-own" },
    }),
    row("fetch", "`fetch` over a kept connection, beside the runtime's own at home", {
      ...{ count: 300, target: inEach(2, 1.3, 2), beside: "fetch-own" },
    }),
    row("worker-call", "a call of a worker, beside `runInNamespace`", {
      ...{ count: 1000, target: inEach(0.01, 0.01, 0.01), beside: "run-in-namespace", besideCount: 5 },
    }),
    row("lab", "a lab of a router and 20 hosts, beside `ip -batch`", {
      ...{ count: 1, target: 1, most: 50_000, beside: "lab-by-ip" },
    }),
    // It fails if one is missing. Each has 10 microseconds: then all were sent at that rate while they were taken.
    row("capture", "capture one of 100,000 packets a second, beside their sender alone", {
      ...{ count: 200_000, target: 1.05, most: 10.5, beside: "send" },
    }),
  ],
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
  /** What is done among so many, and how often. Undefined: as often as there are. */
  readonly works: Readonly<Record<string, number | undefined>>;
}

/** Works that touch one namespace. */
const few = { "switch-name": 5000, "switch-handle": 5000, "create-delete": 30, spawn: 10 };
const stars = (count?: number): Growth["works"] => ({ wire: count, again: count, destroy: count });
const files = { parse: undefined, plan: undefined };
const growth = (
  name: string,
  title: string,
  there: There,
  works: Growth["works"],
  from: number,
  ...sizes: number[]
) => (
  { name, title, there, works, from, sizes }
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
