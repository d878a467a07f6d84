import { Command } from "npm:commander@15.1.0";
import { UsageError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { AgentOptions } from "../run_agent.ts";

const HELP = `
It applies FILE, and again when FILE, a container, a namespace or a link of it
changes: what was pending is done as soon as it can be, and what somebody else
changed is mended. What waits or failed is told once, and again when its reason
changes. A FILE with faults is reported, and the last good one stays in force.
SIGINT and SIGTERM end it with status 0; what it made stays, unless --cleanup.

Example:
  sudo netns agent topology.yaml`;

/** `netns agent FILE`: keeps the network as the file describes it. */
export function agentCommand(io: Io): Command {
  return new Command("agent")
    .description("keep the network as FILE describes it, while containers and links come and go")
    .argument("<file>", "YAML or JSON")
    .option("--json", "print each log line as JSON")
    .option("--cleanup", "take away what FILE describes at the end")
    .addHelpText("after", HELP)
    .action(async (file: string, options: AgentOptions) => {
      if (file === "-") throw new UsageError("netns agent follows a file: standard input cannot change");
      const { runAgent } = await import("../run_agent.ts");
      await runAgent(file, options, io);
    });
}
