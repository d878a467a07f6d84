/** What the figures say, in words and small tables, for the page about speed. */
import { MEASURE, type Results } from "./comparison.ts";
import { tableOf } from "./containers.ts";
import type { Use } from "./enduring.ts";
import { eachAt, grownAt, growthOf, type GrowthRow } from "./growth.ts";
import { OURS, ratio, table } from "./table.ts";
import type { WorkName } from "./works.ts";

/** Whether it grows: what is claimed, and between which sizes. */
const GROWN: readonly {
  readonly title: string;
  readonly growth: string;
  readonly work: WorkName;
  readonly from: number;
  readonly to: number;
}[] = [
  { title: "switch by name, beside 10 and 3000 others", growth: "namespaces", work: "switch-name", from: 10, to: 3000 },
  { title: "start a process, beside 10 and 3000 others", growth: "namespaces", work: "spawn", from: 10, to: 3000 },
  { title: "apply 20 again, beside 10 and 3000 others", growth: "namespaces", work: "again", from: 10, to: 3000 },
  { title: "switch by name, beside 10 and 10,000 mounts", growth: "mounts", work: "switch-name", from: 10, to: 10_000 },
  { title: "start a process, beside 10 and 10,000 mounts", growth: "mounts", work: "spawn", from: 10, to: 10_000 },
  { title: "plan an interface, of 100 and of 10,000", growth: "interfaces", work: "plan", from: 100, to: 10_000 },
  { title: "wire a namespace, of 100 and of 1000", growth: "wired", work: "wire", from: 100, to: 1000 },
  { title: "apply a namespace again, of 100 and of 1000", growth: "wired", work: "again", from: 100, to: 1000 },
];

/** What was measured besides the works side by side; empty if nothing was. */
export function claims(results: Results): string {
  return [containers(results), growth(results), sums(results), endurance(results)]
    .filter((text) => text !== "").join("\n\n");
}

const containers = ({ containers }: Results): string => containers.length === 0 ? "" : tableOf(containers).join("\n");

function growth(results: Results): string {
  const names = [...OURS, MEASURE];
  const rows = GROWN.flatMap(({ title, growth, work, from, to }) => {
    const cells = names.map((name) => {
      const row = rowOf(results, growth, work, name);
      return row === undefined ? "" : ratio(growthOf(row.at, to, from));
    });
    return cells.every((cell) => cell === "") ? [] : [[title, ...cells]];
  });
  return rows.length === 0 ? "" : table(["how it grows, as a ratio", ...names], rows);
}

function sums(results: Results): string {
  const planned = ours(results, "interfaces", "plan").flatMap(({ contender, at }) =>
    at[10_000] === undefined ? [] : `${(eachAt(at, 10_000) / 100).toFixed(2)} s (${contender})`
  );
  const grown = ours(results, "wired", "wire").flatMap(({ contender, at }) => {
    const mebibytes = grownAt(at, 1000);
    return mebibytes === undefined ? [] : `${mebibytes.toFixed(0)} MiB (${contender})`;
  });
  return [
    planned.length === 0 ? "" : `10,000 interfaces are planned in ${planned.join(", ")}.`,
    grown.length === 0 ? "" : `To wire 1000 namespaces, the process grows by ${grown.join(", ")}.`,
  ].filter((text) => text !== "").join(" ");
}

/** What grew most between a tenth and the end, of all that is done again and again. */
function endurance({ endurance }: Results): string {
  const all = Object.values(endurance).flat();
  if (all.length === 0) return "";
  const most = (of: (use: Use) => number): number =>
    Math.max(...all.map(({ uses: [, early, late] }) => early && late ? of(late) - of(early) : NaN));
  const works = [...new Set(all.map(({ title }) => title.replace(/, \w+$/, "")))];
  return `Again and again, in one process (${works.join(", ")}): from a tenth of it to the end, at most ` +
    `${
      most(({ descriptors, threads, mounts }) => descriptors + threads + mounts)
    } more descriptors, threads and mounts, ` +
    `and ${most(({ heap }) => heap).toFixed(1)} MiB more heap.`;
}

const rowOf = ({ growth }: Results, name: string, work: WorkName, contender: string): GrowthRow | undefined =>
  growth[name]?.find((row) => row.work === work && row.contender === contender);

const ours = ({ growth }: Results, name: string, work: WorkName): GrowthRow[] =>
  (growth[name] ?? []).filter((row) => row.work === work && OURS.includes(row.contender));
