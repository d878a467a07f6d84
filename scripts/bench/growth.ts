/** How the time of a work grows with what is there, and with what there is to do. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newSystemHandler } from "@netns/netns";
import type { Contender, Figures } from "./contenders.ts";
import { HUB, namespaces } from "./namespaces.ts";
import { ratios, spread } from "./statistics.ts";
import { micros, ratio, table } from "./table.ts";
import { star, type WorkName } from "./works.ts";

/** One thing of which there is more and more. */
export interface Growth {
  readonly name: string;
  /** For people, in the head of the table. */
  readonly title: string;
  readonly sizes: readonly number[];
  /** Makes so many, until the end of the block. */
  readonly there: (size: number) => Disposable;
  readonly works: readonly GrowthWork[];
}

/** What is done among so many. */
interface GrowthWork {
  readonly name: WorkName;
  /** How often. */
  readonly count: (size: number) => number;
  /** The namespaces that it is done with. */
  readonly names: (count: number) => string[];
}

const none = (): string[] => [];
const hub = (): string[] => [HUB];
const nothing = (): Disposable => ({ [Symbol.dispose]: () => undefined });
const all = (size: number): number => size;
const always = (count: number) => (): number => count;

/** Works that touch one namespace, or as many as they make. */
const ALONE: readonly GrowthWork[] = [
  { name: "switch-name", count: always(5000), names: hub },
  { name: "switch-handle", count: always(5000), names: hub },
  { name: "create-delete", count: always(30), names: none },
  { name: "spawn", count: always(10), names: hub },
];

/** What is looked at. */
export const GROWTHS: readonly Growth[] = [
  {
    name: "namespaces",
    title: "other named namespaces",
    sizes: [10, 100, 1000, 3000],
    there: (size) => namespaces(Array.from({ length: size }, (_, i) => `bench-other-${i}`)),
    works: [
      ...ALONE,
      { name: "wire", count: always(20), names: star },
      { name: "again", count: always(20), names: star },
      { name: "destroy", count: always(20), names: star },
    ],
  },
  { name: "mounts", title: "other mounts", sizes: [10, 100, 1000, 10_000], there: mounts, works: ALONE },
  {
    name: "interfaces",
    title: "interfaces in one file",
    sizes: [10, 100, 1000, 10_000],
    there: nothing,
    works: [{ name: "parse", count: all, names: none }, { name: "plan", count: all, names: none }],
  },
  {
    name: "wired",
    title: "namespaces in one file",
    sizes: [10, 100, 1000],
    there: nothing,
    works: [
      { name: "wire", count: all, names: star },
      { name: "again", count: all, names: star },
      { name: "destroy", count: all, names: star },
    ],
  },
];

/** What was measured of one work and contender. */
export interface GrowthRow {
  readonly work: WorkName;
  readonly contender: string;
  /** Round by round, by size. */
  readonly at: { readonly [size: number]: readonly Figures[] };
}

/**
 * Measures at each size. What grows with C too is the kernel's part. The sizes come one right after the other, and in
 * every second round the other way round: what happens on the machine in a round happens to all of them.
 */
export function measureGrowth(
  { name: growth, there, works }: Growth,
  contenders: readonly Contender[],
  rounds: number,
  sizes: readonly number[],
  onRound: (round: string) => void = () => undefined,
): GrowthRow[] {
  return works.flatMap(({ name: work, count, names }) => {
    const rows = contenders.map(({ name: contender, run }) => {
      const at: Record<number, Figures[]> = {};
      return { run, row: { work, contender, at } };
    });
    for (let round = 0; round < rounds; round++) {
      onRound(`${growth}: ${work}, round ${round + 1} of ${rounds}`);
      for (const { run, row: { at } } of rows) {
        for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
          using _others = there(size);
          using _own = namespaces(names(count(size)));
          const figures = run(work, count(size));
          if (figures === undefined) break; // it does not do this work
          (at[size] ??= []).push(figures);
        }
      }
    }
    return rows.map(({ row }) => row).filter(({ at }) => Object.keys(at).length > 0);
  });
}

/** Microseconds of each and, in brackets, the ratio to the first size; at the end what the process grew by. */
export function growthTable({ name, title }: Growth, rows: readonly GrowthRow[]): string {
  const sizes = Object.keys(rows[0]?.at ?? {}).map(Number);
  const [first = NaN] = sizes;
  const lines = rows.map(({ work, contender, at }) => [
    `${work}, ${contender}`,
    ...sizes.map((size) => `${micros(eachAt(at, size))} (${ratio(growthOf(at, size, first))})`),
    name === "wired" ? sizes.flatMap((size) => grownAt(at, size)?.toFixed(0) ?? []).join(", ") : "",
  ]);
  const head = [`µs each, with … ${title}`, ...sizes.map((size) => String(size))];
  return table([...head, "MiB grown"], lines);
}

const eachIn = (at: GrowthRow["at"], size: number): number[] => (at[size] ?? []).map(({ each }) => each);

/** The ratio of each at a size to each at another, in the middle of the rounds; NaN if one was not measured. */
export function growthOf(at: GrowthRow["at"], size: number, from: number): number {
  return spread(ratios(eachIn(at, size), eachIn(at, from))).median;
}

/** The microseconds of each at a size; NaN if that was not measured. */
export function eachAt(at: GrowthRow["at"], size: number): number {
  return spread(eachIn(at, size)).median;
}

/** By how many MiB the process grew at a size, if it said so. */
export function grownAt(at: GrowthRow["at"], size: number): number | undefined {
  const grown = (at[size] ?? []).flatMap((one) => one.grown ?? []);
  return grown.length === 0 ? undefined : spread(grown).median;
}

/** So many mounts in this mount namespace, all below one that takes them away together. */
function mounts(count: number): Disposable {
  const system = newSystemHandler();
  const MS_BIND = 0x1000, MNT_DETACH = 2;
  const place = "/run/netns-bench";
  mkdirSync(place, { recursive: true });
  system.mount("netns-bench", place, "tmpfs", 0, "");
  const source = join(place, "source");
  mkdirSync(source);
  for (let i = 0; i < count; i++) {
    const target = join(place, String(i));
    mkdirSync(target);
    system.mount(source, target, "none", MS_BIND, "");
  }
  return {
    [Symbol.dispose](): void {
      system.unmount(place, MNT_DETACH);
      system.remove(place);
    },
  };
}
