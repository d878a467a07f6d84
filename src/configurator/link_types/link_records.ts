/** The records of links: what a plan that keeps, makes or borrows links says of them. */
import { defined } from "../../collections.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import type { ClaimedLink } from "../ownership/claims.ts";
import type { BorrowedRecord, LinkEnd, LinkRecord } from "../ownership/records.ts";
import { extrasBefore } from "../ownership/recorded_extras.ts";
import { entryKey, fullRoute, givenLinkLocals, linkBefore, sourcedRoutes } from "../ownership/snapshot.ts";
import type { LinkCreation } from "../plan/link_creation.ts";
import { givenIpv6Sysctls } from "../plan/ipv6_mtu.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import type { FoundMember } from "./link_type.ts";

/** The record that claims all of these links, if they are this configuration's. */
export function claimOf({ input: { claims } }: PlanBuilder, found: readonly FoundMember[]): ClaimedLink | undefined {
  const [first, ...others] = found.map(({ namespace, link }) => claims.linkAt(namespace, link));
  return first !== undefined && others.every((other) => other?.record === first.record) ? first : undefined;
}

/** What a link is to be, as an end of a record. */
function endOf({ model, namespace, link, withoutAddress = false }: FoundMember): LinkEnd {
  const address = model.physAddress ?? (withoutAddress ? undefined : link.address);
  return {
    item: interfaceItem(model.name),
    namespace: namespace.cookie ?? "0",
    index: link.index,
    name: model.hostIfName,
    address,
    former: link.address === address || withoutAddress ? undefined : link.address,
    described: model.ipAddresses,
    entries: model.vxlan?.entries?.map(entryKey),
  };
}

/** What a record would say of links that nobody made, and that are as described. */
export function recordOfMatching(found: readonly FoundMember[]): LinkRecord {
  return { kind: "link", link: found[0]?.link.kind ?? "", ends: found.map(endOf) };
}

/** The record of links that are kept, as they are after the plan. */
export function recordOfKept(
  { record, ends }: ClaimedLink,
  found: readonly FoundMember[],
): LinkRecord | BorrowedRecord {
  const now = record.ends.map((before, position): LinkEnd => {
    const end = ends[position];
    const member = found.find(({ namespace, link }) => namespace === end?.namespace && link.index === end.link.index);
    return member === undefined ? before : endOf(member);
  });
  if (record.intent === undefined && now.every((end, position) => isSameEnd(end, record.ends[position]))) return record;
  const { intent: _, ...rest } = record;
  return { ...rest, ends: now };
}

/** True if two ends say the same, which for most links that are kept need not be written again. */
function isSameEnd(a: LinkEnd, b: LinkEnd | undefined): boolean {
  return a === b || b !== undefined && a.item === b.item && a.namespace === b.namespace && a.index === b.index &&
      a.name === b.name && a.address === b.address && a.former === b.former &&
      a.described?.length === b.described?.length &&
      (a.described ?? []).every((text, position) => text === b.described?.[position]) &&
      a.entries?.join() === b.entries?.join();
}

/** A link of somebody else as it is, without the routes and neighbours that this configuration has on it. */
export function foreignBefore(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
): LinkBefore {
  const before = linkBefore(namespace, link);
  const isOwn = (index: number): boolean => {
    const upper = linkAt(namespace, index);
    return upper !== undefined && claims.linkAt(namespace, upper) !== undefined;
  };
  return {
    ...before,
    uppers: before.uppers?.filter(({ index }) => !isOwn(index)),
    routes: before.routes.filter((route) => claims.routeRecord(namespace, route)?.protocol !== route.protocol),
    neighbours: before.neighbours.filter(({ ip }) => claims.neighbourRecord(namespace, link.index, ip) === undefined),
  };
}

/** The same, with the routes of others by other links that go with its addresses. */
export function withSourced(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  before: LinkBefore,
): LinkBefore {
  const sourced = sourcedRoutes(namespace, before)
    .filter((route) => claims.routeRecord(namespace, route)?.protocol !== route.protocol).map(fullRoute);
  return sourced.length === 0 ? before : { ...before, sourced };
}

/** The same, with what the link loses when it goes. */
export function wholeForeignBefore(builder: PlanBuilder, namespace: ObservedNamespace, link: ObservedLink): LinkBefore {
  const before = withSourced(builder, namespace, foreignBefore(builder, namespace, link));
  return defined({
    ...before,
    addresses: [...before.addresses, ...givenLinkLocals(namespace, link)],
    extras: extrasBefore(namespace, link, builder.input.claims),
  });
}

/** The same, with what the link loses when it gets too small for IPv6: its link-local addresses and its sysctls. */
function withGivenIpv6(builder: PlanBuilder, namespace: ObservedNamespace, link: ObservedLink): LinkBefore {
  const before = withSourced(builder, namespace, foreignBefore(builder, namespace, link));
  const sysctls = givenIpv6Sysctls(builder, namespace, link);
  return {
    ...before,
    addresses: [...before.addresses, ...givenLinkLocals(namespace, link)],
    ...Object.keys(sysctls).length === 0 ? {} : { extras: { ...before.extras, sysctls } },
  };
}

/** The record of links that are somebody else's and that this configuration uses from now on. */
export function recordOfBorrowed(builder: PlanBuilder, found: readonly FoundMember[]): BorrowedRecord {
  return {
    kind: "borrowed",
    link: found[0]?.link.kind ?? "",
    ends: found.map(endOf),
    before: found.map(({ namespace, link }) => withGivenIpv6(builder, namespace, link)),
  };
}

/** Plans that links are made, which are this configuration's from then on. */
export function addCreation(builder: PlanBuilder, item: string, creation: LinkCreation): void {
  const now = creation.links.flatMap((one) => builder.replaced.get(one.item) ?? []);
  // What was replaced before a crash is still to be given back; or the crash came before it was replaced.
  const [first] = creation.links;
  const record = first && builder.input.claims.lostRecordOfItem(first.item);
  const lost = record?.replaced !== undefined && (now.length === 0 || areSame(record.replaced, now))
    ? record
    : undefined;
  if (lost !== undefined) builder.end(lost);
  const replaced = now.length > 0 ? now : lost?.replaced ?? [];
  const makes = (): LinkRecord => recordOfCreated(creation, replaced.length === 0 ? undefined : replaced);
  builder.add("create", item, { kind: "create-link", creation }, { makes, drops: lost });
}

/** True of the same links: what is recorded of them may be older. */
const areSame = (links: readonly LinkBefore[], others: readonly LinkBefore[]): boolean => (
  links.length === others.length && links.every(({ namespace, index, name, kind, address }, position) => {
    const other = others[position];
    return other !== undefined && other.namespace === namespace && other.index === index && other.name === name &&
      other.kind === kind && other.address === address;
  })
);

/** The record of links that are made; their indices and addresses are those that were chosen. */
function recordOfCreated({ kind, links, birth }: LinkCreation, replaced: LinkRecord["replaced"]): LinkRecord {
  return {
    kind: "link",
    link: kind,
    ends: links.map(({ item, link, address, described, entries }): LinkEnd => ({
      item,
      namespace: link.namespace.cookie ?? "0",
      index: link.index,
      name: link.name,
      address: address ?? link.hardwareAddress,
      described,
      ...entries === undefined ? {} : { entries },
    })),
    replaced,
    ...birth === undefined ? {} : { birth: birth.cookie ?? "0" },
  };
}
