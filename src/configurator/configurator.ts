/** Makes the system as a file describes it, and takes it away again. */
import { printable } from "../../ffi/mod.ts";
import { defined } from "../collections.ts";
import { isErrno, StateFileError } from "../errors.ts";
import type { NetworkConfig } from "../models/config.ts";
import { filterNamespaces } from "../models/filters.ts";
import { InterfaceIndex, namespaceOfItem } from "../models/references.ts";
import { nameOfEntry } from "../models/sysctls.ts";
import { namespaceToString } from "../namespace.ts";
import type { NsHandler } from "../ns_handler.ts";
import { type AgentOptions, type Applier, runAgent } from "./agent/agent.ts";
import {
  type ApplyOptions,
  checkAgentOptions,
  checkApplyOptions,
  checkConfiguratorOptions,
  checkIsConfig,
  checkPlanOptions,
  type ConfiguratorOptions,
  type PlanOptions,
} from "./options.ts";
import { KnownProcesses } from "./observed/known_processes.ts";
import { Ledger } from "./ledger.ts";
import { type ConfigurationState, EMPTY_STATE } from "./ownership/state.ts";
import type { PlanResult } from "./plan/plan_builder.ts";
import { usedNamespaces } from "./plan/remove_namespaces.ts";
import { tableItemsOf } from "./plan/tables.ts";
import { uplinkItems } from "./plan/uplinks.ts";
import { type ApplyReport, arpItem, interfaceItem, namespaceItem, type Plan, routeItem, ruleItem } from "./report.ts";
import { reconcile } from "./reconcile.ts";
import { FileStateStore } from "./store/file.ts";
import type { StateStore } from "./store/store.ts";
import { requireSameFile } from "./ownership/same_file.ts";
import { type OtherStates, PlanSession } from "./plan_session.ts";

/**
 * Makes namespaces, links, addresses, routes and neighbours what a {@linkcode NetworkConfig} describes: it reads what
 * exists over netlink, does the least that makes it so, and reports what was done. Idempotent: a second apply changes
 * nothing.
 *
 * It changes and deletes only what it made itself or what `--adopt` allows it to adopt; what somebody else made and is in the way
 * fails its item. A link of its own has exactly the addresses of the description (and the kernel's own link-local
 * ones); a field that the description does not give is left as it is. What a configuration owns is kept under its name,
 * so that the next apply takes away what is no longer described. In a described namespace the loopback link is up.
 *
 * @example Two namespaces and a pair between them
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Configurator, MemoryStateStore, NsHandler, parseConfig } from "@netns/netns";
 *
 * const config = parseConfig(`
 * namespaces: [left-example, right-example]
 * interfaces:
 *   - { name: a, namespace: left-example, ipAddresses: [10.1.0.1/24], veth: { peerIfName: b } }
 *   - { name: b, namespace: right-example, ipAddresses: [10.1.0.2/24], veth: { peerIfName: a } }
 * `);
 * const configurator = new Configurator(new NsHandler(), { store: new MemoryStateStore() });
 * await configurator.apply(config);
 * assertEquals((await configurator.apply(config)).done, []);
 * await configurator.destroy(config);
 * ```
 */
export class Configurator {
  readonly #handler: NsHandler;
  readonly #store: StateStore;
  readonly #netnsDir: string;
  /** What configurations without a name own: this configurator alone knows it. */
  #anonymous: ConfigurationState = EMPTY_STATE;
  /** What an agent knows of processes, by the options of its applies: those go through `apply`, which may be overridden. */
  readonly #processes = new WeakMap<ApplyOptions, KnownProcesses>();

  /** Works through `handler`, which stays the caller's to close. */
  constructor(handler: NsHandler, options: ConfiguratorOptions = {}) {
    checkConfiguratorOptions(options);
    this.#handler = handler;
    this.#store = options.store ?? new FileStateStore();
    this.#netnsDir = options.netnsDir ?? handler.netnsDir;
  }

  /**
   * What {@linkcode Configurator.apply} would do now. Nothing is touched.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN to look into other namespaces.
   * @throws {StateFileError} What is remembered under the name of `config` is not believed.
   * @throws {ConfigError} Another file has the name of `config`, or two items are one.
   */
  async plan(config: NetworkConfig, options: PlanOptions = {}): Promise<Plan> {
    checkIsConfig(config);
    checkPlanOptions(options);
    const { adopt = false } = options;
    const before = await this.#load(config);
    requireSameFile(config, before);
    const others = await this.#others(config);
    using planning = new PlanSession(this.#handler, this.#netnsDir, config, before, others);
    const { tasks, unchanged, pending, failed, warnings } = planning.plan(config, {
      adopt,
      removes: removesAll(config),
      leavesToKernel: false,
    });
    return withWarnings({ steps: tasks.map(({ step }) => step), unchanged, pending, failed, warnings }, others);
  }

  /**
   * Makes the system as `config` describes it. What cannot be done yet is pending; what cannot be done is reported as
   * failed, and leaves the other items to be done. Needs CAP_NET_ADMIN, and CAP_SYS_ADMIN for other namespaces than
   * the caller's own. While another apply or destroy works with the same store, also in another process, it waits.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. Nothing was touched.
   * @throws {StateFileError} What is remembered under the name of `config` is not believed. Nothing was touched.
   * @throws {ConfigError} Another file has the name of `config`, or two items are one. Nothing was touched.
   * @throws The reason of the signal. Nothing was touched.
   */
  async apply(config: NetworkConfig, options: ApplyOptions = {}): Promise<ApplyReport> {
    checkIsConfig(config);
    checkApplyOptions(options);
    using _lock = await this.#lock(config, options);
    const before = await this.#load(config);
    requireSameFile(config, before);
    const others = await this.#others(config);
    using planning = new PlanSession(
      this.#handler,
      this.#netnsDir,
      config,
      before,
      others,
      this.#processes.get(options),
    );
    const report = await reconcile({
      planning,
      ledger: this.#ledger(planning, config, config),
      target: config,
      removes: removesAll(config),
      handOver: (handovers) => this.#handOver(handovers),
    }, options);
    return withWarnings(report, others);
  }

  /**
   * Takes away what was applied under the name of `config`, and nothing else: what it made is deleted, what it borrowed
   * or adopted is given back. What is gone already is no failure. A namespace in which processes run or other links
   * live is left, and reported as pending; one that another configuration uses is that one's from then on.
   *
   * Where nothing can be written (`ENOSPC`), it goes on: what is remembered names all that there is to take away. A warning says
   * what is not up to date then.
   *
   * Without a state it takes nothing away, and says so; with `adopt` it takes away what matches `config` exactly, but for what
   * is never adopted: that is reported as failed. What is there, and does not match, is left, and reported as pending.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. Nothing was touched.
   * @throws {StateFileError} What is remembered under the name of `config` is not believed. Nothing was touched.
   * @throws {ConfigError} Another file has the name of `config`. Nothing was touched.
   * @throws The reason of the signal. Nothing was touched.
   */
  async destroy(config: NetworkConfig, options: ApplyOptions = {}): Promise<ApplyReport> {
    checkIsConfig(config);
    checkApplyOptions(options);
    using _lock = await this.#lock(config, options);
    const remembered = await this.#load(config);
    requireSameFile(config, remembered);
    const isDescribed = itemsOf(config).length > 0;
    if (remembered === undefined && !(options.adopt && isDescribed)) {
      return nothingRemembered(config, isDescribed ? undefined : await this.#store.names());
    }
    const others = await this.#others(config);
    const { state: before, spared, left } = remembered === undefined
      ? this.#matching(config, others)
      : { state: remembered, spared: [], left: [] };
    using planning = new PlanSession(this.#handler, this.#netnsDir, config, before, others);
    const { name, origin } = config;
    const nothing = defined({ name, origin, namespaces: [], interfaces: [], arpEntries: [], routes: [] });
    const items = new Set(itemsOf(config));
    const removes = config.name === undefined ? (item: string) => items.has(item) : () => true;
    const ledger = this.#ledger(planning, nothing, config, isFull);
    const report = await reconcile({
      planning,
      ledger,
      target: nothing,
      removes,
      handOver: (handovers) => this.#handOver(handovers),
    }, { ...options, adopt: false });
    const { unwritten } = ledger;
    const warnings = [...report.warnings ?? [], ...unwritten === undefined ? [] : [notWritten(unwritten)]];
    const gone = new Set(report.done.filter(({ kind }) => kind === "delete-namespace").map(({ item }) => item));
    const pending = [...report.pending, ...left.filter(({ item }) => !gone.has(item))];
    return withWarnings({ ...report, pending, failed: [...report.failed, ...spared], warnings }, others);
  }

  /**
   * Applies each configuration as it comes, and again whenever a container of it starts or ends, their runtime is
   * reached or lost, or somebody changes what is in its namespaces: what was pending is done as soon as it can be, and
   * what somebody else changed is mended. What failed is tried again. After an apply it rests as long as that took, half
   * a second at most, so that one apply answers many changes. What somebody undoes again and again is mended after growing
   * pauses, of 30 s at most, and a warning of the report says so. It never adopts. The handler must be initialised, because
   * its containers are followed. The kernel sends no event for the namespace of a process or a file, so that is polled
   * every second. In Deno it needs `--allow-read` for the threads that watch.
   *
   * @param configs The configurations; each replaces the one before.
   * @param options `signal` ends it, without an error; what was made stays.
   * @returns Each report in which something was done, or other items are pending or failed than in the report before.
   * @throws What `configs` throws.
   */
  agent(configs: AsyncIterable<NetworkConfig>, options: AgentOptions): AsyncIterable<ApplyReport> {
    checkAgentOptions(options);
    const processes = new KnownProcesses();
    const applier: Applier = {
      apply: (config, options) => {
        this.#processes.set(options, processes);
        return this.apply(config, options);
      },
    };
    return runAgent(applier, this.#handler, configs, { ...options, netnsDir: this.#netnsDir });
  }

  /** Two at once would each make what the other makes. */
  async #lock(_config: NetworkConfig, { signal, onWait }: ApplyOptions): Promise<Disposable> {
    return await this.#store.lock({ signal, onWait });
  }

  async #load({ name }: NetworkConfig): Promise<ConfigurationState | undefined> {
    if (name !== undefined) return await this.#store.load(name);
    return this.#anonymous === EMPTY_STATE ? undefined : this.#anonymous;
  }

  /** What the other configurations own. */
  async #others({ name }: NetworkConfig): Promise<OtherStates> {
    const states = new Map<string, ConfigurationState>();
    const unreadable = [];
    for (const other of await this.#store.names()) {
      if (other === name) continue;
      try {
        const state = await this.#store.load(other);
        if (state !== undefined) states.set(other, state);
      } catch (error) {
        if (!(error instanceof StateFileError)) throw error;
        unreadable.push({ name: other, reason: `${error.path}: ${error.reason}` });
      }
    }
    return { states, unreadable };
  }

  /** What is exactly as `config` describes it, as if this configuration had made it. */
  #matching(config: NetworkConfig, others: OtherStates): ReturnType<PlanSession["matching"]> {
    using planning = new PlanSession(this.#handler, this.#netnsDir, config, undefined, others);
    return planning.matching(config);
  }

  /** The records of `config`, which are kept under its name. */
  #ledger(
    planning: PlanSession,
    config: NetworkConfig,
    { name, origin }: NetworkConfig,
    goesOn?: (error: unknown) => boolean,
  ): Ledger {
    const store = {
      save: async (state: ConfigurationState) => {
        if (name === undefined) this.#anonymous = state;
        else await this.#store.save(name, state);
      },
      remove: async () => {
        if (name === undefined) this.#anonymous = EMPTY_STATE;
        else await this.#store.remove(name);
      },
    };
    const uses = name === undefined ? planning.uses(config) : [...usedNamespaces(config)];
    const namespaces = () => planning.namespaces.namespaces();
    return new Ledger(store, planning, planning.before, { path: origin, uses, namespaces, goesOn });
  }

  /** Namespaces and sysctls that another configuration still uses are that one's to delete, or to put back, from now on. */
  async #handOver(handovers: PlanResult["handovers"]): Promise<void> {
    for (const [record, other] of handovers) {
      const state = await this.#store.load(other);
      if (state === undefined) continue;
      if (!("cookie" in record)) {
        await this.#store.save(other, { ...state, records: [...state.records, record] });
        continue;
      }
      const namespaces = [...state.namespaces.filter(({ cookie }) => cookie !== record.cookie), record];
      await this.#store.save(other, { ...state, namespaces });
    }
  }
}

/** True where nothing can be written: what only takes away goes on, as it needs no new record. */
const isFull = (error: unknown): boolean =>
  (["ENOSPC", "EDQUOT", "EROFS"] as const).some((code) => isErrno(error, code));

/** What is said of records that are older than what was done. */
const notWritten = (error: unknown): string =>
  `what is remembered is as before this destroy: ${error instanceof Error ? error.message : String(error)}`;

/** Whether what is no longer described goes: always, unless the configuration has no name to be replaced under. */
const removesAll = ({ name }: NetworkConfig): (item: string) => boolean => () => name !== undefined;

/** What is said of a configuration whose state cannot be read. */
export const unreadableState = ({ name, reason }: OtherStates["unreadable"][number]): string =>
  `what the configuration ${JSON.stringify(name)} owns is not known, and counts as somebody else's: ${reason}`;

/** The report, with what could not be taken into account. */
function withWarnings<T extends Pick<ApplyReport, "warnings">>(
  { warnings: before = [], ...report }: T,
  { unreadable }: OtherStates,
): Omit<T, "warnings"> & Pick<ApplyReport, "warnings"> {
  const warnings = [...before, ...unreadable.map(unreadableState)];
  return warnings.length === 0 ? report : { ...report, warnings };
}

function itemsOf({ namespaces, interfaces, routes, arpEntries, rules = [], ...filters }: NetworkConfig): string[] {
  return [
    ...tableItemsOf(filterNamespaces(filters, new InterfaceIndex(interfaces))),
    ...uplinkItems({ namespaces, interfaces, routes, arpEntries, ...filters }),
    ...namespaces.map(nameOfEntry).map(namespaceItem),
    ...[...interfaces, ...routes, ...arpEntries, ...rules].flatMap((one) => {
      const ns = namespaceOfItem(one);
      return ns?.type === "named" ? [namespaceItem(namespaceToString(ns))] : [];
    }),
    ...interfaces.map(({ name }) => interfaceItem(name)),
    ...routes.map(({ name }) => routeItem(name)),
    ...arpEntries.map(({ name }) => arpItem(name)),
    ...rules.map(({ name }) => ruleItem(name)),
  ];
}

/** @param names What is remembered, of which one may be meant: given where there is only a name, and no description. */
function nothingRemembered({ name }: NetworkConfig, names?: readonly string[]): ApplyReport {
  const item = name === undefined ? "the configuration" : `the configuration ${name}`;
  const reason = "nothing is remembered of it, so nothing was taken away: it was not applied, or is destroyed already";
  const hint = names === undefined
    ? "destroy --adopt takes away what matches the file exactly"
    : `${describeNames(names)}; netns destroy --adopt FILE takes away what matches FILE exactly`;
  return { done: [], unchanged: 0, pending: [], failed: [{ item, reason, owner: null, hint }] };
}

/** How many names are listed. */
const MAX_NAMES = 5;

function describeNames(names: readonly string[]): string {
  if (names.length === 0) return "no configuration is remembered";
  const listed = names.toSorted().slice(0, MAX_NAMES).map(printable).join(", ");
  return `remembered: ${listed}${names.length > MAX_NAMES ? " and others, which netns doctor lists" : ""}`;
}
