/** Links that `--adopt` replaced, and that are made again as they were. */
import { defined } from "../../collections.ts";
import { isUnicastMac } from "../../models/values.ts";
import { ETH_DATA_LEN } from "../../netlink/constants/link.ts";
import { KINDS, type LinkKind, type LinkSpec } from "../../netlink/link/kinds/link_spec.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { ExtrasBefore, LinkBefore, OptionsBefore } from "../ownership/prior_state.ts";
import { qdiscOfText } from "../ownership/recorded_extras.ts";
import type { LinkRecord } from "../ownership/records.ts";
import type { LinkChange, Task } from "../plan/actions.ts";
import type { LinkCreation, NamespaceFd, NewLink, TunOptions } from "../plan/link_creation.ts";
import { formerInOrderOfAdding } from "../plan/address_change.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { PlannedLink } from "../plan/planned_link.ts";
import { stageOfSysctl } from "../plan/sysctls.ts";
import type { TaskList } from "../plan/task_list.ts";
import { addEntries, addSourced } from "./entries_back.ts";
import { changeBack, type LinkNow, ofNewLink, textOf } from "./change_back.ts";
import { planNewPortTables } from "./port_vlans.ts";
import { raiseUppers } from "./upper_mtus.ts";

/** True if the file describes an interface in the place of a link that was replaced: it comes back without that. */
export function isDescribed(
  { descriptions, input: { claims } }: PlanBuilder,
  { namespace, name }: LinkBefore,
): boolean {
  const found = claims.namespace(namespace);
  return found !== undefined && descriptions.has(found, name);
}

/** The links that were replaced, each pair together. */
export function groupsOf(all: readonly LinkBefore[]): LinkBefore[][] {
  const groups: LinkBefore[][] = [];
  for (let position = 0; position < all.length;) {
    const [near, far] = all.slice(position);
    if (near === undefined) break;
    groups.push(near.kind === "veth" && far?.kind === "veth" ? [near, far] : [near]);
    position += groups.at(-1)?.length ?? 1;
  }
  return groups;
}

/**
 * Plans that links are made again that were replaced: one, or both ends of a pair. What cannot be made again is reported, once,
 * and no longer remembered: a record of it would outlive the configuration.
 *
 * @param record What remembers them. It ends when all of them are there again.
 * @returns True if there is one to make.
 */
export function restoreLinks(
  builder: PlanBuilder,
  item: string,
  record: LinkRecord,
  all: readonly LinkBefore[],
): boolean {
  let isPlanned = false;
  for (const group of groupsOf(all)) {
    const [near] = group;
    if (near === undefined) continue;
    const isPair = group.length === 2;
    const links = group.flatMap((before): { before: LinkBefore; link: PlannedLink }[] => {
      const namespace = builder.input.claims.namespace(before.namespace);
      if (namespace === undefined) return [];
      const { name, up } = before;
      return [{ before, link: new PlannedLink({ namespace, name, up, carrier: "comes" }) }];
    });
    if (links.length < group.length || near.kind === "veth" && !isPair) {
      builder.leave(item, `${near.name} is not made again: the namespace of one of its ends is gone`);
      continue;
    }
    const taken = links.find(({ link }) => isTaken(builder, link));
    if (taken !== undefined) {
      builder.leave(item, `${taken.link.name} is not made again: there is another link of its name`);
      continue;
    }
    const creation = new RestoredLinks(item, links);
    builder.add("create", item, { kind: "create-link", creation }, { drops: record });
    isPlanned = true;
    for (const { before, link } of links) {
      builder.effects.giveBack(link, before.addresses);
      fillLink(builder, item, link, before, { drops: record });
    }
  }
  return isPlanned;
}

/**
 * True if somebody else's link has the name, or another one comes back to it that had been replaced later. One of this
 * configuration goes, as nothing is described in its place.
 */
function isTaken(builder: PlanBuilder, { namespace, name }: PlannedLink): boolean {
  if (builder.effects.linkGivenBack(namespace, name) !== undefined) return true;
  const there = builder.remainingLink(namespace, name);
  return there !== undefined && builder.input.claims.linkAt(namespace, there) === undefined;
}

/**
 * Plans that a link which has nothing gets what it had.
 *
 * @param ends The record that ends when it has all of it.
 */
export function fillLink(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  before: LinkBefore,
  ends?: Pick<Task, "drops">,
): void {
  for (const one of formerInOrderOfAdding(before.addresses)) {
    plan.add("configure", item, { kind: "add-address", link, address: one.address, before: one }, ends);
  }
  const { up, master, alias } = before;
  const change: LinkChange = defined({ up: up || undefined, master, alias });
  if (Object.keys(change).length > 0) {
    plan.add("configure", item, { kind: "change-link", link, name: link.name, change }, ends);
  }
  planPort(plan, item, link, master === undefined ? undefined : ofNewLink(before.port), ends);
  planNewPortTables(plan, item, link, before, ends);
  if (before.extras !== undefined) addExtras(plan, item, link, before.extras, ends);
  addEntries(plan, item, link, before, ends);
  addSourced(plan, item, link.namespace, before.sourced, ends);
}

/**
 * Plans that a link which was moved back gets what it had: the kernel took it along the way.
 *
 * @param now The link before it is moved.
 * @param master The index of its master there: 0 for none, undefined if that is gone.
 */
export function fillMoved(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  now: LinkNow,
  before: LinkBefore,
  master: number | undefined,
  ends?: Pick<Task, "drops">,
): void {
  const { change, port } = changeBack(arrived(now, before), before, master);
  for (const one of formerInOrderOfAdding(before.addresses)) {
    plan.add("configure", item, { kind: "add-address", link, address: one.address, before: one }, ends);
  }
  if (change !== undefined) {
    plan.add("configure", item, { kind: "change-link", link, name: link.name, change }, ends);
  }
  const { qdisc, sysctls } = before.extras ?? {};
  addExtras(plan, item, link, { qdisc, sysctls }, ends);
  planPort(plan, item, link, port, ends);
  planNewPortTables(plan, item, link, { ...before, master }, ends);
  addEntries(plan, item, link, before, ends);
  addSourced(plan, item, link.namespace, before.sourced, ends);
  raiseUppers(plan, item, link.namespace, now.mtu, before, ends);
}

/** A link as it arrives in another namespace, under the name that it had there. */
export const arrived = (now: LinkNow, { name }: Pick<LinkBefore, "name">): LinkNow => (
  { ...now, name, up: false, master: undefined, port: undefined }
);

/** Plans that a link gets what only few links have. */
function addExtras(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { qdisc, altNames, group, promisc, allmulti, sysctls = {} }: ExtrasBefore,
  ends?: Pick<Task, "drops">,
): void {
  const { namespace } = link;
  for (const [key, value] of Object.entries(sysctls)) {
    plan.add(stageOfSysctl(key), item, { kind: "set-sysctl", namespace, key, value, before: undefined }, ends);
  }
  const change: LinkChange = defined({ altNames, group, promisc, allmulti });
  if (Object.keys(change).length > 0) {
    plan.add("configure", item, { kind: "change-link", link, name: link.name, change }, ends);
  }
  const restored = qdisc === undefined ? undefined : qdiscOfText(qdisc);
  if (restored !== undefined) {
    plan.add("configure", item, { kind: "restore-qdisc", link, qdisc: restored }, ends);
  }
}

/** Plans what a link is again as a port of its bridge. */
export function planPort(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  port: Partial<OptionsBefore> | undefined,
  ends?: Pick<Task, "drops">,
): void {
  if (port === undefined || Object.keys(port).length === 0) return;
  const change = { port, optionsText: textOf(port) };
  plan.add("after-carrier", item, { kind: "change-link", link, name: link.name, change }, ends);
}

/** A link to make again. */
export interface LinkToRestore {
  readonly link: PlannedLink;
  readonly before: LinkBefore;
  /** The options of its kind, if it has some. */
  readonly data?: LinkKind | undefined;
}

/** One link, or a pair. */
export class RestoredLinks implements LinkCreation {
  readonly links: readonly NewLink[];
  readonly kind: string;
  readonly parent: PlannedLink | undefined;
  readonly tun: TunOptions | undefined;
  readonly #restored: readonly LinkToRestore[];
  readonly #origin: ObservedNamespace | undefined;

  /**
   * One link, or both ends of a pair.
   *
   * @param origin The namespace in which it is made, if that is another one.
   * @param parent The link that it stands on.
   */
  constructor(item: string, restored: readonly LinkToRestore[], origin?: ObservedNamespace, parent?: PlannedLink) {
    this.#restored = restored;
    this.#origin = origin;
    this.parent = parent;
    const [near] = restored;
    this.kind = near?.before.kind ?? "";
    this.tun = near?.data?.kind === "tun" ? tunOptions(near.data) : undefined;
    this.links = restored.map(({ link, before }): NewLink => {
      const address = hardwareAddress(before);
      return { item, link, index: before.index, address, mtu: before.mtu, withoutAddress: address === undefined };
    });
  }

  get origins(): readonly [ObservedNamespace, ...ObservedNamespace[]] {
    if (this.#origin !== undefined) return [this.#origin];
    const [first, ...others] = this.links.map(({ link }) => link.namespace);
    if (first === undefined) throw new TypeError("Cannot make no link: expected one, or both ends of a pair");
    return [first, ...others];
  }

  get features(): LinkCreation["features"] {
    return this.#restored.flatMap(({ link, before: { extras } }) => (
      extras?.features === undefined ? [] : [{ link, wanted: extras.features }]
    ));
  }

  /** Whether the MTU was its own, the kernel does not say. One that is as usual mostly was not. */
  get keptMtu(): number | undefined {
    const [near] = this.links;
    return this.kind === "bridge" && near?.mtu !== ETH_DATA_LEN ? near?.mtu : undefined;
  }

  get description(): string {
    return `make ${this.links.map(({ link }) => link.label).join(", paired with ")} again, as before`;
  }

  request(origin: ObservedNamespace, fdOf: (namespace: ObservedNamespace) => NamespaceFd | undefined): LinkSpec {
    const isNear = this.#restored.length < 2 || this.#restored[0]?.link.namespace === origin;
    const [near, far] = isNear ? this.#restored : [...this.#restored].reverse();
    if (near === undefined) throw new TypeError("Cannot make no link: expected one, or both ends of a pair");
    const spec = ({ link: { name, index }, before }: LinkToRestore) => {
      const { mtu, txQueues: numTxQueues, rxQueues: numRxQueues, txQueueLength } = before;
      return defined({ name, index, address: hardwareAddress(before), mtu, numTxQueues, numRxQueues, txQueueLength });
    };
    const base = { ...spec(near), netns: fdOf(near.link.namespace) };
    if (far !== undefined) {
      return { kind: "veth", ...base, peer: { ...spec(far), netns: fdOf(far.link.namespace) } };
    }
    const link = this.parent?.index;
    const other = { ...ofNewLink(near.data), kind: this.kind, ...base, ...defined({ link }) };
    if (!isLinkSpec(other)) throw new TypeError(`Cannot make ${near.link.label} again: its kind is not known`);
    return other;
  }
}

/** The hardware address of a link; that of a tunnel over IP is the address of its own end, which is an option of it. */
const hardwareAddress = ({ address }: LinkBefore): string | undefined =>
  address !== undefined && isUnicastMac(address) ? address : undefined;

/** How a TUN or TAP is made again; undefined of one that is neither. */
function tunOptions(
  { mode, multiQueue, owner, group }: Extract<LinkKind, { readonly kind: "tun" }>,
): TunOptions | undefined {
  return mode === "tun" || mode === "tap" ? defined({ mode, multiQueue, owner, group }) : undefined;
}

/** True of a kind that can be made; netlink checks the options one by one. */
const isLinkSpec = (spec: { readonly kind: string }): spec is LinkSpec => KINDS.has(spec.kind);
