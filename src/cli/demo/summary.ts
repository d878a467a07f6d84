/** What is in a namespace, as the kernel has it, for people. */
import { printable } from "../../../ffi/mod.ts";
import { ROUTE_SCOPES, RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import type { Route } from "../../netlink/route/route.ts";
import { NsHandle } from "../../netns/handle.ts";

/** A link and its addresses. */
export interface LinkSummary {
  /** Its name. */
  readonly name: string;
  /** True if it is set up. */
  readonly up: boolean;
  /** Its largest packet, in bytes. */
  readonly mtu: number;
  /** Its hardware address. */
  readonly mac?: string;
  /** Its addresses: `"10.0.0.1/24"`. */
  readonly addresses: readonly string[];
}

/** A route by a router. */
export interface RouteSummary {
  /** The network it is for: `"10.0.0.0/24"`. */
  readonly destination: string;
  /** The router. */
  readonly gateway: string;
  /** The link it leaves by. */
  readonly link: string;
}

/** What a namespace holds, without its loopback and what the kernel makes by itself. */
export interface NamespaceSummary {
  /** Its name. */
  readonly name: string;
  /** Its links. */
  readonly links: readonly LinkSummary[];
  /** Its routes. */
  readonly routes: readonly RouteSummary[];
}

const ARPHRD_LOOPBACK = 772;

/**
 * Asks the kernel what is in the namespace with this name.
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
    links: links.filter(({ hardwareType }) => hardwareType !== ARPHRD_LOOPBACK).map((
      { index, name, up, mtu, address },
    ) => ({
      name,
      up,
      mtu,
      ...(address === undefined ? {} : { mac: address }),
      addresses: addresses.filter(({ linkIndex }) => linkIndex === index).map(({ cidr }) => cidr),
    })),
    routes: netlink.listRoutes({ table: RT_TABLE_MAIN }).flatMap((route) => byRouters(route, nameOf)),
  };
}

function byRouters({ dst, nextHops }: Route, nameOf: (index: number) => string): RouteSummary[] {
  return nextHops.flatMap(({ gateway, linkIndex }) =>
    gateway === undefined ? [] : [{ destination: dst, gateway, link: nameOf(linkIndex) }]
  );
}

/** A summary as lines: the name, and below it links and routes. */
export function summaryLines({ name, links, routes }: NamespaceSummary): string[] {
  return [
    printable(name),
    ...links.map((link) =>
      `  ${printable(link.name)}: ${link.up ? "up" : "down"}, mtu ${link.mtu}, ${link.addresses.join(", ")}`
    ),
    ...routes.map(({ destination, gateway, link }) => `  ${destination} via ${gateway} by ${printable(link)}`),
  ];
}
