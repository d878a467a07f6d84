import { Command } from "npm:commander@15.1.0";
import { printable } from "../../../ffi/mod.ts";
import { jsonOption, type JsonOptions } from "../arguments.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";

const HELP = `
It prints changes from now on, whoever makes them; \`netns ls\` prints what is
there already. SIGINT and SIGTERM end it with status 0.

Examples:
  netns watch
  netns watch --json | jq -r .name`;

/** `netns watch`: prints the names that are added and removed. */
export function watchCommand(io: Io): Command {
  return new Command("watch")
    .description("print each network namespace that gets a name or loses it, as `ip netns monitor` does")
    .addOption(jsonOption('print a line of JSON for each: {"kind": "added" or "removed", "name"}'))
    .addHelpText("after", HELP)
    .action(async (options: JsonOptions) => {
      const signal = io.interrupted;
      const { watchNamedNamespaces } = await import("../../named/watch.ts");
      io.progress("waiting for the first change; Ctrl-C ends it");
      for await (const { kind, name } of watchNamedNamespaces({ signal })) {
        io.print(options.json ? jsonText({ kind, name }) : `${kind.padEnd(7)}  ${printable(name)}`);
      }
      io.progress("");
    });
}
