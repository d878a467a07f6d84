/** How the time of a work grows with what is there, and with what there is to do. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newSystemHandler } from "netns";
import type { Contender } from "./contenders.ts";
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

/** What was measured of one work and contender, by size. */
interface Row {
  readonly title: string;
  readonly each: Map<number, number[]>;
  readonly grown: Map<number, number[]>;
}

/** Measures at each size, and gives a table: what grows with C too is the kernel's part. */
export function measureGrowth(
  growth: Growth,
  contenders: readonly Contender[],
  rounds: number,
  sizes: readonly number[],
  onWork: (work: string) => void = () => undefined,
): string {
  const rows = new Map<string, Row>();
  for (const size of sizes) {
    using _ = growth.there(size);
    for (const work of growth.works) {
      onWork(`${growth.name} ${size}: ${work.name}`);
      const count = work.count(size);
      for (let round = 0; round < rounds; round++) {
        for (const { name, run } of contenders) {
          using _ = namespaces(work.names(count));
          const figures = run(work.name, count);
          if (figures === undefined) continue;
          const title = `${work.name}, ${name}`;
          const row = rows.get(title) ?? { title, each: new Map(), grown: new Map() };
          rows.set(title, row);
          append(row.each, size, figures.each);
          if (figures.grown !== undefined) append(row.grown, size, figures.grown);
        }
      }
    }
  }
  return tableOf(growth, [...rows.values()], sizes);
}

function append(map: Map<number, number[]>, size: number, value: number): void {
  map.set(size, [...map.get(size) ?? [], value]);
}

/** Microseconds of each and, in brackets, the ratio to the first size; at the end what the process grew by. */
function tableOf({ title, name }: Growth, rows: readonly Row[], sizes: readonly number[]): string {
  const at = (values: Map<number, number[]>, size: number): number => spread(values.get(size) ?? []).median;
  const [first = 0] = sizes;
  const lines = [...rows].sort((a, b) => a.title < b.title ? -1 : 1).map(({ title, each, grown }) => [
    title,
    ...sizes.map((size) => `${micros(at(each, size))} (${ratio(at(each, size) / at(each, first))})`),
    name === "wired" && grown.size > 0 ? sizes.map((size) => at(grown, size).toFixed(0)).join(", ") : "",
  ]);
  const head = [`µs each, with … ${title}`, ...sizes.map((size) => String(size))];
  return table([...head, "MiB grown"], lines);
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
