import { Command } from "npm:commander@15.1.0";
import { isErrno, SyscallError } from "../../errors.ts";
import type { Namespace } from "../../namespace.ts";
import { namespaceArgument, newNameArgument } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import type { Io } from "../io.ts";

const HELP = `
The namespace then lives as long as the name, also when its processes and its
container have ended. \`netns del\` takes the name away.

Examples:
  sudo netns attach web CONTAINER:web-1
  sudo netns attach vpn PID:42`;

/** `netns attach NAME NS`: gives a namespace a name. */
export function attachCommand(_io: Io): Command {
  return new Command("attach")
    .description("name the network namespace NS, as `ip netns attach` does with that of a process")
    .addArgument(newNameArgument())
    .addArgument(namespaceArgument())
    .addHelpText("after", HELP)
    .action(async (name: string, ns: Namespace) => {
      requireCapabilities("attach", ENTER_NAMESPACES);
      const { commandNamespace } = await import("../command_namespace.ts");
      try {
        using handle = await commandNamespace(ns);
        handle.attach(name);
      } catch (error) {
        throw withPid(error, ns);
      }
    });
}

/** `ip netns attach` takes a process by its number, which is a name here. */
function withPid(error: unknown, ns: Namespace): unknown {
  if (ns.type !== "named" || !/^\d+$/.test(ns.name) || !isErrno(error, "ENOENT")) return error;
  const { syscall, errno, path } = error;
  return new SyscallError(syscall, errno, { path, remedy: `the namespace of process ${ns.name} is PID:${ns.name}` });
}
