/** Makes the system as a file describes it, and takes it away again. */
import { NetlinkError, reasonOf, SyscallError } from "../errors.ts";
import type { NetworkConfig } from "../models/config.ts";
import { processesByNamespace } from "../named/processes.ts";
import type { NsHandler } from "../ns_handler.ts";
import { type AgentOptions, runAgent } from "./agent/agent.ts";
import { execute, type Failure } from "./apply/execute.ts";
import { MissingError } from "./apply/executor.ts";
import { KernelNamespace, kernelNamespace } from "./observed/kernel_namespace.ts";
import { isAvailable } from "./observed/observed_namespace.ts";
import { ObservedNamespaces } from "./observed/observed_namespaces.ts";
import type { Stage, Task } from "./plan/actions.ts";
import type { PlanResult } from "./plan/plan_builder.ts";
import { plan } from "./planner.ts";
import { type ApplyReport, describeProcesses, type FailedItem, type Plan, type Progress } from "./report.ts";
import { FileStateStore } from "./store/file.ts";
import { StateRecord } from "./store/state_record.ts";
import type { StateStore } from "./store/store.ts";

/** Options of {@linkcode Configurator}. */
export interface ConfiguratorOptions {
  /** Where the state of each configuration is kept. @default {new FileStateStore()} */
  readonly store?: StateStore | undefined;
  /** The directory of named namespaces. @default {that of the handler} */
  readonly netnsDir?: string | undefined;
}

/** Options of {@linkcode Configurator.apply}. */
export interface ApplyOptions {
  /** Is called after each step that is done. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the waiting for another apply or destroy. What has begun is finished. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes namespaces, links, addresses, routes and neighbours what a {@linkcode NetworkConfig} describes: it reads what
 * exists over netlink, does the least that makes it so, and reports what was done. Idempotent: a second apply changes
 * nothing.
 *
 * A described link has exactly the addresses of the description (and the kernel's own link-local ones); a field that
 * the description does not give is left as it is. The state of a configuration is kept under its name, so that the next
 * apply takes away what is no longer described. In a namespace that apply makes, the loopback link is up.
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

  /** Works through `handler`; the caller closes it. */
  constructor(handler: NsHandler, options: ConfiguratorOptions = {}) {
    this.#handler = handler;
    this.#store = options.store ?? new FileStateStore();
    this.#netnsDir = options.netnsDir ?? handler.netnsDir;
  }

  /**
   * What {@linkcode Configurator.apply} would do now. Nothing is touched.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN to look into other namespaces.
   * @throws {ConfigError} The state that is kept under the name of `config` is damaged.
   */
  async plan(config: NetworkConfig): Promise<Plan> {
    const record = await StateRecord.load(this.#store, config);
    using namespaces = new ObservedNamespaces(this.#handler, this.#netnsDir);
    const { tasks, unchanged, pending, failed } = planWith(config, record.earlier, record.made, namespaces);
    return { steps: tasks.map(({ step }) => step), unchanged, pending, failed };
  }

  /**
   * Makes the system as `config` describes it. What cannot be done yet is pending; what cannot be done is reported as
   * failed, and the other items are done. Needs CAP_NET_ADMIN, and CAP_SYS_ADMIN for other namespaces than the
   * caller's own. While another apply or destroy works with the same store, also in another process, it waits.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. Nothing was touched.
   * @throws {ConfigError} The state that is kept under the name of `config` is damaged. Nothing was touched.
   * @throws The reason of the signal. Nothing was touched.
   */
  async apply(config: NetworkConfig, options: ApplyOptions = {}): Promise<ApplyReport> {
    using _lock = await this.#lock(config, options.signal);
    const record = await StateRecord.load(this.#store, config);
    return await this.#reconcile(config, record.earlier, record, options);
  }

  /**
   * Takes away what `config` describes and what was applied under its name, with the namespaces that it lists or that
   * apply made, and nothing else. What is gone already is no failure. A namespace with processes or other links in it
   * is left, and reported as pending.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. Nothing was touched.
   * @throws {ConfigError} The state that is kept under the name of `config` is damaged. Nothing was touched.
   * @throws The reason of the signal. Nothing was touched.
   */
  async destroy(config: NetworkConfig, options: ApplyOptions = {}): Promise<ApplyReport> {
    using _lock = await this.#lock(config, options.signal);
    const record = await StateRecord.load(this.#store, config);
    const nothing = { ...config, namespaces: [], interfaces: [], arpEntries: [], routes: [] };
    return await this.#reconcile(nothing, [config, ...record.earlier], record, options);
  }

  /**
   * Applies each configuration as it comes, and again whenever a container of it starts or ends, their runtime is
   * reached or lost, or somebody changes what is in its namespaces: what was pending is done as soon as it can be, and
   * what somebody else changed is mended. What failed is tried again. After an apply it rests as long as that took, half
   * a second at most, so that one apply answers many changes. The handler must be initialised, because its containers
   * are followed. For the namespace of a process or a file there are no events: it is compared every second. In Deno it
   * needs `--allow-read` for the threads that watch.
   *
   * @param configs The configurations; each replaces the one before.
   * @param options `signal` ends it, without an error; what was made stays.
   * @returns Each report in which something was done, or other items are pending or failed than in the report before.
   * @throws What `configs` throws.
   */
  agent(configs: AsyncIterable<NetworkConfig>, options: AgentOptions): AsyncIterable<ApplyReport> {
    return runAgent(this, this.#handler, configs, { ...options, netnsDir: this.#netnsDir });
  }

  /** Two at once would each make what the other makes. Without a name there is no state that they could share. */
  async #lock({ name }: NetworkConfig, signal?: AbortSignal): Promise<Disposable | undefined> {
    return name === undefined ? undefined : await this.#store.lock(signal);
  }

  async #reconcile(
    config: NetworkConfig,
    earlier: readonly NetworkConfig[],
    record: StateRecord,
    { onProgress }: ApplyOptions,
  ): Promise<ApplyReport> {
    using namespaces = new ObservedNamespaces(this.#handler, this.#netnsDir);
    const result = planWith(config, earlier, record.made, namespaces);
    if (result.tasks.length > 0) {
      // Before anything is touched, so that what a crash leaves half done is known and can be taken away.
      await record.save(config, earlier, union(record.made, namesOf(result.tasks, "create-namespace")));
    }
    const done: Task[] = [];
    const failures: Failure[] = [];
    const carryOut = ({ tasks }: PlanResult): boolean => {
      let count = 0;
      const onDone = ({ step }: Task): void => onProgress?.({ done: ++count, total: tasks.length, step });
      const outcome = execute(tasks, namespaces, onDone);
      for (const task of outcome.done) done.push(task); // of a large file too many to be arguments
      for (const failure of outcome.failed) failures.push(failure);
      return outcome.planAgain;
    };
    if (carryOut(result)) {
      for (const namespace of namespaces.namespaces()) namespace.forget();
      carryOut(planWith(config, earlier, record.made, namespaces));
    }
    const deleted = new Set(namesOf(done, "delete-namespace"));
    const isGone = (name: string): boolean => {
      const namespace = namespaces.namespaceOf({ type: "named", name });
      return deleted.has(name) || (isAvailable(namespace) && !namespace.exists); // or somebody else has deleted it
    };
    const made = union(record.made, namesOf(done, "create-namespace")).filter((name) => !isGone(name));
    const leaves = result.leaves || failures.some(({ task }) => REMOVALS.has(task.stage));
    await record.save(config, leaves ? earlier : [], made);
    return {
      done: done.map(({ step }) => step),
      unchanged: result.unchanged,
      pending: result.pending,
      failed: [...result.failed, ...failedItems(failures)],
    };
  }
}

function planWith(
  config: NetworkConfig,
  earlier: readonly NetworkConfig[],
  made: readonly string[],
  namespaces: ObservedNamespaces,
): PlanResult {
  let processes: Map<bigint, number[]> | undefined;
  return plan({
    config,
    earlier,
    made,
    namespaceOf: (ns) => namespaces.namespaceOf(ns),
    namespaces: () => namespaces.namespaces(),
    connect: () => KernelNamespace.connect(namespaces.namespaces()),
    occupants: (namespace) => {
      processes ??= processesByNamespace();
      return describeProcesses(processes.get(kernelNamespace(namespace).handle.inode));
    },
  });
}

/** The names of the namespaces that `tasks` make or delete. */
function namesOf(tasks: readonly Task[], kind: "create-namespace" | "delete-namespace"): string[] {
  return tasks.flatMap(({ action }) => action.kind === kind && "name" in action ? [action.name] : []);
}

const union = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])];

/** Stages in which things go that are no longer described. */
const REMOVALS: ReadonlySet<Stage> = new Set(["delete-entries", "delete-links", "delete-namespaces"]);

/** The failures as they are reported: a failure that only follows from another one of the same item is left out. */
function failedItems(failures: readonly Failure[]): FailedItem[] {
  const reported = new Set(
    failures.filter(({ error }) => !(error instanceof MissingError)).map(({ task }) => task.item),
  );
  const items: FailedItem[] = [];
  for (const { task: { item }, error } of failures) {
    if (error instanceof MissingError && reported.has(item)) continue;
    reported.add(item);
    items.push({
      item,
      reason: reasonOf(error),
      ...error instanceof NetlinkError || error instanceof SyscallError ? { code: error.code } : {},
    });
  }
  return items;
}
