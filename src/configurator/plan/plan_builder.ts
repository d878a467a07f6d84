/** A plan in the making: what the parts of the planner add to and ask each other. */
import type { NetworkConfig } from "../../models/config.ts";
import { type Namespace, namespaceKey } from "../../namespace.ts";
import { InterfaceIndex, namespaceOfItem, type Reference } from "../../models/references.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import {
  type Action,
  carrierOf,
  type LinkLocation,
  type PlannedLink,
  type Stage,
  STAGES,
  type Task,
  task,
} from "./actions.ts";
import type { FailedItem, PendingItem } from "../report.ts";
import {
  addressesOf,
  linkNamed,
  type ObservedLink,
  type ObservedNamespace,
  peerIn,
} from "../observed/observed_namespace.ts";

/** Why a namespace cannot be looked at. */
export interface Unavailable {
  /** The reason, for people: `"no container with the label web runs"`. */
  readonly unavailable: string;
  /** True if waiting does not help. */
  readonly broken: boolean;
  /** True if it is known that nothing runs there: what was made for it at another place has no use any more. */
  readonly ended?: boolean;
}

/** What a plan is made from. */
export interface PlanInput {
  /** What is to be. */
  readonly config: NetworkConfig;
  /** What was described before, newest first: what of it is no longer described goes. */
  readonly earlier: readonly NetworkConfig[];
  /** Names of namespaces that earlier applies made. */
  readonly made: readonly string[];
  /** A namespace as it is observed. Undefined is the default one. */
  namespaceOf(ns?: Namespace): ObservedNamespace | Unavailable;
  /** Every namespace that can be looked at. */
  namespaces(): Iterable<ObservedNamespace>;
  /** The namespaces of the interfaces have all been asked for, and will be looked at: what that takes can be got at once. */
  connect(): void;
  /** Who else uses a namespace, for people: `"process 42 runs in it"`; undefined if nobody does. */
  occupants(namespace: ObservedNamespace): string | undefined;
}

/** Why an interface has no link. */
export interface NoLink {
  /** The reason, for people. */
  readonly reason: string;
}

/** True if `namespace` is one. */
export function isAvailable(namespace: ObservedNamespace | Unavailable): namespace is ObservedNamespace {
  return "label" in namespace;
}

/** Collects the tasks of a plan, and remembers what they do to the links. */
export class PlanBuilder {
  /** What the plan is made from. */
  readonly input: PlanInput;
  /** The interfaces of the file. */
  readonly index: InterfaceIndex;
  /** What has to wait. */
  readonly pending: PendingItem[] = [];
  /** What cannot be. */
  readonly failed: FailedItem[] = [];
  /** The links of the interfaces, by the names of these, or why there is none. */
  readonly links: Map<string, PlannedLink | NoLink> = new Map();

  readonly #stages: Record<Stage, Task[]> = {
    namespaces: [],
    "delete-entries": [],
    "delete-links": [],
    change: [],
    create: [],
    configure: [],
    "after-carrier": [],
    "delete-namespaces": [],
  };
  /** Items that are not as described, for whatever reason. */
  readonly #touched = new Set<string>();
  /** Links that the file keeps, and those that the plan deletes: namespaces and indices. */
  readonly #kept = new Map<ObservedNamespace, Set<number>>();
  readonly #deleted = new Map<ObservedNamespace, Set<number>>();
  readonly #describedNames: Map<ObservedNamespace, Set<string>> = new Map();
  readonly #formerNames: Map<ObservedNamespace, Set<string>> = new Map();
  readonly #plannedLinks = new Map<ObservedNamespace, Map<number, PlannedLink>>();
  readonly #needed = new Set<ObservedNamespace>();
  #leaves = false;
  readonly #earlier: readonly InterfaceIndex[];
  readonly #lost = new Map<ObservedNamespace, Set<string>>();
  readonly #withoutIpv4 = new Map<ObservedNamespace, Set<number>>();
  readonly #addresses = new Map<PlannedLink, readonly string[]>();

  /** An empty plan. */
  constructor(input: PlanInput) {
    this.input = input;
    this.index = new InterfaceIndex(input.config.interfaces);
    this.#earlier = input.earlier.map(({ interfaces }) => new InterfaceIndex(interfaces));
    for (const one of input.config.interfaces) {
      const observed = input.namespaceOf(namespaceOfItem(one));
      if (isAvailable(observed)) add(this.#describedNames, observed, one.hostIfName);
    }
    // The other end of a link that goes may be where the file has nothing any more.
    for (const one of input.earlier.flatMap(({ interfaces }) => interfaces)) {
      const observed = input.namespaceOf(namespaceOfItem(one));
      if (isAvailable(observed)) add(this.#formerNames, observed, one.hostIfName);
    }
  }

  /** The tasks in the order in which they are carried out. */
  get tasks(): Task[] {
    return STAGES.flatMap((stage) => this.#stages[stage]);
  }

  /** Adds a change that is made for `item`. */
  do(stage: Stage, item: string, action: Action): void {
    this.#touched.add(item);
    this.#stages[stage].push(task(stage, item, action));
  }

  /** `item` has to wait. */
  wait(item: string, reason: string): void {
    this.#touched.add(item);
    this.pending.push({ item, reason });
  }

  /** What was made for `item` stays, although it is described no longer. */
  leave(item: string, reason: string): void {
    this.#leaves = true;
    this.wait(item, reason);
  }

  /** True if something stays that is described no longer. */
  get leaves(): boolean {
    return this.#leaves;
  }

  /** `item` cannot be. */
  fail(item: string, reason: string): void {
    this.#touched.add(item);
    this.failed.push({ item, reason });
  }

  /** `item` is not as described, though what is done for it is told of another. */
  touch(item: string): void {
    this.#touched.add(item);
  }

  /** True if nothing is done for `item` and nothing is in its way. */
  isUnchanged(item: string): boolean {
    return !this.#touched.has(item);
  }

  /** `namespace` is used, so it must exist: if it does not, it is made first, once. */
  need(namespace: ObservedNamespace, item: string): void {
    if (namespace.exists || namespace.name === undefined || this.#needed.has(namespace)) return;
    this.#needed.add(namespace);
    this.do("namespaces", item, { kind: "create-namespace", namespace, name: namespace.name });
  }

  /** True if the file has an interface of this host name there. */
  isDescribed(namespace: ObservedNamespace, hostIfName: string): boolean {
    return this.#describedNames.get(namespace)?.has(hostIfName) ?? false;
  }

  /** True if an earlier description had an interface of this host name there. */
  wasDescribed(namespace: ObservedNamespace, hostIfName: string): boolean {
    return this.#formerNames.get(namespace)?.has(hostIfName) ?? false;
  }

  /** The link stays, as an interface of the file. */
  keep(namespace: ObservedNamespace, link: ObservedLink): void {
    add(this.#kept, namespace, link.index);
  }

  /** True if the link stays, as an interface of the file. */
  isKept(namespace: ObservedNamespace, link: ObservedLink): boolean {
    return this.#kept.get(namespace)?.has(link.index) ?? false;
  }

  /** The link goes; if it is an end of a pair, the other end goes with it, which is looked for if it is not `known`. */
  unlink(item: string, namespace: ObservedNamespace, link: ObservedLink, known?: LinkLocation): void {
    this.touch(item);
    if (this.isDeleted(namespace, link.index)) return;
    add(this.#deleted, namespace, link.index);
    const far = known ?? this.#farEnd(namespace, link);
    if (far !== undefined) add(this.#deleted, far.namespace, far.index);
    const near = { namespace, index: link.index };
    this.do("delete-links", item, {
      kind: "delete-link",
      name: link.name,
      ends: far === undefined ? [near] : [near, far],
    });
  }

  /** The other end of a pair, if that is where it can be looked at. */
  #farEnd(namespace: ObservedNamespace, link: ObservedLink): LinkLocation | undefined {
    for (const other of link.kind === "veth" ? this.input.namespaces() : []) {
      const peer = peerIn(namespace, link, other);
      if (peer !== undefined) return { namespace: other, index: peer.index };
    }
    return undefined;
  }

  /** The link leaves the namespace, but is not deleted. */
  moveAway(namespace: ObservedNamespace, link: ObservedLink): void {
    add(this.#deleted, namespace, link.index);
  }

  /** True if the plan deletes the link, or takes it elsewhere. */
  isDeleted(namespace: ObservedNamespace, index: number): boolean {
    return this.#deleted.get(namespace)?.has(index) ?? false;
  }

  /** True if the plan sets the link down. */
  isGoingDown(namespace: ObservedNamespace, index: number): boolean {
    return this.#plannedLinks.get(namespace)?.get(index)?.goesDown ?? false;
  }

  /** The address (without a prefix) goes, even if it is given back at once. */
  loseAddress(namespace: ObservedNamespace, ip: string): void {
    add(this.#lost, namespace, ip);
  }

  /** True if the address goes, even if it is given back at once. */
  losesAddress(namespace: ObservedNamespace, ip: string): boolean {
    return this.#lost.get(namespace)?.has(ip) ?? false;
  }

  /** The link has these addresses in the end, the first of each network before the others. */
  setAddresses(link: PlannedLink, texts: readonly string[]): void {
    this.#addresses.set(link, texts);
  }

  /** The addresses that the link has in the end, the first of each network before the others. */
  addressesOf(link: PlannedLink): readonly string[] {
    const planned = this.#addresses.get(link);
    if (planned !== undefined || link.index === undefined) return planned ?? [];
    return addressesOf(link.namespace, link.index).map(({ text }) => text);
  }

  /** The link has no IPv4 address for a moment or longer: the kernel takes its IPv4 routes and neighbours. */
  loseIpv4(namespace: ObservedNamespace, index: number): void {
    add(this.#withoutIpv4, namespace, index);
  }

  /** True if the plan leaves the link without an IPv4 address that it had, even if it gets others at once. */
  losesIpv4(namespace: ObservedNamespace, index: number): boolean {
    return this.#withoutIpv4.get(namespace)?.has(index) ?? false;
  }

  /** The link of a link that is there: the one of its interface, or one that leaves it as it is. */
  plannedLink(namespace: ObservedNamespace, link: ObservedLink): PlannedLink {
    const known = this.#plannedLinks.get(namespace)?.get(link.index);
    return known ?? this.addLink({
      namespace,
      name: link.name,
      index: link.index,
      fresh: false,
      up: link.up,
      goesDown: false,
      losesNeighbours: false,
      carrier: carrierOf(link.carrier, link.up && link.carrier),
    });
  }

  /** Remembers `link`, by its index if it has one. */
  addLink(link: PlannedLink): PlannedLink {
    if (link.index !== undefined) {
      const plannedLinks = this.#plannedLinks.get(link.namespace) ?? new Map<number, PlannedLink>();
      this.#plannedLinks.set(link.namespace, plannedLinks.set(link.index, link));
    }
    return link;
  }

  /** The link that an ARP entry or a route means, or why there is none. */
  target(reference: Reference): PlannedLink | NoLink {
    const described = this.index.find(reference);
    if (described !== undefined) {
      const link = this.links.get(described.name);
      if (link === undefined) return { reason: `the interface ${described.name} is not there` };
      return "reason" in link ? { reason: `the interface ${described.name} is not there: ${link.reason}` } : link;
    }
    const namespace = this.input.namespaceOf(namespaceOfItem(reference));
    if (!isAvailable(namespace)) return { reason: namespace.unavailable };
    const link = linkNamed(namespace, reference.interface);
    if (link === undefined || this.isDeleted(namespace, link.index)) {
      return { reason: `there is no link ${reference.interface} in ${namespace.label}` };
    }
    return this.plannedLink(namespace, link);
  }

  /** The interface of this name in the newest earlier description, if it was in the same namespace. */
  formerly(one: LinuxInterface): LinuxInterface | undefined {
    for (const index of this.#earlier) {
      const found = index.named(one.name);
      if (found === undefined) continue;
      return namespaceKey(namespaceOfItem(found)) === namespaceKey(namespaceOfItem(one)) ? found : undefined;
    }
    return undefined;
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

/** The item of an interface, in reports. */
export const interfaceItem = (name: string): string => `interface ${name}`;
/** The item of a namespace, in reports. */
export const namespaceItem = (name: string): string => `namespace ${name}`;
/** The item of an ARP entry, in reports. */
export const arpItem = (name: string): string => `ARP entry ${name}`;
/** The item of a route, in reports. */
export const routeItem = (name: string): string => `route ${name}`;
