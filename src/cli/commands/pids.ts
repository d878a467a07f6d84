import { Command } from "npm:commander@15.1.0";
import { parseNamespace } from "../../namespace.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { missingCapabilities } from "../privilege.ts";

const HELP = `
Without CAP_SYS_PTRACE, only processes are found that this user may look at.

Examples:
  sudo netns pids blue
  sudo netns pids --json FILE:/proc/42/ns/net`;

/** `netns pids NS`: the processes in a namespace. */
export function pidsCommand(io: Io): Command {
  return new Command("pids")
    .description("print the ids of the processes in the network namespace NS, as `ip netns pids` does")
    .argument("<ns>", "NAME, PID:42, FILE:/proc/42/ns/net or MICROSERVICE:label")
    .option("--json", "print a JSON array of the ids instead of one a line")
    .addHelpText("after", HELP)
    .action(async (text: string, options: { json?: boolean }) => {
      const ns = parseNamespace(text);
      const { openNamespace } = await import("../open.ts");
      const { pidsOf } = await import("../../named/identify.ts");
      using handle = await openNamespace(ns);
      const pids = pidsOf(handle);
      if (missingCapabilities(["CAP_SYS_PTRACE"]).length > 0) {
        io.complain("warning: without CAP_SYS_PTRACE, processes of other users may be missing: run it as root");
      }
      if (options.json) io.print(jsonText(pids));
      else for (const pid of pids) io.print(`${pid}`);
    });
}
