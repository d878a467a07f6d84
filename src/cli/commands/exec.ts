import { Command } from "npm:commander@15.1.0";
import { errnoText, execute, printable, SyscallError } from "../../../ffi/mod.ts";
import { parseNamespace } from "../../namespace.ts";
import { NotStartedError, UsageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { requireCapabilities } from "../privilege.ts";
import { enterView } from "../exec_mounts.ts";

const HELP = `
The command takes the place of this process, so signals and its exit status are
its own; 127 says that there is no such command, 126 that it cannot be run.
Files of /etc/netns/NAME lie over those of /etc, and /sys shows the namespace,
as with \`ip netns exec\`.

Examples:
  sudo netns exec blue -- ip address
  sudo netns exec PID:42 -- ping -c 1 10.0.0.1`;

/** `netns exec NS -- CMD`: runs a command in a namespace. */
export function execCommand(io: Io): Command {
  return new Command("exec")
    .description("run a command in the network namespace NS, as `ip netns exec` does")
    .usage("NS -- CMD [ARG...]")
    .argument("<ns>", "NAME, PID:42, FILE:/proc/42/ns/net or MICROSERVICE:label")
    .argument("<cmd...>", "the command, looked up in PATH, and its arguments")
    .passThroughOptions() // options after NS are the command's
    .addHelpText("after", HELP)
    .action(async (text: string, words: readonly string[]) => {
      const ns = parseNamespace(text);
      const [command, ...args] = words[0] === "--" ? words.slice(1) : words;
      if (command === undefined || command === "") throw new UsageError("netns exec: expected a command after NS --");
      requireCapabilities("exec", ["CAP_SYS_ADMIN"]);
      const { openNamespace } = await import("../open.ts");
      const handle = await openNamespace(ns);
      handle.run(() => {
        enterView(ns.type === "named" ? ns.name : undefined, io.complain);
        become(command, args);
      });
    });
}

function become(command: string, args: readonly string[]): never {
  try {
    execute(command, args);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const text = `Cannot run ${printable(command)}: ${errnoText(error.errno)} (${error.code})`;
    throw new NotStartedError(text, error.code !== "ENOENT", { cause: error });
  }
}
