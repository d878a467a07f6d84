/** The work of `netns agent`. */
import { configure, getLogger, type LogRecord, reset } from "npm:@logtape/logtape@2.4.2";
import { Configurator } from "../configurator/configurator.ts";
import type { ApplyReport, FailedItem, PendingItem } from "../configurator/report.ts";
import type { NetworkConfig } from "../models/config.ts";
import { NsHandler } from "../ns_handler.ts";
import { reasonOf } from "../errors.ts";
import { readConfig } from "./file.ts";
import { followFile } from "./follow_file.ts";
import { type Io, withoutControls } from "./io.ts";
import { jsonText } from "./json.ts";
import { requireCapabilities } from "./privilege.ts";

/** Options of the command. */
export interface AgentOptions {
  /** Print each log line as JSON. */
  readonly json?: boolean;
  /** Take away what the file describes at the end. */
  readonly cleanup?: boolean;
}

/**
 * Keeps the network as `file` describes it, until the user or the system wants an end.
 *
 * @throws {UsageError} The file cannot be read.
 * @throws {ConfigError} It has faults.
 * @throws {Error} A capability is missing.
 */
export async function runAgent(file: string, options: AgentOptions, io: Io): Promise<void> {
  const first = await readConfig(file, io);
  requireCapabilities("agent", ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"]);
  await configure({
    sinks: { lines: (record) => io.print(options.json ? jsonLine(record) : humanLine(record)) },
    loggers: [
      { category: "netns", sinks: ["lines"], lowestLevel: "info" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  try {
    await work(file, first, options, io);
  } finally {
    await reset();
  }
}

async function work(file: string, first: NetworkConfig, { cleanup }: AgentOptions, io: Io): Promise<void> {
  const log = getLogger(["netns", "agent"]);
  const failed = (error: unknown): void => log.error("{reason}", { reason: reasonOf(error) });
  await using handler = new NsHandler();
  await handler.init();
  const configurator = new Configurator(handler);
  let config = first;
  const configs = async function* (): AsyncGenerator<NetworkConfig> {
    yield config;
    for await (const next of followFile(file, io, config, failed)) {
      log.info("{file} has changed", { file });
      yield config = next;
    }
  };
  let last: ApplyReport | undefined;
  for await (const report of configurator.agent(configs(), { signal: io.interrupted, onError: failed })) {
    tell(report, last, log);
    last = report;
  }
  if (cleanup) tell(await configurator.destroy(config), undefined, log);
}

/** Tells what was done, and what waits or failed otherwise than in the `last` report; the rest is in the counts. */
function tell(
  { done, pending, failed, unchanged }: ApplyReport,
  last: ApplyReport | undefined,
  log: ReturnType<typeof getLogger>,
): void {
  for (const { kind, item, description } of done) log.info("{description}", { description, kind, item });
  for (const { item, reason } of newOf(pending, last?.pending)) log.info("pending: {item}: {reason}", { item, reason });
  for (const { item, reason } of newOf(failed, last?.failed)) log.error("failed: {item}: {reason}", { item, reason });
  const counts = { done: done.length, unchanged, pending: pending.length, failed: failed.length };
  log.info("{done} done, {unchanged} unchanged, {pending} pending, {failed} failed", counts);
}

/** Those that were not there before, or for another reason. */
function newOf<T extends PendingItem | FailedItem>(items: readonly T[], before: readonly T[] = []): T[] {
  const told = ({ item, reason }: PendingItem): string => `${item}: ${reason}`;
  const known = new Set(before.map(told));
  return items.filter((one) => !known.has(told(one)));
}

/** What a record says; values as they are, without the quotation marks that LogTape would give them. */
const messageOf = ({ message }: LogRecord): string => message.map(String).join("");

function jsonLine(record: LogRecord): string {
  const { timestamp, level, category, properties } = record;
  const time = new Date(timestamp).toISOString();
  return jsonText({ time, level, category: category.join("."), message: messageOf(record), ...properties });
}

function humanLine(record: LogRecord): string {
  const { timestamp, level } = record;
  const time = new Date(timestamp).toISOString().slice(11, 23);
  return `${time} ${level === "info" ? "" : `${level}: `}${withoutControls(messageOf(record))}`;
}
