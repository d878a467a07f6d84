/** The manual page netns(1), made from what the help of each command says. See man(7). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "npm:commander@15.1.0";
import { programFor } from "../src/cli/program.ts";
import { standardIo } from "../src/cli/main.ts";
import { root } from "./bundle.ts";

/** The text of netns(1). */
export async function manPage(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const program = await programFor([], standardIo());
  const { visibleCommands } = program.createHelp();
  const commands = visibleCommands.call(program.createHelp(), program).filter((one) => one.name() !== "help");
  return [
    `.TH NETNS 1 "" "netns ${roff(version)}" "User Commands"`,
    ".SH NAME",
    `netns \\- ${roff(withoutStop(program.description()))}`,
    ".SH SYNOPSIS",
    ".B netns",
    ".I command",
    "[\\fIoptions\\fR] [\\fIarguments\\fR]",
    ".SH DESCRIPTION",
    ...paragraphs(afterHelp(program)),
    ".SH OPTIONS",
    ...optionLines(program),
    ".SH COMMANDS",
    ...commands.flatMap(commandLines),
    ".SH FILES",
    ...entry("/run/netns-apply/NAME.json", "what the configuration NAME owns"),
    ...entry("/var/run/netns/NAME", "the namespace NAME, as ip-netns(8) keeps it"),
    ...entry("/etc/netns/NAME", "files that `netns exec` mounts over those of /etc"),
    ...entry("/var/cache/netns", "compiled code of apply, plan and destroy; it may be deleted"),
    ...entry("netns.yaml", "what apply, plan and destroy read without FILE"),
    ".SH SEE ALSO",
    ".BR ip\\-netns (8),",
    ".BR network_namespaces (7),",
    ".BR namespaces (7)",
    "",
  ].join("\n");
}

/** A command: how it is called, what it does, its arguments and options, and the rest of its help. */
function commandLines(command: Command): string[] {
  const help = command.createHelp();
  const usage = help.commandUsage(command).replace(/^(netns )?/, "netns ");
  return [
    `.SS ${roff(usage)}`,
    `${roff(capitalised(command.description()))}.`,
    ...help.visibleArguments(command).flatMap((argument) => entry(help.argumentTerm(argument), argument.description)),
    ...optionLines(command),
    ...paragraphs(afterHelp(command)),
  ];
}

function optionLines(command: Command): string[] {
  const help = command.createHelp();
  return help.visibleOptions(command)
    .flatMap((option) => entry(help.optionTerm(option), help.optionDescription(option)));
}

const entry = (term: string, description: string): string[] => [".TP", `.B ${roff(term)}`, roff(description)];

/** What `addHelpText` puts after the help that commander makes. */
function afterHelp(command: Command): string {
  let text = "";
  const before = command.configureOutput();
  command.configureOutput({ ...before, writeOut: (part) => text += part });
  command.outputHelp();
  command.configureOutput(before);
  return text.slice(command.helpInformation().length);
}

/** Paragraphs; lines that are indented below one stay lines. */
function paragraphs(text: string): string[] {
  return text.trim().split(/\n{2,}/).filter((part) => part !== "").flatMap((part) => {
    const lines = part.split("\n");
    const isExample = (line: string): boolean => line.startsWith("  ");
    const said = lines.filter((line) => !isExample(line));
    const examples = lines.filter(isExample);
    return [
      ".PP",
      ...said.map(roff),
      ...examples.length === 0 ? [] : [".RS", ".nf", ...examples.map((line) => roff(line.trim())), ".fi", ".RE"],
    ];
  });
}

/** A line in which roff finds nothing of its own; what is in backticks becomes bold. */
function roff(line: string): string {
  return line.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&")
    .replace(/`([^`]*)`/g, "\\fB$1\\fR");
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const withoutStop = (text: string): string => text.replace(/\.$/, "").replace(/^Manage/, "manage");
