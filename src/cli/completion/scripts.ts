/** The scripts of `netns completion`: a fixed part for each shell, and what the commands take, as commander knows it. */
import type { Argument, Command, Option } from "npm:commander@15.1.0";
import BASH from "./completion.bash" with { type: "text" };
import ZSH from "./completion.zsh" with { type: "text" };

/** What an argument or the value of an option can be: a list of words, or one of these. */
type Kind = readonly string[] | "file" | "ns" | "name" | "pid" | "command" | "other";

/** What the arguments are, by the names that the commands give them. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["file", "file"],
  ["ns", "ns"],
  ["name", "name"],
  ["pid", "pid"],
  ["cmd", "command"],
]);

function kindOf(argument: Argument, command: Command, program: Command): Kind {
  if (argument.argChoices !== undefined) return argument.argChoices;
  if (command.name() === "add") return "other"; // a name that is taken is of no use
  if (command.name() === "help") return commandsOf(program).map((one) => one.name());
  return KINDS.get(argument.name()) ?? "other";
}

const commandsOf = (program: Command): Command[] => program.createHelp().visibleCommands(program);
const optionsOf = (command: Command): Option[] => command.createHelp().visibleOptions(command);
const flagsOf = ({ long, short }: Option): string[] =>
  [long, short].filter((flag) => flag !== undefined && flag !== null);
const takesValue = ({ required, optional }: Option): boolean => required || optional;

/** The script for bash. */
export function bashCompletion(program: Command): string {
  const commands = commandsOf(program);
  const takes = [
    bashCase("''", program, commands.map((command) => command.name())),
    ...commands.map((command) => {
      const kinds = command.registeredArguments.map((argument) => kindOf(argument, command, program));
      return bashCase(
        command.name(),
        command,
        kinds.map((kind) => typeof kind === "string" ? kind : `=${kind.join(" ")}`),
      );
    }),
  ];
  const values = commands.flatMap((command) =>
    optionsOf(command).filter(takesValue).map((option) => {
      const patterns = flagsOf(option).map((flag) => `${command.name()}/${flag}`).join(" | ");
      return `    ${patterns}) echo ${inQuotes(option.argChoices?.join(" ") ?? "")} ;;`;
    })
  );
  return [
    BASH.replace(/\ncomplete -F[^]*$/, ""),
    "# Sets what a command takes: options, and arguments by their kind.",
    "_netns_takes() {",
    "  case $1 in",
    ...takes,
    "  esac",
    "}",
    "",
    "# Prints the values that an option of a command can have; fails if it takes none.",
    "_netns_values() {",
    "  case $1/$2 in",
    ...values,
    "    *) return 1 ;;",
    "  esac",
    "}",
    "",
    "complete -F _netns netns",
    "",
  ].join("\n");
}

function bashCase(pattern: string, command: Command, kinds: readonly string[]): string {
  const options = optionsOf(command).flatMap(({ long }) => long ?? []);
  return `    ${pattern}) options=(${options.join(" ")}) arguments=(${kinds.map(inQuotes).join(" ")}) ;;`;
}

/** A word as a shell reads it. */
const inQuotes = (text: string): string => /^[\w-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** What zsh is told of each kind. */
const ZSH_ACTIONS = {
  file: "_files",
  ns: "_netns_namespaces",
  name: "_netns_names",
  pid: "_pids",
  command: "_netns_program",
  other: " ",
} as const;

/** The script for zsh. */
export function zshCompletion(program: Command): string {
  const commands = commandsOf(program);
  return [
    ZSH,
    "# What the command and each of its commands take.",
    "_netns_arguments() {",
    `  _arguments -C -S -A '-*' ${
      optionsOf(program).map(zshOption).join(" ")
    } '1: :->command' '*:: :->arguments' && return`,
    "  case $state in",
    "    command)",
    "      local -a commands=(",
    ...commands.map((command) => `        ${inQuotes(`${command.name()}:${command.description()}`)}`),
    "      )",
    "      _describe command commands",
    "      ;;",
    "    arguments)",
    "      case $words[1] in",
    ...commands.map((command) =>
      `        ${command.name()}) _arguments ${zshArguments(command, program).join(" ")} ;;`
    ),
    "      esac",
    "      ;;",
    "  esac",
    "}",
    "",
    'if [[ $funcstack[1] == _netns ]]; then _netns "$@"; else compdef _netns netns; fi',
    "",
  ].join("\n");
}

function zshArguments(command: Command, program: Command): string[] {
  return [
    "-S", // nothing after -- is an option
    // Options after NS are those of the command of `exec`.
    ...command.registeredArguments.some((argument) => kindOf(argument, command, program) === "command")
      ? ["-A", "'-*'"]
      : [],
    ...optionsOf(command).map(zshOption),
    ...command.registeredArguments.map((argument, index) => {
      const kind = kindOf(argument, command, program);
      const action = typeof kind === "string" ? ZSH_ACTIONS[kind] : `(${kind.join(" ")})`;
      return inQuotes(`${kind === "command" ? "*::" : index + 1}:${argument.name()}:${action}`);
    }),
  ];
}

function zshOption(option: Option): string {
  const flags = flagsOf(option);
  const description = `[${option.description.replace(/[[\]:\\]/g, "\\$&")}]`;
  const values = option.argChoices === undefined ? " " : `(${option.argChoices.join(" ")})`;
  const value = takesValue(option) ? `:${option.attributeName()}:${values}` : "";
  return `${inQuotes(`(${flags.join(" ")})`)}${flags.length > 1 ? `{${flags.join(",")}}` : flags.join("")}${
    inQuotes(description + value)
  }`;
}
