/** A namespace with all that `show` reads of it, as the kernel lists it. */
import { isErrno } from "../../errors.ts";
import type { Address } from "../../netlink/address/types.ts";
import type { ForwardingEntry } from "../../netlink/bridge/forwarding.ts";
import type { BridgeVlan } from "../../netlink/bridge/vlans.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Neighbour } from "../../netlink/neighbour/types.ts";
import type { NextHopObject } from "../../netlink/nexthop/types.ts";
import type { Route } from "../../netlink/route/types.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import type { KernelNamespace } from "../observed/kernel_namespace.ts";

/** A namespace and what is in it. */
export interface ShownNamespace {
  /** The open namespace. */
  readonly namespace: KernelNamespace;
  /** All links. */
  readonly links: readonly Link[];
  /** All addresses. */
  readonly addresses: readonly Address[];
  /** The routes of all tables. */
  readonly routes: readonly Route[];
  /** All rules. */
  readonly rules: readonly Rule[];
  /** All neighbours. */
  readonly neighbours: readonly Neighbour[];
  /** Those that the host answers for. */
  readonly proxies: readonly Neighbour[];
  /** All next-hop objects. */
  readonly nextHops: readonly NextHopObject[];
  /** All qdiscs. */
  readonly qdiscs: readonly Qdisc[];
  /** The VLANs of bridges and their ports. */
  readonly vlans: readonly BridgeVlan[];
  /** The forwarding entries of bridges and VXLANs. */
  readonly forwarding: readonly ForwardingEntry[];
}

/** The name of a link in the file: no two links have the same. */
export const fileName = ({ namespace: { reference } }: ShownNamespace, { name }: Pick<Link, "name">): string =>
  `${reference}/${name}`;

/**
 * Reads a namespace.
 *
 * @throws {NetlinkError} The kernel refuses to list something.
 */
export function readNamespace(namespace: KernelNamespace): ShownNamespace {
  const { netlink } = namespace;
  return {
    namespace,
    links: netlink.listLinks(),
    addresses: netlink.listAddresses(),
    routes: netlink.listRoutes(),
    rules: netlink.listRules(),
    neighbours: netlink.listNeighbours(),
    proxies: netlink.listNeighbours({ proxy: true }),
    nextHops: ifKnown(() => netlink.listNextHops()),
    qdiscs: ifKnown(() => netlink.listQdiscs()),
    vlans: ifKnown(() => netlink.listBridgeVlans()),
    forwarding: ifKnown(() => netlink.listForwardingEntries()),
  };
}

/** A list, which is empty where the kernel is built without what it lists. */
function ifKnown<T>(list: () => readonly T[]): readonly T[] {
  try {
    return list();
  } catch (error) {
    if (isErrno(error, "EOPNOTSUPP", "EINVAL")) return [];
    throw error;
  }
}
