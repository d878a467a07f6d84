/**
 * Packs the built package and has it looked at by publint and by "are the types wrong". Prints what they find, and
 * exits with 1 if there is something.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./bundle.ts";
import { run } from "./run.ts";

const FOLDER = join(root, "coverage/package");

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const packed = await run("npm", ["pack", "--ignore-scripts", "--loglevel=error", `--pack-destination=${FOLDER}`]);
const archive = readdirSync(FOLDER).find((name) => name.endsWith(".tgz"));
if (!packed.ok || archive === undefined) {
  console.error(packed.output);
  process.exit(1);
}
const path = join(FOLDER, archive);
const typesWrong = ["node_modules/@arethetypeswrong/cli/dist/index.js", path];
const ended = [
  await run("node", ["node_modules/publint/src/cli.js", "run", path, "--strict"]),
  await run("node", [...typesWrong, "--entrypoints", "."]),
  await run("node", [...typesWrong, "--exclude-entrypoints", ".", "--profile", "esm-only"]), // the others have no form for require
];
for (const { output } of ended) console.log(output.trim());
process.exit(ended.every(({ ok }) => ok) ? 0 : 1);
