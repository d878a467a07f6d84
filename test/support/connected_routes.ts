/** Routes of a file that have the key of one which the kernel makes by itself, and what is planned for them. */
import { vethEnd } from "./topologies.ts";

/** A pair in one namespace, with a route of the file. */
export const connectedFile = (
  ipAddresses: readonly string[],
  route: object,
  fields: object = {},
): Record<string, unknown> => ({
  namespaces: ["blue"],
  interfaces: [
    vethEnd("e0", "e1", { namespace: "blue" }),
    vethEnd("e1", "e0", { namespace: "blue", ipAddresses, ...fields }),
  ],
  routes: [{ name: "r", interface: "e1", ...route }],
});
/** The same without its route. */
export const withoutRoutes = ({ routes: _, ...rest }: Record<string, unknown>): Record<string, unknown> => rest;

const inTheWay = (destination: string, address: string): string => (
  `the kernel has a route of its own to ${destination}: it comes with the address ${address} of e1 in blue`
);
/** What to do about such a failure. */
export const HINT: string = "give this one another metric or table";

const V4 = ["198.51.100.1/24", "198.51.100.2/24"];
const V6 = ["2001:db8::1/64", "2001:db8::2/64"];
const to4 = "198.51.100.0/24";
const to6 = "2001:db8::/64";
/** A case: its name, the addresses of e1, the route, and the steps or the reason. */
export type ConnectedCase = readonly [
  name: string,
  addresses: readonly string[],
  route: object,
  expected: readonly string[],
];

/** The cases. */
export const CONNECTED_CASES: readonly ConnectedCase[] = [
  ["without a gateway is the kernel's", V4, { dstIpAddr: to4 }, []],
  ["with its source is the kernel's", V4, { dstIpAddr: to4, srcIpAddr: "198.51.100.1" }, []],
  ["with another source replaces the kernel's (T13)", V4, { dstIpAddr: to4, srcIpAddr: "198.51.100.2" }, [
    `replace the route to ${to4} by e1 in blue`,
  ]],
  ["by another link replaces the kernel's", V4, { dstIpAddr: to4, interface: "e0" }, [
    `replace the route to ${to4} by e0 in blue`,
  ]],
  ["of another scope replaces the kernel's", V4, { dstIpAddr: to4, scope: "HOST" }, [
    `replace the route to ${to4} by e1 in blue`,
  ]],
  ["through a gateway is refused", V4, { dstIpAddr: to4, gwAddr: "198.51.100.9" }, [
    inTheWay(to4, "198.51.100.1/24"),
  ]],
  ["through a gateway with another metric is none of the kernel's", V4, {
    dstIpAddr: to4,
    gwAddr: "198.51.100.9",
    metric: 5,
  }, [`add the route to ${to4} via 198.51.100.9 by e1 in blue`]],
  ["in another table is none of the kernel's", V4, { dstIpAddr: to4, gwAddr: "198.51.100.9", table: 77 }, [
    `add the route to ${to4} via 198.51.100.9 by e1 in blue`,
  ]],
  ["of IPv6 with the kernel's metric is the kernel's", V6, { dstIpAddr: to6, metric: 256 }, []],
  ["of IPv6 has another metric", V6, { dstIpAddr: to6 }, [`add the route to ${to6} by e1 in blue`]],
  ["of IPv6 with a source replaces the kernel's", V6, { dstIpAddr: to6, metric: 256, srcIpAddr: "2001:db8::2" }, [
    `replace the route to ${to6} by e1 in blue`,
  ]],
  ["of IPv6 by another link replaces the kernel's", V6, { dstIpAddr: to6, metric: 256, interface: "e0" }, [
    `replace the route to ${to6} by e0 in blue`,
  ]],
  ["of IPv6 through a gateway is refused", V6, { dstIpAddr: to6, metric: 256, gwAddr: "2001:db8::9" }, [
    inTheWay(to6, "2001:db8::1/64"),
  ]],
  ["of one host has no network", ["198.51.100.1/32"], { dstIpAddr: "198.51.100.1/32" }, [
    "add the route to 198.51.100.1/32 by e1 in blue",
  ]],
];
