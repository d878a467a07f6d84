/** What is measured side by side. */
import { HUB, LEAF, leaves } from "./namespaces.ts";

/** A piece of work that a contender may know; the first word of the programs of this folder. */
export type WorkName =
  | ("switch-name" | "switch-handle" | "create-delete" | "wire" | "wire-first" | "again" | "spawn")
  | ("destroy" | "parse" | "plan");

/** The words between the name of a work and its count. */
export const WORDS: Readonly<Record<WorkName, readonly string[]>> = {
  "switch-name": [HUB],
  "switch-handle": [HUB],
  "create-delete": [],
  wire: [HUB, LEAF],
  "wire-first": [HUB, LEAF],
  again: [HUB, LEAF],
  destroy: [HUB, LEAF],
  spawn: [HUB],
  parse: [],
  plan: [],
};

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
  /** The namespaces that are there before it is done so often. */
  readonly names: (count: number) => string[];
}

const none = (): string[] => [];
const hub = (): string[] => [HUB];
/** A hub, and so many leaves. */
export const star = (count: number): string[] => [HUB, ...leaves(count)];

/** What the project claims something about. The usual tools have no handles: they switch by name, each time. */
export const WORKS: readonly Work[] = [
  { name: "switch-name", title: "switch by name and back", count: 20_000, target: 0.75, names: hub },
  {
    name: "switch-handle",
    title: "switch with an open handle and back",
    count: 20_000,
    target: 0.45,
    measure: "switch-name",
    names: hub,
  },
  { name: "create-delete", title: "create and delete a name", count: 100, target: 1.25, names: none },
  { name: "wire", title: "wire a namespace of 100", count: 100, target: 1, names: star },
  { name: "wire-first", title: "the same, as the first thing in a process", count: 100, measure: "wire", names: star },
  { name: "again", title: "apply it again: nothing to do", count: 100, target: 1, measure: "wire", names: star },
  { name: "spawn", title: "start a process there", count: 50, target: 0.75, names: hub },
];
