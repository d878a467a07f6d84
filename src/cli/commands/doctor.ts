import { Command } from "npm:commander@15.1.0";
import type { Finding } from "../../doctor/check.ts";
import type { TopicFindings } from "../../doctor/doctor.ts";
import { jsonOption, type JsonOptions } from "../arguments.ts";
import { ReportedError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";
import { oneLine } from "../terminal/escape.ts";
import { widthOf } from "../terminal/width.ts";

const HELP = `
Each check tries the thing itself: a switch, a new namespace, a link of each
kind, each socket of a container runtime. It removes what it makes; the kernel
may load a module. A warning matters only to some users; the exit status is 1 if
a check failed. Without privileges it says what they would change.

Examples:
  sudo netns doctor
  netns doctor --json`;

/** `netns doctor`: tries what the library needs. */
export function doctorCommand(io: Io): Command {
  return new Command("doctor")
    .description("try what netns needs here; for what does not work, say why and what to do")
    .addOption(jsonOption('print a JSON array of {"check", "status", "detail", "remedy"} instead of a text'))
    .addHelpText("after", HELP)
    .action(async ({ json }: JsonOptions) => {
      const { diagnose } = await import("../../doctor/doctor.ts");
      const all: Finding[] = [];
      for await (const topic of diagnose()) {
        all.push(...topic.findings);
        if (!json) topicLines(topic, io).forEach(io.print);
      }
      io.print(json ? jsonText(all) : countLine(all));
      const failed = all.filter(({ status }) => status === "failed").length;
      if (failed > 0) throw new ReportedError(`${failed} failed`);
    });
}

/** How each status is printed, padded to the widest. */
const MARKS = {
  ok: { text: "ok     ", colour: undefined },
  warning: { text: "warning", colour: "yellow" },
  failed: { text: "FAILED ", colour: "red" },
} as const;

/** Aligns a remedy with the names of the checks. */
const INDENT = " ".repeat(11);

/** A topic as lines: its title, its checks in columns, and the remedy below each check that has one. */
export function topicLines({ title, findings }: TopicFindings, { paint }: Pick<Io, "paint">): string[] {
  const widest = Math.max(0, ...findings.map(({ check }) => widthOf(oneLine(check))));
  return [
    title,
    ...findings.flatMap(({ status, check, detail, remedy }) => {
      const { text, colour } = MARKS[status];
      const name = oneLine(check);
      const mark = colour === undefined ? text : paint(colour, text);
      return [
        `  ${mark}  ${name}${" ".repeat(widest - widthOf(name))}  ${oneLine(detail)}`,
        ...remedy === undefined ? [] : [`${INDENT}→ ${oneLine(remedy)}`],
      ];
    }),
    "",
  ];
}

/** How many checks have each status. */
export function countLine(findings: readonly Finding[]): string {
  const count = (status: Finding["status"]): number => findings.filter((one) => one.status === status).length;
  const warnings = count("warning");
  return `${count("ok")} ok, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${count("failed")} failed`;
}
