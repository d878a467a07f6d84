/** How `apply`, `plan` and `destroy` tell what they did or would do. */
import type { ApplyReport, Plan, Progress } from "../configurator/report.ts";
import { ReportedError } from "./errors.ts";
import { type Io, oneLine } from "./io.ts";
import { jsonText } from "./json.ts";

/** Options of the commands that report. */
export interface ReportOptions {
  /** Print data instead of lines. */
  readonly json?: boolean;
}

/**
 * Prints what was done: a line for each step and for each pending item, and what it comes to. What failed goes to
 * standard error.
 *
 * @throws {ReportedError} Something failed.
 */
export function printReport(report: ApplyReport, options: ReportOptions, io: Io): void {
  if (options.json) io.print(jsonText(report));
  else printLines("done", report.done.map(({ description }) => description), report, io);
  complainOfFailures(report, io);
}

/**
 * Prints what would be done, as {@linkcode printReport} prints what was.
 *
 * @throws {ReportedError} Something cannot be done.
 */
export function printPlan(plan: Plan, options: ReportOptions, io: Io): void {
  if (options.json) io.print(jsonText(plan));
  else printLines("to do", plan.steps.map(({ description }) => description), plan, io);
  complainOfFailures(plan, io);
}

type Rest = Pick<ApplyReport, "unchanged" | "pending" | "failed">;

function printLines(verb: string, steps: readonly string[], { unchanged, pending, failed }: Rest, io: Io): void {
  for (const step of steps) io.print(oneLine(step));
  for (const { item, reason } of pending) {
    io.print(`${io.paint("yellow", "pending:")} ${oneLine(`${item}: ${reason}`)}`);
  }
  io.print(`${steps.length} ${verb}, ${unchanged} unchanged, ${pending.length} pending, ${failed.length} failed`);
}

function complainOfFailures({ failed }: Rest, io: Io): void {
  for (const { item, reason } of failed) io.complain(`error: ${oneLine(`${item}: ${reason}`)}`);
  if (failed.length > 0) throw new ReportedError(`${failed.length} failed`);
}

/** Shows how far an apply is, on a terminal. */
export function progressTo(io: Io): (progress: Progress) => void {
  return ({ done, total, step }) => io.progress(done < total ? `[${done}/${total}] ${step.description}` : "");
}
