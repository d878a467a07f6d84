/** What the kernel answers, as the configurator observes it. */
import { AF_INET } from "../../../ffi/mod.ts";
import type { Address } from "../../netlink/address/types.ts";
import { IFA_F_SECONDARY } from "../../netlink/constants/address.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Neighbour } from "../../netlink/neighbour/types.ts";
import type { Route } from "../../netlink/route/types.ts";
import type { ObservedAddress, ObservedLink, ObservedNeighbour, ObservedRoute } from "./observed_namespace.ts";

/** A link. */
export function observedLink(link: Link): ObservedLink {
  return {
    index: link.index,
    name: link.name,
    altNames: link.altNames,
    kind: link.kind,
    up: link.up,
    carrier: link.carrier,
    mtu: link.mtu,
    address: link.bondPort?.permHwaddr ?? link.address,
    master: link.master,
    peerIndex: link.peerIndex,
    peerNamespaceId: link.linkNetnsid,
    data: link.data,
    port: link.port,
    alias: link.alias,
    txQueueLength: link.txQueueLength,
    txQueues: link.numTxQueues,
    rxQueues: link.numRxQueues,
  };
}

/** A route. */
export function observedRoute(
  { dst, table, metric = 0, nextHops, preferredSource, scope, type, protocol, mtu, tos, src, encap, nextHopId, realm }:
    Route,
): ObservedRoute {
  const [hop, ...others] = nextHops;
  const whole = tos === 0 && src === undefined && encap === undefined && nextHopId === undefined &&
    realm === undefined && nextHops.every((one) => one.encap === undefined && one.realm === undefined);
  return {
    destination: dst,
    table,
    metric,
    gateway: hop?.gateway,
    index: hop?.linkIndex,
    source: preferredSource,
    onLink: hop?.onLink,
    scope,
    type,
    protocol,
    mtu,
    hops: nextHops.map(({ gateway, linkIndex, weight }) => ({ gateway, index: linkIndex, weight })),
    plain: whole && type === "unicast" && hop !== undefined && others.length === 0,
    whole,
    keyed: tos === 0 && src === undefined,
  };
}

/** An address. */
export function observedAddress(options: Address): ObservedAddress {
  return {
    index: options.linkIndex,
    text: options.cidr,
    peer: options.peer,
    options,
    // For IPv6 the same bit means that it is temporary, and nothing else goes with it.
    secondary: (options.flags & IFA_F_SECONDARY) !== 0 && options.family === AF_INET,
  };
}

/** An entry of the neighbour table. */
export function observedNeighbour({ linkIndex, ip, address, state }: Neighbour): ObservedNeighbour {
  return { index: linkIndex, ip, address, state };
}
