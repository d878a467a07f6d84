/** What the command line of a program takes, as commander knows it. */
import type { Argument, Command, Option } from "npm:commander@15.1.0";
import { CompletedArgument, type Completion } from "../arguments.ts";

/** What an argument is completed with: a list of words, something that the shell looks up, or nothing. */
export type Candidates = readonly string[] | Completion | "nothing";

/** The commands of a program that its help lists. */
export const commandsOf = (program: Command): Command[] => program.createHelp().visibleCommands(program);

/** The options of a command that its help lists. */
export const optionsOf = (command: Command): Option[] => command.createHelp().visibleOptions(command);

/** The long and the short form of an option. */
export const flagsOf = ({ long, short }: Option): string[] =>
  [long, short].filter((flag) => flag !== undefined && flag !== null);

/** True if a word follows the option. */
export const takesValue = ({ required, optional }: Option): boolean => required || optional;

/** What the arguments of a command are completed with, in their order. */
export function candidatesOf(command: Command, program: Command): Candidates[] {
  return command.registeredArguments.map((argument) => candidatesOfArgument(argument, command, program));
}

function candidatesOfArgument(argument: Argument, command: Command, program: Command): Candidates {
  if (argument.argChoices !== undefined) return argument.argChoices;
  if (argument instanceof CompletedArgument) return argument.completion;
  return command.name() === "help" ? commandsOf(program).map((one) => one.name()) : "nothing";
}
