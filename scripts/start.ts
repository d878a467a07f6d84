#!/usr/bin/env sh
/**
 * The first file of the built command. It loads one file for the commands that people and scripts run often: each file
 * costs Node a millisecond, and what a run does not need makes it slower. See `scripts/program.ts`.
 */
import { join } from "node:path";
import process from "node:process";
import { runtimeKind } from "../ffi/runtime.ts";
import { loadProgram, usesCodeCache } from "../src/cli/code_cache.ts";

/** A bundle of `src/cli/start.ts`. */
type Program = typeof import("../src/cli/start.ts");

/** The files of `dist/` that are enough for command lines, by the first word of those. */
declare const PROGRAMS: Readonly<Record<string, string>>;

/** The one of them that is so large that its compiled code is kept. */
declare const LARGE_PROGRAM: string;

/** Here `require` is that of CommonJS, which looks for no exports, and loads no other modules of Node. */
declare const require: (path: string) => Program;
declare const __dirname: string;

const [, , first = "", ...words] = process.argv;
const own = Object.hasOwn(PROGRAMS, first) ? PROGRAMS[first] : undefined;

if (own === undefined) import("./cli_all.js").then(run);
else if (keepsCode(own)) runWithCode(own).then(end);
else run(require(own)).then(end);

/** True for the large program, in Node. An option of Node may change what V8 compiles. */
function keepsCode(path: string): boolean {
  const isPlain = runtimeKind() === "node" && process.execArgv.length === 0;
  return path === LARGE_PROGRAM && isPlain && usesCodeCache(process.env, process.geteuid?.());
}

async function run({ start }: Program): Promise<void> {
  process.exitCode = await start();
}

/** Ends the process, whose output is written by now: by itself it would first take down the heap. */
function end(): void {
  process.exit();
}

/** Runs a program with the code of a run before; keeps that of one that did what there is to do. */
async function runWithCode(path: string): Promise<void> {
  const { exports, keep } = loadProgram<Program>(join(__dirname, path), require);
  await run(exports);
  if (process.exitCode === 0 && !words.includes("--help") && !words.includes("-h")) keep();
}
