/** A plan in the making: what the parts of the planner add to and ask each other. */
import type { NetworkConfig } from "../../models/config.ts";
import { InterfaceIndex, namespaceKey } from "../../models/references.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import type { NamespaceFields } from "../../models/namespace.ts";
import { type Action, carrierOf, type Place, type Slot, type Stage, STAGES, type Task, task } from "./actions.ts";
import type { FailedItem, PendingItem } from "../report.ts";
import { type ActualLink, addressesOf, linkNamed, peerIn, type Space } from "../observed/observed_namespace.ts";

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
export interface Situation {
  /** What is to be. */
  readonly config: NetworkConfig;
  /** What was described before, newest first: what of it is no longer described goes. */
  readonly earlier: readonly NetworkConfig[];
  /** Names of namespaces that earlier applies made. */
  readonly made: readonly string[];
  /** The namespace of an item. Undefined is the default one. */
  spaceOf(ns?: NamespaceFields): Space | Unavailable;
  /** Every namespace that can be looked at. */
  spaces(): Iterable<Space>;
  /** The namespaces of the interfaces have all been asked for, and will be looked at: what that takes can be got at once. */
  connect(): void;
  /** Who else uses a namespace, for people: `"process 42 runs in it"`; undefined if nobody does. */
  occupants(space: Space): string | undefined;
}

/** Why an interface has no link. */
export interface NoLink {
  /** The reason, for people. */
  readonly reason: string;
}

/** True if `space` is one. */
export function isSpace(space: Space | Unavailable): space is Space {
  return "label" in space;
}

/** Collects the tasks of a plan, and remembers what they do to the links. */
export class Draft {
  /** What the plan is made from. */
  readonly situation: Situation;
  /** The interfaces of the file. */
  readonly index: InterfaceIndex;
  /** What has to wait. */
  readonly pending: PendingItem[] = [];
  /** What cannot be. */
  readonly failed: FailedItem[] = [];
  /** The links of the interfaces, by the names of these, or why there is none. */
  readonly links: Map<string, Slot | NoLink> = new Map();

  readonly #stages: Record<Stage, Task[]> = {
    namespaces: [],
    remove: [],
    unlink: [],
    change: [],
    create: [],
    configure: [],
    carried: [],
    cleanup: [],
  };
  /** Items that are not as described, for whatever reason. */
  readonly #touched = new Set<string>();
  /** Links that the file keeps, and those that the plan deletes: spaces and indices. */
  readonly #kept = new Map<Space, Set<number>>();
  readonly #deleted = new Map<Space, Set<number>>();
  readonly #places: Map<Space, Set<string>> = new Map();
  readonly #formerPlaces: Map<Space, Set<string>> = new Map();
  readonly #slots = new Map<Space, Map<number, Slot>>();
  readonly #needed = new Set<Space>();
  #leaves = false;
  readonly #earlier: readonly InterfaceIndex[];
  readonly #lost = new Map<Space, Set<string>>();
  readonly #bare = new Map<Space, Set<number>>();
  readonly #addresses = new Map<Slot, readonly string[]>();

  /** An empty plan. */
  constructor(situation: Situation) {
    this.situation = situation;
    this.index = new InterfaceIndex(situation.config.interfaces);
    this.#earlier = situation.earlier.map(({ interfaces }) => new InterfaceIndex(interfaces));
    for (const { namespace, hostIfName } of situation.config.interfaces) {
      const space = situation.spaceOf(namespace);
      if (isSpace(space)) add(this.#places, space, hostIfName);
    }
    // The other end of a link that goes may be where the file has nothing any more.
    for (const { namespace, hostIfName } of situation.earlier.flatMap(({ interfaces }) => interfaces)) {
      const space = situation.spaceOf(namespace);
      if (isSpace(space)) add(this.#formerPlaces, space, hostIfName);
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

  /** `space` is used, so it must exist: if it does not, it is made first, once. */
  need(space: Space, item: string): void {
    if (space.exists || space.name === undefined || this.#needed.has(space)) return;
    this.#needed.add(space);
    this.do("namespaces", item, { kind: "create-namespace", space, name: space.name });
  }

  /** True if the file has an interface of this host name there. */
  isDescribed(space: Space, hostIfName: string): boolean {
    return this.#places.get(space)?.has(hostIfName) ?? false;
  }

  /** True if an earlier description had an interface of this host name there. */
  wasDescribed(space: Space, hostIfName: string): boolean {
    return this.#formerPlaces.get(space)?.has(hostIfName) ?? false;
  }

  /** The link stays, as an interface of the file. */
  keep(space: Space, link: ActualLink): void {
    add(this.#kept, space, link.index);
  }

  /** True if the link stays, as an interface of the file. */
  isKept(space: Space, link: ActualLink): boolean {
    return this.#kept.get(space)?.has(link.index) ?? false;
  }

  /** The link goes; if it is an end of a pair, the other end goes with it, which is looked for if it is not `known`. */
  unlink(item: string, space: Space, link: ActualLink, known?: Place): void {
    this.touch(item);
    if (this.isDeleted(space, link.index)) return;
    add(this.#deleted, space, link.index);
    const far = known ?? this.#farEnd(space, link);
    if (far !== undefined) add(this.#deleted, far.space, far.index);
    const near = { space, index: link.index };
    this.do("unlink", item, { kind: "delete-link", name: link.name, ends: far === undefined ? [near] : [near, far] });
  }

  /** The other end of a pair, if that is where it can be looked at. */
  #farEnd(space: Space, link: ActualLink): Place | undefined {
    for (const other of link.kind === "veth" ? this.situation.spaces() : []) {
      const peer = peerIn(space, link, other);
      if (peer !== undefined) return { space: other, index: peer.index };
    }
    return undefined;
  }

  /** The link leaves the namespace, but is not deleted. */
  moveAway(space: Space, link: ActualLink): void {
    add(this.#deleted, space, link.index);
  }

  /** True if the plan deletes the link, or takes it elsewhere. */
  isDeleted(space: Space, index: number): boolean {
    return this.#deleted.get(space)?.has(index) ?? false;
  }

  /** True if the plan sets the link down. */
  isGoingDown(space: Space, index: number): boolean {
    return this.#slots.get(space)?.get(index)?.goesDown ?? false;
  }

  /** The address (without a prefix) goes, even if it is given back at once. */
  loseAddress(space: Space, ip: string): void {
    add(this.#lost, space, ip);
  }

  /** True if the address goes, even if it is given back at once. */
  losesAddress(space: Space, ip: string): boolean {
    return this.#lost.get(space)?.has(ip) ?? false;
  }

  /** The link has these addresses in the end, the first of each network before the others. */
  setAddresses(slot: Slot, texts: readonly string[]): void {
    this.#addresses.set(slot, texts);
  }

  /** The addresses that the link has in the end, the first of each network before the others. */
  addressesOf(slot: Slot): readonly string[] {
    const planned = this.#addresses.get(slot);
    if (planned !== undefined || slot.index === undefined) return planned ?? [];
    return addressesOf(slot.space, slot.index).map(({ text }) => text);
  }

  /** The link has no IPv4 address for a moment or longer: the kernel takes its IPv4 routes and neighbours. */
  loseIpv4(space: Space, index: number): void {
    add(this.#bare, space, index);
  }

  /** True if the plan leaves the link without an IPv4 address that it had, even if it gets others at once. */
  losesIpv4(space: Space, index: number): boolean {
    return this.#bare.get(space)?.has(index) ?? false;
  }

  /** The slot of a link that is there: the one of its interface, or one that leaves it as it is. */
  slotOf(space: Space, link: ActualLink): Slot {
    const known = this.#slots.get(space)?.get(link.index);
    return known ?? this.addSlot({
      space,
      name: link.name,
      index: link.index,
      fresh: false,
      up: link.up,
      goesDown: false,
      losesNeighbours: false,
      carrier: carrierOf(link.carrier, link.up && link.carrier),
    });
  }

  /** Remembers `slot`, by its index if it has one. */
  addSlot(slot: Slot): Slot {
    if (slot.index !== undefined) {
      const slots = this.#slots.get(slot.space) ?? new Map<number, Slot>();
      this.#slots.set(slot.space, slots.set(slot.index, slot));
    }
    return slot;
  }

  /** The link that an ARP entry or a route means, or why there is none. */
  target(reference: { readonly interface: string; readonly namespace?: NamespaceFields }): Slot | NoLink {
    const described = this.index.find(reference);
    if (described !== undefined) {
      const link = this.links.get(described.name);
      if (link === undefined) return { reason: `the interface ${described.name} is not there` };
      return "reason" in link ? { reason: `the interface ${described.name} is not there: ${link.reason}` } : link;
    }
    const space = this.situation.spaceOf(reference.namespace);
    if (!isSpace(space)) return { reason: space.unavailable };
    const link = linkNamed(space, reference.interface);
    if (link === undefined || this.isDeleted(space, link.index)) {
      return { reason: `there is no link ${reference.interface} in ${space.label}` };
    }
    return this.slotOf(space, link);
  }

  /** The interface of this name in the newest earlier description, if it was in the same namespace. */
  formerly(one: LinuxInterface): LinuxInterface | undefined {
    for (const index of this.#earlier) {
      const found = index.named(one.name);
      if (found !== undefined) return namespaceKey(found.namespace) === namespaceKey(one.namespace) ? found : undefined;
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
