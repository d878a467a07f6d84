import { Command } from "npm:commander@15.1.0";
import { jsonOption, type JsonOptions } from "../arguments.ts";
import { CHANGE_NETWORK, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";

const HELP = `
The names of its namespaces start with netns-demo-; it touches nothing else.
If an earlier demo was killed, it first removes what that one left.

Examples:
  sudo netns demo
  netns demo --print >router.yaml`;

interface Options extends JsonOptions {
  readonly print?: boolean;
}

/** `netns demo`: applies a topology, pings across it, and destroys it. */
export function demoCommand(io: Io): Command {
  return new Command("demo")
    .description("build two hosts and a router, ping across them, and remove them")
    .option("--print", "print the topology file, and do nothing")
    .addOption(jsonOption("print the result as JSON instead of a text"))
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      const { runDemo, TOPOLOGY } = await import("../demo/demo.ts");
      if (options.print) return io.print(TOPOLOGY.trimEnd());
      requireCapabilities("demo", CHANGE_NETWORK);
      const result = await runDemo(options.json ? () => {} : io.print, io.interrupted);
      if (options.json) io.print(jsonText(result));
    });
}
