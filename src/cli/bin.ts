#!/usr/bin/env -S deno run -A
/** The entry point of the `netns` command. */
import process from "node:process";
import { standardIo } from "./io.ts";
import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2), standardIo());
