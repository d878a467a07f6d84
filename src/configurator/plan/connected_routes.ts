/**
 * The routes that the kernel makes by itself to the networks of the addresses of a link that is up: for IPv4 with metric
 * 0 and the first address of the network as the source, for IPv6 with metric 256; with another metric, or none at all, where
 * somebody gave the address that (`metric`, `noprefixroute` of ip-address(8)).
 */
import { groupBy } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { type IpPrefix, parseIpPrefix } from "../../ip/prefix.ts";
import { IP6_RT_PRIO_ADDRCONF, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import { addressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { RouteFields } from "./actions.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import type { NetworkOptions } from "./effects.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { routeKey } from "./route_fields.ts";
import { isDirect } from "./route_way.ts";

/** A route that the kernel makes for an address. */
export interface ConnectedRoute {
  /** The network of the address. */
  readonly destination: string;
  /** The routing table. */
  readonly table: number;
  /** The metric that the kernel gives it. */
  readonly metric: number;
  /** False for one that leads to this host. */
  readonly isUnicast: boolean;
  /** The preferred source; IPv6 has none. */
  readonly source?: string | undefined;
  /** The link. */
  readonly link: PlannedLink;
  /** The address that it comes with, with its prefix. */
  readonly address: string;
}

/** The addresses that a link has in one network, in order, and whether the plan adds them. */
interface Network {
  readonly destination: string;
  readonly first: IpPrefix;
  /** What decides the route: of IPv4 what the first address was given, of IPv6 what each was. */
  readonly options: NetworkOptions | undefined;
  readonly addresses: readonly { readonly text: string; readonly isAdded: boolean }[];
}

/** What a plan means for the kernel's own routes. Asked when all links and addresses are planned. */
export class ConnectedRoutes {
  readonly #builder: PlanBuilder;
  readonly #coming = new Map<ObservedNamespace, ReadonlyMap<string, readonly ConnectedRoute[]>>();
  readonly #comingOnLoopback = new Map<ObservedNamespace, readonly ConnectedRoute[]>();
  readonly #lengths = new Map<ObservedNamespace, ReadonlySet<string>>();
  #links: Map<ObservedNamespace, Set<PlannedLink>> | undefined;

  /** Of the plan in `builder`. */
  constructor(builder: PlanBuilder) {
    this.#builder = builder;
  }

  /**
   * Those with the key of `route` that the kernel makes while the plan runs, for addresses that it adds and links that
   * it sets up.
   */
  comingAt(
    namespace: ObservedNamespace,
    route: Pick<RouteFields, "destination" | "table" | "metric">,
  ): readonly ConnectedRoute[] {
    // The addresses of the loopback link make no IPv4 route but to this host, and need not be read for others.
    const isWithoutLoopback = familyOf(route.destination) === 4 && route.table !== RT_TABLE_LOCAL;
    if (isWithoutLoopback && !this.#mayCome(namespace, route.destination)) return [];
    const key = routeKey(route);
    let coming = this.#coming.get(namespace);
    if (coming === undefined) {
      coming = groupBy(this.#comingOf(namespace, (link) => link.index !== LOOPBACK_INDEX), routeKey);
      this.#coming.set(namespace, coming);
    }
    const found = coming.get(key) ?? [];
    if (isWithoutLoopback) return found;
    let onLoopback = this.#comingOnLoopback.get(namespace);
    if (onLoopback === undefined) {
      onLoopback = this.#comingOf(namespace, (link) => link.index === LOOPBACK_INDEX);
      this.#comingOnLoopback.set(namespace, onLoopback);
    }
    return [...found, ...onLoopback.filter((one) => routeKey(one) === key)];
  }

  /** False if no address has a prefix as long as that of an IPv4 network: then no networks need be worked out. */
  #mayCome(namespace: ObservedNamespace, destination: string): boolean {
    let lengths = this.#lengths.get(namespace);
    if (lengths === undefined) {
      const links = this.#linksOf(namespace).filter(({ index }) => index !== LOOPBACK_INDEX);
      lengths = new Set(links.flatMap((link) => this.#builder.effects.addressesOf(link).map(lengthTextOf)));
      this.#lengths.set(namespace, lengths);
    }
    return lengths.has(lengthTextOf(destination));
  }

  #comingOf(namespace: ObservedNamespace, isWanted: (link: PlannedLink) => boolean): ConnectedRoute[] {
    return this.#linksOf(namespace).filter(isWanted)
      .flatMap((link) => this.#routesOf(link, (one) => this.#comes(link, one)));
  }

  /** Those to this network that belong to addresses which stay: the kernel made them once, and does not do so again. */
  standingAt(namespace: ObservedNamespace, destination: string): readonly ConnectedRoute[] {
    return this.#linksOf(namespace).flatMap((link) => this.#routesOf(link, (one) => !this.#comes(link, one)))
      .filter((one) => one.destination === destination);
  }

  /** True if the kernel takes the route away with its address. */
  goesWithAddress(namespace: ObservedNamespace, route: ObservedRoute): boolean {
    const { index, destination, protocol, gateway } = route;
    const link = index === undefined ? undefined : this.#builder.effects.plannedLink(namespace, index);
    if (protocol !== RTPROT_KERNEL || gateway !== undefined || index === undefined || link === undefined) return false;
    const now = addressesOf(namespace, index).map(({ text }) => text);
    const isFor = (one: Network): boolean => (
      one.destination === destination && (route.source === undefined || one.first.address.text === route.source)
    );
    return networksOf(now).some(isFor) && !this.#networksOf(link).some((one) => isFor(one) && !this.#comes(link, one));
  }

  #linksOf(namespace: ObservedNamespace): readonly PlannedLink[] {
    if (this.#links === undefined) {
      this.#links = new Map();
      const described = [...this.#builder.links.values()].filter((link): link is PlannedLink => "label" in link);
      for (const link of [...described, ...this.#builder.effects.plannedLinks()]) {
        const links = this.#links.get(link.namespace) ?? new Set();
        this.#links.set(link.namespace, links.add(link));
      }
    }
    return [...this.#links.get(namespace) ?? [], ...this.#builder.effects.givenBackTo(namespace)];
  }

  #networksOf(link: PlannedLink): Network[] {
    const { effects } = this.#builder;
    const isAdded = (text: string): boolean => effects.isAdded(link, text);
    return networksOf(effects.addressesOf(link), isAdded, effects.networkOptionsOf(link));
  }

  /** True if the kernel makes the route to this network anew: that is so for the first address of IPv4, for any of IPv6. */
  #comes({ isNew, namespace, index = 0 }: PlannedLink, { first, addresses }: Network): boolean {
    if (isNew || linkAt(namespace, index)?.up !== true) return true;
    return first.address.family === 4 ? addresses[0]?.isAdded === true : addresses.every(({ isAdded }) => isAdded);
  }

  #routesOf(link: PlannedLink, isWanted: (network: Network) => boolean): ConnectedRoute[] {
    if (!link.up || isInVrf(link)) return [];
    return this.#networksOf(link).filter(isWanted).flatMap((network): ConnectedRoute[] => {
      const { destination, first, options, addresses } = network;
      const { family, text: ip } = first.address;
      if (family === 6) {
        if (options?.noPrefixRoute) return [];
        // It comes with each of them; the kernel lists the newest first.
        const [address = ""] = addresses.map(({ text }) => text).sort();
        const metric = options?.metric ?? IP6_RT_PRIO_ADDRCONF;
        return [{ link, address, destination, table: RT_TABLE_MAIN, metric, isUnicast: true }];
      }
      const common = { link, address: first.text };
      const local = { destination: `${ip}/32`, table: RT_TABLE_LOCAL, metric: 0, isUnicast: false, source: ip };
      // A /32 has no network, and those of the loopback link lead to this host.
      const isAlone = first.length === 32 || link.index === LOOPBACK_INDEX || options?.noPrefixRoute;
      if (isAlone) return [{ ...common, ...local }];
      const metric = options?.metric ?? 0;
      const prefix = { destination, table: RT_TABLE_MAIN, metric, isUnicast: true, source: ip };
      return [{ ...common, ...prefix }, { ...common, ...local }];
    });
  }
}

/** True if `one` is the route of the file: by `link`, without a gateway. */
export function isConnectedRoute(one: ConnectedRoute, link: PlannedLink, route: RouteFields): boolean {
  const scope = familyOf(one.destination) === 4 ? "link" : "universe";
  return one.isUnicast && one.link === link && isDirect(route) && route.mtu === undefined && route.scope === scope &&
    (route.source === undefined || route.source === one.source);
}

/** The route as it is requested, as if the kernel made it. */
export function connectedFields({ destination, table, metric, source }: ConnectedRoute): RouteFields {
  const scope = familyOf(destination) === 4 ? "link" : "universe";
  return { destination, table, metric: metric || undefined, source, scope, protocol: RTPROT_KERNEL };
}

/** The length of the prefix of a text: `"/24"`. */
const lengthTextOf = (text: string): string => text.slice(text.indexOf("/"));

/** The networks of addresses, each with its addresses in their order; of IPv6 one for each metric. */
function networksOf(
  texts: readonly string[],
  isAdded: (text: string) => boolean = () => false,
  given?: ReadonlyMap<string, NetworkOptions>,
): Network[] {
  const networks = new Map<string, Network & { readonly addresses: { text: string; isAdded: boolean }[] }>();
  for (const text of texts) {
    const first = parseIpPrefix(text);
    if (first === undefined) continue;
    const destination = networkOf(first).text;
    const options = given?.get(text);
    const key = first.address.family === 4 || options === undefined
      ? destination
      : `${destination} ${options.noPrefixRoute} ${options.metric}`;
    const network = networks.get(key) ?? { destination, first, options, addresses: [] };
    network.addresses.push({ text, isAdded: isAdded(text) });
    networks.set(key, network);
  }
  return [...networks.values()];
}

/** The routes of a port of a VRF are in the table of that. */
function isInVrf({ isInVrf: planned, namespace, index = 0 }: PlannedLink): boolean {
  if (planned !== undefined) return planned;
  const master = linkAt(namespace, index)?.master;
  return master !== undefined && linkAt(namespace, master)?.kind === "vrf";
}
