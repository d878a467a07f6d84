/** The addresses of a link, as an interface of the file has them. */
import { AF_INET6 } from "../../../ffi/mod.ts";
import { isLinkLocal6, linkLocalOf } from "../../ip/arithmetic.ts";
import { formatAddress } from "../../ip/format.ts";
import { lastOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { Address } from "../../netlink/address/types.ts";
import { isAdvertised } from "../../netlink/address/advertised.ts";
import { IFAPROT_KERNEL_LL } from "../../netlink/constants/address.ts";
import { ROUTE_SCOPES } from "../../netlink/constants/route.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/** The addresses that the kernel gives each loopback link. */
const LOOPBACK_ADDRESSES: ReadonlySet<string> = new Set(["127.0.0.1/8", "::1/128"]);

/** The addresses of a link in the order in which the kernel has them, without those that it makes by itself. */
export function shownAddresses(shown: ShownNamespace, link: Link, omissions: Omissions): string[] {
  const all = shown.addresses.filter(({ linkIndex }) => linkIndex === link.index);
  for (const { cidr } of all.filter(isAdvertised)) {
    omissions.add(
      `${cidr} of ${link.name} in ${shown.namespace.label}`,
      "an address that the kernel made of what a router advertises",
    );
  }
  const own = all.filter((one) => !isAdvertised(one));
  // The order of link-local addresses counts, so one that somebody gave brings the kernel's into the list.
  const isGivenLocal = own.some((one) => isLinkLocal6(one.cidr) && !isKernels(one, link));
  const listed = own.filter((one) => !isKernels(one, link) || (isGivenLocal && isLinkLocal6(one.cidr)));
  for (const one of listed) {
    const what = `${one.cidr} of ${link.name} in ${shown.namespace.label}`;
    for (const other of othersOf(one, link)) omissions.add(what, `without ${other}`);
  }
  if (lacksLinkLocal(link, own)) {
    omissions.add(
      `${shown.namespace.reference}/${link.name}`,
      "it has no IPv6 link-local address, which the kernel makes",
    );
  }
  return listed.map(({ cidr }) => cidr);
}

/** True of an address that the kernel gives a link by itself. */
function isKernels({ cidr, address, protocol }: Address, { loopback, address: hardware = "" }: Link): boolean {
  if (loopback) return LOOPBACK_ADDRESSES.has(cidr);
  if (!isLinkLocal6(cidr)) return false;
  // Old kernels do not say who made it.
  return protocol === IFAPROT_KERNEL_LL ||
    (isMac(hardware) && cidr.endsWith("/64") && address === linkLocalOf(hardware));
}

const isMac = (address: string): boolean => /^(?:[\da-f]{2}:){5}[\da-f]{2}$/.test(address);

/** True if the kernel would make a link-local address for a link like this one, and there is none. */
function lacksLinkLocal(
  { lowerUp, arp, loopback, address = "", addrGenMode, bondPort }: Link,
  own: readonly Address[],
) {
  return lowerUp && arp && !loopback && bondPort === undefined && isMac(address) && addrGenMode === "eui64" &&
    own.some(({ family }) => family === AF_INET6) && !own.some(({ cidr }) => isLinkLocal6(cidr));
}

/** What a file cannot say of an address, in words. */
function othersOf(one: Address, { name, loopback }: Link): string[] {
  const { cidr, family, peer, broadcast, scope, label, noPrefixRoute, metric, validLifetime, preferredLifetime } = one;
  const isUsualScope = scope === usualScope(one, loopback);
  return [
    ...peer === undefined ? [] : [`its other end, ${peer}`],
    ...broadcast === usualBroadcast(cidr) || peer !== undefined ? [] : [
      broadcast === undefined ? "that it has no broadcast address" : `its broadcast address ${broadcast}`,
    ],
    ...isUsualScope ? [] : [`its scope ${scope}`],
    ...label === undefined || label === name ? [] : [`its label ${label}`],
    ...noPrefixRoute ? ["that the kernel makes no route for it"] : [],
    ...metric === undefined ? [] : [`the metric ${metric} of its route`],
    ...validLifetime === undefined && preferredLifetime === undefined ? [] : ["its lifetime"],
    ...one.home ? ["that it is a home address"] : [],
    ...one.managedTemporaries ? ["that the kernel makes temporary ones of it"] : [],
    ...family === AF_INET6 && one.duplicate ? ["that another host has it"] : [],
  ];
}

function usualScope({ cidr }: Address, loopback: boolean): number {
  if (isLinkLocal6(cidr)) return ROUTE_SCOPES.link;
  return cidr.startsWith("127.") || (loopback && cidr === "::1/128") ? ROUTE_SCOPES.host : ROUTE_SCOPES.universe;
}

/** The broadcast address that an apply gives: the last one of an IPv4 network that is larger than /31. */
function usualBroadcast(cidr: string): string | undefined {
  const prefix = parseIpPrefix(cidr);
  return prefix === undefined || prefix.address.family === 6 || prefix.length > 30
    ? undefined
    : formatAddress(lastOf(prefix));
}
