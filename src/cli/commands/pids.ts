import { Command } from "npm:commander@15.1.0";
import type { Namespace } from "../../namespace.ts";
import { jsonOption, type JsonOptions, namespaceArgument } from "../arguments.ts";
import { missingCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";

const HELP = `
Without CAP_SYS_PTRACE it finds only processes that this user may inspect.

Examples:
  sudo netns pids blue
  sudo netns pids --json FILE:/proc/42/ns/net`;

/** `netns pids NS`: prints the processes in a namespace. */
export function pidsCommand(io: Io): Command {
  return new Command("pids")
    .description("print the ids of the processes in the network namespace NS, as `ip netns pids` does")
    .addArgument(namespaceArgument())
    .addOption(jsonOption("print a JSON array of the ids instead of one a line"))
    .addHelpText("after", HELP)
    .action(async (ns: Namespace, options: JsonOptions) => {
      const { commandNamespace } = await import("../command_namespace.ts");
      const { pidsOf } = await import("../../named/identify.ts");
      using handle = await commandNamespace(ns);
      const pids = pidsOf(handle);
      if (missingCapabilities(["CAP_SYS_PTRACE"]).length > 0) {
        io.complain("warning: without CAP_SYS_PTRACE, processes of other users may be missing: run it as root");
      }
      if (options.json) io.print(jsonText(pids));
      else for (const pid of pids) io.print(`${pid}`);
    });
}
