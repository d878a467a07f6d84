import { Command } from "npm:commander@15.1.0";
import type { AgentOptions } from "../agent_process.ts";
import { CompletedArgument, configNameOption, jsonOption } from "../arguments.ts";
import type { Io } from "../io.ts";

const HELP = `
It applies FILE, and applies it again when FILE, a container, a namespace or a
link of it changes: pending items are done as soon as they can be, and foreign
changes are undone. A pending or failed item is logged once, and again when its
reason changes. If FILE gets faults, they are logged and the last good version
stays in force. SIGINT and SIGTERM end it with status 0; the network stays,
unless --cleanup is given.

Example:
  sudo netns agent topology.yaml`;

/** `netns agent FILE`: keeps the network as the file describes it. */
export function agentCommand(io: Io): Command {
  return new Command("agent")
    .description("keep the network as FILE describes it while containers and links come and go")
    .addArgument(new CompletedArgument("<file>", "YAML or JSON", "file"))
    .addOption(configNameOption())
    .addOption(jsonOption("print each log line as JSON"))
    .option("--cleanup", "remove what FILE describes at the end")
    .addHelpText("after", HELP)
    .action(async (file: string, options: AgentOptions) => {
      const { runAgentProcess } = await import("../agent_process.ts");
      await runAgentProcess(file, options, io);
    });
}
