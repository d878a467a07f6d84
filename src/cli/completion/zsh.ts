/** The completion script for zsh: `completion.zsh` and a table of what each command takes. */
import type { Command, Option } from "npm:commander@15.1.0";
import { type Candidates, candidatesOf, commandsOf, flagsOf, optionsOf, takesValue } from "./command_line.ts";
import { shellQuoted } from "../terminal/shell.ts";
import SCRIPT from "./completion.zsh" with { type: "text" };

/** The function of zsh that completes each kind of argument. See zshcompsys(1). */
const ACTIONS = {
  file: "_files",
  namespace: "_netns_namespaces",
  name: "_netns_names",
  pid: "_pids",
  command: "_netns_program",
  nothing: " ",
} as const;

/** The completion script of `program`. */
export function zshCompletion(program: Command): string {
  const commands = commandsOf(program);
  return [
    SCRIPT,
    "# Completes what the program and each of its commands take.",
    "_netns_arguments() {",
    `  _arguments -C -S -A '-*' ${
      optionsOf(program).map(optionSpec).join(" ")
    } '1: :->command' '*:: :->arguments' && return`,
    "  case $state in",
    "    command)",
    "      local -a commands=(",
    ...commands.map((command) => `        ${shellQuoted(`${command.name()}:${command.description()}`)}`),
    "      )",
    "      _describe command commands",
    "      ;;",
    "    arguments)",
    "      case $words[1] in",
    ...commands.map((command) => `        ${command.name()}) _arguments ${specs(command, program).join(" ")} ;;`),
    "      esac",
    "      ;;",
    "  esac",
    "}",
    "",
    'if [[ $funcstack[1] == _netns ]]; then _netns "$@"; else compdef _netns netns; fi',
    "",
  ].join("\n");
}

/** What `_arguments` gets for a command. */
function specs(command: Command, program: Command): string[] {
  const candidates = candidatesOf(command, program);
  return [
    "-S", // no options after --
    ...candidates.includes("command") ? ["-A", "'-*'"] : [], // options after NS belong to the command of `exec`
    ...optionsOf(command).map(optionSpec),
    ...command.registeredArguments.map((argument, index) =>
      argumentSpec(argument.name(), index, candidates[index] ?? "nothing")
    ),
  ];
}

function argumentSpec(name: string, index: number, candidates: Candidates): string {
  const action = typeof candidates === "string" ? ACTIONS[candidates] : `(${candidates.join(" ")})`;
  return shellQuoted(`${candidates === "command" ? "*::" : index + 1}:${name}:${action}`);
}

function optionSpec(option: Option): string {
  const flags = flagsOf(option);
  const description = `[${option.description.replace(/[[\]:\\]/g, "\\$&")}]`;
  const values = option.argChoices === undefined ? " " : `(${option.argChoices.join(" ")})`;
  const value = takesValue(option) ? `:${option.attributeName()}:${values}` : "";
  return `${shellQuoted(`(${flags.join(" ")})`)}${flags.length > 1 ? `{${flags.join(",")}}` : flags.join("")}${
    shellQuoted(description + value)
  }`;
}
