/** Veth pairs: kept, renamed, changed, or made anew. */
import type { LinuxInterface } from "../../models/interface.ts";
import { carrierOf, type End, type LinkChange, type Slot } from "../plan/actions.ts";
import { planAddresses } from "../plan/addresses.ts";
import { type Draft, interfaceItem, isSpace, type Unavailable } from "../plan/plan_builder.ts";
import { changeLink } from "../plan/change_link.ts";
import { type ActualLink, arePeers, familyOf, linkNamed, peerIn, type Space } from "../observed/observed_namespace.ts";

/** An interface of the file with its namespace. */
interface Side {
  readonly model: LinuxInterface;
  readonly space: Space;
}

/** Plans every pair of the file. */
export function planPairs(draft: Draft): void {
  const planned = new Set<string>();
  for (const model of draft.situation.config.interfaces) {
    if (model.veth === undefined || planned.has(model.name)) continue;
    const peer = draft.index.named(model.veth.peerIfName);
    planned.add(model.name);
    if (peer === undefined) {
      wait(draft, model, `its peer ${model.veth.peerIfName} is not described`);
      continue;
    }
    planned.add(peer.name);
    const space = draft.situation.spaceOf(model.namespace);
    const peerSpace = draft.situation.spaceOf(peer.namespace);
    if (isSpace(space) && isSpace(peerSpace)) {
      planPair(draft, { model, space }, { model: peer, space: peerSpace });
    } else {
      unavailable(draft, model, space, peerSpace);
      unavailable(draft, peer, peerSpace, space);
      for (const [one, own, other] of [[model, space, peerSpace], [peer, peerSpace, space]] as const) {
        if (isSpace(own) && !isSpace(other) && other.ended) unlinkRest(draft, one, own);
      }
    }
  }
}

function wait(draft: Draft, { name }: LinuxInterface, reason: string): void {
  draft.wait(interfaceItem(name), reason);
  draft.links.set(name, { reason });
}

function fail(draft: Draft, { name }: LinuxInterface, reason: string): void {
  draft.fail(interfaceItem(name), reason);
  draft.links.set(name, { reason });
}

/** Neither end is made while the namespace of one cannot be entered. */
function unavailable(draft: Draft, model: LinuxInterface, own: Space | Unavailable, other: Space | Unavailable): void {
  const [broken, reason] = !isSpace(own)
    ? [own.broken, own.unavailable]
    : !isSpace(other)
    ? [other.broken, `its peer ${model.veth?.peerIfName}: ${other.unavailable}`]
    : [false, ""];
  (broken ? fail : wait)(draft, model, reason);
}

/**
 * The container of the other end has ended. Mostly the kernel has taken the pair away with its namespace; not where
 * somebody else keeps that, as another container that shares it.
 */
function unlinkRest(draft: Draft, { name, hostIfName }: LinuxInterface, space: Space): void {
  const link = linkNamed(space, hostIfName);
  if (link?.kind === "veth" && draft.wasDescribed(space, link.name)) draft.unlink(interfaceItem(name), space, link);
}

function planPair(draft: Draft, a: Side, b: Side): void {
  const found = findPair(draft, a, b);
  if (found !== undefined) {
    keep(draft, a, found[0], b.model.enabled);
    keep(draft, b, found[1], a.model.enabled);
    return;
  }
  const inTheWay = [a, b].flatMap(({ model, space }) => {
    const link = linkNamed(space, model.hostIfName);
    return link === undefined ? [] : [{ model, space, link }];
  });
  for (const { space, link } of inTheWay) {
    const reason = reasonToKeep(draft, space, link);
    if (reason === undefined) continue;
    fail(draft, a.model, `${link.name} in ${space.label} ${reason}`);
    fail(draft, b.model, `${link.name} in ${space.label} ${reason}`);
    return;
  }
  for (const { model, space, link } of inTheWay) draft.unlink(interfaceItem(model.name), space, link);
  create(draft, a, b);
}

/**
 * Why a link that is in the way of a pair is not to be deleted; undefined if it may go. In the default namespace live
 * the pairs of others: one goes only if the file, as it is or as it was, has it or its other end.
 */
function reasonToKeep(draft: Draft, space: Space, link: ActualLink): string | undefined {
  if (link.kind !== "veth") return `is a link of another kind (${link.kind ?? "hardware"}), not of a veth pair`;
  if (space !== draft.situation.spaceOf() || draft.wasDescribed(space, link.name)) return undefined;
  for (const other of draft.situation.spaces()) {
    const peer = peerIn(space, link, other);
    if (peer !== undefined && (draft.isDescribed(other, peer.name) || draft.wasDescribed(other, peer.name))) {
      return undefined;
    }
  }
  return "is of a pair that is not described: delete it, or choose another hostIfName";
}

/**
 * The two links of the pair, if it is there: by the host names; where one of these is missing, by the name that the
 * file gave it before, or as the other end of the one that is there, unless that has another place in the file.
 */
function findPair(draft: Draft, a: Side, b: Side): readonly [ActualLink, ActualLink] | undefined {
  const [left, right] = [candidate(draft, a), candidate(draft, b)];
  if (left !== undefined && right !== undefined) {
    return arePeers(a.space, left, b.space, right) ? [left, right] : undefined;
  }
  if (left !== undefined) {
    const other = freePeer(draft, a.space, left, b.space);
    return other && [left, other];
  }
  if (right !== undefined) {
    const other = freePeer(draft, b.space, right, a.space);
    return other && [other, right];
  }
  return undefined;
}

function candidate(draft: Draft, { model, space }: Side): ActualLink | undefined {
  const link = linkNamed(space, model.hostIfName);
  if (link !== undefined) return link;
  const before = draft.formerly(model)?.hostIfName;
  return before === undefined || draft.isDescribed(space, before) ? undefined : linkNamed(space, before);
}

function freePeer(draft: Draft, space: Space, link: ActualLink, other: Space): ActualLink | undefined {
  const peer = peerIn(space, link, other);
  return peer === undefined || draft.isDescribed(other, peer.name) ? undefined : peer;
}

/** The ends of a pair carry packets if both are up. */
function keep(draft: Draft, { model, space }: Side, link: ActualLink, carried: boolean): void {
  draft.keep(space, link);
  const slot = changeLink(draft, model, space, link, carried);
  draft.links.set(model.name, slot);
  planAddresses(draft, model, slot);
}

function create(draft: Draft, a: Side, b: Side): void {
  const item = interfaceItem(a.model.name);
  const peerItem = interfaceItem(b.model.name);
  const carrier = carrierOf(false, a.model.enabled && b.model.enabled);
  const [slot, peerSlot] = [freshSlot(a, carrier), freshSlot(b, carrier)];
  draft.need(a.space, item);
  draft.need(b.space, peerItem);
  draft.touch(peerItem);
  draft.do("create", item, { kind: "create-link", ends: [end(slot, a.model), end(peerSlot, b.model)] });
  configure(draft, item, a.model, slot);
  configure(draft, peerItem, b.model, peerSlot);
}

/** What an end gets once the pair is made. */
function configure(draft: Draft, item: string, model: LinuxInterface, slot: Slot): void {
  draft.links.set(model.name, slot);
  planAddresses(draft, model, slot);
  if (!slot.up) return;
  // The kernel makes no pair whose second end is up, so each end is set up by a request of its own.
  draft.do("configure", item, { kind: "change-link", slot, name: slot.name, change: UP });
}

const UP: LinkChange = { up: true };

function freshSlot({ model, space }: Side, carrier: Slot["carrier"]): Slot {
  return {
    space,
    name: model.hostIfName,
    index: undefined,
    fresh: true,
    up: model.enabled,
    goesDown: false,
    losesNeighbours: false,
    carrier,
  };
}

const end = (slot: Slot, { physAddress, mtu, ipAddresses = [] }: LinuxInterface): End => ({
  slot,
  address: physAddress,
  mtu,
  ipv6: ipAddresses.some((text) => familyOf(text) === 6),
});
