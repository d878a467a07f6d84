/** The routes of a namespace, as items of the file. */
import { AF_INET } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { RouteInput } from "../../models/route.ts";
import {
  IP6_RT_PRIO_USER,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTPROT_KERNEL,
  RTPROT_RA,
  RTPROT_REDIRECT,
} from "../../netlink/constants/route.ts";
import type { Route } from "../../netlink/route/types.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

const SCOPES: ReadonlyMap<Route["scope"], NonNullable<RouteInput["scope"]>> = new Map([
  ["universe", "GLOBAL"],
  ["site", "SITE"],
  ["link", "LINK"],
  ["host", "HOST"],
]);

const TYPES: ReadonlyMap<Route["type"], RouteInput["type"]> = new Map([
  ["unicast", undefined],
  ["local", "LOCAL"],
  ["blackhole", "BLACKHOLE"],
  ["unreachable", "UNREACHABLE"],
  ["prohibit", "PROHIBIT"],
  ["throw", "THROW"],
]);

/** What an MTU is among the metrics; a lock of it alone says nothing else. */
const OF_MTU: ReadonlySet<string> = new Set(["mtu"]);

/** The routes that somebody made, of all tables. */
export function shownRoutes(
  shown: ShownNamespace,
  nameOf: (index: number) => string | undefined,
  omissions: Omissions,
): RouteInput[] {
  const { namespace, routes, nextHops } = shown;
  for (const { id } of nextHops) omissions.add(`next hop ${id} in ${namespace.label}`, "an object of next hops");
  reportMissing(shown, omissions);
  const taken = new Set<string>();
  return routes.filter((route) => !isKernels(shown, route)).flatMap((route): RouteInput[] => {
    const item = itemOf(route, namespace.reference, nameOf);
    const label = `${namespace.reference}/${route.dst}`;
    if (typeof item === "string") {
      omissions.add(label, item);
      return [];
    }
    if (taken.has(item.name)) {
      omissions.add(label, "a second route of the same destination, metric and table");
      return [];
    }
    taken.add(item.name);
    for (const other of othersOf(route)) omissions.add(label, `without ${other}`);
    return [item];
  });
}

/** The item of a route, or why there is none. */
function itemOf(
  route: Route,
  namespace: string,
  nameOf: (index: number) => string | undefined,
): RouteInput | string {
  const { dst, table, metric = 0, family, type, scope, nextHops, preferredSource, mtu, protocol } = route;
  if (protocol === RTPROT_RA || protocol === RTPROT_REDIRECT) return "a route that the kernel learned from a router";
  const refusal = refusalOf(route);
  if (refusal !== undefined) return refusal;
  const isLocal = type === "local";
  const common = {
    name: [`${namespace}/${dst}`, metric || 0, ...table === RT_TABLE_MAIN ? [] : [table]].join(" "),
    namespace,
    type: TYPES.get(type),
    dstIpAddr: dst,
    srcIpAddr: preferredSource,
    metric: unless(family === AF_INET ? 0 : IP6_RT_PRIO_USER, metric),
    table: unless(isLocal ? RT_TABLE_LOCAL : RT_TABLE_MAIN, table),
  };
  if (type !== "unicast" && !isLocal) {
    return defined({ ...common, scope: unless(usualScope(route), scope) && SCOPES.get(scope) });
  }
  const hops = nextHops.map(({ gateway, linkIndex, weight }) =>
    defined({ gwAddr: gateway, interface: nameOf(linkIndex), weight: unless(1, weight) })
  );
  const [first] = hops;
  return defined({
    ...common,
    ...hops.length === 1 ? { interface: first?.interface, gwAddr: first?.gwAddr } : { nextHops: hops },
    onLink: nextHops.some(({ onLink, gateway }) => onLink && gateway !== undefined) || undefined,
    scope: scope === usualScope(route) ? undefined : SCOPES.get(scope),
    mtu,
  });
}

const unless = <T>(usual: T, value: T): T | undefined => value === usual ? undefined : value;

/** Why a file cannot say a route at all. */
function refusalOf({ type, scope, nextHops, tos, src, encap, nextHopId, realm }: Route): string | undefined {
  if (!TYPES.has(type)) return `a route of the type ${type}`;
  if (!SCOPES.has(scope)) return `a route of the scope ${scope}`;
  if (tos !== 0) return "a route for one type of service";
  if (src !== undefined) return "a route for one source";
  if (nextHopId !== undefined) return "a route to an object of next hops";
  if (realm !== undefined || nextHops.some((hop) => hop.realm !== undefined)) return "a route with a realm";
  if (encap !== undefined || nextHops.some((hop) => hop.encap !== undefined)) {
    return "a route that puts packets into others";
  }
  const onLink = nextHops.filter((hop) => hop.onLink).length;
  return onLink > 0 && onLink < nextHops.length
    ? "a route of which some gateways are taken to be on the link"
    : undefined;
}

/** The scope of a route whose item names none. */
function usualScope({ family, type, nextHops }: Route): Route["scope"] {
  if (family !== AF_INET) return "universe";
  if (type === "local") return "host";
  if (type !== "unicast" || nextHops.some(({ gateway }) => gateway !== undefined)) return "universe";
  return "link";
}

/** What a file cannot say of a route that it describes, in words. */
function othersOf({ metrics = {}, expires, preference, nextHops }: Route): string[] {
  return [
    ...Object.keys(defined(metrics)).filter((name) => !OF_MTU.has(name)),
    ...expires === undefined ? [] : ["its lifetime"],
    ...nextHops.some(({ onLink, gateway }) => onLink && gateway === undefined) ? ["onlink without a gateway"] : [],
    ...preference === undefined || preference === "medium" ? [] : [`the preference ${preference}`],
  ];
}

/** True of a route that the kernel makes by itself: for an address, a link or a VRF. */
function isKernels({ addresses }: ShownNamespace, { protocol, nextHops, type, dst, table }: Route): boolean {
  if (protocol !== RTPROT_KERNEL || nextHops.some(({ gateway }) => gateway !== undefined)) return false;
  if (type !== "unicast" || table === RT_TABLE_LOCAL || /^f[ef][89ab0]/.test(dst)) return true;
  const [hop] = nextHops;
  return addresses.some(({ linkIndex, cidr, peer }) => (
    linkIndex === hop?.linkIndex && [cidr, peer].some((one) => one !== undefined && networkText(one) === dst)
  ));
}

function networkText(cidr: string): string | undefined {
  const prefix = parseIpPrefix(cidr) ?? parseIpPrefix(`${cidr}/${cidr.includes(":") ? 128 : 32}`);
  return prefix && networkOf(prefix).text;
}

/** Reports the routes that go with an address and are not there, as if somebody deleted them. */
function reportMissing({ namespace, links, addresses, routes }: ShownNamespace, omissions: Omissions): void {
  for (const { cidr, linkIndex, family, noPrefixRoute, peer, tentative } of addresses) {
    const link = links.find(({ index }) => index === linkIndex);
    const length = parseIpPrefix(cidr)?.length ?? 0;
    const isHost = length === (family === AF_INET ? 32 : 128);
    if (!link?.up || link.loopback || noPrefixRoute || peer !== undefined || isHost || tentative) continue;
    const destination = networkText(cidr);
    const isThere = routes.some(({ dst, nextHops, table }) =>
      dst === destination && table !== RT_TABLE_LOCAL && nextHops.some((hop) => hop.linkIndex === linkIndex)
    );
    if (!isThere) {
      omissions.add(`${destination} by ${link.name} in ${namespace.label}`, "the route of an address is not there");
    }
  }
}
