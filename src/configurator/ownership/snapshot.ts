/** What an object is before this configuration changes it: enough to give it back. */
import { defined } from "../../collections.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { RT_TABLE_LOCAL, RTPROT_KERNEL, RTPROT_RA, RTPROT_REDIRECT } from "../../netlink/constants/route.ts";
import { addressesOf } from "../observed/lookup.ts";
import type {
  ObservedAddress,
  ObservedLink,
  ObservedNamespace,
  ObservedRoute,
} from "../observed/observed_namespace.ts";
import type { AddressBefore, FullRoute, LinkBefore, RouteBefore } from "./before.ts";

/** Who made the routes that the kernel and the network make again. */
const MADE_BY_THE_NETWORK: ReadonlySet<number> = new Set([RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA]);

/** A link with what it carries: its addresses, its routes, its permanent neighbours. */
export function linkBefore(namespace: ObservedNamespace, link: ObservedLink): LinkBefore {
  const { index, name, kind, up, mtu, address, master } = link;
  return {
    namespace: namespace.cookie ?? "0",
    index,
    name,
    kind,
    up,
    mtu,
    address,
    master,
    addresses: addressesOf(namespace, index).filter(({ text }) => !isLinkLocal6(text))
      .map((one) => addressBefore(one, name)),
    routes: namespace.routesOf(index).filter(isKept).map(fullRoute),
    neighbours: [...namespace.neighbours(4), ...namespace.neighbours(6)]
      .filter((one) => one.index === index && one.state === "permanent")
      .map(({ ip, address }) => ({ ip, address })),
  };
}

/** True if an address that is there was given the same as before, but for how long it is valid. */
export function isAsBefore(now: ObservedAddress, link: string, before: AddressBefore): boolean {
  const given = (
    { broadcast, scope, label, noPrefixRoute, metric, peer }: AddressBefore,
  ): unknown[] => [broadcast, scope, label, noPrefixRoute, metric, peer];
  return JSON.stringify(given(addressBefore(now, link))) === JSON.stringify(given(before));
}

function addressBefore({ text, peer, options = {} }: ObservedAddress, link: string): AddressBefore {
  const { broadcast, scope, label, noPrefixRoute, metric, preferredLifetime, validLifetime } = options;
  return defined({
    address: text,
    peer,
    broadcast,
    scope: scope || undefined,
    label: label === link ? undefined : label,
    noPrefixRoute,
    metric,
    preferredLifetime,
    validLifetime,
  });
}

const isKept = ({ protocol, table, plain }: ObservedRoute): boolean => (
  plain && table !== RT_TABLE_LOCAL && !MADE_BY_THE_NETWORK.has(protocol)
);

/** A route, as it is given back. */
export function routeBefore(
  { index, gateway, source, scope, type, protocol, onLink, mtu }: ObservedRoute,
): RouteBefore {
  return { link: index, gateway, source, scope: String(scope), type: String(type), protocol, onLink, mtu };
}

const fullRoute = (route: ObservedRoute): FullRoute => (
  { ...routeBefore(route), destination: route.destination, table: route.table, metric: route.metric }
);
