/** The `netns` program for commander, with the commands that a command line needs. */
import type { Command } from "npm:commander@15.1.0";
import manifest from "../../deno.json" with { type: "json" };
import { type CommandLoader, COMMANDS, SYNONYMS } from "./commands/all_commands.ts";
import { HELP_WIDTH } from "./built_help.ts";
import type { Io } from "./io.ts";

const HELP = `
Namespaces (NS) are written as a name, PID:42, FILE:/proc/42/ns/net,
MICROSERVICE:label or CONTAINER:name.

Exit status: 0 done; 1 failed; 2 bad use: an invalid name or option, or a FILE
that cannot be read or has faults. "netns exec" exits as its command does.

Example:
  sudo netns apply topology.yaml`;

/**
 * Runs the command that `argv` (without program and script) names.
 *
 * @throws {CommanderError} Help was printed, or bad use reported; `exitCode` says which.
 */
export async function runProgram(argv: readonly string[], io: Io): Promise<void> {
  const words = withoutUnknownHelp(argv);
  await (await programFor(words, io)).parseAsync(words, { from: "user" });
}

/** `argv`; if it asks for the help of an unknown command, only that command, so that commander reports it. */
function withoutUnknownHelp(argv: readonly string[]): readonly string[] {
  const [command = "--help"] = argv[0] === "help" ? argv.slice(1) : argv;
  return command.startsWith("-") || command === "help" || COMMANDS.has(command) ? argv : [command];
}

/** The program with the command that `argv` names, or with all of them if it names none. */
export async function programFor(argv: readonly string[], io: Io): Promise<Command> {
  const { Command } = await import("npm:commander@15.1.0");
  const program = new Command("netns")
    .description("Manage Linux network namespaces and the networks in them.")
    .version(manifest.version, "-V, --version", "print the version")
    .enablePositionalOptions() // options after the command belong to the command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.print(text.trimEnd()),
      writeErr: (text) => io.complain(text.trimEnd()),
      outputError: (text, write) => write(inOneLine(text, argv)),
      getOutHelpWidth: () => Math.min(io.columns ?? HELP_WIDTH, HELP_WIDTH),
      getErrHelpWidth: () => Math.min(io.columns ?? HELP_WIDTH, HELP_WIDTH),
      // Help has no colours. By default commander reads environment variables, for which Deno asks permission.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", HELP);
  for (const load of loadersFor(argv[0])) {
    const command = (await load())(io);
    // addCommand alone does not pass exitOverride on: bad use of the command would end the process.
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/** Only the command that is named; all of them for help, completion, and to suggest one for an unknown name. */
function loadersFor(name = "--help"): Iterable<CommandLoader> {
  const load = COMMANDS.get(name);
  return load === undefined || name === "completion" ? COMMANDS.values() : [load];
}

/** An error of commander in one line that ends with what to do: a suggestion, or the command that prints help. */
function inOneLine(text: string, [first = "", ...rest]: readonly string[]): string {
  const line = text.trim().replaceAll("\n", " ").replace(/\.$/, "");
  const synonym = SYNONYMS.get(first);
  if (synonym !== undefined) {
    const what = first.startsWith("-") ? "option" : "command";
    return `error: unknown ${what} '${first}' (Did you mean ${synonym}?)`;
  }
  const option = rest.find((word) => SYNONYMS.has(word) && line.includes(`unknown option '${word}'`));
  if (option !== undefined) return `error: unknown option '${option}' (Did you mean netns ${SYNONYMS.get(option)}?)`;
  return line.endsWith("?)") ? line : `${line}; see netns ${COMMANDS.has(first) ? `${first} ` : ""}--help`;
}
