import { Argument, Command } from "npm:commander@15.1.0";
import type { Io } from "../io.ts";

const HELP = `
It completes commands, options, namespaces, processes and files. Load it in the
file that your shell reads at its start, in zsh after compinit.

Examples:
  eval "$(netns completion bash)"
  netns completion zsh >/usr/local/share/zsh/site-functions/_netns`;

/** `netns completion SHELL`: what makes a shell complete our command line. */
export function completionCommand(io: Io): Command {
  return new Command("completion")
    .description("print what makes a shell complete the command line of netns")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh"]))
    .addHelpText("after", HELP)
    .action(async (shell: string, _options: unknown, command: Command) => {
      const { bashCompletion, zshCompletion } = await import("../completion/scripts.ts");
      const program = command.parent ?? command;
      io.print((shell === "bash" ? bashCompletion : zshCompletion)(program).trimEnd());
    });
}
