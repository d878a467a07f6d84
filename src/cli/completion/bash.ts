/** The completion script for bash: `completion.bash` and a table of what each command takes. */
import type { Command, Option } from "npm:commander@15.1.0";
import { candidatesOf, commandsOf, flagsOf, optionsOf, takesValue } from "./command_line.ts";
import { shellQuoted } from "../terminal/shell.ts";
import SCRIPT from "./completion.bash" with { type: "text" };

/** The last line of `completion.bash`; the table goes before it. */
const REGISTRATION = "complete -F _netns netns\n";

/** The completion script of `program`. */
export function bashCompletion(program: Command): string {
  const commands = commandsOf(program);
  return [
    SCRIPT.replace(REGISTRATION, "").trimEnd(),
    "",
    "# Sets the options and the arguments of a command. An argument is a kind, or = and the words that it can be.",
    "_netns_takes() {",
    "  case $1 in",
    takes("''", program, commands.map((command) => command.name())),
    ...commands.map((command) => takes(command.name(), command, argumentWords(command, program))),
    "  esac",
    "}",
    "",
    "# Prints the values of an option of a command; fails if the option takes none.",
    "_netns_values() {",
    "  case $1/$2 in",
    ...commands.flatMap((command) => optionsOf(command).filter(takesValue).map((option) => values(command, option))),
    "    *) return 1 ;;",
    "  esac",
    "}",
    "",
    REGISTRATION,
  ].join("\n");
}

function takes(pattern: string, command: Command, words: readonly string[]): string {
  const options = optionsOf(command).flatMap(({ long }) => long ?? []);
  return `    ${pattern}) options=(${options.join(" ")}) arguments=(${words.map(shellQuoted).join(" ")}) ;;`;
}

function argumentWords(command: Command, program: Command): string[] {
  return candidatesOf(command, program).map((one) => typeof one === "string" ? one : `=${one.join(" ")}`);
}

function values(command: Command, option: Option): string {
  const patterns = flagsOf(option).map((flag) => `${command.name()}/${flag}`).join(" | ");
  return `    ${patterns}) echo ${shellQuoted(option.argChoices?.join(" ") ?? "")} ;;`;
}
