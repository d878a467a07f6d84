/** How `apply`, `plan` and `destroy` print their results. */
import { defined, groupBy } from "../collections.ts";
import type { ApplyReport, FailedItem, PendingItem, Plan, Progress } from "../configurator/report.ts";
import type { JsonOptions } from "./arguments.ts";
import { type Counts, countsText } from "./report_counts.ts";
import { InterruptedError, ReportedError } from "./errors.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./json_text.ts";
import { planLines } from "./plan_lines.ts";
import { oneLine } from "./terminal/escape.ts";
import { shellQuoted } from "./terminal/shell.ts";

/** The version of the JSON of plans and reports: it grows when a field goes or changes its meaning. */
const JSON_VERSION = 1;

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
  if (json) io.print(jsonText({ version: JSON_VERSION, ...report }));
  else {
    for (const { description } of done) io.print(oneLine(description));
    printRest({ done: done.length }, report, io);
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
  if (options.json) io.print(jsonText({ version: JSON_VERSION, ...plan }));
  else {
    planLines(plan.steps).forEach(io.print);
    printRest({ toDo: plan.steps.length }, plan, io);
  }
  printFailures(plan, io);
  if (plan.failed.length > 0) throw new ReportedError(`${plan.failed.length} failed`);
}

type Rest = Pick<ApplyReport, "unchanged" | "pending" | "failed" | "warnings">;

function printRest(steps: Pick<Counts, "done" | "toDo">, { unchanged, pending, failed }: Rest, io: Io): void {
  for (const line of itemLines(pending)) io.print(`${io.paint("yellow", "pending:")} ${line}`);
  io.print(countsText({ ...steps, unchanged, pending: pending.length, failed: failed.length }));
}

/** A line for each reason, with the items that share it. */
function itemLines(items: readonly (PendingItem & Pick<FailedItem, "hint">)[]): string[] {
  const reasonWithHint = ({ reason, hint }: typeof items[number]): string => hint ? `${reason}; ${hint}` : reason;
  return [...groupBy(items, reasonWithHint)].map(([reason, group]) => (
    oneLine(`${listOf(group.map(({ item }) => item))}: ${reason}`)
  ));
}

/** How many items a line names; of the others it gives the number. */
const SHOWN = 10;

function listOf(items: readonly string[]): string {
  const others = items.length - SHOWN;
  return items.slice(0, SHOWN).join(", ") + (others > 0 ? ` and ${others} more` : "");
}

function printFailures({ failed, warnings = [] }: Rest, io: Io): void {
  for (const warning of warnings) io.complain(`warning: ${oneLine(warning)}`);
  // An owner is in the reason already.
  for (const line of itemLines(failed.map(({ item, reason, hint }) => defined({ item, reason, hint })))) {
    io.complain(`error: ${line}`);
  }
}

/** Shows each step of an apply as a line of progress. */
export function showProgress(io: Io): (progress: Progress) => void {
  return ({ done, total, step }) => io.progress(done < total ? `[${done}/${total}] ${step.description}` : "");
}
