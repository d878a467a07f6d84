import { Command } from "npm:commander@15.1.0";
import { printable } from "../../../ffi/mod.ts";
import { type PidNamespace, pidNs } from "../../namespace.ts";
import { CompletedArgument, jsonOption, type JsonOptions } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";

const HELP = `
Without PID it is the namespace that this command itself runs in.
It prints nothing if the namespace has no name, which is not a failure.

Examples:
  netns identify 42
  netns identify --json $$`;

/** `netns identify PID`: prints the names of the namespace of a process. */
export function identifyCommand(io: Io): Command {
  return new Command("identify")
    .description("print the names of the network namespace of process PID, as `ip netns identify` does")
    .addArgument(
      new CompletedArgument("[pid]", "process id; 0 is this command itself", "pid")
        .argParser(parsePid).default(pidNs(0), "0"),
    )
    .addOption(jsonOption("print a JSON array of the names instead of one a line"))
    .addHelpText("after", HELP)
    .action(async (ns: PidNamespace, options: JsonOptions) => {
      const { commandNamespace } = await import("../command_namespace.ts");
      const { namesOf } = await import("../../named/identify.ts");
      using handle = await commandNamespace(ns);
      const names = namesOf(handle);
      if (options.json) io.print(jsonText(names));
      else for (const name of names) io.print(printable(name));
    });
}

function parsePid(text: string): PidNamespace {
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`Cannot use ${printable(text)} as PID: expected a process id`);
  return pidNs(Number(text), "PID");
}
