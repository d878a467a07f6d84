/** The completion script for fish: `completion.fish` and a line for each thing that a command takes. */
import type { Command, Option } from "npm:commander@15.1.0";
import { type Candidates, candidatesOf, commandsOf, flagsOf, optionsOf, takesValue } from "./command_line.ts";
import SCRIPT from "./completion.fish" with { type: "text" };

/** What completes each kind of argument. See complete(1) of fish. */
const ACTIONS = {
  file: "-F",
  namespace: "-a '(__netns_namespaces)'",
  name: "-a '(__netns_names)'",
  pid: "-a '(__fish_complete_pids)'",
  nothing: undefined,
} as const;

/** The completion script of `program`. */
export function fishCompletion(program: Command): string {
  const commands = commandsOf(program);
  const all = [program, ...commands];
  const valued = all.flatMap((command) => (
    optionsOf(command).filter(takesValue).flatMap((option) => (
      flagsOf(option).map((flag) => quoted(`${keyOf(command, program)}/${flag}`))
    ))
  ));
  return [
    SCRIPT.trimEnd(),
    `set -g __netns_valued ${valued.join(" ")}`,
    ...commands.map((command) => (
      line("__netns_at ''", `-a ${command.name()} -d ${quoted(command.description())}`)
    )),
    ...all.flatMap((command) => optionsOf(command).map((option) => optionLine(keyOf(command, program), option))),
    ...commands.flatMap((command) => argumentLines(command, candidatesOf(command, program))),
    "",
  ].join("\n");
}

/** How the script names a command; the program itself by no word. */
const keyOf = (command: Command, program: Command): string => command === program ? "" : command.name();

const line = (condition: string, rest: string): string => `complete -c netns -n ${quoted(condition)} ${rest}`;

function optionLine(command: string, option: Option): string {
  const flags = flagsOf(option);
  const names = flags.map((flag) => flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`);
  const values = option.argChoices === undefined ? "" : ` -a ${quoted(option.argChoices.join(" "))}`;
  const value = takesValue(option) ? ` -x${values}` : "";
  const condition = `__netns_option ${quoted(command)} ${flags.join(" ")}`;
  return line(condition, `${names.join(" ")}${value} -d ${quoted(option.description)}`);
}

function argumentLines(command: Command, candidates: readonly Candidates[]): string[] {
  return candidates.flatMap((one, index) => {
    if (one === "command") return line("__netns_in_program", "-a '(__netns_program)'");
    const action = typeof one === "string" ? ACTIONS[one] : `-a ${quoted(one.join(" "))}`;
    return action === undefined ? [] : line(`__netns_argument ${command.name()} ${index}`, action);
  });
}

/** A word in the quotes of fish, in which a backslash quotes itself and the quotation mark. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
