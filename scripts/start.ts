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

/** Here `require` is that of CommonJS, which looks for no exports, and loads no other modules of Node. */
declare const require: (path: string) => Program;

const [, , first = ""] = process.argv;
const own = Object.hasOwn(PROGRAMS, first) ? PROGRAMS[first] : undefined;
const run = ({ start }: Program): Promise<void> => start().then((status) => void (process.exitCode = status));
if (own === undefined) import("./cli_all.js").then(run);
else run(require(own));
