/** How `apply`, `plan` and `destroy` print their results. */
import type { ApplyReport, Plan, Progress } from "../configurator/report.ts";
import type { JsonOptions } from "./arguments.ts";
import { InterruptedError, ReportedError } from "./errors.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./json.ts";
import { oneLine } from "./terminal/escape.ts";
import { shellQuoted } from "./terminal/shell.ts";

/** How a report is printed. */
export interface ReportOptions extends JsonOptions {
  /** Prints how to undo what was done; called if only a part was done. */
  readonly wayBack?: () => void;
}

/**
 * Prints what was done: a line for each step and each pending item, and the counts. Failures go to standard error.
 *
 * @throws {InterruptedError} A signal came before everything was done.
 * @throws {ReportedError} An item failed.
 */
export function printReport(report: ApplyReport, { json, wayBack }: ReportOptions, io: Io): void {
  const { done, undone = [], failed, interrupted = 0 } = report;
  if (json) io.print(jsonText(report));
  else {
    printLines("done", done.map(({ description }) => description), report, io);
    for (const { description } of undone) io.print(`taken back: ${oneLine(description)}`);
  }
  printFailures(report, io);
  if (interrupted > 0) io.complain(`Interrupted: ${interrupted} more to do`);
  if (done.length > 0 && failed.length + interrupted > 0) wayBack?.();
  if (interrupted > 0) throw new InterruptedError(io.interrupted.reason);
  if (failed.length > 0) throw new ReportedError(`${failed.length} failed`);
}

/** Prints the command that undoes what was applied. */
export function printWayBack(file: string, option: string | undefined, name: string | undefined, io: Io): void {
  const target = file === "-" || option !== undefined ? `--name ${shellQuoted(name ?? "")}` : shellQuoted(file);
  io.complain(`To take back what was done: netns destroy ${target}`);
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
  if (plan.failed.length > 0) throw new ReportedError(`${plan.failed.length} failed`);
}

type Rest = Pick<ApplyReport, "unchanged" | "pending" | "failed" | "warnings">;

function printLines(verb: string, steps: readonly string[], { unchanged, pending, failed }: Rest, io: Io): void {
  for (const step of steps) io.print(oneLine(step));
  for (const { item, reason } of pending) {
    io.print(`${io.paint("yellow", "pending:")} ${oneLine(`${item}: ${reason}`)}`);
  }
  io.print(`${steps.length} ${verb}, ${unchanged} unchanged, ${pending.length} pending, ${failed.length} failed`);
}

function printFailures({ failed, warnings = [] }: Rest, io: Io): void {
  for (const warning of warnings) io.complain(`warning: ${oneLine(warning)}`);
  for (const { item, reason, hint } of failed) {
    io.complain(`error: ${oneLine(`${item}: ${reason}${hint === undefined ? "" : `; ${hint}`}`)}`);
  }
}

/** Shows each step of an apply as a line of progress. */
export function showProgress(io: Io): (progress: Progress) => void {
  return ({ done, total, step }) => io.progress(done < total ? `[${done}/${total}] ${step.description}` : "");
}
