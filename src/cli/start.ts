/** Runs the command with the arguments of this process. */
import process from "node:process";
import { standardIo } from "./io.ts";
import { main } from "./main.ts";
import { standardErrorWritten } from "./terminal/standard_error.ts";

/** Runs the `netns` command; its exit status. */
export async function start(): Promise<number> {
  const words = process.argv.slice(2);
  // What the runtime could not decode. Reading it again loads ffi, which most commands are faster without.
  const isWhole = !words.some((word) => word.includes("\ufffd"));
  const given = isWhole ? words : (await import("./inherited.ts")).namesAsGiven(words);
  const status = await main(given, standardIo());
  await standardErrorWritten();
  return status;
}
