/** Puts what was measured where people read it: the claims of the README come from here. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../bundle.ts";
import { chart } from "./chart.ts";
import type { Results } from "./comparison.ts";
import { claims } from "./claims.ts";
import { sideBySide } from "./table.ts";

const PICTURE = "scripts/pictures/bench.svg";
/** What stands between is written by this program. */
const PLACE = /(<!-- bench -->\n)[^]*?(<!-- \/bench -->)/;

/** Writes the picture, and the table with the machine that it was measured on into the README. */
export function writeReadme(results: Results): void {
  mkdirSync(join(root, "scripts/pictures"), { recursive: true });
  writeFileSync(join(root, PICTURE), chart(results));
  const readme = join(root, "README.md");
  const before = readFileSync(readme, "utf8");
  if (!PLACE.test(before)) throw new Error("README.md has no lines <!-- bench --> and <!-- /bench -->");
  writeFileSync(readme, before.replace(PLACE, (_, start: string, end: string) => start + section(results) + end));
}

/** What the README says. */
export function section(results: Results): string {
  const more = claims(results);
  return [
    `![Time of each work as a ratio to C](${PICTURE})`,
    "",
    sideBySide(results),
    "",
    ...more === "" ? [] : [more, ""],
    `${results.machine}; ${results.date}.`,
    "",
  ].join("\n");
}
