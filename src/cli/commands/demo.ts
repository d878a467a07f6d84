import { Command } from "npm:commander@15.1.0";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { requireCapabilities } from "../privilege.ts";

const HELP = `
The names of its namespaces start with netns-demo-; nothing else is touched.
What an earlier demo left, because it was killed, is taken away first.

Examples:
  sudo netns demo
  netns demo --print >router.yaml`;

/** `netns demo`: a topology is applied, shown, pinged across, and taken away. */
export function demoCommand(io: Io): Command {
  return new Command("demo")
    .description("build two hosts and a router, ping across them, and take all of it away")
    .option("--print", "print the file that describes them, and do nothing")
    .option("--json", "print what happened as JSON instead of a text")
    .addHelpText("after", HELP)
    .action(async (options: { print?: boolean; json?: boolean }) => {
      const { runDemo, TOPOLOGY } = await import("../demo/demo.ts");
      if (options.print) return io.print(TOPOLOGY.trimEnd());
      requireCapabilities("demo", ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"]);
      const result = await runDemo(options.json ? () => {} : io.print, io.interrupted);
      if (options.json) io.print(jsonText(result));
    });
}
