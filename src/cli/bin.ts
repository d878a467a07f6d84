#!/usr/bin/env -S deno run -A
/** The entry point of the `netns` command. */
import process from "node:process";
import { standardIo } from "./io.ts";
import { main } from "./main.ts";

const words = process.argv.slice(2);
// What the runtime could not decode. Reading it again loads ffi, which most commands are faster without.
const isWhole = !words.some((word) => word.includes("\ufffd"));
const given = isWhole ? words : (await import("./started.ts")).namesAsGiven(words);
process.exitCode = await main(given, standardIo());
