#!/usr/bin/env sh
/**
 * The first file of the built command. It loads one file for the commands that people and scripts run often: each file
 * costs Node a millisecond, and what a run does not need makes it slower. See `scripts/program.ts`.
 */
import process from "node:process";

/** A bundle of `src/cli/start.ts`. */
type Program = typeof import("../src/cli/start.ts");

/** The files of `dist/` that are enough for command lines, by the first word of those. */
declare const PROGRAMS: Readonly<Record<string, string>>;

/** By `import`, Node reads every export of a module of its own, and loads others for it. */
async function requireHere(path: string): Promise<Program> {
  const { createRequire } = process.getBuiltinModule?.("node:module") ?? await import("node:module");
  return createRequire(import.meta.url)(path);
}

const [, , first = ""] = process.argv;
const all = "./cli_all.js";
const own = Object.hasOwn(PROGRAMS, first) ? PROGRAMS[first] : undefined;
const program: Program = await (own === undefined ? import(all) : requireHere(own));
process.exitCode = await program.start();
