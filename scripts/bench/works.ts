/** What is measured side by side. */
import { HUB, LEAF, leaves } from "./namespaces.ts";

/** A piece of work that a contender may know; the first word of the programs of this folder. */
export type WorkName = "switch-name" | "switch-handle" | "create-delete" | "wire" | "again" | "spawn";

/** A piece of work. */
export interface Work {
  readonly name: WorkName;
  /** For people. */
  readonly title: string;
  /** How often it is done in a round. */
  readonly count: number;
  /** The most that ours may take, as a ratio to C. */
  readonly target: number;
  /** What C does that ours is compared with. @default {the same} */
  readonly measure?: WorkName;
  /** The namespaces that are there before it. */
  readonly names: (count: number) => string[];
  /** Its words before the count, for the programs of this folder. */
  readonly words: readonly string[];
}

const hub = (): string[] => [HUB];
const star = (count: number): string[] => [HUB, ...leaves(count)];

/** What the project claims something about. The usual tools have no handles: they switch by name, each time. */
export const WORKS: readonly Work[] = [
  { name: "switch-name", title: "switch by name and back", count: 20_000, target: 0.75, names: hub, words: [HUB] },
  {
    name: "switch-handle",
    title: "switch with an open handle and back",
    count: 20_000,
    target: 0.45,
    measure: "switch-name",
    names: hub,
    words: [HUB],
  },
  { name: "create-delete", title: "create and delete a name", count: 100, target: 1.25, names: () => [], words: [] },
  { name: "wire", title: "wire a namespace of 100", count: 100, target: 1, names: star, words: [HUB, LEAF] },
  {
    name: "again",
    title: "apply it again: nothing to do",
    count: 100,
    target: 1,
    measure: "wire",
    names: star,
    words: [HUB, LEAF],
  },
  { name: "spawn", title: "start a process there", count: 50, target: 0.75, names: hub, words: [HUB] },
];

/** The work of this name. */
export function workNamed(name: WorkName): Work {
  const found = WORKS.find((work) => work.name === name);
  if (found === undefined) throw new Error(`${name}: expected ${WORKS.map((work) => work.name).join(", ")}`);
  return found;
}
