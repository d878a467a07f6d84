/** Tables, scopes, types, protocols and flags of routes: linux/rtnetlink.h. */

export const RT_TABLE_UNSPEC = 0;
/** The table of every route that names none. */
export const RT_TABLE_MAIN = 254;
/** The table in which the kernel keeps the addresses of this host. */
export const RT_TABLE_LOCAL = 255;

/** Made by an ICMP redirect. */
export const RTPROT_REDIRECT = 1;
/** Made by the kernel, such as for an address. */
export const RTPROT_KERNEL = 2;
/** Made at boot or by an administrator; what `ip route` gives a route by default. */
export const RTPROT_BOOT = 3;
/** Made by an administrator, who says so. */
export const RTPROT_STATIC = 4;
/** Made by a router advertisement. */
export const RTPROT_RA = 9;
/** Made by this library's configurator; the kernel has no use for the number. */
export const RTPROT_NETNS = 110;

/** The metric of an IPv6 route that is given none: IP6_RT_PRIO_USER of linux/ipv6_route.h. */
export const IP6_RT_PRIO_USER = 1024;

/** The metric of the IPv6 route that the kernel makes for an address: IP6_RT_PRIO_ADDRCONF of linux/ipv6_route.h. */
export const IP6_RT_PRIO_ADDRCONF = 256;

/** The gateway is on the link even if no address there is in its network. */
export const RTNH_F_ONLINK = 0x4;
/** How routers are preferred, RFC 4191. */
export type RoutePreference = "low" | "medium" | "high";

/** ICMPV6_ROUTER_PREF_… */
export const ROUTE_PREFERENCES: Readonly<Record<RoutePreference, number>> = { medium: 0, high: 1, low: 3 };

/** Asks for the table in which a route was found. */
export const RTM_F_LOOKUP_TABLE = 0x1000;
/** Asks for the route itself, and not for what the kernel makes of it for one destination. */
export const RTM_F_FIB_MATCH = 0x2000;
/** An entry of a route cache. */
export const RTM_F_CLONED = 0x200;

/** How far a destination is: anywhere, in this site, on the link, in this host; `nowhere` is no destination. */
export type RouteScope = "universe" | "site" | "link" | "host" | "nowhere";

/** RT_SCOPE_…, of routes and addresses. */
export const ROUTE_SCOPES: Readonly<Record<RouteScope, number>> = {
  universe: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

/** What a route does with a packet. */
export type RouteType =
  | "unspecified"
  | "unicast"
  | "local"
  | "broadcast"
  | "anycast"
  | "multicast"
  | "blackhole"
  | "unreachable"
  | "prohibit"
  | "throw";

/** RTN_… */
export const ROUTE_TYPES: Readonly<Record<RouteType, number>> = {
  unspecified: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
};
