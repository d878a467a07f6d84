/** What is measured. */
import { HUB, LEAF, mounts, namespaces, star } from "./namespaces.ts";

/** A piece of work that a contender may know: the first word of the programs of this folder. */
export type WorkName =
  | ("switch-name" | "switch-handle" | "create-delete" | "wire" | "wire-first" | "again" | "spawn")
  | ("destroy" | "parse" | "plan");

/** The words between the name of a work and its count. */
export const WORDS: Readonly<Record<WorkName, readonly string[]>> = {
  ...{ "switch-name": [HUB], "switch-handle": [HUB], spawn: [HUB], "create-delete": [], parse: [], plan: [] },
  ...{ wire: [HUB, LEAF], "wire-first": [HUB, LEAF], again: [HUB, LEAF], destroy: [HUB, LEAF] },
};

/** The namespaces that are there before a work is done so often. */
export function namesFor(work: WorkName, count: number): string[] {
  return [[], [HUB], star(count)][WORDS[work].length] ?? [];
}

/** A piece of work that is compared with C. */
export interface Work {
  readonly name: WorkName;
  /** For people. */
  readonly title: string;
  /** How often it is done in a round. */
  readonly count: number;
  /** The most that ours may take, as a ratio to C. @default {as long as it takes} */
  readonly target?: number;
  /** What C does that ours is compared with. @default {the same} */
  readonly measure?: WorkName;
}

const byHandle = { name: "switch-handle", title: "switch with an open handle and back" } as const;
const first = { name: "wire-first", title: "the same, as the first thing in a process" } as const;

/** The works side by side. The usual tools have no handles: they switch by name, each time. */
export const WORKS: readonly Work[] = [
  { name: "switch-name", title: "switch by name and back", count: 20_000, target: 0.75 },
  { ...byHandle, count: 20_000, target: 0.45, measure: "switch-name" },
  { name: "create-delete", title: "create and delete a name", count: 100, target: 1.25 },
  { name: "wire", title: "wire a namespace of 100", count: 100, target: 1 },
  { ...first, count: 100, measure: "wire" },
  { name: "again", title: "apply it again: nothing to do", count: 100, target: 1, measure: "wire" },
  { name: "spawn", title: "start a process there", count: 50, target: 0.75 },
];

/** Something of which there is more and more. */
export interface Growth {
  readonly name: string;
  /** For people, in the head of the table. */
  readonly title: string;
  readonly sizes: readonly number[];
  /** From which size on something is claimed, up to the last. */
  readonly from: number;
  /** Makes so many, until the end of the block. */
  readonly there: (size: number) => Disposable;
  /** What is done among so many, and how often. */
  readonly works: readonly (Pick<Work, "name" | "measure"> & { readonly count: (size: number) => number })[];
}

const nothing = (): Disposable => ({ [Symbol.dispose]: () => undefined });
const others = (size: number): Disposable => namespaces(star(size - 1, "bench-other", "bench-other-"));

/** A work by itself: what there is of it is how often it is done. */
export function alone({ name, title, count, ...work }: Work): Growth {
  return {
    name,
    title,
    sizes: [count],
    from: count,
    there: nothing,
    works: [{ ...work, name, count: (size) => size }],
  };
}

const done = (count: number | undefined, ...names: WorkName[]): Growth["works"] =>
  names.map((name) => ({ name, count: (size) => count ?? size }));
/** Works that touch one namespace, or as many as they make. */
const few = [...done(5000, "switch-name", "switch-handle"), ...done(30, "create-delete"), ...done(10, "spawn")];
const stars = ["wire", "again", "destroy"] as const;
const sizes = [10, 100, 1000, 10_000];

/** What grows. */
export const GROWTHS: readonly Growth[] = [
  {
    ...{ name: "namespaces", title: "other named namespaces", sizes: [10, 100, 1000, 3000], from: 10, there: others },
    works: [...few, ...done(20, ...stars)],
  },
  { name: "mounts", title: "other mounts", sizes, from: 10, there: mounts, works: few },
  {
    ...{ name: "interfaces", title: "interfaces in one file", sizes, from: 100, there: nothing },
    works: done(undefined, "parse", "plan"),
  },
  {
    ...{ name: "wired", title: "namespaces in one file", sizes: [10, 100, 1000], from: 100, there: nothing },
    works: done(undefined, ...stars),
  },
];

/** What a process does again and again, and how often: what it uses must not grow with that. */
export const ENDURANCES: readonly { readonly name: string; readonly title: string; readonly count: number }[] = [
  { name: "switches", title: "switches", count: 1_000_000 },
  { name: "creations", title: "namespaces made and deleted", count: 20_000 },
  { name: "containers", title: "containers started and ended", count: 2000 },
  { name: "threads", title: "calls of runInNamespace", count: 300 },
];

/** What a process uses: numbers, and MiB of JavaScript's heap after a collection and of all its memory. */
export type Use = Readonly<Record<"descriptors" | "threads" | "mounts" | "heap" | "rss", number>>;
