/** The keys of an etcd cluster as a source of configurations for the agent. */
import type { ApplyReport } from "../configurator/report.ts";
import { FileStateStore, STATE_DIR } from "../configurator/store/file.ts";
import { InvalidNamespaceError } from "../errors.ts";
import type { NetworkConfig } from "../models/config.ts";
import { reasonOf } from "../reason.ts";
import type { NamespaceKind } from "./allowed_namespaces.ts";
import type { EtcdConf } from "./etcd_conf.ts";
import type { EtcdEvent } from "./events.ts";
import { exposedFiles } from "./exposed_files.ts";
import type { Follower } from "./follow.ts";
import type { KeyFault } from "./items.ts";
import { beginningOf, configNameOf, isLabel, LABEL, LAYOUTS, statusBeginningOf } from "./keys.ts";
import { KnownKeys, REMEDY, type SavedKeys } from "./known_keys.ts";
import { ConfigReader, type EtcdConfig } from "./read_config.ts";
import { SavedKeysFile } from "./saved_keys.ts";
import type { KeyStatuses } from "./status.ts";
import type { StatusWriter } from "./status_writer.ts";

/** Options of {@linkcode etcdConfigs}. */
export interface EtcdOptions {
  /** Whose keys are followed: those that begin with `/vnf-agent/LABEL/`. */
  readonly label: string;
  /** How the cluster is reached, as `parseEtcdConf` reads it. @default {127.0.0.1:2379 in plain text} */
  readonly conf?: EtcdConf | undefined;
  /**
   * Which keys are read: Ligato's of version 1, its of version 2 and 3 (and the items of the topology file beside them), or
   * all. @default {"both"}
   */
  readonly layout?: "v1" | "v2" | "both" | undefined;
  /** Whether the status of each key is written into the cluster. @default {false} */
  readonly status?: boolean | undefined;
  /** The kinds of namespaces that keys may name. @default {all} */
  readonly allowNamespaces?: readonly NamespaceKind[] | undefined;
  /** Believes the first list of keys, whatever it is, and ends a hold. @default {false} */
  readonly acceptEmpty?: boolean | undefined;
  /** Where states are kept: the last good values lie in `etcd` there. @default {"/run/netns-apply"} */
  readonly directory?: string | undefined;
  /** How often all keys are listed although a watch runs, in milliseconds. @default {180000} */
  readonly listEvery?: number | undefined;
  /** Ends it, without an error. */
  readonly signal: AbortSignal;
  /** Hears what is to be known of the cluster and its keys. */
  readonly onEvent?: ((event: EtcdEvent) => void) | undefined;
}

/** Configurations that come from a cluster. */
export interface EtcdConfigs extends AsyncIterable<NetworkConfig> {
  /** Takes what an apply of one of them did, for the statuses: the `onApplied` of `Configurator.agent`. */
  readonly onApplied: (config: NetworkConfig, report: ApplyReport) => void;
  /**
   * Has all keys listed again, and their configuration yielded even if it is the same. While no member answers, the next
   * one is tried at once. It resolves when the keys are listed or that has failed, and never rejects.
   */
  readonly reload: () => Promise<void>;
}

/**
 * The configurations that the keys of a label describe, each time that they change, for `Configurator.agent`. It reads
 * what Ligato's agents read. A key with a fault keeps its last good value, and the others go on. While no member answers,
 * the last configuration stays; if another cluster answers, or an older state of it, or an empty one, nothing is taken
 * away until a start with `acceptEmpty`. In Deno it needs `--allow-net`, `--allow-read` and `--allow-write`.
 *
 * @throws {InvalidNamespaceError} The label is none.
 *
 * @example Keep what the keys of `vpp1` describe
 * ```ts ignore
 * import { Configurator, etcdConfigs, NsHandler } from "@netns/netns";
 *
 * const { signal } = new AbortController();
 * await using handler = new NsHandler();
 * await handler.init();
 * const configs = etcdConfigs({ label: "vpp1", conf: { endpoints: ["127.0.0.1:2379"] }, signal });
 * for await (const report of new Configurator(handler).agent(configs, { signal, onApplied: configs.onApplied })) {
 *   console.log(report.done.length);
 * }
 * ```
 */
export function etcdConfigs(options: EtcdOptions): EtcdConfigs {
  if (!isLabel(options.label)) throw new InvalidNamespaceError(options.label, "the label of an agent", LABEL);
  return new EtcdSource(options);
}

class EtcdSource implements EtcdConfigs {
  readonly #options: EtcdOptions;
  readonly #reader: ConfigReader;
  readonly #file: SavedKeysFile;
  /** What each configuration was made of. */
  readonly #sources = new WeakMap<
    NetworkConfig,
    { readonly values: ReadonlyMap<string, string>; readonly read: EtcdConfig }
  >();
  #good: ReadonlyMap<string, string> = new Map();
  #faults = new Map<string, string>();
  #warnings = new Set<string>();
  #statuses: KeyStatuses | undefined;
  #writer: StatusWriter | undefined;
  #follower: Follower | undefined;

  constructor(options: EtcdOptions) {
    this.#options = options;
    const { label, allowNamespaces, directory = STATE_DIR } = options;
    this.#reader = new ConfigReader(label, allowNamespaces === undefined ? undefined : new Set(allowNamespaces));
    this.#file = new SavedKeysFile(directory, label);
  }

  readonly onApplied = (config: NetworkConfig, report: ApplyReport): void => {
    const source = this.#sources.get(config);
    if (source === undefined || this.#statuses === undefined) return;
    const { values, read } = source;
    const isWell = report.failed.length === 0 && read.faults.length === 0;
    this.#writer?.set(this.#statuses.after(values, read, report), isWell);
  };

  readonly reload = async (): Promise<void> => await this.#follower?.reload();

  async *[Symbol.asyncIterator](): AsyncGenerator<NetworkConfig, void, undefined> {
    const { label, conf = {}, layout = "both", status, acceptEmpty, directory, listEvery, signal } = this.#options;
    const onEvent = (event: EtcdEvent): void => this.#options.onEvent?.(event);
    for (const text of [...conf.ignored ?? [], ...exposedFiles(conf)]) {
      onEvent({ kind: "warning", warning: { key: "etcd.conf", text } });
    }
    // What was destroyed since is not made again of what was saved.
    const isApplied = await new FileStateStore(directory).load(configNameOf(label)) !== undefined;
    const saved = isApplied ? this.#savedOfLayout(this.#file.load(), onEvent) : undefined;
    this.#good = saved?.values ?? new Map();
    const known = new KnownKeys(saved, acceptEmpty, isApplied && saved === undefined);
    if (known.held !== undefined && !acceptEmpty) onEvent({ kind: "held", reason: known.held });
    // What the client needs is loaded when it is needed, and by nothing else.
    const { Follower, LIST_EVERY } = await import("./follow.ts");
    const follower = new Follower(known, {
      conf,
      label,
      layouts: LAYOUTS[layout],
      listEvery: listEvery ?? LIST_EVERY,
      signal,
      onEvent,
    });
    this.#follower = follower;
    let writing: Promise<void> | undefined;
    if (status) {
      const { AgentStatus, KeyStatuses, StatusWriter, VERSION } = await import("./status_module.ts");
      this.#statuses = new KeyStatuses(label);
      const agent = new AgentStatus(label, VERSION);
      const beginnings = LAYOUTS[layout].map((one) => statusBeginningOf(label, one));
      this.#writer = new StatusWriter({ member: () => follower.member, agent, beginnings, signal, onEvent });
      writing = this.#writer.run();
    }
    try {
      if (this.#good.size > 0) yield this.#read(known);
      for await (const _ of follower.changes()) if (known.isWhole) yield this.#read(known);
    } finally {
      this.#follower = undefined;
      await writing;
    }
  }

  /** What was saved. Keys of a layout that is no longer read stay until a start that takes away what is not there. */
  #savedOfLayout(saved: SavedKeys | undefined, onEvent: (event: EtcdEvent) => void): SavedKeys | undefined {
    const { label, layout = "both", acceptEmpty } = this.#options;
    const beginnings = LAYOUTS[layout].map((one) => beginningOf(label, one));
    const read = [...saved?.values ?? []].filter(([key]) => beginnings.some((one) => key.startsWith(one)));
    const others = (saved?.values.size ?? 0) - read.length;
    if (saved === undefined || others === 0) return saved;
    if (acceptEmpty) return { ...saved, values: new Map(read) };
    onEvent({ kind: "held", reason: `${others} keys are of another layout than ${layout}, and stay; ${REMEDY}` });
    return saved;
  }

  /** The configuration of the keys as they are known now. */
  #read(known: KnownKeys): NetworkConfig {
    const values = new Map(known.values);
    const read = this.#reader.read(values, this.#good);
    const good = new Map(read.good);
    for (const [key, text] of this.#good) if (values.has(key) && !good.has(key)) good.set(key, text);
    this.#good = good;
    this.#tell(read, values);
    try {
      this.#file.save({ position: known.position, held: known.held, values: this.#good });
    } catch (error) {
      this.#options.onEvent?.({ kind: "not-saved", reason: reasonOf(error) });
    }
    this.#sources.set(read.config, { values, read });
    return read.config;
  }

  /** Says what faults and warnings there are that there were not. */
  #tell({ faults, warnings }: EtcdConfig, values: ReadonlyMap<string, string>): void {
    const { onEvent } = this.#options;
    const textOf = ({ error }: KeyFault): string => error.message;
    for (const fault of faults) {
      if (this.#faults.get(fault.key) !== textOf(fault)) onEvent?.({ kind: "fault", fault });
    }
    const now = new Map(faults.map((fault) => [fault.key, textOf(fault)]));
    for (const key of this.#faults.keys()) if (!now.has(key) && values.has(key)) onEvent?.({ kind: "sound", key });
    this.#faults = now;
    const texts = warnings.map((one) => `${one.key}: ${one.text}`);
    warnings.forEach((warning, index) => {
      if (!this.#warnings.has(texts[index] ?? "")) onEvent?.({ kind: "warning", warning });
    });
    this.#warnings = new Set(texts);
  }
}
