import { Command } from "npm:commander@15.1.0";
import { parseNamespace } from "../../namespace.ts";
import { CompletedArgument, namespaceText } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import { UsageError } from "../errors.ts";
import type { ExecOptions } from "../exec_process.ts";
import type { Io } from "../io.ts";

const HELP = `
The command replaces this process, so signals and the exit status are its own;
127 means that there is no such command, 126 that it cannot be run. The files in
/etc/netns/NAME are mounted over those in /etc, and /sys shows the namespace, as
with \`ip netns exec\`. What cannot be mounted is a warning.

The command gets what netns was given, as with nsenter: arguments as bytes,
descriptors, the limit of open files, ignored and blocked signals. Started by
\`node FILE\` or \`bun FILE\`, or in Deno, it gets no blocked signals, and the limit
of the parent process; in Node and Bun no descriptors from 3 on; in Node no
ignored signals.

--user takes a name or a number of an account, with its groups; a number without
an account needs a group, and has no others. HOME, USER and LOGNAME follow.

Examples:
  sudo netns exec blue -- ip address
  sudo netns exec --user alice blue -- ssh 10.0.0.1
  sudo netns exec --all -- ip -brief address
  sudo netns exec PID:42 -- ping -c 1 10.0.0.1`;

/** `netns exec NS -- CMD`: runs a command in a namespace. */
export function execCommand(io: Io): Command {
  return new Command("exec")
    .description("run a command in the network namespace NS, as `ip netns exec` does")
    .usage("[options] NS -- CMD [ARG...]")
    .addArgument(namespaceText("[ns]"))
    .addArgument(new CompletedArgument("[cmd...]", "the command, looked up in PATH, and its arguments", "command"))
    .option("--user <user>", "run it as this user: USER or USER:GROUP, by names or numbers")
    .option("--no-sys", "leave /sys as it is here")
    .option("--no-etc", "leave the files of /etc as they are here")
    .option("--all", "run it in each named namespace, one after the other, without NS")
    .passThroughOptions() // options after NS belong to CMD
    .addHelpText("after", HELP)
    .action(async (text: string | undefined, rest: readonly string[], options: ExecOptions & { all?: boolean }) => {
      if (options.all) {
        const words = commandOf(text === undefined ? [] : [text, ...rest], "--all --");
        requireCapabilities("exec", ENTER_NAMESPACES);
        return await (await import("../exec_all.ts")).execInAll(words, options, io);
      }
      if (text === undefined) throw new UsageError("netns exec: expected NS -- CMD; see netns exec --help");
      const ns = parseNamespace(text);
      const words = commandOf(rest, "NS --");
      requireCapabilities("exec", ENTER_NAMESPACES);
      await (await import("../exec_process.ts")).execIn(ns, words, options, io);
    });
}

/** The command and its arguments, which may come after `--`. */
function commandOf(words: readonly string[], before: string): readonly [string, ...string[]] {
  const [command, ...args] = words[0] === "--" ? words.slice(1) : words;
  if (command === undefined || command === "") throw new UsageError(`netns exec: expected a command after ${before}`);
  return [command, ...args];
}
