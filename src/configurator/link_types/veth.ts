/** VETH: the two ends of a pair, each an interface of its own. Both are made by one request. */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { VethSpec } from "../../netlink/link/kinds/veth.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { arePeers } from "../../netns/peers.ts";
import { peerIn } from "../observed/other_end.ts";
import type { LinkCreation, NamespaceFd, NewLink } from "../plan/link_creation.ts";
import { changeOf } from "../plan/change_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { hasDescribedQueues } from "./changed_or_made_anew.ts";
import { findLink } from "./find_link.ts";
import { addCreation } from "./link_records.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";
import { baseOf, configureNew, describeNew, newLinkOf } from "./new_link.ts";

type Pair<T> = readonly [T, T];

/** The type VETH. */
export const veth: LinkType = {
  kind: "veth",
  members: (builder, model) => {
    const peer = peerOf(builder, model);
    return peer === undefined ? { reason: `its peer ${model.veth?.peerIfName} is not described` } : [model, peer];
  },
  matches: ({ kind }) => kind === "veth",
  borrows: false,
  find: (builder, members) => findPair(builder, pairOf(members)),
  change: (_builder, { model, link }) => changeOf(model, link),
  create: (builder, members) => {
    createPair(builder, pairOf(members));
    return undefined;
  },
};

const peerOf = ({ descriptions }: PlanBuilder, { veth }: LinuxInterface): LinuxInterface | undefined => (
  veth && descriptions.index.named(veth.peerIfName)
);

function pairOf<T>([a, b]: readonly T[]): Pair<T> {
  if (a === undefined || b === undefined) throw new TypeError("Cannot plan one end of a pair: expected both");
  return [a, b];
}

/**
 * The links of a pair that exists. Each is found by its names; if only one is, the other is its other end, unless that
 * is described as another interface.
 */
function findPair(builder: PlanBuilder, [a, b]: Pair<Member>): Pair<FoundMember> | undefined {
  const [left, right] = [findLink(builder, a), findLink(builder, b)];
  const found = (left: ObservedLink, right: ObservedLink): Pair<FoundMember> => [
    { ...a, model: withOwnAddress(a.model, left, b.model, right), link: left, hasCarrier: b.model.enabled },
    { ...b, model: withOwnAddress(b.model, right, a.model, left), link: right, hasCarrier: a.model.enabled },
  ];
  if (left !== undefined && right !== undefined) {
    const isPair = arePeers(a.namespace, left, b.namespace, right);
    return isPair && hasDescribedQueues(a.model, left) && hasDescribedQueues(b.model, right)
      ? found(left, right)
      : undefined;
  }
  if (left !== undefined) {
    const other = undescribedPeer(builder, a.namespace, left, b.namespace);
    return other && found(left, other);
  }
  if (right !== undefined) {
    const other = undescribedPeer(builder, b.namespace, right, a.namespace);
    return other && found(other, right);
  }
  return undefined;
}

/**
 * An end is the link of its host name in its namespace, whatever its name in the file is: ends that swap their places keep
 * the hardware addresses that are not described. But an end whose address becomes that of the other one gets the address
 * which that gives up: with one address they cannot reach each other.
 */
function withOwnAddress(
  model: LinuxInterface,
  link: ObservedLink,
  peer: LinuxInterface,
  other: ObservedLink,
): LinuxInterface {
  const isTaken = model.physAddress === undefined && peer.physAddress !== undefined &&
    link.address === peer.physAddress;
  if (!isTaken || other.address === undefined || other.address === link.address) return model;
  return { ...model, physAddress: other.address };
}

function undescribedPeer(
  { descriptions }: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
  other: ObservedNamespace,
): ObservedLink | undefined {
  const peer = peerIn(namespace, link, other);
  return peer === undefined || descriptions.has(other, peer.name) ? undefined : peer;
}

function createPair(builder: PlanBuilder, [a, b]: Pair<Member>): void {
  const item = interfaceItem(a.model.name);
  const peerItem = interfaceItem(b.model.name);
  const carrier = carrierOf(false, a.model.enabled && b.model.enabled);
  const newLink = ({ model: { hostIfName, enabled }, namespace }: Member): PlannedLink => (
    new PlannedLink({ namespace, name: hostIfName, up: enabled, carrier })
  );
  const [link, peerLink] = [newLink(a), newLink(b)];
  builder.need(a.namespace, item);
  builder.need(b.namespace, peerItem);
  builder.touch(peerItem);
  addCreation(builder, item, new VethCreation([newLinkOf(a.model, link), newLinkOf(b.model, peerLink)]));
  // The kernel makes no pair whose second end is up, so each end is set up by a request of its own.
  configureNew(builder, a, link);
  configureNew(builder, b, peerLink);
}

/** A pair: one request, with each end straight in its namespace. */
class VethCreation implements LinkCreation {
  readonly kind = "veth";
  readonly links: Pair<NewLink>;

  constructor(links: Pair<NewLink>) {
    this.links = links;
  }

  /** The kernel looks for the index of the first end where it is asked, so it is asked in the namespace of an end. */
  get origins(): Pair<ObservedNamespace> {
    const [a, b] = this.links;
    return [a.link.namespace, b.link.namespace];
  }

  get description(): string {
    const [a, b] = this.links;
    return `create ${describeNew(a)}, paired with ${describeNew(b)}`;
  }

  request(
    origin: ObservedNamespace,
    fdOf: (namespace: ObservedNamespace) => NamespaceFd | undefined,
  ): VethSpec {
    const [a, b] = this.links;
    const [near, far] = a.link.namespace === origin ? [a, b] : [b, a];
    return { kind: "veth", ...baseOf(near), peer: { ...baseOf(far), netns: fdOf(far.link.namespace) } };
  }
}
