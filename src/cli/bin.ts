#!/usr/bin/env -S deno run -A
/** The entry point of the `netns` command. */
import process from "node:process";
import { start } from "./start.ts";

process.exitCode = await start();
