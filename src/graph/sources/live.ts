/** The picture of what exists. */
import { defined, groupBy } from "../../collections.ts";
import { isInitialRule } from "../../configurator/observed/initial_rules.ts";
import { qdiscText } from "../../configurator/plan/impair_qdisc.ts";
import { describeRule } from "../../configurator/plan/rule_text.ts";
import { ruleFieldsOf } from "../../configurator/plan/rules.ts";
import { isErrno, NetlinkError, type SyscallError } from "../../errors.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import type { Address } from "../../netlink/address/types.ts";
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Neighbour } from "../../netlink/neighbour/types.ts";
import { Netlink } from "../../netlink/netlink.ts";
import type { Route } from "../../netlink/route/types.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import type { NsHandler } from "../../ns_handler.ts";
import type { Picture, PictureLink, PictureNamespace, PictureRoute } from "../picture.ts";
import { findNamespaces, type FoundNamespace } from "./discover.ts";
import { findEdges, LiveNamespace } from "./peers.ts";

/** A picture of what exists, and what is missing in it. */
export interface LivePicture {
  /** The picture. */
  readonly picture: Picture;
  /** What could not be inspected, a line for each. */
  readonly warnings: readonly string[];
}

/** The addresses that the kernel gives to a loopback link. */
const LOOPBACK_ADDRESSES: ReadonlySet<string> = new Set(["127.0.0.1/8", "::1/128"]);

/**
 * The picture of every namespace that {@linkcode findNamespaces} finds. One that cannot be inspected is in the
 * picture without links. Needs CAP_SYS_ADMIN to inspect other namespaces than the default one, and CAP_SYS_PTRACE to
 * find those of other users' processes.
 *
 * @throws {SyscallError} `/proc` cannot be read, or no descriptor is left (`EMFILE`).
 */
export function pictureOfSystem(handler: NsHandler): LivePicture {
  using found = findNamespaces(handler);
  const inspections = found.namespaces.map(inspect);
  const { edges, notes } = findEdges(inspections.map(({ live }) => live));
  const refused = groupBy(
    inspections.filter(({ refusal }) => refusal !== undefined),
    ({ refusal }) => refusal?.message,
  );
  return {
    picture: {
      namespaces: inspections.map((one) => namespaceOf(one, notes.get(one.live) ?? new Map())),
      edges,
    },
    warnings: [
      ...found.warnings,
      ...[...refused].map(([reason, all]) =>
        `${all.map(({ live }) => live.name).join(", ")} cannot be inspected: ${reason}`
      ),
    ],
  };
}

/** What is in a namespace, or why it cannot be inspected. */
interface Inspection {
  readonly live: LiveNamespace;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
  readonly rules: readonly Rule[];
  readonly qdiscs: readonly Qdisc[];
  readonly refusal?: NetlinkError | SyscallError;
}

function inspect(found: FoundNamespace): Inspection {
  const open = () => openNetlink(found);
  try {
    using netlink = open();
    return {
      live: new LiveNamespace(found, netlink.listLinks(), open),
      addresses: netlink.listAddresses(),
      routes: netlink.listRoutes().filter(({ protocol }) => protocol !== RTPROT_KERNEL),
      rules: netlink.listRules().filter((rule) => !isInitialRule(rule)),
      qdiscs: netlink.listQdiscs().filter(({ parent, handle }) => parent === "root" && handle !== "0:"),
      neighbours: netlink.listNeighbours().filter(({ state, proxy }) => state === "permanent" && !proxy),
    };
  } catch (error) {
    if (!(error instanceof NetlinkError) && !isErrno(error, "EPERM")) throw error;
    return {
      live: new LiveNamespace(found, [], open),
      addresses: [],
      routes: [],
      neighbours: [],
      rules: [],
      qdiscs: [],
      refusal: error,
    };
  }
}

/** Opens a socket in the namespace; in the default one without a switch, which takes CAP_SYS_ADMIN. */
function openNetlink({ namespace, handle }: FoundNamespace): Netlink {
  return namespace.type === "pid" && namespace.pid === 0 ? Netlink.open() : handle.netlink();
}

function namespaceOf(
  { live: { found, name, links }, addresses, routes, neighbours, rules, qdiscs, refusal }: Inspection,
  notes: ReadonlyMap<number, string>,
): PictureNamespace {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const nameOf = (index: number): string => names.get(index) ?? `link ${index}`;
  const byLink = groupBy(addresses.filter(({ cidr }) => !isLinkLocal6(cidr)), ({ linkIndex }) => linkIndex);
  const { aliases, containers, processes, holders } = found;
  return defined({
    name,
    aliases,
    containers,
    processes,
    holders: holders.length === 0 ? undefined : holders,
    links: links.flatMap((link) => {
      const own = (byLink.get(link.index) ?? []).map(({ cidr }) => cidr);
      const isUsual = link.loopback && own.every((cidr) => LOOPBACK_ADDRESSES.has(cidr));
      const qdisc = qdiscs.find(({ linkIndex }) => linkIndex === link.index);
      const impairment = qdisc && qdiscText(qdisc);
      return isUsual && qdisc === undefined
        ? []
        : [{ ...linkOf(link, own, nameOf, notes.get(link.index)), ...defined({ impairment }) }];
    }),
    routes: routes.flatMap((route) => routesOf(route, nameOf)),
    neighbours: neighbours.map(({ ip, address, linkIndex }) => defined({ ip, address, link: nameOf(linkIndex) })),
    rules: rules.length === 0 ? undefined : rules.map((rule) => ({ text: ruleText(rule) })),
    unseen: refusal?.reason, // the warning has the remedy
  });
}

function linkOf(
  link: Link,
  addresses: readonly string[],
  nameOf: (index: number) => string,
  note: string | undefined,
): PictureLink {
  const { index, name, up, lowerUp, mtu, master, kind, peerIndex, linkNetnsid } = link;
  const hasParentHere = peerIndex !== undefined && linkNetnsid === undefined && kind !== "veth" && peerIndex !== index;
  return defined({
    name,
    ...kindOf(link),
    state: !up ? "down" : lowerUp ? "up" : "no carrier",
    mtu,
    addresses,
    master: master === undefined ? undefined : nameOf(master),
    on: hasParentHere ? nameOf(peerIndex) : undefined,
    note,
  });
}

function kindOf({ kind, data }: Link): { kind: string | undefined; vlan: number | undefined } {
  return {
    kind: data?.kind === "tun" && typeof data.mode === "string" ? data.mode : kind,
    vlan: data?.kind === "vlan" ? data.id : undefined,
  };
}

/** A route once for each of its next hops. */
function routesOf({ dst, type, table, nextHops }: Route, nameOf: (index: number) => string): PictureRoute[] {
  const own = defined({
    destination: dst,
    type: type === "unicast" ? undefined : `${type}`,
    table: table === RT_TABLE_MAIN || (type === "local" && table === RT_TABLE_LOCAL) ? undefined : table,
  });
  if (type !== "unicast" || nextHops.length === 0) return [own];
  return nextHops.map(({ gateway, linkIndex }) => defined({ ...own, gateway, link: nameOf(linkIndex) }));
}

/** A rule in words, as `ip rule` has them. */
function ruleText(rule: Rule): string {
  const { priority, action, table, tos, tunId, dscp } = rule;
  const known = describeRule({ ...ruleFieldsOf(rule), action: "lookup", table: undefined });
  const others = [tos, tunId, dscp].some((one) => one !== undefined);
  const what = action === "lookup" ? `table ${table}` : `${action}`;
  return [`${priority}:`, known === "" ? "from all" : known, ...others ? ["and more"] : [], what].join(" ");
}
