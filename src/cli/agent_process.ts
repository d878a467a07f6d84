/** The process of `netns agent`. */
import { configure, getLogger, reset } from "npm:@logtape/logtape@2.4.2";
import { Configurator } from "../configurator/configurator.ts";
import type { ApplyReport } from "../configurator/report.ts";
import { requireSameFile } from "../configurator/ownership/same_file.ts";
import { FileStateStore } from "../configurator/store/file.ts";
import { reasonOf } from "../errors.ts";
import type { NetworkConfig } from "../models/config.ts";
import { NsHandler } from "../ns_handler.ts";
import { humanLine, jsonLine, logReport } from "./agent_log.ts";
import type { JsonOptions, NameOptions } from "./arguments.ts";
import { CHANGE_NETWORK, requireCapabilities } from "./capability_check.ts";
import { requireFollowable } from "./file_text.ts";
import type { Io } from "./io.ts";
import { topologyChanges } from "./topology_changes.ts";
import { readNamedTopology } from "./topology_file.ts";

/** Options of the command. */
export interface AgentOptions extends JsonOptions, NameOptions {
  /** Destroy what the file describes at the end. */
  readonly cleanup?: boolean;
}

/**
 * Keeps the network as `file` describes it until `io` is interrupted, and prints its log.
 *
 * @throws {UsageError} The file cannot be read at the start.
 * @throws {ConfigError} The file has faults at the start, or another file has its name.
 * @throws {Error} A capability is missing.
 */
export async function runAgentProcess(file: string, options: AgentOptions, io: Io): Promise<void> {
  requireFollowable(file);
  const config = await readNamedTopology(file, io, options.name);
  requireCapabilities("agent", CHANGE_NETWORK);
  if (config.name !== undefined) requireSameFile(config, await new FileStateStore().load(config.name));
  await configure({
    sinks: { lines: (record) => io.print(options.json ? jsonLine(record) : humanLine(record)) },
    loggers: [
      { category: "netns", sinks: ["lines"], lowestLevel: "info" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  try {
    await keep(file, config, options, io);
  } finally {
    await reset();
  }
}

async function keep(file: string, first: NetworkConfig, { cleanup, name }: AgentOptions, io: Io): Promise<void> {
  const log = getLogger(["netns", "agent"]);
  const onError = (error: unknown): void => log.error("{reason}", { reason: reasonOf(error) });
  const onWait = (reason: string): void => log.info("{reason}", { reason });
  await using handler = new NsHandler();
  await handler.init();
  const configurator = new Configurator(handler);
  let config = first;
  const configs = async function* (): AsyncGenerator<NetworkConfig> {
    yield config;
    for await (const next of topologyChanges(file, name, io, config, onError)) {
      log.info("{file} has changed", { file });
      yield config = next;
    }
  };
  let last: ApplyReport | undefined;
  for await (const report of configurator.agent(configs(), { signal: io.interrupted, onError, onWait })) {
    logReport(report, last, log);
    last = report;
  }
  if (cleanup) logReport(await configurator.destroy(config), undefined, log);
}
