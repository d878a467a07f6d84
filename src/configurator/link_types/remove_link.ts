/** Links that this configuration no longer describes: what it made is deleted, what it borrowed is given back. */
import { familyOf } from "../../ip/address.ts";
import { addressesOf, linkNamed } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { ClaimedEnd, ClaimedLink } from "../ownership/claims.ts";
import type { FullRoute, LinkBefore } from "../ownership/before.ts";
import { asLost, type BorrowedRecord, type LinkRecord } from "../ownership/records.ts";
import { linkLabel } from "../ownership/refusal.ts";
import type { LinkChange } from "../plan/actions.ts";
import { formerInOrderOfAdding, planFormerAddresses } from "../plan/addresses.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { addEntries, isDescribed, restoreLinks } from "./restore.ts";

/** Plans that what a record claims is deleted or given back. */
export function removeClaimed(builder: PlanBuilder, item: string, claimed: ClaimedLink): void {
  const { record } = claimed;
  if (!builder.end(record)) return;
  if (record.kind === "borrowed") giveBackAll(builder, item, record, claimed.ends);
  else deleteMade(builder, item, record, claimed.ends);
}

function deleteMade(
  builder: PlanBuilder,
  item: string,
  record: LinkRecord,
  ends: readonly (ClaimedEnd | undefined)[],
): void {
  const [near, far] = ends.filter((end): end is ClaimedEnd => end !== undefined)
    .map(({ namespace, link: { index, name } }) => ({ namespace, index, name }));
  if (near === undefined) return;
  const { replaced = [] } = record;
  const farEnd = far && { namespace: far.namespace, index: far.index };
  if (replaced.some((one) => isDescribed(builder, one))) {
    builder.keep(record, asLost(record));
    return builder.deleteLink(item, near, farEnd);
  }
  // The record ends when all that it has is done: the link is gone, and what it had replaced is there again.
  const isRestored = restoreLinks(builder, item, record, replaced);
  builder.deleteLink(item, near, farEnd, isRestored ? undefined : record);
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
  // It is at home already, and fetched anew.
  if (builder.effects.isGone(namespace, observed.index)) return true;
  const home = builder.input.claims.namespace(before.namespace);
  const leave = (reason: string): boolean => {
    builder.leave(item, `${linkLabel(namespace, observed)} is left: ${reason}`);
    return false;
  };
  if (home === undefined) return leave("the namespace from which it came cannot be opened");
  const taken = linkNamed(home, before.name);
  if (taken !== undefined && !(home === namespace && taken.index === observed.index)) {
    return leave(`${home.label} has a link ${before.name}`);
  }
  const drops = { drops: record };
  if (home === namespace) {
    const change = changeBack(observed, before);
    const link = builder.effects.add(plannedBack(home, before, observed));
    if (change !== undefined) {
      builder.add("change", item, { kind: "change-link", link, name: observed.name, change }, drops);
    } else {
      const { name } = observed;
      builder.add("change", item, { kind: "release", what: linkLabel(namespace, observed), namespace, name }, drops);
    }
    restoreContent(builder, item, link, before, observed);
    return true;
  }
  builder.effects.take(namespace, observed.index);
  const link = movedBack(home, before, observed);
  const { index, name } = observed;
  builder.add("delete-links", item, {
    kind: "move-link",
    link,
    from: namespace,
    index,
    name,
    newIndex: before.index,
    whole: false,
  }, drops);
  const change = changeBack({ ...observed, name: before.name, up: false }, before);
  for (const one of formerInOrderOfAdding(before.addresses)) {
    builder.add("configure", item, { kind: "add-address", link, address: one.address, before: one }, drops);
  }
  if (change !== undefined) {
    builder.add("configure", item, { kind: "change-link", link, name: link.name, change }, drops);
  }
  addEntries(builder, item, link, before);
  return true;
}

/** A borrowed link at the end of the plan, if it stays where it is. */
function plannedBack(namespace: ObservedNamespace, { name, up, address }: LinkBefore, now: ObservedLink): PlannedLink {
  return new PlannedLink({
    namespace,
    name,
    index: now.index,
    up,
    goesDown: now.up && !up,
    losesNeighbours: now.address !== address || now.up && !up,
    carrier: carrierOf(now.carrier, up && now.carrier),
  });
}

/** A borrowed link at the end of the plan, if it comes from another namespace. */
function movedBack(namespace: ObservedNamespace, { name, up }: LinkBefore, { carrier }: ObservedLink): PlannedLink {
  return new PlannedLink({ namespace, name, up, carrier: carrierOf(carrier, up && carrier) });
}

/** What makes a link what it was, as far as its own fields go. */
function changeBack(
  { name, up, mtu, address }: Pick<LinkBefore, "name" | "up" | "mtu" | "address">,
  before: LinkBefore,
): LinkChange | undefined {
  const change: LinkChange = {
    ...name === before.name ? {} : { name: before.name },
    ...address === before.address ? {} : { address: before.address },
    ...mtu === before.mtu ? {} : { mtu: before.mtu },
    ...up === before.up ? {} : { up: before.up },
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** The addresses, routes and neighbours of a link that stays where it is. */
function restoreContent(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  { up, addresses, routes, neighbours }: LinkBefore,
  { index, name }: ObservedLink,
): void {
  const { namespace } = link;
  const { effects } = builder;
  planFormerAddresses(builder, item, link, addresses, addressesOf(namespace, index), name);
  // With the last address of IPv4 its routes and neighbours go, and a route with its source.
  const isOfIpv4 = (text: string): boolean => familyOf(text) === 4 && effects.losesIpv4(namespace, index);
  const goes = ({ destination, source }: FullRoute): boolean => (
    isOfIpv4(destination) || source !== undefined && effects.losesAddress(namespace, source)
  );
  const key = ({ destination, table, metric }: Pick<FullRoute, "destination" | "table" | "metric">): string =>
    `${destination} ${table} ${metric}`;
  const has = new Set(namespace.routesOf(index).map(key));
  const set = [...namespace.neighbours(4), ...namespace.neighbours(6)].filter((one) => one.index === index);
  const isSet = ({ ip, address }: LinkBefore["neighbours"][number]): boolean => (
    !link.losesNeighbours && !isOfIpv4(ip) &&
    set.some((one) => one.ip === ip && one.address === address && one.state === "permanent")
  );
  addEntries(builder, item, link, {
    up,
    routes: routes.filter((route) => goes(route) || !has.has(key(route))),
    neighbours: neighbours.filter((one) => !isSet(one)),
  });
}
