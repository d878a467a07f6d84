/** Writes what was measured into `scripts/bench/README.md`: every figure on that page comes from here. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../bundle.ts";
import { chart } from "./chart.ts";
import type { Results } from "./comparison.ts";
import { claims } from "./claims.ts";
import { sideBySide } from "./table.ts";

const PAGE = "scripts/bench/README.md";
const PICTURE = "scripts/pictures/bench.svg";
/** This program writes what stands between. */
const SECTION = /(<!-- bench -->\n)[^]*?(<!-- \/bench -->)/;

/** Writes the picture, and the tables with the machine on which they were measured into the page. */
export function writeReadme(results: Results): void {
  mkdirSync(join(root, "scripts/pictures"), { recursive: true });
  writeFileSync(join(root, PICTURE), chart(results));
  const page = join(root, PAGE);
  const before = readFileSync(page, "utf8");
  if (!SECTION.test(before)) throw new Error(`${PAGE} has no lines <!-- bench --> and <!-- /bench -->`);
  writeFileSync(page, before.replace(SECTION, (_, start: string, end: string) => start + section(results) + end));
}

/** The section of the page. */
export function section(results: Results): string {
  const more = claims(results);
  return [
    `![Time of each work as a ratio to C](${relative(dirname(PAGE), PICTURE)})`,
    "",
    sideBySide(results),
    "",
    ...more === "" ? [] : [more, ""],
    `${results.machine}; ${results.date}.`,
    "",
  ].join("\n");
}
