/** Links that this configuration no longer describes: what it made is deleted, what it borrowed is given back. */
import { defined } from "../../collections.ts";
import { givenAddressesOf, linkAt, linkNamed } from "../observed/lookup.ts";
import type { LinkLocation, ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { ClaimedEnd, ClaimedLink } from "../ownership/claims.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import { extrasBefore } from "../ownership/recorded_extras.ts";
import { givenLinkLocals } from "../ownership/snapshot.ts";
import { asLost, type BorrowedRecord, type LinkEnd, type LinkRecord, type ObjectRecord } from "../ownership/records.ts";
import { linkLabel } from "../ownership/refusal.ts";
import type { LinkChange, Task } from "../plan/actions.ts";
import { planFormerAddresses } from "../plan/addresses.ts";
import { ipv6Of, keepIpv6Mtu } from "../plan/ipv6_mtu.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { wholeRouteKey } from "../plan/route_fields.ts";
import { reasonNotToReplace } from "./adopt.ts";
import { changeBack } from "./change_back.ts";
import { cycleOf, withCycle } from "./master.ts";
import { planOwnersBack } from "./owners_back.ts";
import { asMap, changeOfVlans, planNewPortTables, planVlans, vlansOf } from "./port_vlans.ts";
import { addEntries, addSourced } from "./entries_back.ts";
import { arrived, fillMoved, isDescribed, planPort, restoreLinks } from "./restore.ts";
import { raiseUppers } from "./upper_mtus.ts";
import { linksOfOthers } from "./used_by_others.ts";
import { giveUsedBack, type LinkContent } from "./use_link.ts";
import { planEntriesBack } from "./vxlan_entries.ts";

/** Plans that what a record claims is deleted or given back. */
export function removeClaimed(builder: PlanBuilder, item: string, claimed: ClaimedLink): void {
  const { record } = claimed;
  if (isReplacedAtHome(builder, claimed)) return giveWay(builder, item, claimed);
  if (!builder.end(record)) return;
  if (record.kind === "borrowed") giveBackAll(builder, item, record, claimed.ends);
  else deleteMade(builder, item, record, claimed.ends);
}

/**
 * Plans that what a record claims makes room for a link that it cannot become. What was adopted is not given back to a
 * place that the file describes: it goes, and is made again when nothing else is there.
 */
export function makeRoom(builder: PlanBuilder, item: string, claimed: ClaimedLink): void {
  const { record, ends } = claimed;
  if (!staysAtHome(builder, claimed)) return removeClaimed(builder, item, claimed);
  const [near, far] = placesOf(ends);
  if (near === undefined || !builder.end(record)) return;
  builder.keep(record, asLost(record, wholeBefore(builder, claimed)));
  builder.deleteLink(item, near, far);
}

/** What adopted links are made again as: as they were, with what they have that only goes with them. */
const wholeBefore = ({ input: { claims } }: PlanBuilder, { record, ends }: ClaimedLink): readonly LinkBefore[] => (
  record.kind === "link" ? record.replaced ?? [] : record.before.map((before, position) => {
    const end = ends[position];
    if (end === undefined) return before;
    const described = record.ends[position]?.described ?? [];
    const given = givenLinkLocals(end.namespace, end.link).filter(({ address }) => !described.includes(address));
    return defined({
      ...before,
      addresses: [...before.addresses, ...given],
      extras: extrasBefore(end.namespace, end.link, claims),
    });
  })
);

/** Why a link of this configuration cannot make room: it was adopted, and could not be made again as it was. */
export function reasonNotToMakeRoom(
  builder: PlanBuilder,
  claimed: ClaimedLink,
  namespace: ObservedNamespace,
  link: ObservedLink,
): string | undefined {
  return staysAtHome(builder, claimed) ? reasonNotToReplace(builder, namespace, link) : undefined;
}

/** True of an adopted link that, given back, would be where the file describes another one. */
const staysAtHome = (builder: PlanBuilder, { record }: ClaimedLink): boolean => (
  record.kind === "borrowed" && record.before.some((one) => isDescribed(builder, one))
);

/** True of an adopted link whose name, where it came from, another link of the plan has. */
function isReplacedAtHome({ descriptions, links, input: { claims } }: PlanBuilder, { record, ends }: ClaimedLink) {
  if (record.kind !== "borrowed" || record.used !== undefined) return false;
  return record.before.some(({ namespace, name }, position) => {
    const home = claims.namespace(namespace);
    const described = home === undefined ? undefined : descriptions.at(home, name);
    const planned = described === undefined ? undefined : links.get(described.name);
    return planned !== undefined && !("reason" in planned) && planned.index !== ends[position]?.link.index;
  });
}

/** Plans that a link which cannot go home makes room, if it can be made again when its place is free; else it stays. */
function giveWay(builder: PlanBuilder, item: string, claimed: ClaimedLink): void {
  const { ends, record } = claimed;
  for (const end of ends) {
    const why = end === undefined ? undefined : reasonNotToReplace(builder, end.namespace, end.link);
    if (end === undefined || why === undefined) continue;
    if (builder.end(record)) builder.keep(record);
    return builder.leave(item, `${linkLabel(end.namespace, end.link)} is left: its place is taken, and ${why}`);
  }
  makeRoom(builder, item, claimed);
}

/** Where the ends are that can be looked at. */
function placesOf(ends: readonly (ClaimedEnd | undefined)[]): (LinkLocation & { readonly name: string })[] {
  return ends.flatMap((end) =>
    end === undefined ? [] : [{
      namespace: end.namespace,
      index: end.link.index,
      name: end.link.name,
    }]
  );
}

function deleteMade(
  builder: PlanBuilder,
  item: string,
  record: LinkRecord,
  ends: readonly (ClaimedEnd | undefined)[],
): void {
  const [near, far] = placesOf(ends);
  if (near === undefined) return;
  const others = linksOfOthers(builder, ends);
  if (others !== undefined) {
    builder.keep(record);
    return builder.leave(
      item,
      `${linkLabel(near.namespace, near)} is left: ${others.reason}`,
      others.owner ?? undefined,
    );
  }
  const { replaced = [] } = record;
  if (replaced.some((one) => isDescribed(builder, one))) {
    builder.keep(record, asLost(record));
    return builder.deleteLink(item, near, far);
  }
  // The record ends when all that it has is done: the link is gone, and what it had replaced is there again.
  const isRestored = restoreLinks(builder, item, record, replaced);
  builder.deleteLink(item, near, far, isRestored ? undefined : record);
}

function giveBackAll(
  builder: PlanBuilder,
  item: string,
  record: BorrowedRecord,
  ends: readonly (ClaimedEnd | undefined)[],
): void {
  record.before.forEach((before, position) => {
    const end = ends[position];
    if (end !== undefined && !giveBack(builder, item, record, end, before)) builder.keep(record);
  });
}

/** Plans that a borrowed link is what it was before; false if it has to stay for now. */
function giveBack(
  builder: PlanBuilder,
  item: string,
  record: BorrowedRecord,
  { namespace, link: observed }: ClaimedEnd,
  before: LinkBefore,
): boolean {
  if (record.used !== undefined) {
    const { link, content } = giveUsedBack(builder, item, record, { namespace, link: observed });
    restoreContent(builder, item, link, content, observed, { drops: record });
    return true;
  }
  // It is at home already, and fetched anew.
  if (builder.effects.isGone(namespace, observed.index)) return true;
  const { claims } = builder.input;
  const home = claims.namespace(before.namespace);
  const leave = (reason: string): boolean => {
    builder.leave(item, `${linkLabel(namespace, observed)} is left: ${reason}`);
    return false;
  };
  if (home === undefined) {
    const record = claims.namespaces.find(({ cookie }) => cookie === before.namespace);
    const reason = "the namespace from which it came cannot be opened";
    if (record === undefined || !claims.isUnknownNamespace(record)) return leave(reason);
    builder.fail(item, { reason: `${linkLabel(namespace, observed)} is left: ${reason}` });
    return false;
  }
  const taken = linkNamed(home, before.name);
  if (taken !== undefined && !(home === namespace && taken.index === observed.index)) {
    return leave(`${home.label} has a link ${before.name}`);
  }
  if (home === namespace) giveBackHere(builder, item, record, { namespace, link: observed }, before);
  else giveBackFrom(builder, item, record, { namespace, link: observed }, home, before);
  return true;
}

/** Plans that a link which is where it was is what it was. */
export function giveBackHere(
  builder: PlanBuilder,
  item: string,
  record: ObjectRecord,
  { namespace, link: observed }: ClaimedEnd,
  before: LinkBefore,
): void {
  const ends = { drops: record };
  const { name } = observed;
  const master = masterBack(builder, namespace, observed, before);
  const back = changeBack(observed, before, master);
  const { port } = back;
  const cycle = cycleOf(namespace, observed, master);
  const change = back.change && withCycle(back.change, cycle, before.up);
  const isCycled = cycle.isCycled || change?.downFirst === true;
  const link = builder.effects.add(plannedBack(namespace, before, observed, change, isCycled));
  if (link.name !== name) builder.effects.giveBack(link, []);
  if (change !== undefined) builder.add("change", item, { kind: "change-link", link, name, change }, ends);
  else {
    builder.add("change", item, { kind: "release", what: linkLabel(namespace, observed), namespace, name }, ends);
  }
  keepIpv6Mtu(builder, item, link, observed, before, ends);
  planOwnersBack(builder, item, link, observed, before, ends);
  const isEnd = (one: LinkEnd): boolean => one.namespace === namespace.cookie && one.index === observed.index;
  const end = record.kind === "borrowed" ? record.ends.find(isEnd) : undefined;
  planEntriesBack(builder, item, link, before, end, ends);
  planPort(builder, item, link, port, ends);
  if (master !== undefined) planNewPortTables(builder, item, link, { ...before, master }, ends);
  else if (before.vlans !== undefined) {
    const now = vlansOf(namespace, observed.index);
    planVlans(builder, "after-carrier", item, link, changeOfVlans(now, asMap(before.vlans)), ends);
  }
  restoreContent(builder, item, link, before, observed, ends);
  raiseUppers(builder, item, namespace, observed.mtu, before, ends);
}

/** Plans that a link goes back to the namespace that it came from. */
function giveBackFrom(
  builder: PlanBuilder,
  item: string,
  record: ObjectRecord,
  { namespace, link: observed }: ClaimedEnd,
  home: ObservedNamespace,
  before: LinkBefore,
): void {
  const ends = { drops: record };
  builder.effects.take(namespace, observed.index, item);
  const link = movedBack(home, before, observed);
  builder.effects.giveBack(link, before.addresses);
  const { index, name } = observed;
  builder.add("delete-links", item, {
    kind: "move-link",
    link,
    from: namespace,
    index,
    name,
    newIndex: before.index,
    whole: false,
  }, ends);
  const master = masterBack(builder, home, arrived(observed, before), before);
  fillMoved(builder, item, link, observed, before, master, ends);
}

/** The master that a link gets again, by its index; 0 for none. Undefined: it has that already, or it is gone. */
function masterBack(
  { effects }: PlanBuilder,
  home: ObservedNamespace,
  { master: now }: Pick<ObservedLink, "master">,
  { master }: LinkBefore,
): number | undefined {
  if (now === master) return undefined;
  if (master === undefined) return 0;
  return linkAt(home, master) === undefined || effects.isGone(home, master) ? undefined : master;
}

/** A borrowed link at the end of the plan, if it stays where it is. */
function plannedBack(
  namespace: ObservedNamespace,
  { name, up, address }: LinkBefore,
  now: ObservedLink,
  change: LinkChange | undefined,
  isCycled: boolean,
): PlannedLink {
  return new PlannedLink({
    namespace,
    name,
    index: now.index,
    up,
    goesDown: now.up && (!up || isCycled),
    losesNeighbours: now.address !== address || now.up && (!up || isCycled),
    ...ipv6Of(now, change, up && (!now.up || isCycled)),
    carrier: carrierOf(now.carrier, up && now.carrier),
  });
}

/** A borrowed link at the end of the plan, if it comes from another namespace. */
function movedBack(namespace: ObservedNamespace, { name, up }: LinkBefore, { carrier }: ObservedLink): PlannedLink {
  return new PlannedLink({ namespace, name, up, carrier: carrierOf(carrier, up && carrier) });
}

/** The addresses, routes and neighbours of a link that stays where it is. */
function restoreContent(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  { up, addresses, routes, sourced, neighbours }: LinkContent["content"],
  { index, name }: ObservedLink,
  ends: Pick<Task, "drops">,
): void {
  const { namespace } = link;
  planFormerAddresses(builder, item, link, addresses, {
    present: givenAddressesOf(namespace, index, addresses.map(({ address }) => address)),
    name,
    ends,
  });
  // What is there, and goes with an address, comes back with all that does so in the namespace.
  const has = new Set(link.goesDown ? [] : namespace.routesOf(index).map(wholeRouteKey));
  const set = [...namespace.neighbours(4), ...namespace.neighbours(6)].filter((one) => one.index === index);
  const isSet = ({ ip, address, state = "permanent" }: LinkBefore["neighbours"][number]): boolean => (
    !link.losesNeighbours && set.some((one) => one.ip === ip && one.address === address && one.state === state)
  );
  addEntries(builder, item, link, {
    up,
    routes: routes.filter((route) => !has.has(wholeRouteKey(route))),
    neighbours: neighbours.filter((one) => !isSet(one)),
  }, ends);
  addSourced(builder, item, namespace, sourced, { ends });
}
