/** Finds links, addresses, routes and neighbours in what was read of a namespace. */
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import { lookup, SHORT } from "./indexes.ts";
import type { ObservedAddress, ObservedLink, ObservedNamespace } from "./observed_namespace.ts";

const linksByName = lookup((link: ObservedLink) => link.name);
const linksByIndex = lookup((link: ObservedLink) => link.index);

/** The link with this name. */
export function linkNamed(namespace: ObservedNamespace, name: string): ObservedLink | undefined {
  return linksByName(namespace, namespace.links(), name)[0];
}

/** The link that has this name as an alternative one. */
export function linkWithAlternativeName(namespace: ObservedNamespace, name: string): ObservedLink | undefined {
  const links = namespace.links();
  if (links.length <= SHORT) return links.find(({ altNames }) => altNames?.includes(name));
  return namespace.indexes.of(links, byAlternativeName).get(name);
}

function byAlternativeName(links: readonly ObservedLink[]): ReadonlyMap<string, ObservedLink> {
  return new Map(links.flatMap((link) => (link.altNames ?? []).map((name): [string, ObservedLink] => [name, link])));
}

/** The link with this index. */
export function linkAt(namespace: ObservedNamespace, index: number): ObservedLink | undefined {
  return linksByIndex(namespace, namespace.links(), index)[0];
}

/** The addresses of the link with this index. */
export function addressesOf(namespace: ObservedNamespace, index: number): readonly ObservedAddress[] {
  return namespace.addressesOf(index);
}

/** Those of its addresses that somebody gave it, or that are among `wanted` now. */
export function givenAddressesOf(
  namespace: ObservedNamespace,
  index: number,
  wanted: readonly string[] = [],
): readonly ObservedAddress[] {
  return addressesOf(namespace, index).filter(({ text, advertised }) => advertised !== true || wanted.includes(text));
}

/** The qdisc at the root of a link, if the kernel did not put it there by itself. */
export function rootQdisc(namespace: ObservedNamespace, index: number): Qdisc | undefined {
  return namespace.qdiscs().find(({ linkIndex, parent, handle }) => (
    linkIndex === index && parent === "root" && handle !== "0:"
  ));
}

/** The kinds that go with the link below them, which IFLA_LINK names. */
const ON_A_LINK: ReadonlySet<string | undefined> = new Set([
  "vlan",
  "macvlan",
  "macvtap",
  "ipvlan",
  "ipvtap",
  "macsec",
]);

/** The index of the link that one stands on and goes with, in the namespace of that. */
export function lowerIndex({ kind, peerIndex, data }: ObservedLink): number | undefined {
  // A VXLAN names itself in IFLA_LINK while it is in another namespace than its socket.
  if (data?.kind !== "vxlan") return ON_A_LINK.has(kind) ? peerIndex : undefined;
  return typeof data.link === "number" && data.link > 0 ? data.link : undefined;
}

/** The kinds of tunnels over IP. */
export const IP_TUNNELS: ReadonlySet<string | undefined> = new Set([
  ...["gre", "gretap", "ipip", "sit", "ip6tnl", "ip6gre", "ip6gretap"],
]);

/** The index of the link by which the packets of a tunnel go, one of its options; 0 for any. Undefined of what is no tunnel. */
export function wayOut({ kind, data }: Pick<ObservedLink, "kind" | "data">): number | undefined {
  if (kind !== "vxlan" && !IP_TUNNELS.has(kind)) return undefined;
  const link = data !== undefined && "link" in data ? data.link : undefined;
  return typeof link === "number" ? link : 0;
}
