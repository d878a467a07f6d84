/** What netlink lists in a namespace, as text that can be compared: in a tenth of the time that `ip` takes. */
import type { Address, Link, NsHandle, Route } from "@netns/netns";
import type { Snapshot } from "./ownership_snapshot.ts";

/** IFA_F_TENTATIVE: it goes by itself. */
const TENTATIVE = 0x40;
const IPV6 = 10;
const PROTOCOL_KERNEL = 2;
const TABLE_LOCAL = 255;

/** As `snapshot` of ownership_snapshot.ts, but for what `ip netconf` says. */
export function listing(
  name: string,
  ns: NsHandle,
  { hasQdiscs, setsUpLoopback }: { readonly hasQdiscs: boolean; readonly setsUpLoopback: boolean },
): Snapshot {
  using netlink = ns.netlink();
  const links = netlink.listLinks();
  const byIndex = new Map(links.map((link) => [link.index, link]));
  const on = (index?: number) => {
    const link = byIndex.get(index ?? 0);
    return { dev: link?.name, linkAddress: link?.address };
  };
  const addresses = netlink.listAddresses();
  const isLo = (index?: number): boolean => setsUpLoopback && byIndex.get(index ?? 0)?.name === "lo";
  return [
    ...links.map((link) => ({
      ...linkOf(link, isLo(link.index)),
      master: byIndex.get(link.master ?? 0)?.name,
      addresses: addresses.filter(({ linkIndex }) => linkIndex === link.index)
        .filter(({ cidr }) => !cidr.startsWith("fe80:"))
        .filter(({ address }) => !isLo(link.index) || (address !== "127.0.0.1" && address !== "::1")).map(addressOf),
    })),
    ...netlink.listRoutes().filter((one) => !isTransient(one)).flatMap((one) => {
      const index = one.nextHops[0]?.linkIndex;
      return isLo(index) && one.protocol === PROTOCOL_KERNEL ? [] : [{ ...routeOf(one, on), ...on(index) }];
    }),
    ...netlink.listNeighbours().filter(({ state }) => state === "permanent")
      .map(({ ip, linkIndex, address, flags, proxy, protocol }) => (
        { dst: ip, ...on(linkIndex), address, flags, proxy, protocol }
      )),
    ...netlink.listRules().map(({ priority, ...rest }) => ({ priority, ...rest })),
    ...hasQdiscs
      // A virtual link has noqueue as soon as it was up once, and keeps it when it is set down again.
      ? netlink.listQdiscs().filter(({ kind, linkIndex }) => !isLo(linkIndex) && kind !== "noqueue")
        .map(({ kind, linkIndex, handle, parent }) => ({ kind, handle, parent, ...on(linkIndex) }))
      : [],
  ].map((one) => `${name} ${JSON.stringify(one)}`);
}

function linkOf(link: Link, isNewLo: boolean): object {
  const { index: ifindex, name: ifname } = link;
  if (isNewLo) return { ifindex, ifname };
  const { kind, up, mtu, address, altNames, promisc, allmulti, arp, alias, txQueueLength } = link;
  const { numTxQueues, numRxQueues, peerIndex: link_index, linkNetnsid: link_netnsid } = link;
  const carrier = kind === "veth" ? link.carrier : undefined;
  const own = { kind, up, mtu, address, altNames, promisc, allmulti, arp, alias, txQueueLength };
  const data = kind === "bridge" ? optionsOf(link.data) : undefined;
  return { ifindex, link_index, link_netnsid, ifname, ...own, numTxQueues, numRxQueues, carrier, data };
}

/** The state of the tree is not that of a bridge alone. */
const optionsOf = (data: object | undefined): object =>
  Object.fromEntries(Object.entries({ ...data }).filter(([name]) => !/^(root|topology|fdbN)/.test(name)));

const addressOf = ({ cidr, peer, broadcast, scope, label, flags, protocol, metric }: Address): object => (
  { cidr, peer, broadcast, scope, label, flags: flags & ~TENTATIVE, protocol, metric }
);

function routeOf(route: Route, on: (index?: number) => object): object {
  const { dst, type, scope, table, protocol, tos, metric, preferredSource, metrics, preference, nextHops } = route;
  const hops = nextHops.map(({ gateway, linkIndex, weight, onLink }) => ({
    gateway,
    weight,
    onLink,
    ...on(linkIndex),
  }));
  return { dst, type, scope, table, protocol, tos, metric, preferredSource, metrics, preference, hops };
}

/** True of what the kernel makes and takes with the carrier of a link. */
const isTransient = ({ family, dst, protocol, table }: Route): boolean =>
  family === IPV6 && protocol === PROTOCOL_KERNEL && (table === TABLE_LOCAL || /^f[ef]/.test(dst));
