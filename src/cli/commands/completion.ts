import { Argument, Command } from "npm:commander@15.1.0";
import type { Io } from "../io.ts";

const HELP = `
It completes commands, options, namespaces, processes and files. Load it in the
start-up file of your shell, in zsh after compinit.

Examples:
  eval "$(netns completion bash)"
  netns completion fish | source
  netns completion zsh >/usr/local/share/zsh/site-functions/_netns`;

/** `netns completion SHELL`: prints a completion script. */
export function completionCommand(io: Io): Command {
  return new Command("completion")
    .description("print the script that completes netns command lines in a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", HELP)
    .action(async (shell: Shell, _options: unknown, command: Command) => {
      const script = await SCRIPTS[shell]();
      io.print(script(command.parent ?? command).trimEnd());
    });
}

/** Loads what makes the script for each shell. */
const SCRIPTS = {
  bash: async () => (await import("../completion/bash.ts")).bashCompletion,
  zsh: async () => (await import("../completion/zsh.ts")).zshCompletion,
  fish: async () => (await import("../completion/fish.ts")).fishCompletion,
} as const;
type Shell = keyof typeof SCRIPTS;
