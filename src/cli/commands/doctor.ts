import { Command } from "npm:commander@15.1.0";
import type { Finding } from "../../doctor/check.ts";
import type { Examined } from "../../doctor/doctor.ts";
import { ReportedError } from "../errors.ts";
import { type Io, oneLine } from "../io.ts";
import { jsonText } from "../json.ts";
import { widthOf } from "../terminal/width.ts";

const HELP = `
Each thing is tried: a switch, a namespace, a link of each kind, each socket of
a container runtime. What is made for that is gone afterwards; the kernel may
load a module to answer. A warning is what only some will miss; the exit status
is 1 if something failed. Without privileges it says what they would change.

Examples:
  sudo netns doctor
  netns doctor --json`;

/** `netns doctor`: what works here, and what does not. */
export function doctorCommand(io: Io): Command {
  return new Command("doctor")
    .description("say what works here, and for what does not, why and what to do")
    .option("--json", 'print a JSON array of {"check", "status", "detail", "remedy"} instead of a text')
    .addHelpText("after", HELP)
    .action(async ({ json }: { json?: boolean }) => {
      const { diagnose } = await import("../../doctor/doctor.ts");
      const all: Finding[] = [];
      for await (const examined of diagnose()) {
        all.push(...examined.findings);
        if (!json) examinedLines(examined, io).forEach(io.print);
      }
      io.print(json ? jsonText(all) : countLine(all));
      const failed = all.filter(({ status }) => status === "failed").length;
      if (failed > 0) throw new ReportedError(`${failed} failed`);
    });
}

/** How each status is shown, all as wide as the widest. */
const MARKS = {
  ok: { text: "ok     ", colour: undefined },
  warning: { text: "warning", colour: "yellow" },
  failed: { text: "FAILED ", colour: "red" },
} as const;

/** What stands before a remedy: so much that it begins where the checks do. */
const INDENT = " ".repeat(11);

/** A section as lines: its title, its checks in columns, and below each what to do about it. */
export function examinedLines({ title, findings }: Examined, { paint }: Pick<Io, "paint">): string[] {
  const most = Math.max(0, ...findings.map(({ check }) => widthOf(oneLine(check))));
  return [
    title,
    ...findings.flatMap(({ status, check, detail, remedy }) => {
      const { text, colour } = MARKS[status];
      const name = oneLine(check);
      const mark = colour === undefined ? text : paint(colour, text);
      return [
        `  ${mark}  ${name}${" ".repeat(most - widthOf(name))}  ${oneLine(detail)}`,
        ...remedy === undefined ? [] : [`${INDENT}→ ${oneLine(remedy)}`],
      ];
    }),
    "",
  ];
}

/** What it comes to. */
export function countLine(findings: readonly Finding[]): string {
  const count = (status: Finding["status"]): number => findings.filter((one) => one.status === status).length;
  const warnings = count("warning");
  return `${count("ok")} ok, ${warnings} ${warnings === 1 ? "warning" : "warnings"}, ${count("failed")} failed`;
}
