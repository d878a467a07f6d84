/** Makes the system as a file describes it, and takes it away again. */
import { SyscallError } from "../../ffi/mod.ts";
import { NetlinkError, reasonOf } from "../errors.ts";
import type { NetworkConfig } from "../models/config.ts";
import { NETNS_DIR } from "../netns/namespace_file.ts";
import type { NsHandler } from "../ns_handler.ts";
import { type AgentOptions, runAgent } from "./agent/agent.ts";
import { execute, type Failure, MissingError } from "./apply/execute.ts";
import { processesByNamespace } from "../named/processes.ts";
import { isAvailable } from "./plan/plan_builder.ts";
import { describeProcesses } from "./occupancy.ts";
import { plan, type PlanResult } from "./plan/plan.ts";
import type { ApplyReport, FailedItem, Plan, Progress } from "./report.ts";
import { ObservedNamespaces } from "./observed/observed_namespaces.ts";
import type { Stage, Task } from "./plan/actions.ts";
import { FileStateStore } from "./store/file.ts";
import { type AppliedState, Memory, type StateStore } from "./store/store.ts";
import { KernelNamespace, opened } from "./observed/kernel_namespace.ts";

/** Options of {@linkcode Configurator}. */
export interface ConfiguratorOptions {
  /** Where what was applied is remembered. @default {new FileStateStore()} */
  readonly store?: StateStore | undefined;
  /** The directory of named namespaces; the handler's own. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
}

/** Options of {@linkcode Configurator.apply}. */
export interface ApplyOptions {
  /** Is told of each step that is done. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the waiting for another apply or destroy. What has begun is done to its end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes namespaces, links, addresses, routes and neighbours what a {@linkcode NetworkConfig} describes: it reads what
 * is there over netlink, does the least that makes it so, and says what was done. Done twice, the second time changes
 * nothing.
 *
 * On a link that is described its addresses are exactly those of the description (the kernel's own link-local ones
 * aside); a field that the description does not give is left as it is. A configuration with a name is remembered
 * under it, so that the next apply takes away what is described no longer. In a namespace that apply makes, the
 * loopback link is up.
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

  /** Works through `handler`, which stays the caller's to close. */
  constructor(handler: NsHandler, options: ConfiguratorOptions = {}) {
    this.#handler = handler;
    this.#store = options.store ?? new FileStateStore();
    this.#netnsDir = options.netnsDir ?? NETNS_DIR;
  }

  /**
   * What {@linkcode Configurator.apply} would do now. Nothing is touched.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN to look into other namespaces.
   * @throws {ConfigError} What is remembered under the name of `config` is damaged.
   */
  async plan(config: NetworkConfig): Promise<Plan> {
    const before = await this.#load(config);
    using namespaces = new ObservedNamespaces(this.#handler, this.#netnsDir);
    const { tasks, unchanged, pending, failed } = draw(config, earlierOf(before), before?.made ?? [], namespaces);
    return { steps: tasks.map(({ step }) => step), unchanged, pending, failed };
  }

  /**
   * Makes the system as `config` describes it. What cannot be done yet is pending; what cannot be done is reported as
   * failed, and leaves the other items to be done. Needs CAP_NET_ADMIN, and CAP_SYS_ADMIN for other namespaces than
   * the caller's own. While another apply or destroy works with the same store, also in another process, it waits.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. Nothing was touched.
   * @throws {ConfigError} What is remembered under the name of `config` is damaged. Nothing was touched.
   * @throws The reason of the signal. Nothing was touched.
   */
  async apply(config: NetworkConfig, options: ApplyOptions = {}): Promise<ApplyReport> {
    using _lock = await this.#lock(config, options.signal);
    const before = await this.#load(config);
    return await this.#reconcile(config, earlierOf(before), before, options);
  }

  /**
   * Takes away what `config` describes and what was applied under its name, with the namespaces that it lists or that
   * apply made, and nothing else. What is gone already is no failure. A namespace in which processes run or other
   * links live is left, and reported as pending.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. Nothing was touched.
   * @throws {ConfigError} What is remembered under the name of `config` is damaged. Nothing was touched.
   * @throws The reason of the signal. Nothing was touched.
   */
  async destroy(config: NetworkConfig, options: ApplyOptions = {}): Promise<ApplyReport> {
    using _lock = await this.#lock(config, options.signal);
    const before = await this.#load(config);
    const nothing = { ...config, namespaces: [], interfaces: [], arpEntries: [], routes: [] };
    return await this.#reconcile(nothing, [config, ...earlierOf(before)], before, options);
  }

  /**
   * Applies each configuration as it comes, and again whenever a container of it starts or ends, their runtime is
   * reached or lost, or somebody changes what is in its namespaces: what was pending is done as soon as it can be, and
   * what somebody else changed is mended. What failed is tried again. After an apply it rests as long as that took, half
   * a second at most, so that what comes meanwhile comes together. The handler must be initialised: its containers are
   * followed. Of the namespace of a process or a file nothing tells: that is looked at every second. In Deno it needs
   * `--allow-read` for the threads that watch.
   *
   * @param configs The configurations, each in the place of the one before.
   * @param options `signal` ends it, without an error; what was made stays.
   * @returns Each report that has news: something was done, or other items are pending or failed than before.
   * @throws What `configs` throws.
   */
  agent(configs: AsyncIterable<NetworkConfig>, options: AgentOptions): AsyncIterable<ApplyReport> {
    return runAgent(this, this.#handler, configs, options);
  }

  /** Two at once would each make what the other makes. What is not remembered is nobody else's either. */
  async #lock({ name }: NetworkConfig, signal?: AbortSignal): Promise<Disposable | undefined> {
    return name === undefined ? undefined : await this.#store.lock(signal);
  }

  async #load({ name }: NetworkConfig): Promise<AppliedState | undefined> {
    return name === undefined ? undefined : await this.#store.load(name);
  }

  async #reconcile(
    config: NetworkConfig,
    earlier: readonly NetworkConfig[],
    before: AppliedState | undefined,
    { onProgress }: ApplyOptions,
  ): Promise<ApplyReport> {
    using namespaces = new ObservedNamespaces(this.#handler, this.#netnsDir);
    const memory = new Memory(this.#store, config, before);
    const result = draw(config, earlier, memory.made, namespaces);
    if (result.tasks.length > 0) {
      // Before anything is touched: what a crash leaves half done is known, and can be taken away.
      await memory.keep(earlier, union(memory.made, namesOf(result.tasks, "create-namespace")));
    }
    const done: Task[] = [];
    const failures: Failure[] = [];
    const carryOut = ({ tasks }: PlanResult): boolean => {
      let count = 0;
      const onDone = ({ step }: Task): void => onProgress?.({ done: ++count, total: tasks.length, step });
      const outcome = execute(tasks, { namespaces, netnsDir: this.#netnsDir, onDone });
      for (const task of outcome.done) done.push(task); // of a large file too many to be arguments
      for (const failure of outcome.failed) failures.push(failure);
      return outcome.again;
    };
    if (carryOut(result)) {
      for (const namespace of namespaces.namespaces()) namespace.forget();
      carryOut(draw(config, earlier, memory.made, namespaces));
    }
    const deleted = new Set(namesOf(done, "delete-namespace"));
    const isGone = (name: string): boolean => {
      const namespace = namespaces.namespaceOf({ type: "named", name });
      return deleted.has(name) || (isAvailable(namespace) && !namespace.exists); // or somebody else has deleted it
    };
    const made = union(memory.made, namesOf(done, "create-namespace")).filter((name) => !isGone(name));
    await memory.keep(result.leaves || failures.some(({ task }) => isRemoval(task)) ? earlier : [], made);
    return {
      done: done.map(({ step }) => step),
      unchanged: result.unchanged,
      pending: result.pending,
      failed: [...result.failed, ...failedItems(failures)],
    };
  }
}

const earlierOf = (state?: AppliedState): readonly NetworkConfig[] => (
  state === undefined ? [] : [state.config, ...state.earlier]
);

function draw(
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
      return describeProcesses(processes.get(opened(namespace).handle.inode));
    },
  });
}

/** The names of the namespaces that `tasks` make or delete. */
function namesOf(tasks: readonly Task[], kind: "create-namespace" | "delete-namespace"): string[] {
  const names: string[] = [];
  for (const { action } of tasks) if (action.kind === kind && "name" in action) names.push(action.name);
  return names;
}

const union = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])];

/** Stages in which things go that are described no longer. */
const REMOVALS: ReadonlySet<Stage> = new Set(["delete-entries", "delete-links", "delete-namespaces"]);
const isRemoval = ({ stage }: Task): boolean => REMOVALS.has(stage);

/** The failures as they are reported: what only lacks what failed before it is not told of the same item again. */
function failedItems(failures: readonly Failure[]): FailedItem[] {
  const told = new Set(failures.filter(({ error }) => !(error instanceof MissingError)).map(({ task }) => task.item));
  const items: FailedItem[] = [];
  for (const { task: { item }, error } of failures) {
    if (error instanceof MissingError && told.has(item)) continue;
    told.add(item);
    items.push({
      item,
      reason: reasonOf(error),
      ...error instanceof NetlinkError || error instanceof SyscallError ? { code: error.code } : {},
    });
  }
  return items;
}
