#!/usr/bin/env sh
/**
 * The first file of the built command. It loads one small file for the commands that people and scripts run often: each
 * file costs Node a millisecond, and what a run does not need makes it slower. See `scripts/program.ts`.
 */
import process from "node:process";

/** A bundle of `src/cli/start.ts`. */
type Program = typeof import("../src/cli/start.ts");

/** The first words of the command lines for which the small file is enough. */
declare const SMALL: readonly string[];

/** By `import`, Node reads every export of a module of its own, and loads others for it. */
async function requireHere(path: string): Promise<Program> {
  const { createRequire } = process.getBuiltinModule?.("node:module") ?? await import("node:module");
  return createRequire(import.meta.url)(path);
}

const [, , first = ""] = process.argv;
const all = "./cli_all.js";
const program: Program = await (SMALL.includes(first) ? requireHere("./cli_small.cjs") : import(all));
process.exitCode = await program.start();
