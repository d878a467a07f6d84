/**
 * The kernel's own routes of addresses that stay: it made them with the address, and does not do so again when somebody
 * deletes one. They come back as the kernel had made them, so that it takes them away with the address.
 */
import { familyOf } from "../../ip/address.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { type IpPrefix, parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { IP6_RT_PRIO_ADDRCONF, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import { addressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedAddress, ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { interfaceItem } from "../report.ts";
import type { RouteFields } from "./actions.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { sameKey } from "./remaining_routes.ts";
import { metricOf, routeFields, routeKey } from "./route_fields.ts";

/** The tables of the routes that the kernel makes for the addresses of a link. */
interface Tables {
  /** Of the routes to this host. */
  readonly local: number;
  /** Of those to the networks. */
  readonly networks: number;
}

/**
 * Plans that the routes come back which the kernel made for addresses of a link and somebody deleted. Asked when the
 * addresses of the link are planned.
 *
 * @param isOwn True of an address that this configuration gave the link.
 */
export function restoreKernelRoutes(
  builder: PlanBuilder,
  model: LinuxInterface,
  link: PlannedLink,
  isOwn: (address: ObservedAddress) => boolean,
): void {
  const { namespace, index } = link;
  const observed = index === undefined ? undefined : linkAt(namespace, index);
  // When the kernel sets a link up, it makes all of them.
  if (observed === undefined || !observed.up || !link.up || link.goesDown) return;
  const tables = tablesOf(namespace, observed);
  const all = addressesOf(namespace, observed.index);
  const staying = new Set(builder.effects.addressesOf(link));
  const planned = new Set<string>();
  for (const one of all) {
    const stays = staying.has(one.text) && !builder.effects.isAdded(link, one.text);
    if (!stays || one.advertised === true || one.peer !== undefined || !isOwn(one)) continue;
    const routes = kernelRoutesOf(one, all, observed.index, tables);
    for (const route of lostRoutes(builder, namespace, observed.index, routes)) {
      const key = routeKey(route);
      if (planned.has(key)) continue;
      planned.add(key);
      const why = "was deleted, and its address stays";
      builder.add("configure", interfaceItem(model.name), { kind: "add-route", link, route, append: true }, { why });
    }
  }
}

/**
 * The routes of an address that were deleted. The one to this host is looked for where the one to the network is lost, or
 * is none, or in the same table, as in that of a VRF: nobody deletes it alone, and its own table is long.
 */
function lostRoutes(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  link: number,
  { toHost, toNetwork }: KernelRoutes,
): readonly RouteFields[] {
  const isLost = (route: RouteFields): boolean => isMissing(builder, namespace, link, route);
  const lost = toNetwork !== undefined && isLost(toNetwork) ? [toNetwork] : [];
  const isAsked = toNetwork === undefined || lost.length > 0 || toNetwork.table === toHost?.table;
  return toHost !== undefined && isAsked && isLost(toHost) ? [toHost, ...lost] : lost;
}

/** A VRF has its own addresses in its table, too. */
function tablesOf(namespace: ObservedNamespace, link: ObservedLink): Tables {
  const above = link.master === undefined ? undefined : linkAt(namespace, link.master);
  const [table] = [link, above].flatMap((one) => one?.data?.kind === "vrf" ? [one.data.table] : []);
  return { local: table ?? RT_TABLE_LOCAL, networks: table ?? RT_TABLE_MAIN };
}

/** The routes of an address. */
interface KernelRoutes {
  /** The one to this host, which comes first: without it the kernel does not take the address as a source. */
  readonly toHost?: RouteFields;
  readonly toNetwork?: RouteFields;
}

function kernelRoutesOf(
  address: ObservedAddress,
  all: readonly ObservedAddress[],
  link: number,
  tables: Tables,
): KernelRoutes {
  const prefix = parseIpPrefix(address.text);
  if (prefix === undefined) return {};
  return prefix.address.family === 4
    ? routesOf4(address, prefix, all, link, tables)
    : routesOf6(address, prefix, tables);
}

function routesOf4(
  { secondary, options }: ObservedAddress,
  prefix: IpPrefix,
  all: readonly ObservedAddress[],
  link: number,
  tables: Tables,
): KernelRoutes {
  const network = networkOf(prefix).text;
  const ip = prefix.address.text;
  const source = secondary ? firstIn(network, all) : ip;
  if (source === undefined) return {};
  const local = { type: "local", scope: "host", source, table: tables.local, protocol: RTPROT_KERNEL } as const;
  const toHost: RouteFields = { ...local, destination: `${ip}/32` };
  // The kernel makes none to 0.0.0.0/8, nor to a network of one address.
  const isAlone = secondary || prefix.length === 32 || options?.noPrefixRoute || network.startsWith("0.");
  if (isAlone) return { toHost };
  const [destination, metric] = [network, options?.metric];
  if (link === LOOPBACK_INDEX) return { toHost, toNetwork: { ...local, destination, metric } };
  const { networks: table } = tables;
  return { toHost, toNetwork: { destination, metric, table, source, scope: "link", protocol: RTPROT_KERNEL } };
}

/** The first address of an IPv4 network: the source of what is sent to it, also by the others. */
function firstIn(network: string, all: readonly ObservedAddress[]): string | undefined {
  for (const { text, secondary, peer } of all) {
    const prefix = secondary || peer !== undefined || familyOf(text) !== 4 ? undefined : parseIpPrefix(text);
    if (prefix !== undefined && networkOf(prefix).text === network) return prefix.address.text;
  }
  return undefined;
}

function routesOf6({ options }: ObservedAddress, prefix: IpPrefix, { networks }: Tables): KernelRoutes {
  // One with a lifetime comes from a router, whose routes expire too. The route to the address itself the kernel makes when it
  // has checked that, and takes no other for it: nobody can say whether it was deleted.
  if (options?.noPrefixRoute || options?.validLifetime !== undefined) return {};
  const metric = options?.metric ?? IP6_RT_PRIO_ADDRCONF;
  const destination = networkOf(prefix).text;
  return { toNetwork: { destination, table: networks, metric, scope: "universe", protocol: RTPROT_KERNEL } };
}

/** True if a route is not there, and nothing stands or will stand in its place. */
function isMissing(builder: PlanBuilder, namespace: ObservedNamespace, link: number, route: RouteFields): boolean {
  const { destination, table } = route;
  const isInPlace = sameKey(namespace, route).some(({ keyed, protocol, hops }) => (
    keyed && (protocol !== RTPROT_KERNEL || hops.some(({ index }) => index === link))
  ));
  if (isInPlace || isDescribed(builder, namespace, route)) return false;
  // Without any route to this host, not even to that of `lo`, nobody can say what this kernel has there.
  if (table === RT_TABLE_LOCAL && namespace.routes(familyOf(destination), table).length === 0) return false;
  const metric = metricOf(destination, route.metric);
  return builder.input.claims.routeRecord(namespace, { destination, table, metric })?.before === undefined;
}

/** True if the file has a route with the same key, which is planned for itself. */
function isDescribed(builder: PlanBuilder, namespace: ObservedNamespace, route: RouteFields): boolean {
  const key = routeKey(route);
  return builder.input.config.routes.some((one) => (
    routeKey(routeFields(one)) === key && builder.namespaceOf(one) === namespace
  ));
}
