import { Command } from "npm:commander@15.1.0";
import { printable } from "../../../ffi/mod.ts";
import { pidNs } from "../../namespace.ts";
import { UsageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";

const HELP = `
A process in a namespace without a name prints nothing, which is no failure.

Examples:
  netns identify 42
  netns identify --json $$`;

/** `netns identify PID`: the names of the namespace that a process is in. */
export function identifyCommand(io: Io): Command {
  return new Command("identify")
    .description("print the names of the network namespace that process PID is in, as `ip netns identify` does")
    .argument("<pid>", "process id; 0 is this command itself")
    .option("--json", "print a JSON array of the names instead of one a line")
    .addHelpText("after", HELP)
    .action(async (text: string, options: { json?: boolean }) => {
      if (!/^\d{1,10}$/.test(text)) throw new UsageError(`Cannot use ${printable(text)} as PID: expected a process id`);
      const ns = pidNs(Number(text), "PID");
      const { openNamespace } = await import("../open.ts");
      const { namesOf } = await import("../../named/identify.ts");
      using handle = await openNamespace(ns);
      const names = namesOf(handle);
      if (options.json) io.print(jsonText(names));
      else for (const name of names) io.print(printable(name));
    });
}
