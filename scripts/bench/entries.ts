/** What is measured, beside what, and with which targets: a row each. `works.ts` has what the library does for it. */
import { connections, inHub, mounts, others, type There } from "./scene.ts";

/** The library: in Deno and in Node, and in Bun for lists and calls. */
export const OURS = ["netns in Deno", "netns in Node"] as const, BUN = "netns in Bun";
/** What the others are compared with: a C program, the tool that prints a list, or what the same runtime has of its own. */
export const C = "C", TOOL = "tool", OWN = ", own";
/** By how many MiB a contender grew, beside what it took. */
export const GROWN = ", MiB";
/** True for what others are compared with. */
export const isMeasure = (name: string): boolean => name === C || name === TOOL || name.endsWith(OWN);

/** A work, and how it is done side by side. */
export interface Entry {
  /** The first word of the programs of this folder. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** How often in a round. @default {as often as there are} */
  readonly count?: number | undefined;
  /** The most that ours may take, as a ratio to the measure: in Deno, in Node and, if it has a target, in Bun. */
  readonly target: readonly number[];
  /** The most microseconds that ours may take in Deno and in Node, whatever the measure takes. */
  readonly most?: number;
  /** What the measure does, and how often. @default {the same} */
  readonly beside?: string;
  readonly besideCount?: number;
  /** How much there is, and what makes it. @default {nothing but the namespaces of the work} */
  readonly sizes?: readonly number[];
  readonly there?: There;
  /** The command that prints the list, and what makes an object of each of its rows. */
  readonly tool?: readonly [words: string, read: (text: string) => object[]];
}

/** How else a work is done than so often and within its target. */
type How = Omit<Entry, "name" | "title" | "count" | "target">;
const row = (name: string, title: string, count: number, target: readonly number[], how: How = {}): Entry => (
  { name, title, count, target, ...how }
);

/** The lines of `ss`: five columns, and behind them words with values. */
function rowsOfSs(text: string): object[] {
  return text.trim().split("\n").map((line) => {
    const [state, rxQueue, txQueue, local, remote, ...words] = line.trim().split(/\s+/);
    const values = Object.fromEntries(words.map((word) => word.split(/:(.*)/, 2)));
    return { state, rxQueue: Number(rxQueue), txQueue: Number(txQueue), local, remote, ...values };
  });
}

/** What there is of a long list, and the tool that prints it: a program must read its text. */
const sockets = (words: string): How => ({ sizes: [10_000], there: connections, tool: [words, rowsOfSs] });
const links: How = {
  sizes: [1000],
  there: inHub(2, (i) => `link add left${i} type veth peer name right${i}`),
  tool: ["ip -j -d -s link", JSON.parse],
};
const routes: How = {
  sizes: [10_000],
  there: inHub(1, (i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`),
  tool: ["ip -j route", JSON.parse],
};
const HOSTS = "`netns apply` of a router and 100 hosts, the whole command, beside `ip -batch`";
const PACKETS = "capture one of 100,000 packets a second, beside their sender alone";

/** What is done side by side, by mode. */
export const ENTRIES: Readonly<Record<"works" | "lists" | "calls", readonly Entry[]>> = {
  works: [
    row("switch-name", "switch by name and back", 20_000, [0.75, 0.75]),
    // The usual tools have no handles: they switch by name, each time.
    row("switch-handle", "switch with an open handle and back", 20_000, [0.45, 0.45], { beside: "switch-name" }),
    row("create-delete", "create and delete a name", 100, [1.25, 1.25]),
    row("wire", "wire a namespace of 100", 100, [1, 1]),
    row("wire-first", "the same, as the first thing in a process", 100, [], { beside: "wire" }),
    row("again", "apply it again: nothing to do", 100, [1, 1], { beside: "wire" }),
    row("spawn", "start a process there", 50, [0.75, 0.75]),
  ],
  lists: [
    row("list-sockets", "list 10,000 sockets", 10, [0.5, 0.5], sockets("ss -HOtane")),
    row("list-measured", "the same, with what TCP measured", 10, [0.5, 0.5], sockets("ss -HOtanie")),
    row("list-routes", "list 10,000 routes", 10, [0.5, 0.5], routes),
    row("list-links", "list 1,000 links with their counters", 10, [0.5, 0.5], links),
  ],
  calls: [
    row("connect", "`connect`, beside `net.connect` at home", 300, [1.15, 1.15, 1.15], { beside: "connect-own" }),
    row("fetch", "`fetch` over a kept connection, beside the runtime's own at home", 300, [2, 1.3, 2], {
      beside: "fetch-own",
    }),
    row("worker-call", "a call of a worker, beside `runInNamespace`", 1000, [0.01, 0.01, 0.01], {
      beside: "run-in-namespace",
      besideCount: 5,
    }),
    row("lab", "a lab of a router and 20 hosts, beside `ip -batch`", 1, [1, 1], { most: 50_000, beside: "lab-by-ip" }),
    row("command", HOSTS, 1, [0.6, 0.6, 0.6], { beside: "command-by-ip" }),
    row("command-again", "`netns apply` of them again, beside the same", 1, [0.3, 0.3, 0.3], {
      beside: "command-by-ip",
    }),
    // It fails if one is missing. Each has 10 microseconds: then all were sent at that rate while they were taken.
    row("capture", PACKETS, 200_000, [1.05, 1.05], { most: 10.5, beside: "send" }),
  ],
};

/** Something of which there is more and more. */
export interface Growth extends Pick<Entry, "there"> {
  readonly name: string;
  readonly title: string;
  readonly sizes: readonly number[];
  /** From which size on something is claimed, up to the last. */
  readonly from: number;
  /** What is done among so many, and how often. */
  readonly works: Readonly<Record<string, Entry["count"]>>;
}

/** Works that touch one namespace. */
const few = { "switch-name": 5000, "switch-handle": 5000, "create-delete": 30, spawn: 10 };
const stars = (count?: number): Growth["works"] => ({ wire: count, again: count, destroy: count });

/** What grows. */
export const GROWTHS: readonly Growth[] = [
  {
    ...{ name: "namespaces", title: "other named namespaces", there: others, works: { ...few, ...stars(20) } },
    ...{ sizes: [10, 100, 1000, 3000], from: 10 },
  },
  { name: "mounts", title: "other mounts", there: mounts, works: few, sizes: [10, 100, 1000, 10_000], from: 10 },
  {
    ...{ name: "interfaces", title: "interfaces in one file", works: { parse: undefined, plan: undefined } },
    ...{ sizes: [10, 100, 1000, 10_000], from: 100 },
  },
  { name: "wired", title: "namespaces in one file", works: stars(), sizes: [10, 100, 1000], from: 100 },
];

/** What a process does again and again, and how often: what it uses must not grow with that. */
export const ENDURANCES: readonly (Pick<Entry, "name" | "title"> & { readonly count: number })[] = [
  { name: "switches", title: "switches", count: 1_000_000 },
  { name: "create-delete", title: "namespaces made and deleted", count: 20_000 },
  { name: "containers", title: "containers started and ended", count: 2000 },
  { name: "run-in-namespace", title: "calls of runInNamespace", count: 300 },
];
