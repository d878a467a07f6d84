/** How `apply`, `plan` and `destroy` print their results. */
import type { ApplyReport, Plan, Progress } from "../configurator/report.ts";
import type { JsonOptions } from "./arguments.ts";
import { ReportedError } from "./errors.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./json.ts";
import { oneLine } from "./terminal/escape.ts";

/**
 * Prints what was done: a line for each step and each pending item, and the counts. Failures go to standard error.
 *
 * @throws {ReportedError} An item failed.
 */
export function printReport(report: ApplyReport, options: JsonOptions, io: Io): void {
  if (options.json) io.print(jsonText(report));
  else printLines("done", report.done.map(({ description }) => description), report, io);
  printFailures(report, io);
}

/**
 * Prints what would be done, in the form of {@linkcode printReport}.
 *
 * @throws {ReportedError} An item would fail.
 */
export function printPlan(plan: Plan, options: JsonOptions, io: Io): void {
  if (options.json) io.print(jsonText(plan));
  else printLines("to do", plan.steps.map(({ description }) => description), plan, io);
  printFailures(plan, io);
}

type Rest = Pick<ApplyReport, "unchanged" | "pending" | "failed">;

function printLines(verb: string, steps: readonly string[], { unchanged, pending, failed }: Rest, io: Io): void {
  for (const step of steps) io.print(oneLine(step));
  for (const { item, reason } of pending) {
    io.print(`${io.paint("yellow", "pending:")} ${oneLine(`${item}: ${reason}`)}`);
  }
  io.print(`${steps.length} ${verb}, ${unchanged} unchanged, ${pending.length} pending, ${failed.length} failed`);
}

function printFailures({ failed }: Rest, io: Io): void {
  for (const { item, reason } of failed) io.complain(`error: ${oneLine(`${item}: ${reason}`)}`);
  if (failed.length > 0) throw new ReportedError(`${failed.length} failed`);
}

/** Shows each step of an apply as a line of progress. */
export function showProgress(io: Io): (progress: Progress) => void {
  return ({ done, total, step }) => io.progress(done < total ? `[${done}/${total}] ${step.description}` : "");
}
