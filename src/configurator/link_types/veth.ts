/** Veth pairs: kept, renamed, changed, or made anew. */
import type { LinuxInterface } from "../../models/interface.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { carrierOf, type LinkChange, type PlannedLink, type VethEnd } from "../plan/actions.ts";
import { planAddresses } from "../plan/addresses.ts";
import { interfaceItem, isAvailable, type PlanBuilder, type Unavailable } from "../plan/plan_builder.ts";
import { changeLink } from "../plan/change_link.ts";
import {
  arePeers,
  familyOf,
  linkNamed,
  type ObservedLink,
  type ObservedNamespace,
  peerIn,
} from "../observed/observed_namespace.ts";

/** An interface of the file with its namespace. */
interface Side {
  readonly model: LinuxInterface;
  readonly namespace: ObservedNamespace;
}

/** Plans every pair of the file. */
export function planPairs(builder: PlanBuilder): void {
  const planned = new Set<string>();
  for (const model of builder.input.config.interfaces) {
    if (model.veth === undefined || planned.has(model.name)) continue;
    const peer = builder.index.named(model.veth.peerIfName);
    planned.add(model.name);
    if (peer === undefined) {
      wait(builder, model, `its peer ${model.veth.peerIfName} is not described`);
      continue;
    }
    planned.add(peer.name);
    const namespace = builder.input.namespaceOf(namespaceOfItem(model));
    const peerNamespace = builder.input.namespaceOf(namespaceOfItem(peer));
    if (isAvailable(namespace) && isAvailable(peerNamespace)) {
      planPair(builder, { model, namespace }, { model: peer, namespace: peerNamespace });
    } else {
      unavailable(builder, model, namespace, peerNamespace);
      unavailable(builder, peer, peerNamespace, namespace);
      for (const [one, own, other] of [[model, namespace, peerNamespace], [peer, peerNamespace, namespace]] as const) {
        if (isAvailable(own) && !isAvailable(other) && other.ended) unlinkRest(builder, one, own);
      }
    }
  }
}

function wait(builder: PlanBuilder, { name }: LinuxInterface, reason: string): void {
  builder.wait(interfaceItem(name), reason);
  builder.links.set(name, { reason });
}

function fail(builder: PlanBuilder, { name }: LinuxInterface, reason: string): void {
  builder.fail(interfaceItem(name), reason);
  builder.links.set(name, { reason });
}

/** Neither end is made while the namespace of one cannot be entered. */
function unavailable(
  builder: PlanBuilder,
  model: LinuxInterface,
  own: ObservedNamespace | Unavailable,
  other: ObservedNamespace | Unavailable,
): void {
  const [broken, reason] = !isAvailable(own)
    ? [own.broken, own.unavailable]
    : !isAvailable(other)
    ? [other.broken, `its peer ${model.veth?.peerIfName}: ${other.unavailable}`]
    : [false, ""];
  (broken ? fail : wait)(builder, model, reason);
}

/**
 * The container of the other end has ended. Mostly the kernel has taken the pair away with its namespace; not where
 * somebody else keeps that, as another container that shares it.
 */
function unlinkRest(builder: PlanBuilder, { name, hostIfName }: LinuxInterface, namespace: ObservedNamespace): void {
  const link = linkNamed(namespace, hostIfName);
  if (link?.kind === "veth" && builder.wasDescribed(namespace, link.name)) {
    builder.unlink(interfaceItem(name), namespace, link);
  }
}

function planPair(builder: PlanBuilder, a: Side, b: Side): void {
  const found = findPair(builder, a, b);
  if (found !== undefined) {
    keep(builder, a, found[0], b.model.enabled);
    keep(builder, b, found[1], a.model.enabled);
    return;
  }
  const inTheWay = [a, b].flatMap(({ model, namespace }) => {
    const link = linkNamed(namespace, model.hostIfName);
    return link === undefined ? [] : [{ model, namespace, link }];
  });
  for (const { namespace, link } of inTheWay) {
    const reason = reasonToKeep(builder, namespace, link);
    if (reason === undefined) continue;
    fail(builder, a.model, `${link.name} in ${namespace.label} ${reason}`);
    fail(builder, b.model, `${link.name} in ${namespace.label} ${reason}`);
    return;
  }
  for (const { model, namespace, link } of inTheWay) builder.unlink(interfaceItem(model.name), namespace, link);
  create(builder, a, b);
}

/**
 * Why a link that is in the way of a pair is not to be deleted; undefined if it may go. In the default namespace live
 * the pairs of others: one goes only if the file, as it is or as it was, has it or its other end.
 */
function reasonToKeep(builder: PlanBuilder, namespace: ObservedNamespace, link: ObservedLink): string | undefined {
  if (link.kind !== "veth") return `is a link of another kind (${link.kind ?? "hardware"}), not of a veth pair`;
  if (namespace !== builder.input.namespaceOf() || builder.wasDescribed(namespace, link.name)) return undefined;
  for (const other of builder.input.namespaces()) {
    const peer = peerIn(namespace, link, other);
    if (peer !== undefined && (builder.isDescribed(other, peer.name) || builder.wasDescribed(other, peer.name))) {
      return undefined;
    }
  }
  return "is of a pair that is not described: delete it, or choose another hostIfName";
}

/**
 * The two links of the pair, if it is there: by the host names; where one of these is missing, by the name that the
 * file gave it before, or as the other end of the one that is there, unless that has another place in the file.
 */
function findPair(builder: PlanBuilder, a: Side, b: Side): readonly [ObservedLink, ObservedLink] | undefined {
  const [left, right] = [candidate(builder, a), candidate(builder, b)];
  if (left !== undefined && right !== undefined) {
    return arePeers(a.namespace, left, b.namespace, right) ? [left, right] : undefined;
  }
  if (left !== undefined) {
    const other = freePeer(builder, a.namespace, left, b.namespace);
    return other && [left, other];
  }
  if (right !== undefined) {
    const other = freePeer(builder, b.namespace, right, a.namespace);
    return other && [other, right];
  }
  return undefined;
}

function candidate(builder: PlanBuilder, { model, namespace }: Side): ObservedLink | undefined {
  const link = linkNamed(namespace, model.hostIfName);
  if (link !== undefined) return link;
  const before = builder.formerly(model)?.hostIfName;
  return before === undefined || builder.isDescribed(namespace, before) ? undefined : linkNamed(namespace, before);
}

function freePeer(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
  other: ObservedNamespace,
): ObservedLink | undefined {
  const peer = peerIn(namespace, link, other);
  return peer === undefined || builder.isDescribed(other, peer.name) ? undefined : peer;
}

/** The ends of a pair carry packets if both are up. */
function keep(builder: PlanBuilder, { model, namespace }: Side, observed: ObservedLink, hasCarrier: boolean): void {
  builder.keep(namespace, observed);
  const link = changeLink(builder, model, namespace, observed, hasCarrier);
  builder.links.set(model.name, link);
  planAddresses(builder, model, link);
}

function create(builder: PlanBuilder, a: Side, b: Side): void {
  const item = interfaceItem(a.model.name);
  const peerItem = interfaceItem(b.model.name);
  const carrier = carrierOf(false, a.model.enabled && b.model.enabled);
  const [link, peerLink] = [newLink(a, carrier), newLink(b, carrier)];
  builder.need(a.namespace, item);
  builder.need(b.namespace, peerItem);
  builder.touch(peerItem);
  builder.do("create", item, { kind: "create-link", ends: [end(link, a.model), end(peerLink, b.model)] });
  configure(builder, item, a.model, link);
  configure(builder, peerItem, b.model, peerLink);
}

/** What an end gets once the pair is made. */
function configure(builder: PlanBuilder, item: string, model: LinuxInterface, link: PlannedLink): void {
  builder.links.set(model.name, link);
  planAddresses(builder, model, link);
  if (!link.up) return;
  // The kernel makes no pair whose second end is up, so each end is set up by a request of its own.
  builder.do("configure", item, { kind: "change-link", link, name: link.name, change: UP });
}

const UP: LinkChange = { up: true };

function newLink({ model, namespace }: Side, carrier: PlannedLink["carrier"]): PlannedLink {
  return {
    namespace,
    name: model.hostIfName,
    index: undefined,
    fresh: true,
    up: model.enabled,
    goesDown: false,
    losesNeighbours: false,
    carrier,
  };
}

const end = (link: PlannedLink, { physAddress, mtu, ipAddresses = [] }: LinuxInterface): VethEnd => ({
  link,
  address: physAddress,
  mtu,
  ipv6: ipAddresses.some((text) => familyOf(text) === 6),
});
