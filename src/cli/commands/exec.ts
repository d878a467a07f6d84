import { Command } from "npm:commander@15.1.0";
import { errnoText, execute, printable, SyscallError } from "../../../ffi/mod.ts";
import type { Namespace } from "../../namespace.ts";
import { CompletedArgument, namespaceArgument } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import { NotStartedError, UsageError } from "../errors.ts";
import { mountForExec } from "../exec_mounts.ts";
import type { Io } from "../io.ts";

const HELP = `
The command replaces this process, so signals and the exit status are its own;
127 means that there is no such command, 126 that it cannot be run. The files in
/etc/netns/NAME are mounted over those in /etc, and /sys shows the namespace, as
with \`ip netns exec\`.

Examples:
  sudo netns exec blue -- ip address
  sudo netns exec PID:42 -- ping -c 1 10.0.0.1`;

/** `netns exec NS -- CMD`: runs a command in a namespace. */
export function execCommand(io: Io): Command {
  return new Command("exec")
    .description("run a command in the network namespace NS, as `ip netns exec` does")
    .usage("NS -- CMD [ARG...]")
    .addArgument(namespaceArgument())
    .addArgument(new CompletedArgument("<cmd...>", "the command, looked up in PATH, and its arguments", "command"))
    .passThroughOptions() // options after NS belong to CMD
    .addHelpText("after", HELP)
    .action(async (ns: Namespace, words: readonly string[]) => {
      const [command, ...args] = words[0] === "--" ? words.slice(1) : words;
      if (command === undefined || command === "") throw new UsageError("netns exec: expected a command after NS --");
      requireCapabilities("exec", ENTER_NAMESPACES);
      const { commandNamespace } = await import("../command_namespace.ts");
      const handle = await commandNamespace(ns);
      handle.run(() => {
        mountForExec(ns.type === "named" ? ns.name : undefined, io.complain);
        replaceProcess(command, args);
      });
    });
}

function replaceProcess(command: string, args: readonly string[]): never {
  try {
    execute(command, args);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const text = `Cannot run ${printable(command)}: ${errnoText(error.errno)} (${error.code})`;
    throw new NotStartedError(text, error.code !== "ENOENT", { cause: error });
  }
}
