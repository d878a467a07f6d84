/** A plan in the making: the parts of the planner add tasks to it, and ask what the others planned. */
import { namespaceOfItem, type Reference } from "../../models/references.ts";
import { linkNamed } from "../observed/lookup.ts";
import {
  isAvailable,
  type LinkLocation,
  type ObservedLink,
  type ObservedNamespace,
} from "../observed/observed_namespace.ts";
import { otherEnd } from "../observed/peers.ts";
import type { FailedItem, PendingItem } from "../report.ts";
import { type Action, type Stage, STAGES, type Task } from "./actions.ts";
import { describe } from "./describe.ts";
import { Descriptions } from "./descriptions.ts";
import { Effects } from "./effects.ts";
import type { PlanInput } from "./plan_input.ts";
import type { PlannedLink } from "./planned_link.ts";

/** Why an interface has no link. */
export interface NoLink {
  /** The reason, for people. */
  readonly reason: string;
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
  /** True if something stays that is no longer described: its description must be kept. */
  readonly leaves: boolean;
}

/** Collects the tasks of a plan. */
export class PlanBuilder {
  /** What the plan is made from. */
  readonly input: PlanInput;
  /** What the file describes, and what earlier ones described. */
  readonly descriptions: Descriptions;
  /** What the plan does to the links that exist. */
  readonly effects: Effects = new Effects();
  /** The links of the interfaces, by the names of these, or why there is none. */
  readonly links: Map<string, PlannedLink | NoLink> = new Map();

  readonly #stages: Record<Stage, Task[]> = {
    "namespaces": [],
    "delete-entries": [],
    "delete-links": [],
    "change": [],
    "create": [],
    "configure": [],
    "after-carrier": [],
    "delete-namespaces": [],
  };
  readonly #pending: PendingItem[] = [];
  readonly #failed: FailedItem[] = [];
  /** Items that are not as described, for whatever reason. */
  readonly #touched = new Set<string>();
  readonly #needed = new Set<ObservedNamespace>();
  #leaves = false;

  /** An empty plan. */
  constructor(input: PlanInput) {
    this.input = input;
    this.descriptions = new Descriptions(input);
  }

  /** The plan, for a file of these items. */
  result(items: readonly string[]): PlanResult {
    return {
      tasks: STAGES.flatMap((stage) => this.#stages[stage]),
      unchanged: items.filter((item) => !this.#touched.has(item)).length,
      pending: this.#pending,
      failed: this.#failed,
      leaves: this.#leaves,
    };
  }

  /** Adds a change that is made for `item`. */
  add(stage: Stage, item: string, action: Action): void {
    this.#touched.add(item);
    const step = { kind: action.kind, item, description: describe(action) };
    this.#stages[stage].push({ stage, action, item, step });
  }

  /** `item` has to wait. */
  wait(item: string, reason: string): void {
    this.#touched.add(item);
    this.#pending.push({ item, reason });
  }

  /** What was made for `item` stays, although it is no longer described. */
  leave(item: string, reason: string): void {
    this.#leaves = true;
    this.wait(item, reason);
  }

  /** `item` cannot be made. */
  fail(item: string, reason: string): void {
    this.#touched.add(item);
    this.#failed.push({ item, reason });
  }

  /** `item` is not as described, though the task that mends it belongs to another item. */
  touch(item: string): void {
    this.#touched.add(item);
  }

  /** `namespace` is used: if it does not exist, it is made first, once. */
  need(namespace: ObservedNamespace, item: string): void {
    if (namespace.exists || namespace.name === undefined || this.#needed.has(namespace)) return;
    this.#needed.add(namespace);
    this.add("namespaces", item, { kind: "create-namespace", namespace, name: namespace.name });
  }

  /** The link with this name that exists and stays, so far as is planned. */
  remainingLink(namespace: ObservedNamespace, name: string): ObservedLink | undefined {
    const link = linkNamed(namespace, name);
    return link === undefined || this.effects.isGone(namespace, link.index) ? undefined : link;
  }

  /**
   * Deletes a link, and with an end of a pair the other end.
   *
   * @param known Where the other end is. Without it, every namespace is searched for it.
   */
  deleteLink(item: string, namespace: ObservedNamespace, link: ObservedLink, known?: LinkLocation): void {
    this.touch(item);
    if (this.effects.isGone(namespace, link.index)) return;
    const near = { namespace, index: link.index };
    const far = known ?? otherEnd(namespace, link, this.input.namespaces());
    this.effects.take(namespace, link.index);
    if (far !== undefined) this.effects.take(far.namespace, far.index);
    const ends = far === undefined ? [near] as const : [near, far] as const;
    this.add("delete-links", item, { kind: "delete-link", name: link.name, ends });
  }

  /** The link that an ARP entry or a route means, or why there is none. */
  target(reference: Reference): PlannedLink | NoLink {
    const described = this.descriptions.index.find(reference);
    if (described !== undefined) {
      const link = this.links.get(described.name);
      if (link === undefined) return { reason: `the interface ${described.name} is not there` };
      return "reason" in link ? { reason: `the interface ${described.name} is not there: ${link.reason}` } : link;
    }
    const namespace = this.input.namespaceOf(namespaceOfItem(reference));
    if (!isAvailable(namespace)) return namespace;
    const link = this.remainingLink(namespace, reference.interface);
    if (link === undefined) return { reason: `there is no link ${reference.interface} in ${namespace.label}` };
    return this.effects.linkOf(namespace, link);
  }
}
