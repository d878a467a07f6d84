/** Routes and neighbours of somebody else that the kernel takes with addresses of a link that stays, and that come back. */
import { printable } from "../../../ffi/mod.ts";
import { familyOf } from "../../ip/address.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { covers } from "../../ip/networks.ts";
import { RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import { addressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { FullRoute } from "../ownership/prior_state.ts";
import { type BorrowedRecord, isLost } from "../ownership/records.ts";
import { fullRoute, isMadeByHand, isSetNeighbour } from "../ownership/snapshot.ts";
import type { Ownership, PlanBuilder } from "../plan/plan_builder.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { routeBack, routeFieldsOf } from "../plan/remove_routes.ts";
import { routeFields, routeKey, wholeRouteKey } from "../plan/route_fields.ts";
import { loseWithLinks } from "./made_anew.ts";
import { ipOf } from "./used_addresses.ts";

/**
 * Plans that what the kernel takes with addresses and links, and is not this configuration's, comes back: what goes by a link that
 * is for a moment without an address, or is made anew, and what has a source that goes. One whose source or gateway is out
 * of reach from now on comes back with the plan that gives the address again. Asked when all links and addresses are planned.
 */
export function keepRoutesOfOthers(builder: PlanBuilder): void {
  const { effects } = builder;
  loseWithLinks(builder);
  const lost = new Map(effects.lostAddresses());
  for (const namespace of new Set([...lost.keys(), ...effects.withLinksMadeAnew()])) {
    keepRoutesIn(builder, namespace, lost.get(namespace) ?? new Map());
    keepNeighboursIn(builder, namespace, lost.get(namespace) ?? new Map());
  }
  for (const record of builder.input.claims.records) {
    if (record.kind === "borrowed" && !isLost(record) && !builder.isEnded(record)) returnRoutes(builder, record);
  }
}

/** The item of the link that takes something along, or whose address does. */
const itemOf = (
  { effects }: PlanBuilder,
  namespace: ObservedNamespace,
  lost: ReadonlyMap<string, string>,
  index: number | undefined,
  source: string | undefined,
): string => {
  const gone = index === undefined ? undefined : effects.itemOfGone(namespace, index);
  if (gone !== undefined) return gone;
  const own = index === undefined ? [] : addressesOf(namespace, index).map(({ text }) => lost.get(ipOf(text)));
  return lost.get(source ?? "") ?? own.find((one) => one !== undefined) ?? [...lost.values()][0] ?? "";
};

function keepRoutesIn(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  lost: ReadonlyMap<string, string>,
): void {
  const { effects, input: { adopt, config, claims } } = builder;
  const all = familiesOf(builder, namespace, lost).flatMap((family) => namespace.allRoutes(family));
  const goes = ({ destination, source, hops }: ObservedRoute): boolean => (
    source !== undefined && lost.has(source) || hops.some(({ index }) => isMadeAnew(builder, namespace, index)) ||
    familyOf(destination) === 4 && hops.every(({ index = 0 }) => effects.losesIpv4(namespace, index))
  );
  const isOthers = (one: ObservedRoute): boolean => isMadeByHand(one) && claims.routeAt(namespace, one) === undefined;
  const going = all.filter((one) => isOthers(one) && goes(one) && hasLinks(builder, namespace, one));
  if (going.length === 0) return;
  const ways = new Ways(builder, namespace, all.filter((one) => !goes(one)));
  const adopted = new Set(adopt ? config.routes.map((route) => routeKey(routeFields(route))) : []);
  for (const one of going.map(fullRoute).sort(directFirst)) {
    const item = itemOf(builder, namespace, lost, one.link, one.source);
    if (!ways.allow(one)) {
      builder.warn(`${labelOf(namespace, one)}, which somebody else made, goes with an address that it needs`);
      continue;
    }
    ways.add(one);
    effects.bringBack(namespace, one);
    if (!adopted.has(routeKey(one))) addRoute(builder, item, namespace, one);
  }
}

/** The families of which something goes. */
const familiesOf = (
  { effects }: PlanBuilder,
  namespace: ObservedNamespace,
  lost: ReadonlyMap<string, string>,
): readonly (4 | 6)[] => {
  const isAnew = effects.withLinksMadeAnew().includes(namespace);
  return ([4, 6] as const).filter((family) => isAnew || [...lost.keys()].some((ip) => familyOf(ip) === family));
};

/** True of a link that goes, and comes again: with it goes all that it has. */
const isMadeAnew = ({ effects }: PlanBuilder, namespace: ObservedNamespace, index = LOOPBACK_INDEX): boolean =>
  effects.madeAnew(namespace, index) !== undefined;

/** Plans that routes come back that a link had, and that need an address which the plan gives it again. */
function returnRoutes(builder: PlanBuilder, record: BorrowedRecord): void {
  const { effects, input: { claims } } = builder;
  claims.claimed(record)?.ends.forEach((end, position) => {
    const { routes = [], sourced = [] } = record.before[position] ?? {};
    const link = end && effects.plannedLink(end.namespace, end.link.index);
    if (end === undefined || link === undefined || !link.up || link.goesDown) return;
    if (routes.length + sourced.length === 0) return;
    if (!effects.addressesOf(link).some((text) => effects.isAdded(link, text))) return;
    const { namespace } = end;
    const there = ([4, 6] as const).flatMap((family) => namespace.allRoutes(family));
    const has = new Set(there.map(wholeRouteKey));
    const [was, is] = [new Ways(undefined, namespace, there), new Ways(builder, namespace, there)];
    const item = record.ends[position]?.item ?? "";
    const missing = [...routes, ...sourced].filter((one) => !has.has(wholeRouteKey(one)) && !was.allow(one));
    for (const one of missing.sort(directFirst)) {
      if (claims.routeRecord(namespace, one) !== undefined || !is.allow(one)) continue;
      is.add(one);
      addRoute(builder, item, namespace, one);
    }
  });
}

function addRoute(builder: PlanBuilder, item: string, namespace: ObservedNamespace, route: FullRoute): void {
  const linkOf = (index: number | undefined): PlannedLink | undefined => linkAtEnd(builder, namespace, index);
  const link = linkOf(route.link);
  if (link === undefined) return;
  // The kernel takes the source of an IPv6 route with that address, or the next hop with its link, and leaves the rest.
  const isLeft = familyOf(route.destination) === 6 && (route.source ?? route.hops) !== undefined;
  const kind = isLeft ? "replace-route" : "add-route";
  builder.add("after-carrier", item, { kind, link, route: routeBack(route, linkOf) ?? routeFieldsOf(route) }, {
    ...endOf(builder, link),
    why: "went with an address",
  });
}

/** Plans that neighbours come back which others set: of IPv4 on links that are for a moment without an address of it. */
function keepNeighboursIn(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  lost: ReadonlyMap<string, string>,
): void {
  const { effects, input: { adopt, config, claims } } = builder;
  const loses = (index: number, family: number): boolean =>
    family === 4 && effects.losesIpv4(namespace, index) && linkAt(namespace, index) !== undefined ||
    isMadeAnew(builder, namespace, index);
  const families = ([4, 6] as const).filter((family) => namespace.links().some(({ index }) => loses(index, family)));
  for (const one of families.flatMap((family) => namespace.neighbours(family))) {
    const { index, ip, address, state, protocol, flags } = one;
    const link = loses(index, familyOf(ip)) ? linkAtEnd(builder, namespace, index) : undefined;
    if (link === undefined || link.losesNeighbours || address === undefined) continue;
    if (!isSetNeighbour(one, linkAt(namespace, index)) || typeof state === "number") continue;
    if (claims.neighbourRecord(namespace, index, ip) !== undefined) continue;
    const isAdopted = adopt && config.arpEntries.some((entry) => entry.ipAddr === ip && builder.target(entry) === link);
    if (isAdopted) continue;
    builder.add(
      "after-carrier",
      itemOf(builder, namespace, lost, index, undefined),
      { kind: "set-neighbour", link, ip, address, state, protocol, flags },
      { ...endOf(builder, link), why: "went with an address" },
    );
  }
}

/** What gives a link back ends when it has all that it had. */
function endOf(builder: PlanBuilder, { namespace, index = 0 }: PlannedLink): Ownership {
  const link = linkAt(namespace, index);
  const record = link && builder.input.claims.linkAt(namespace, link)?.record;
  return record !== undefined && builder.isEnded(record) ? { drops: record } : {};
}

/** A link that is there, stays or is made anew, and is up. */
function linkAtEnd(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  index = LOOPBACK_INDEX,
): PlannedLink | undefined {
  const observed = linkAt(namespace, index);
  if (observed === undefined) return undefined;
  const link = linkThen(builder, namespace, observed);
  return link?.up && !link.goesDown ? link : undefined;
}

/** What becomes of a link; undefined: it goes, and does not come again. */
const linkThen = (
  { effects }: PlanBuilder,
  namespace: ObservedNamespace,
  observed: ObservedLink,
): PlannedLink | undefined => (
  effects.isGone(namespace, observed.index)
    ? effects.madeAnew(namespace, observed.index)
    : effects.linkOf(namespace, observed)
);

/** True of a route all of whose links are there at the end. */
const hasLinks = (builder: PlanBuilder, namespace: ObservedNamespace, { hops }: ObservedRoute): boolean =>
  hops.every(({ index }) => linkAtEnd(builder, namespace, index) !== undefined);

/** What the kernel takes as a source and as a gateway: now, or when a plan is done. */
class Ways {
  readonly #builder: PlanBuilder | undefined;
  readonly #namespace: ObservedNamespace;
  /** Networks that a link reaches without a gateway. */
  readonly #direct: { readonly link: number; readonly network: string }[] = [];
  #sources: ReadonlySet<string> | undefined;

  /**
   * @param builder The plan; undefined: now.
   * @param staying The routes that are there.
   */
  constructor(builder: PlanBuilder | undefined, namespace: ObservedNamespace, staying: readonly ObservedRoute[]) {
    this.#builder = builder;
    this.#namespace = namespace;
    // The kernel's own to networks come and go with the addresses, but for those to the other end of a link.
    const isOfNetwork = ({ protocol, destination }: ObservedRoute): boolean =>
      protocol === RTPROT_KERNEL && !/\/(32|128)$/.test(destination);
    for (const one of staying) if (!isOfNetwork(one)) this.add(fullRoute(one));
  }

  /** A route is there, too. */
  add({ destination, hops, link, gateway }: FullRoute): void {
    if (link !== undefined && (hops ?? gateway) === undefined) this.#direct.push({ link, network: destination });
  }

  /** True if the kernel takes the route. */
  allow({ source, onLink, gateway, link, hops = [{ link, gateway, weight: 1 }] }: FullRoute): boolean {
    if (source !== undefined && !this.#hasAddress(source)) return false;
    return onLink === true || hops.every((hop) => (
      hop.gateway === undefined || this.#reaches(hop.link ?? LOOPBACK_INDEX, hop.gateway)
    ));
  }

  #reaches(link: number, gateway: string): boolean {
    return isLinkLocal6(gateway) || this.#addressesOf(link).some((text) => covers(text, gateway)) ||
      this.#direct.some((one) => one.link === link && covers(one.network, gateway));
  }

  #hasAddress(ip: string): boolean {
    this.#sources ??= new Set(
      [
        ...this.#namespace.links().flatMap(({ index }) => this.#addressesOf(index)),
        ...this.#builder?.effects.addressesOfNewLinks().get(this.#namespace) ?? [],
      ].map(ipOf),
    );
    return this.#sources.has(ip);
  }

  #addressesOf(index: number): readonly string[] {
    const observed = linkAt(this.#namespace, index);
    if (observed === undefined) return [];
    if (this.#builder === undefined) return addressesOf(this.#namespace, index).map(({ text }) => text);
    const link = linkThen(this.#builder, this.#namespace, observed);
    return link === undefined ? [] : this.#builder.effects.addressesOf(link);
  }
}

/** What others need as their way comes first. */
const directFirst = (a: FullRoute, b: FullRoute): number => Number(hasGateway(a)) - Number(hasGateway(b));
const hasGateway = ({ gateway, hops }: FullRoute): boolean => (hops ?? gateway) !== undefined;

/** A route for people. */
const labelOf = ({ label }: ObservedNamespace, { destination, gateway }: FullRoute): string =>
  `the route to ${destination}${gateway === undefined ? "" : ` via ${gateway}`} in ${printable(label)}`;
