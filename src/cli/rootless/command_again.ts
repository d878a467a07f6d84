/** This command again, in another place: the same program, runtime and options of the runtime. */
import { resolve } from "node:path";
import process from "node:process";
import { readText } from "../../../ffi/mod.ts";

/** The command line that runs `netns` with `words`, as this process was run. See proc_pid_cmdline(5). */
export function netnsAgain(words: readonly string[]): string[] {
  const all = readText("/proc/self/cmdline").split("\0").slice(0, -1);
  const given = process.argv.length - 2;
  const [, program = ""] = process.argv;
  // Its file by the whole path: it is run in another directory, too.
  const own = all.slice(1, all.length - given).map((word) => resolve(word) === program ? program : word);
  return [process.execPath, ...own, ...words];
}
