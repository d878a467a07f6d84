/** How the time of a work grows with what is there, and with what there is to do. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newSystemHandler } from "netns";
import type { Contender, Figures } from "./contenders.ts";
import { HUB, namespaces } from "./namespaces.ts";
import { spread } from "./statistics.ts";
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
  /** Medians of all rounds, by size. */
  readonly at: { readonly [size: number]: Figures };
}

/** Measures at each size. What grows with C too is the kernel's part. */
export function measureGrowth(
  growth: Growth,
  contenders: readonly Contender[],
  rounds: number,
  sizes: readonly number[],
  onWork: (work: string) => void = () => undefined,
): GrowthRow[] {
  const found = growth.works.flatMap(({ name: work }) =>
    contenders.map(({ name: contender }) => ({ work, contender, at: {} as Record<number, Figures> }))
  );
  for (const size of sizes) {
    using _ = growth.there(size);
    for (const { name, count, names } of growth.works) {
      onWork(`${growth.name} ${size}: ${name}`);
      const took = new Map<string, Figures[]>();
      for (let round = 0; round < rounds; round++) {
        for (const contender of contenders) {
          using _ = namespaces(names(count(size)));
          const figures = contender.run(name, count(size));
          if (figures !== undefined) took.set(contender.name, [...took.get(contender.name) ?? [], figures]);
        }
      }
      for (const row of found.filter(({ work }) => work === name)) {
        const figures = took.get(row.contender);
        if (figures !== undefined) row.at[size] = medians(figures);
      }
    }
  }
  return found.filter(({ at }) => Object.keys(at).length > 0);
}

function medians(figures: readonly Figures[]): Figures {
  const grown = figures.flatMap(({ grown }) => grown ?? []);
  const each = spread(figures.map(({ each }) => each)).median;
  return grown.length === 0 ? { each } : { each, grown: spread(grown).median };
}

/** Microseconds of each and, in brackets, the ratio to the first size; at the end what the process grew by. */
export function growthTable({ name, title }: Growth, rows: readonly GrowthRow[]): string {
  const sizes = Object.keys(rows[0]?.at ?? {}).map(Number);
  const lines = rows.map(({ work, contender, at }) => [
    `${work}, ${contender}`,
    ...sizes.map((size) => `${micros(at[size]?.each ?? NaN)} (${ratio(growthOf(at, size))})`),
    name === "wired" ? sizes.flatMap((size) => at[size]?.grown?.toFixed(0) ?? []).join(", ") : "",
  ]);
  const head = [`µs each, with … ${title}`, ...sizes.map((size) => String(size))];
  return table([...head, "MiB grown"], lines);
}

/** The ratio of each at a size to each at the first size, or at another. */
export function growthOf(at: GrowthRow["at"], size: number, from: number = Number(Object.keys(at)[0])): number {
  return (at[size]?.each ?? NaN) / (at[from]?.each ?? NaN);
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
