/** The process of `netns agent`. */
import { configure, getLogger, type Logger, reset } from "npm:@logtape/logtape@2.4.2";
import { Configurator } from "../configurator/configurator.ts";
import type { ApplyReport } from "../configurator/report.ts";
import { requireSameFile } from "../configurator/ownership/same_file.ts";
import { FileStateStore } from "../configurator/store/file.ts";
import { reasonOf } from "../errors.ts";
import { describeEvent, isFailure } from "../etcd/events.ts";
import { type EtcdConfigs, etcdConfigs } from "../etcd/source.ts";
import type { NetworkConfig } from "../models/config.ts";
import { NsHandler } from "../ns_handler.ts";
import { humanLine, jsonLine, logReport, reportText } from "./agent_log.ts";
import type { JsonOptions, NameOptions } from "./arguments.ts";
import { CHANGE_NETWORK, requireCapabilities } from "./capability_check.ts";
import { UsageError } from "./errors.ts";
import { type EtcdCommandOptions, type EtcdTarget, etcdTarget, refuseEtcdOptions } from "./etcd_source.ts";
import { requireFollowable } from "./file_text.ts";
import type { Io } from "./io.ts";
import { serviceManager } from "./service_manager.ts";
import { topologyChanges } from "./topology_changes.ts";
import { readNamedTopology } from "./topology_file.ts";

/** Options of the command. */
export interface AgentOptions extends JsonOptions, NameOptions, EtcdCommandOptions {
  /** Destroy what the file describes at the end. */
  readonly cleanup?: boolean;
}

/** What an agent follows: configurations, one after the other, and what is to be called after each apply. */
interface Source {
  readonly configs: (
    log: Logger,
    onError: (error: unknown) => void,
    onReload: ((state: "begun" | "done") => void) | undefined,
  ) => AsyncIterable<NetworkConfig> & Partial<EtcdConfigs>;
}

/**
 * Keeps the network as `file` or the keys of a cluster describe it until `io` is interrupted, and prints its log.
 *
 * @throws {UsageError} The file cannot be read at the start, or the options name no cluster.
 * @throws {ConfigError} The file has faults at the start, or another file has its name.
 * @throws {Error} A capability is missing.
 */
export async function runAgentProcess(file: string | undefined, options: AgentOptions, io: Io): Promise<void> {
  const source = await sourceOf(file, options, io);
  requireCapabilities("agent", CHANGE_NETWORK);
  await configure({
    sinks: { lines: (record) => io.print(options.json ? jsonLine(record) : humanLine(record)) },
    loggers: [
      { category: "netns", sinks: ["lines"], lowestLevel: "info" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  try {
    await keep(source, options, io);
  } finally {
    await reset();
  }
}

async function sourceOf(file: string | undefined, options: AgentOptions, io: Io): Promise<Source> {
  if (options.etcd !== undefined) {
    if (file !== undefined) throw new UsageError("Give a FILE or --etcd, not both");
    if (options.name !== undefined) throw new UsageError("--name needs a FILE: with --etcd the label is the name");
    return clusterSource(await etcdTarget(options), options, io);
  }
  refuseEtcdOptions(options);
  if (file === undefined) throw new UsageError("Give a FILE, or --etcd; see netns agent --help");
  requireFollowable(file);
  const config = await readNamedTopology(file, io, options.name);
  if (config.name !== undefined) requireSameFile(config, await new FileStateStore().load(config.name));
  return fileSource(file, config, options, io);
}

function fileSource(file: string, first: NetworkConfig, { name }: AgentOptions, io: Io): Source {
  return {
    configs: async function* (log, onError, onReload): AsyncGenerator<NetworkConfig> {
      yield first;
      for await (const next of topologyChanges(file, name, io, first, onError, onReload)) {
        log.info("{file} has changed", { file });
        yield next;
      }
    },
  };
}

function clusterSource({ label, conf }: EtcdTarget, options: AgentOptions, io: Io): Source {
  const { layout, status, allowNamespaces, acceptEmpty } = options;
  const signal = io.interrupted;
  return {
    configs: (log, _onError, onReload) => {
      const configs = etcdConfigs({
        label,
        conf,
        layout,
        status,
        allowNamespaces,
        acceptEmpty,
        signal,
        onEvent: (event) => log[isFailure(event) ? "error" : "info"]("{reason}", { reason: describeEvent(event) }),
      });
      if (onReload !== undefined) {
        io.onHangUp = () => {
          onReload("begun");
          void configs.reload().then(() => onReload("done"));
        };
      }
      return configs;
    },
  };
}

async function keep(source: Source, { cleanup }: AgentOptions, io: Io): Promise<void> {
  using manager = serviceManager();
  const log = getLogger(["netns", "agent"]);
  const onError = (error: unknown): void => log.error("{reason}", { reason: reasonOf(error) });
  let lastError: string | undefined;
  const onApplyError = (error: unknown): void => {
    const reason = reasonOf(error);
    if (reason !== lastError) onError(error); // it is tried again and again
    lastError = reason;
  };
  const onWait = (reason: string): void => log.info("{reason}", { reason });
  await using handler = new NsHandler();
  await handler.init();
  const configurator = new Configurator(handler);
  const onReload = (state: "begun" | "done"): void => manager?.notify(state === "begun" ? "RELOADING=1" : "READY=1");
  const configs = source.configs(log, onError, manager && onReload);
  let config: NetworkConfig | undefined;
  const onApplied = (applied: NetworkConfig, report: ApplyReport): void => {
    lastError = undefined;
    config = applied;
    configs.onApplied?.(applied, report);
  };
  let last: ApplyReport | undefined;
  const options = { signal: io.interrupted, onError: onApplyError, onWait, onApplied };
  for await (const report of configurator.agent(configs, options)) {
    logReport(report, last, log);
    manager?.notify("READY=1", `STATUS=${reportText(report)}`);
    last = report;
  }
  io.onHangUp = undefined;
  manager?.notify("STOPPING=1");
  if (cleanup && config !== undefined) logReport(await configurator.destroy(config), undefined, log);
}
