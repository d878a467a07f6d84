import { Command, InvalidArgumentError, Option } from "npm:commander@15.1.0";
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

With --etcd it follows the keys of a label in an etcd cluster instead, as
Ligato's agents do: /vnf-agent/LABEL/... CONF is an etcd.conf; without it,
ETCD_CONFIG names one, or ETCD_ENDPOINTS the members, or it is 127.0.0.1:2379.
A key with a fault keeps its last good value. While the cluster is away, empty
or another one, nothing is taken away.

For systemd it is a service of Type=notify with a watchdog. SIGHUP has it read
FILE, or all keys of the cluster, and apply that again: see dist/systemd/ in the
package. CONF is read at the start only.

Examples:
  sudo netns agent topology.yaml
  sudo netns agent --etcd etcd.conf --label vpp1 --status`;

/** The kinds of namespaces, as `NamespaceKind` of the library has them. */
const KINDS = ["named", "microservice", "pid", "file", "default"];

/** `netns agent FILE`: keeps the network as the file, or a cluster, describes it. */
export function agentCommand(io: Io): Command {
  return new Command("agent")
    .description("keep the network as FILE describes it while containers and links come and go")
    .addArgument(new CompletedArgument("[file]", "YAML or JSON", "file"))
    .addOption(configNameOption())
    .addOption(jsonOption("print each log line as JSON"))
    .option("--cleanup", "remove what FILE describes at the end")
    .option("--etcd [conf]", "follow the keys of an etcd cluster in place of FILE")
    .option("--label <label>", "whose keys (default: MICROSERVICE_LABEL in the environment)")
    .addOption(new Option("--layout <layout>", "which of Ligato's keys (default: both)").choices(["v1", "v2", "both"]))
    .option("--status", "write the status of each key into the cluster")
    .addOption(new Option("--allow-namespaces <kinds>", `refuse others: ${KINDS.join(", ")}`).argParser(parseKinds))
    .option("--accept-empty", "take away what the cluster no longer has, and end a hold")
    .addHelpText("after", HELP)
    .action(async (file: string | undefined, options: AgentOptions) => {
      const { runAgentProcess } = await import("../agent_process.ts");
      await runAgentProcess(file, options, io);
    });
}

function parseKinds(text: string): string[] {
  const kinds = text.split(",").map((kind) => kind.trim());
  if (kinds.every((kind) => KINDS.includes(kind))) return kinds;
  throw new InvalidArgumentError(`Expected kinds of namespaces with commas between them: ${KINDS.join(", ")}.`);
}
