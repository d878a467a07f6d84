/** Routes and neighbours in the words of `ip -j`, put into ours. */
import { type IpLink, withoutUndefined } from "./ip_links.ts";

/** What `ip -N -j -d route show` says of a route: numbers as text, where `-N` gives them. */
export interface IpRoute {
  readonly type: string;
  readonly dst: string;
  readonly from?: string;
  readonly tos?: string;
  readonly table?: string;
  readonly protocol: string;
  readonly scope: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly dev?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly flags: readonly string[];
  readonly expires?: number;
  readonly metrics?: readonly Readonly<Record<string, number | string | null>>[];
  readonly nexthops?: readonly IpHop[];
}

interface IpHop {
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly dev?: string;
  readonly weight?: number;
  readonly flags: readonly string[];
}

/** What is needed of a route, put into our words, to choose among them. */
export interface IpRouteRead {
  readonly table: number;
  readonly nextHops: readonly { readonly linkIndex: number | undefined }[];
}

const TYPES = [
  "unspecified",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
];
const SCOPES: Readonly<Record<string, string>> = { 0: "universe", 200: "site", 253: "link", 254: "host" };
/** RTNH_F_… of linux/rtnetlink.h */
const FLAGS: Readonly<Record<string, number>> = { dead: 1, pervasive: 2, onlink: 4, offload: 8, linkdown: 16 };
/** The metrics of `ip`, by our names, and how many of the kernel's units one of `ip` has. */
const METRICS: Readonly<Record<string, readonly [name: string, factor: number]>> = {
  mtu: ["mtu", 1],
  window: ["window", 1],
  rtt: ["rtt", 8],
  rttvar: ["rttVariance", 4],
  ssthresh: ["slowStartThreshold", 1],
  cwnd: ["congestionWindow", 1],
  advmss: ["advertisedMss", 1],
  reordering: ["reordering", 1],
  hoplimit: ["hopLimit", 1],
  initcwnd: ["initialCongestionWindow", 1],
  rto_min: ["minimalTimeout", 1],
  initrwnd: ["initialReceiveWindow", 1],
  quickack: ["quickAck", 1],
};
const RTAX_FEATURE_ECN = 1;
const RTAX_RTO_MIN = 13;

/** What `ip` says, as `Netlink.listRoutes()` says it. */
export function routesOf(routes: readonly IpRoute[], family: 2 | 10, links: readonly IpLink[]): IpRouteRead[] {
  const any = family === 2 ? "0.0.0.0/0" : "::/0";
  const alone = family === 2 ? "/32" : "/128";
  const hop = ({ gateway, via, dev, weight, flags }: IpHop): IpRouteRead["nextHops"][number] =>
    withoutUndefined({
      linkIndex: indexOf(links, dev),
      gateway: gateway ?? via?.host,
      weight: weight ?? 1,
      onLink: flags.includes("onlink"),
    });
  return routes.map((route) => {
    const metrics = metricsOf(route);
    return withoutUndefined({
      family,
      dst: route.dst === "default" ? any : route.dst.includes("/") ? route.dst : `${route.dst}${alone}`,
      type: TYPES[Number(route.type)],
      scope: SCOPES[route.scope],
      table: Number(route.table),
      protocol: Number(route.protocol),
      nextHops: route.nexthops?.map(hop) ?? (route.dev === undefined ? [] : [hop(route)]),
      metric: route.metric,
      preferredSource: route.prefsrc,
      src: route.from,
      tos: Number(route.tos ?? 0),
      flags: route.flags.reduce((sum, name) => sum | (FLAGS[name] ?? 0), 0),
      mtu: metrics?.["mtu"],
      metrics,
      expires: route.expires,
    });
  });
}

function metricsOf({ metrics: [all] = [] }: IpRoute): Readonly<Record<string, unknown>> | undefined {
  if (all === undefined) return undefined;
  const numbers = Object.entries(all).flatMap(([key, value]): [string, unknown][] => {
    const [name, factor] = METRICS[key] ?? [];
    return name === undefined || factor === undefined ? [] : [[name, Number(value) * factor]];
  });
  return {
    ...Object.fromEntries(numbers),
    // "ip -j" says of none whether it is locked; it locks the one it is given here by itself.
    ..."rto_min" in all ? { lock: 1 << RTAX_RTO_MIN } : {},
    ..."ecn" in all ? { features: RTAX_FEATURE_ECN } : {},
    ..."congestion" in all ? { congestionControl: all["congestion"] } : {},
  };
}

function indexOf(links: readonly IpLink[], name: string | undefined): number | undefined {
  return links.find(({ ifname }) => ifname === name)?.ifindex;
}

/** What `ip -j neighbour show` says of a neighbour. */
export interface IpNeighbour {
  readonly dst: string;
  readonly dev: string;
  readonly lladdr?: string;
  readonly state?: readonly string[];
  readonly router?: null;
}

const NTF_ROUTER = 0x80;

/** What `ip` says, as `Netlink.listNeighbours()` says it. */
export function neighboursOf(neighbours: readonly IpNeighbour[], links: readonly IpLink[]): unknown[] {
  return neighbours.map(({ dst, dev, lladdr, state, router }) =>
    withoutUndefined({
      linkIndex: indexOf(links, dev),
      family: dst.includes(":") ? 10 : 2,
      ip: dst,
      address: lladdr,
      state: state?.[0]?.toLowerCase() ?? "none",
      proxy: false,
      flags: router === null ? NTF_ROUTER : 0,
    })
  );
}
