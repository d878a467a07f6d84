/** The log lines of `netns agent`. */
import type { LogRecord } from "npm:@logtape/logtape@2.4.2";
import type { ApplyReport, FailedItem, PendingItem } from "../configurator/report.ts";
import { countsText } from "./report_counts.ts";
import { jsonText } from "./json_text.ts";
import { withoutControls } from "./terminal/escape.ts";

/** The part of a logger that {@linkcode logReport} uses. */
export type ReportLog = Readonly<Record<"info" | "error", (message: string, values: Record<string, unknown>) => void>>;

/**
 * Logs the steps and the counts of a report, and its pending and failed items.
 *
 * @param last The report before it: an item that has the same reason there is not logged again.
 */
export function logReport(report: ApplyReport, last: ApplyReport | undefined, log: ReportLog): void {
  const { done, pending, failed, warnings = [] } = report;
  const counts = countsOf(report);
  for (const reason of warnings.filter((one) => !last?.warnings?.includes(one))) {
    log.error("warning: {reason}", { reason });
  }
  for (const { kind, item, description } of done) log.info("{description}", { description, kind, item });
  for (const { item, reason } of added(pending, last?.pending)) log.info("pending: {item}: {reason}", { item, reason });
  for (const { item, reason } of added(failed, last?.failed)) log.error("failed: {item}: {reason}", { item, reason });
  log.info("{counts}", { counts: countsText(counts), ...counts });
}

/** A report in a line: how many items there are of each sort. */
export const reportText = (report: ApplyReport): string => countsText(countsOf(report));

const countsOf = ({ done, unchanged, pending, failed }: ApplyReport) => (
  { done: done.length, unchanged, pending: pending.length, failed: failed.length }
);

function added<T extends PendingItem | FailedItem>(items: readonly T[], before: readonly T[] = []): T[] {
  const keyOf = ({ item, reason }: Pick<PendingItem, "item" | "reason">): string => `${item}: ${reason}`;
  const known = new Set(before.map(keyOf));
  return items.filter((one) => !known.has(keyOf(one)));
}

/** A record as a line of JSON. */
export function jsonLine(record: LogRecord): string {
  const { timestamp, level, category, properties } = record;
  const time = new Date(timestamp).toISOString();
  return jsonText({ time, level, category: category.join("."), message: messageOf(record), ...properties });
}

/** A record as a line for people. */
export function humanLine(record: LogRecord): string {
  const { timestamp, level } = record;
  const time = new Date(timestamp).toISOString().slice(11, 23);
  return `${time} ${level === "info" ? "" : `${level}: `}${withoutControls(messageOf(record))}`;
}

/** The message; LogTape itself would put values into quotation marks. */
const messageOf = ({ message }: LogRecord): string => message.map(String).join("");
