/**
 * Links that stay somebody else's, and that this configuration uses (EXISTING): it adds addresses and sets some fields,
 * and takes back what it added and set. What anybody else changes meanwhile is left.
 */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { ipv6MtuKey } from "../../sysctl/link_sysctls.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { givenAddressesOf } from "../observed/lookup.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import { addedAddresses, isAdded } from "../ownership/added_addresses.ts";
import type { AddressBefore, FullRoute, LinkBefore } from "../ownership/prior_state.ts";
import type { ClaimedEnd } from "../ownership/claims.ts";
import { allUsed } from "../ownership/formerly.ts";
import type { BorrowedRecord, LinkEnd, UsedFields } from "../ownership/records.ts";
import { linkLabel } from "../ownership/refusal.ts";
import { addressBefore, givenLinkLocals, linkBefore } from "../ownership/snapshot.ts";
import type { LinkChange } from "../plan/actions.ts";
import { aliasOf } from "../plan/change_link.ts";
import { IPV6_MIN_MTU, LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import { givenIpv6Mtu, givenIpv6Sysctls, ipv6Of, keepIpv6Mtu } from "../plan/ipv6_mtu.ts";
import { isLoopbackUp } from "../plan/loopback.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { wholeRouteKey } from "../plan/route_fields.ts";
import { interfaceItem } from "../report.ts";
import { foreignBefore, withSourced } from "./link_records.ts";
import type { FoundMember } from "./link_type.ts";
import { raiseUppers } from "./upper_mtus.ts";
import { addressInTheWay, ipOf, lostWithIpv6 } from "./used_addresses.ts";
import { masterBack, masterChangeBack, masterGiven, masterIndexGiven, masterName } from "./used_master.ts";
import { givePortBack, giveWholePortBack, usedPort } from "./used_port.ts";

/** The fields that a link has by itself. */
export type OwnFields = Omit<UsedFields, "master" | "masterIndex" | "port" | "vlans">;

/** What the file gives a link. */
const describedFields = (model: LinuxInterface): OwnFields => ({
  up: model.enabled,
  mtu: model.mtu,
  address: model.physAddress,
  alias: aliasOf(model),
  txQueueLength: model.txQueueLength,
});

const fieldsOf = (
  { up, mtu, address, alias = "", txQueueLength }: Omit<OwnFields, "alias"> & { readonly alias?: string | undefined },
): OwnFields => ({ up, mtu, address, alias, txQueueLength });

const NAMES = ["up", "mtu", "address", "alias", "txQueueLength"] as const;

/**
 * The record of a link that is used.
 *
 * @param record What is recorded of it until now.
 */
export function recordOfUsed(
  builder: PlanBuilder,
  { model, namespace, link }: FoundMember,
  record: BorrowedRecord | undefined,
): BorrowedRecord {
  const now = foreignBefore(builder, namespace, link);
  let before: LinkBefore = record?.before[0] ?? withSourced(builder, namespace, now);
  const [given, has] = [describedFields(model), fieldsOf(link)];
  const isUsed = (name: keyof OwnFields | "master", differs: boolean): boolean => {
    if (record?.used?.[name] !== undefined) return true;
    // What was changed by somebody since the link was first used is what comes back.
    if (differs && record !== undefined) before = { ...before, [name]: now[name] };
    if (differs && name === "mtu") before = { ...before, uppers: now.uppers };
    if (differs && name === "mtu") before = withIpv6(builder, { model, namespace, link }, record, before, now);
    return differs;
  };
  const used: { -readonly [K in keyof UsedFields]?: unknown } = {};
  for (const name of NAMES) {
    if (given[name] !== undefined && isUsed(name, given[name] !== has[name])) used[name] = given[name];
  }
  const master = masterGiven(builder, model);
  if (master !== undefined && isUsed("master", master !== masterName(namespace, link))) used.master = master;
  if (master !== undefined && used.master !== undefined && master !== "") {
    const index = masterIndexGiven(builder, { model, namespace });
    // That of one that comes is known at the next apply.
    Object.assign(used, defined({ masterIndex: index === undefined ? record?.used?.masterIndex : index ?? undefined }));
  }
  // What the kernel takes along from now on is what the link has now, not what it had when it was first used.
  const isNew = (name: "up" | "master"): boolean => used[name] !== undefined && record?.used?.[name] === undefined;
  const takes = isNew("up") && !model.enabled || isNew("master") ||
    addressInTheWay({ model, namespace, link }, record) !== undefined;
  if (record !== undefined && takes) {
    before = withContent(
      before,
      withSourced(builder, namespace, now),
      record,
      addedAddresses(namespace, link.index, record),
    );
  }
  const port = usedPort(model, now, record, used.master !== undefined);
  Object.assign(used, port.used);
  before = { ...before, ...port.before };
  const address = model.physAddress ?? link.address;
  const end: LinkEnd = {
    item: interfaceItem(model.name),
    namespace: namespace.cookie ?? "0",
    index: link.index,
    name: model.hostIfName,
    address,
    former: link.address === address ? undefined : link.address,
    described: model.ipAddresses,
  };
  return { kind: "borrowed", link: link.kind ?? "", ends: [end], before: [before], used: used as UsedFields }; // by NAMES
}

/** What a link was, with the addresses, routes and neighbours that others have given it until now. */
function withContent(
  before: LinkBefore,
  now: LinkBefore,
  record: BorrowedRecord,
  own: readonly string[],
): LinkBefore {
  const present = now.addresses.filter(({ address }) => !own.includes(address));
  const ips = new Set(present.map(({ address }) => ipOf(address)));
  const taken = new Set(record.ends[0]?.described?.map(ipOf));
  // What this configuration has taken already comes back, too.
  const replaced = before.addresses.filter(({ address }) => taken.has(ipOf(address)) && !ips.has(ipOf(address)));
  const addresses = inOrderOf(before.addresses, [...present, ...replaced]);
  const lost = hasLost(record) || replaced.length > 0 ? before : undefined;
  return {
    ...before,
    addresses,
    routes: withFurther(now.routes, lost?.routes),
    sourced: withFurther(now.sourced ?? [], lost?.sourced),
    neighbours: [
      ...now.neighbours,
      ...lost?.neighbours.filter(({ ip }) => now.neighbours.every((one) => one.ip !== ip)) ?? [],
    ],
  };
}

/** Routes, and those of others that have keys of their own. */
function withFurther(routes: readonly FullRoute[], others: readonly FullRoute[] = []): readonly FullRoute[] {
  const keys = new Set(routes.map(wholeRouteKey));
  return [...routes, ...others.filter((one) => !keys.has(wholeRouteKey(one)))];
}

/** True of a link from which the kernel took routes and neighbours, as this configuration set it down or moved it to a bridge. */
const hasLost = ({ used }: BorrowedRecord): boolean => used?.up === false || used?.master !== undefined;

/**
 * What a link was, with what it has of IPv6 now: an MTU of that which is larger than the new one of the link is cut, and all of
 * it goes from a link that gets too small.
 */
function withIpv6(
  builder: PlanBuilder,
  { model: { mtu = 0 }, namespace, link }: Pick<FoundMember, "model" | "namespace" | "link">,
  record: BorrowedRecord | undefined,
  before: LinkBefore,
  now: LinkBefore,
): LinkBefore {
  const withSysctls = (sysctls: Readonly<Record<string, string>>): LinkBefore => (
    { ...before, extras: { ...before.extras, sysctls: { ...before.extras?.sysctls, ...sysctls } } }
  );
  if (mtu >= IPV6_MIN_MTU) {
    const given = givenIpv6Mtu(builder, namespace, link);
    return given === undefined ? before : withSysctls({ [ipv6MtuKey(link.name)]: given });
  }
  if (link.mtu < IPV6_MIN_MTU) return before;
  const own = new Set(record === undefined ? [] : addedAddresses(namespace, link.index, record));
  return {
    ...withSysctls(givenIpv6Sysctls(builder, namespace, link)),
    addresses: [...now.addresses, ...givenLinkLocals(namespace, link)].filter(({ address }) => !own.has(address)),
    routes: now.routes,
    neighbours: now.neighbours,
  };
}

/** What is given back of a link although the file still describes it: fields that it no longer gives. */
export function changeOfUsed(model: LinuxInterface, link: ObservedLink, record: BorrowedRecord): LinkChange {
  const given = describedFields(model);
  const names = NAMES.filter((name) => given[name] === undefined);
  return backOf(names, link, record);
}

/** What makes fields of a link as they were, if they still are as this configuration set them. */
function backOf(
  names: readonly (typeof NAMES)[number][],
  link: ObservedLink,
  record: BorrowedRecord,
): LinkChange {
  const { before: [before] } = record;
  const all = allUsed(record);
  const has = fieldsOf(link);
  const had = before && fieldsOf(before);
  return defined(Object.fromEntries(
    names.filter((name) =>
      all.some((used) => used[name] !== undefined && used[name] === has[name]) && had?.[name] !== has[name]
    )
      .map((name) => [name, had?.[name]]),
  ));
}

/** Plans that a link which is used is as it would be without this configuration. */
export function giveUsedBack(
  builder: PlanBuilder,
  item: string,
  record: BorrowedRecord,
  { namespace, link: observed }: ClaimedEnd,
): LinkContent {
  const [before] = record.before;
  const back = masterBack(namespace, observed, record);
  // The loopback link of a namespace that is described stays up.
  const staysUp = observed.index === LOOPBACK_INDEX && isLoopbackUp(builder, namespace);
  const fields = backOf(staysUp && observed.up ? NAMES.filter((name) => name !== "up") : NAMES, observed, record);
  const up = fields.up ?? observed.up;
  const change: LinkChange = {
    ...fields,
    ...back === undefined ? {} : masterChangeBack(back, up),
  };
  const isCycled = back?.isCycled ?? false;
  const link = builder.effects.add(
    new PlannedLink({
      namespace,
      name: observed.name,
      index: observed.index,
      up,
      goesDown: observed.up && (!up || isCycled),
      losesNeighbours: change.address !== undefined || observed.up && (!up || isCycled),
      ...ipv6Of(observed, change, up && (!observed.up || isCycled)),
      carrier: carrierOf(observed.carrier, up && (observed.carrier || !observed.up)),
    }),
  );
  const drops = { drops: record };
  keepIpv6Mtu(builder, item, link, observed, before, drops);
  if (fields.mtu !== undefined) {
    raiseUppers(builder, item, namespace, observed.mtu, { mtu: fields.mtu, uppers: before?.uppers }, drops);
  }
  if (Object.keys(change).length > 0) {
    builder.add("change", item, { kind: "change-link", link, name: observed.name, change }, drops);
  } else {
    const what = linkLabel(namespace, observed);
    builder.add("change", item, { kind: "release", what, namespace, name: observed.name }, drops);
  }
  if (back === undefined) givePortBack(builder, item, link, { namespace, link: observed }, record, undefined, drops);
  else if (before !== undefined && back.master > 0) giveWholePortBack(builder, item, link, before, drops);
  const { claims } = builder.input;
  const now = linkBefore(namespace, observed);
  const present = givenAddressesOf(namespace, observed.index);
  const others = present.filter((one) => !isLinkLocal6(one.text) && !isAdded(namespace, one, record))
    .map((one) => addressBefore(one, observed.name));
  const ips = new Set(others.map(({ address }) => ipOf(address)));
  const taken = new Set(record.ends[0]?.described?.map(ipOf));
  const replaced = before?.addresses.filter(({ address }) => taken.has(ipOf(address)) && !ips.has(ipOf(address))) ?? [];
  // What the kernel took from a link that this configuration had set down, given another master or made too small comes back.
  const isLost = hasLost(record) || link.ipv6Comes || replaced.length > 0;
  const lost = isLost ? before : undefined;
  const former = replaced.length === 0 ? others : inOrderOf(before?.addresses ?? [], [...others, ...replaced]);
  const isOthers = (route: (typeof now.routes)[number]): boolean => claims.routeRecord(namespace, route) === undefined;
  const neighbours = now.neighbours.filter(({ ip }) =>
    claims.neighbourRecord(namespace, observed.index, ip) === undefined
  );
  const gone = lost?.neighbours.filter(({ ip }) => now.neighbours.every((one) => one.ip !== ip)) ?? [];
  return {
    link,
    content: {
      up,
      addresses: [...former, ...lostWithIpv6(link, record, former.map(({ address }) => address))],
      routes: withFurther(now.routes.filter(isOthers), lost?.routes),
      sourced: lost?.sourced,
      neighbours: [...neighbours, ...gone],
    },
  };
}

/** Addresses in the order that they had before; those that came since are the last of IPv4, and the first of IPv6. */
function inOrderOf(before: readonly AddressBefore[], all: readonly AddressBefore[]): readonly AddressBefore[] {
  const places = new Map(before.map(({ address }, place) => [address, place]));
  const placeOf = ({ address }: AddressBefore): number => (
    places.get(address) ?? (familyOf(address) === 4 ? before.length : -1)
  );
  return [...all].sort((a, b) => placeOf(a) - placeOf(b));
}

/** A link, and what it has when it is given back. */
export interface LinkContent {
  readonly link: PlannedLink;
  readonly content: {
    readonly up: boolean;
    readonly addresses: readonly AddressBefore[];
    readonly routes: LinkBefore["routes"];
    readonly sourced?: LinkBefore["sourced"];
    readonly neighbours: LinkBefore["neighbours"];
  };
}
