/** A plan in the making: the parts of the planner add tasks to it, and ask what the others planned. */
import { LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { namespaceOfItem, type Reference } from "../../models/references.ts";
import { namespaceToString } from "../../namespace.ts";
import { linkNamed } from "../observed/lookup.ts";
import {
  isAvailable,
  type LinkLocation,
  type ObservedLink,
  type ObservedNamespace,
  type UnavailableNamespace,
} from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import { itemsOf, type NamespaceRecord, type ObjectRecord, type SysctlRecord } from "../ownership/records.ts";
import type { Refusal } from "../ownership/refusal.ts";
import type { FailedItem, PendingItem, Step } from "../report.ts";
import { type Action, type Stage, STAGES, type Task } from "./actions.ts";
import { Descriptions } from "./described_interfaces.ts";
import { Effects } from "./effects.ts";
import type { PlanInput } from "./plan_input.ts";
import type { PlannedLink } from "./planned_link.ts";
import { stepOf } from "./step.ts";

/** Why an interface has no link. */
export interface NoLink {
  /** The reason, for people. */
  readonly reason: string;
  /** True if waiting does not help. */
  readonly broken?: boolean | undefined;
}

/** A plan with all that is needed to carry it out. */
export interface PlanResult {
  /** The changes, in order. */
  readonly tasks: readonly Task[];
  /** How many items of the file are as described already. */
  readonly unchanged: number;
  /** What has to wait. */
  readonly pending: readonly PendingItem[];
  /** What cannot be made. */
  readonly failed: readonly FailedItem[];
  /** What is planned, and will not do what it is for, because of somebody else. */
  readonly warnings: readonly string[];
  /** The records that stay, each with what it is after the plan. */
  readonly kept: ReadonlyMap<ObjectRecord, ObjectRecord>;
  /** What is exactly as described and no configuration's, as records of it would say: `destroy --adopt` takes it away. */
  readonly matching: readonly ObjectRecord[];
  /** What is exactly as described, and is left by `destroy --adopt`, too; and why. */
  readonly spared: readonly FailedItem[];
  /** Namespaces that another configuration uses and owns from now on, by its name. */
  readonly handovers: ReadonlyMap<NamespaceRecord | SysctlRecord, string>;
}

/** What a task means for the records, and why it is done. */
export type Ownership = Pick<Task, "makes" | "drops"> & Pick<Partial<Step>, "why">;

const NO_OWNERSHIP: Ownership = {};

/** Why something goes that no item of the file asks for. */
const NOT_DESCRIBED = "no longer described";

/** The stages in which it goes. */
const REMOVALS: ReadonlySet<Stage> = new Set<Stage>(["delete-entries", "delete-links", "delete-namespaces"]);

/** Collects the tasks of a plan. */
export class PlanBuilder {
  /** What the plan is made from. */
  readonly input: PlanInput;
  /** What the file describes. */
  readonly descriptions: Descriptions;
  /** What the plan does to the links that exist. */
  readonly effects: Effects = new Effects();
  /** The links of the interfaces, by the names of these, or why there is none. */
  readonly links: Map<string, PlannedLink | NoLink> = new Map();

  /** What the links that are made replace, by their items. */
  readonly replaced: Map<string, readonly LinkBefore[]> = new Map();

  readonly #stages: Record<Stage, Task[]> = {
    "adopt": [],
    "tables": [],
    "namespaces": [],
    "delete-entries": [],
    "delete-links": [],
    "sysctls": [],
    "link-sysctls": [],
    "change": [],
    "create": [],
    "enslave": [],
    "configure": [],
    "after-carrier": [],
    "delete-tables": [],
    "delete-namespaces": [],
  };
  readonly #pending: PendingItem[] = [];
  readonly #failed: FailedItem[] = [];
  readonly #warnings: string[] = [];
  /** Items whose namespaces cannot be entered by what the file names them by. */
  readonly #outOfReach = new Set<string>();
  /** What was said of records that cannot be looked at. */
  readonly #unknown = new Set<string>();
  /** Items that are not as described, for whatever reason. */
  readonly #touched = new Set<string>();
  readonly #needed = new Set<ObservedNamespace>();
  readonly #ended = new Set<ObjectRecord>();
  readonly #kept = new Map<ObjectRecord, ObjectRecord>();
  readonly #matching: ObjectRecord[] = [];
  readonly #spared: FailedItem[] = [];
  readonly #handovers = new Map<NamespaceRecord | SysctlRecord, string>();

  /** An empty plan. */
  constructor(input: PlanInput) {
    this.input = input;
    this.descriptions = new Descriptions(input);
  }

  /** The plan, for a file of these items. */
  result(items: readonly string[]): PlanResult {
    const described = new Set(items);
    const withReason = (task: Task): Task => {
      const isExplained = task.step.why !== undefined || described.has(task.item);
      return isExplained ? task : { ...task, step: { ...task.step, why: NOT_DESCRIBED } };
    };
    const tasksOf = (stage: Stage): readonly Task[] => (
      REMOVALS.has(stage) ? this.#stages[stage].map(withReason) : this.#stages[stage]
    );
    return {
      tasks: STAGES.flatMap(tasksOf),
      unchanged: items.filter((item) => !this.#touched.has(item)).length,
      pending: this.#pending,
      failed: this.#failed,
      warnings: this.#warnings,
      kept: this.#kept,
      matching: this.#matching,
      spared: this.#spared,
      handovers: this.#handovers,
    };
  }

  /** Adds a change that is made for `item`. */
  add(stage: Stage, item: string, action: Action, ownership?: Ownership): void {
    this.#touched.add(item);
    const step = stepOf(action, item, ownership?.why);
    const { makes, drops } = ownership ?? NO_OWNERSHIP; // by name: a large file has tens of thousands of tasks
    this.#stages[stage].push({ stage, action, item, step, makes, drops });
  }

  /** The record stays; `now` is what it says after the plan, if that is not what it says now or is planned already. */
  keep(record: ObjectRecord, now: ObjectRecord = this.#kept.get(record) ?? record): void {
    this.#kept.set(record, now);
  }

  /** Something is exactly as described, and stays as it is: no configuration made it. */
  match(record: ObjectRecord): void {
    this.#matching.push(record);
  }

  /** Something is exactly as described, and stays whatever is asked. */
  spare(item: string, { reason, owner, hint }: Refusal): void {
    this.#spared.push(defined({ item, reason, owner, hint }));
  }

  /** What the record claims goes; false if that is planned already. */
  end(record: ObjectRecord): boolean {
    if (this.#ended.has(record)) return false;
    this.#ended.add(record);
    return true;
  }

  /** True if what the record claims goes. */
  isEnded(record: ObjectRecord): boolean {
    return this.#ended.has(record);
  }

  /** True if the record stays. */
  isKept(record: ObjectRecord): boolean {
    return this.#kept.has(record);
  }

  /**
   * True if what the record claims goes now: nothing describes it any more, and it can be looked at. Else the record
   * stays, and what cannot be looked at is said.
   */
  goes(record: ObjectRecord): boolean {
    if (this.isKept(record)) return false;
    const { claims, removes } = this.input;
    const items = itemsOf(record);
    const isRemoved = items.some(removes) && !items.some((item) => this.#outOfReach.has(item));
    if (isRemoved && !claims.isUnknown(record)) return true;
    this.keep(record);
    if (isRemoved) this.leaveUnknown(record);
    return false;
  }

  /** Says that what the record claims is left, because its namespace cannot be looked at. */
  leaveUnknown(record: ObjectRecord): void {
    const [item = ""] = itemsOf(record);
    const reason = this.input.claims.reasonUnknown(record);
    const key = `${item}: ${reason}`;
    if (reason === undefined || this.#outOfReach.has(item) || this.#unknown.has(key)) return;
    this.#unknown.add(key);
    this.leave(item, `it is left: ${reason}`);
  }

  /** The namespace, or the sysctl that was set, is another configuration's from now on. */
  handOver(record: NamespaceRecord | SysctlRecord, owner: string): void {
    this.#handovers.set(record, owner);
  }

  /** `item` has to wait. */
  wait(item: string, reason: string): void {
    this.#touched.add(item);
    this.#pending.push({ item, reason });
  }

  /** What was made for `item` stays, although it is no longer described, because of `owner` if that is another one. */
  leave(item: string, reason: string, owner?: string): void {
    this.#touched.add(item);
    this.#pending.push(owner === undefined ? { item, reason } : { item, reason, owner });
  }

  /** `item` cannot be made. */
  fail(item: string, refusal: Refusal): void {
    this.#touched.add(item);
    const { reason, owner, hint } = refusal;
    this.#failed.push(defined({ item, reason, owner, hint }));
  }

  /** `item` has to wait for its namespace, such as that of a container; or fails, where waiting does not help. */
  cannotEnter(item: string, namespace: UnavailableNamespace): void {
    this.outOfReach(item, namespace);
    if (namespace.broken) this.fail(item, namespace);
    else this.wait(item, namespace.reason);
  }

  /**
   * If the namespace of `item` cannot be entered by what the file names it by, what was made for it there stays; not that
   * of a container which has ended.
   */
  outOfReach(item: string, namespace: ObservedNamespace | UnavailableNamespace): void {
    if (!isAvailable(namespace) && !namespace.ended) this.#outOfReach.add(item);
  }

  /** What is planned will not do what it is for. */
  warn(warning: string): void {
    this.#warnings.push(warning);
  }

  /** `item` is not as described, though the task that mends it belongs to another item. */
  touch(item: string): void {
    this.#touched.add(item);
  }

  /** `namespace` is used: if it does not exist, it is made first, once. */
  need(namespace: ObservedNamespace, item: string): void {
    if (namespace.exists || namespace.name === undefined || this.#needed.has(namespace)) return;
    this.#needed.add(namespace);
    const { name } = namespace;
    const reference = namespaceToString({ type: "named", name });
    const repairs = this.input.claims.namespaces.some((record) => record.made && record.reference === reference);
    if (namespace.obstacle !== undefined && !(namespace.stale && repairs)) {
      return this.fail(item, { reason: namespace.obstacle, owner: null });
    }
    this.add("namespaces", item, { kind: "create-namespace", namespace, name, repairs });
  }

  /** The link with this name that exists and stays, so far as is planned. */
  remainingLink(namespace: ObservedNamespace, name: string): ObservedLink | undefined {
    const link = linkNamed(namespace, name);
    return link === undefined || this.effects.isGone(namespace, link.index) ? undefined : link;
  }

  /**
   * Deletes a link of this configuration, and with an end of a pair the other end.
   *
   * @param far Where the other end is, if that can be looked at.
   */
  deleteLink(
    item: string,
    near: LinkLocation & { readonly name: string },
    far?: LinkLocation,
    drops?: ObjectRecord,
  ): void {
    this.touch(item);
    if (this.effects.isGone(near.namespace, near.index)) return;
    for (const { namespace, index } of far === undefined ? [near] : [near, far]) {
      this.effects.take(namespace, index, item);
    }
    const { name, namespace, index } = near;
    const ends = far === undefined ? [{ namespace, index }] as const : [{ namespace, index }, far] as const;
    this.add("delete-links", item, { kind: "delete-link", name, ends }, { drops });
  }

  /** The namespace in which a reference is, if it can be looked at. */
  namespaceOf(reference: Reference): ObservedNamespace | UnavailableNamespace {
    return this.input.namespaceOf(this.descriptions.index.namespaceOf(reference));
  }

  /** The interface of the file that a reference means, however its namespace is spelled there. */
  describedBy(reference: Reference): LinuxInterface | undefined {
    return this.descriptions.index.find(reference);
  }

  /** The link that an ARP entry or a route means, or why there is none. */
  target(reference: Reference): PlannedLink | NoLink {
    const namespace = this.input.namespaceOf(namespaceOfItem(reference));
    const { interface: name = "" } = reference;
    const described = this.describedBy(reference);
    if (described !== undefined) {
      const link = this.links.get(described.name);
      if (link === undefined) return { reason: `the interface ${described.name} is not there` };
      return "reason" in link ? { reason: `the interface ${described.name} is not there: ${link.reason}` } : link;
    }
    if (!isAvailable(namespace)) return namespace;
    const link = this.remainingLink(namespace, name);
    const planned = link === undefined ? undefined : this.effects.linkOf(namespace, link);
    if (planned?.name === name) return planned; // else the plan renames it
    const back = this.effects.linkGivenBack(namespace, name);
    if (back !== undefined) return back;
    // A new namespace has its loopback link as soon as it is made.
    if (name === LOOPBACK_NAME && this.#needed.has(namespace)) return this.effects.newLoopback(namespace);
    return { reason: `there is no link ${name} in ${namespace.label}` };
  }
}
