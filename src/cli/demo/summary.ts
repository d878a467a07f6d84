/** What the kernel reports of a namespace, without what is in every namespace. */
import { printable } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { ROUTE_SCOPES, RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import type { Route } from "../../netlink/route/types.ts";
import { NsHandle } from "../../netns/handle.ts";

/** A link and its addresses. */
export interface LinkSummary {
  /** Its name. */
  readonly name: string;
  /** True if it is administratively up. */
  readonly up: boolean;
  /** Its MTU, in bytes. */
  readonly mtu: number;
  /** Its hardware address. */
  readonly mac?: string;
  /** Its global addresses: `"10.0.0.1/24"`. */
  readonly addresses: readonly string[];
}

/** A route with a gateway. */
export interface RouteSummary {
  /** The destination: `"10.0.0.0/24"`. */
  readonly destination: string;
  /** The gateway. */
  readonly gateway: string;
  /** The outgoing link. */
  readonly link: string;
}

/** A namespace without its loopback link and without routes that the kernel adds. */
export interface NamespaceSummary {
  /** Its name. */
  readonly name: string;
  /** Its links. */
  readonly links: readonly LinkSummary[];
  /** Its routes. */
  readonly routes: readonly RouteSummary[];
}

/**
 * Reads the links, addresses and routes of the namespace with this name.
 *
 * @throws {SyscallError} There is no such namespace, or it cannot be entered.
 */
export function summarize(name: string): NamespaceSummary {
  using ns = NsHandle.fromName(name);
  using netlink = ns.netlink();
  const links = netlink.listLinks();
  const addresses = netlink.listAddresses().filter(({ scope }) => scope === ROUTE_SCOPES.universe);
  const nameOf = (index: number): string => links.find((link) => link.index === index)?.name ?? `${index}`;
  return {
    name,
    links: links.filter(({ loopback }) => !loopback).map(({ index, name, up, mtu, address }) =>
      defined({
        name,
        up,
        mtu,
        mac: address,
        addresses: addresses.filter(({ linkIndex }) => linkIndex === index).map(({ cidr }) => cidr),
      })
    ),
    routes: netlink.listRoutes({ table: RT_TABLE_MAIN }).flatMap((route) => gatewayRoutes(route, nameOf)),
  };
}

function gatewayRoutes({ dst, nextHops }: Route, nameOf: (index: number) => string): RouteSummary[] {
  return nextHops.flatMap(({ gateway, linkIndex }) =>
    gateway === undefined ? [] : [{ destination: dst, gateway, link: nameOf(linkIndex) }]
  );
}

/** A summary as lines: the name, then links and routes, indented. */
export function summaryLines({ name, links, routes }: NamespaceSummary): string[] {
  return [
    printable(name),
    ...links.map((link) =>
      `  ${printable(link.name)}: ${link.up ? "up" : "down"}, mtu ${link.mtu}, ${link.addresses.join(", ")}`
    ),
    ...routes.map(({ destination, gateway, link }) => `  ${destination} via ${gateway} by ${printable(link)}`),
  ];
}
