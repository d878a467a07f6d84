/** What the kernel answers, as the configurator observes it. */
import { AF_INET } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { isAdvertised } from "../../netlink/address/advertised.ts";
import type { Address } from "../../netlink/address/types.ts";
import { IFA_F_SECONDARY } from "../../netlink/constants/address.ts";
import { NTF_EXT_LEARNED, NTF_ROUTER } from "../../netlink/constants/neighbour.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Neighbour } from "../../netlink/neighbour/types.ts";
import type { Route } from "../../netlink/route/types.ts";
import { withoutShortened } from "./bridge_options.ts";
import type {
  ObservedAddress,
  ObservedLink,
  ObservedNeighbour,
  ObservedRoute,
  ObservedRouteOptions,
} from "./observed_namespace.ts";

/** A link. */
export function observedLink(link: Link): ObservedLink {
  return {
    index: link.index,
    name: link.name,
    altNames: link.altNames,
    kind: link.kind,
    up: link.up,
    carrier: link.carrier,
    arp: link.arp,
    mtu: link.mtu,
    address: link.bondPort?.permHwaddr ?? link.address,
    master: link.master,
    peerIndex: link.peerIndex,
    peerNamespaceId: link.linkNetnsid,
    data: withoutShortened(link.data),
    port: link.port,
    alias: link.alias,
    txQueueLength: link.txQueueLength,
    txQueues: link.numTxQueues,
    rxQueues: link.numRxQueues,
  };
}

/** A route. */
export function observedRoute(route: Route): ObservedRoute {
  const { dst, table, metric = 0, nextHops, preferredSource, scope, type, protocol } = route;
  const { mtu, tos, src, encap, nextHopId, realm } = route;
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
    options: routeOptionsOf(route),
    isEncapsulating: encap !== undefined || nextHops.some((one) => one.encap !== undefined),
    hops: nextHops.map(({ gateway, linkIndex, weight }) => ({ gateway, index: linkIndex, weight })),
    plain: whole && type === "unicast" && hop !== undefined && others.length === 0,
    whole,
    keyed: tos === 0 && src === undefined,
  };
}

/** What of a route no file describes; undefined if there is nothing. */
function routeOptionsOf(
  { metrics, realm, preference = "medium", nextHopId, tos, src }: Route,
): ObservedRouteOptions | undefined {
  const isUsual = metrics === undefined && realm === undefined && preference === "medium" && nextHopId === undefined &&
    tos === 0 && src === undefined;
  if (isUsual) return undefined; // as nearly all are
  return defined({
    metrics,
    realm,
    preference: preference === "medium" ? undefined : preference,
    nextHopId,
    tos: tos || undefined,
    src,
  });
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
    advertised: isAdvertised(options),
  };
}

/** An entry of the neighbour table. */
export function observedNeighbour({ linkIndex, ip, address, state, protocol, flags }: Neighbour): ObservedNeighbour {
  return { index: linkIndex, ip, address, state, protocol, flags: flags & (NTF_ROUTER | NTF_EXT_LEARNED) || undefined };
}
