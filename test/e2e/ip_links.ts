/** Links and addresses in the words of `ip -j`, put into ours. */
import { optionsOf } from "./ip_options.ts";

/** What `ip -j -d link show` says of a link, as far as it is compared. */
export interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly min_mtu?: number;
  readonly max_mtu?: number;
  readonly num_tx_queues?: number;
  readonly num_rx_queues?: number;
  readonly operstate: string;
  readonly txqlen?: number;
  readonly link_type: string;
  readonly address?: string;
  readonly link?: string | null;
  readonly link_index?: number;
  readonly link_netnsid?: number;
  readonly master?: string;
  readonly altnames?: readonly string[];
  readonly ifalias?: string;
  readonly inet6_addr_gen_mode?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: Readonly<Record<string, unknown>>;
    readonly info_slave_kind?: string;
    readonly info_slave_data?: Readonly<Record<string, unknown>>;
  };
}

/** linux/if_arp.h */
const HARDWARE: Readonly<Record<string, number>> = { ether: 1, loopback: 772, none: 65534, sit: 776 };
/** linux/if.h; `ip` leaves IFF_RUNNING out, and says NO-CARRIER where a link that is up lacks it. */
const FLAGS: Readonly<Record<string, number>> = {
  "UP": 0x1,
  "BROADCAST": 0x2,
  "LOOPBACK": 0x8,
  "POINTOPOINT": 0x10,
  "NOARP": 0x80,
  "PROMISC": 0x100,
  "ALLMULTI": 0x200,
  "MASTER": 0x400,
  "SLAVE": 0x800,
  "MULTICAST": 0x1000,
  "LOWER_UP": 0x10000,
  "NO-CARRIER": 0,
  "M-DOWN": 0,
};
const IFF_RUNNING = 0x40;
/** The number that a name stands for; a name that is in no table is the test's own fault. */
function numberOf(table: Readonly<Record<string, number>>, name: unknown): number {
  const found = table[String(name)];
  if (found === undefined) throw new Error(`no number for ${name}`);
  return found;
}

/** What of a link is compared in a way of its own. */
interface ComparedLink {
  readonly index: number;
  readonly lowerUp: boolean;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly port?: Readonly<Record<string, unknown>> | undefined;
  readonly bondPort?: Readonly<Record<string, unknown>> | undefined;
}

/** What `ip` says, as `Netlink.listLinks()` says it. */
export function linksOf(links: readonly IpLink[]): ComparedLink[] {
  const indexOf = (name: string): number | undefined => links.find(({ ifname }) => ifname === name)?.ifindex;
  return links.map((link) => {
    const has = (name: string): boolean => link.flags.includes(name);
    const { info_kind, info_data, info_slave_kind, info_slave_data } = link.linkinfo ?? {};
    const flags = link.flags.map((name) => numberOf(FLAGS, name)).reduce((sum, bit) => sum | bit, 0);
    return withoutUndefined({
      index: link.ifindex,
      name: link.ifname,
      altNames: link.altnames ?? [],
      kind: info_kind,
      data: info_data === undefined ? undefined : optionsOf(info_kind, info_data, indexOf),
      hardwareType: numberOf(HARDWARE, link.link_type),
      flags: flags | (has("UP") && !has("NO-CARRIER") ? IFF_RUNNING : 0),
      loopback: has("LOOPBACK"),
      up: has("UP"),
      lowerUp: has("LOWER_UP"),
      promisc: has("PROMISC"),
      allmulti: has("ALLMULTI"),
      arp: !has("NOARP"),
      operState: link.operstate.toLowerCase(),
      mtu: link.mtu,
      minMtu: link.min_mtu,
      maxMtu: link.max_mtu,
      numTxQueues: link.num_tx_queues,
      numRxQueues: link.num_rx_queues,
      address: link.address,
      peerIndex: link.link_index ?? (typeof link.link === "string" ? indexOf(link.link) : undefined),
      linkNetnsid: link.link_netnsid,
      master: link.master === undefined ? undefined : indexOf(link.master),
      port: info_slave_kind === "bridge" ? optionsOf("port", info_slave_data, indexOf) : undefined,
      bondPort: info_slave_kind === "bond" ? optionsOf("bond port", info_slave_data, indexOf) : undefined,
      addrGenMode: link.inet6_addr_gen_mode,
      txQueueLength: link.txqlen ?? 0,
      alias: link.ifalias,
    });
  });
}

/** What `ip -j -d address show` says of the addresses of a link. */
export interface IpAddresses {
  readonly ifindex: number;
  readonly addr_info: readonly {
    readonly family: "inet" | "inet6";
    readonly local: string;
    readonly address?: string;
    readonly prefixlen: number;
    readonly broadcast?: string;
    readonly scope: string;
    readonly label?: string;
    readonly valid_life_time: number;
    readonly preferred_life_time: number;
    readonly [flag: string]: unknown;
  }[];
}

const SCOPES: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254 };
/** linux/if_addr.h; IFA_F_PERMANENT is what `ip` does not call dynamic. */
const ADDRESS_FLAGS: Readonly<Record<string, number>> = {
  secondary: 0x01,
  temporary: 0x01,
  nodad: 0x02,
  optimistic: 0x04,
  dadfailed: 0x08,
  homeaddress: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  mngtmpaddr: 0x100,
  noprefixroute: 0x200,
  autojoin: 0x400,
};
const IFA_F_PERMANENT = 0x80;
const FOREVER = 0xffffffff;

/** What `ip` says, as `Netlink.listAddresses()` says it. */
export function addressesOf(links: readonly IpAddresses[]): unknown[] {
  return links.flatMap(({ ifindex, addr_info }) =>
    addr_info.filter((address) => address.family !== undefined).map((address) => {
      const flags = Object.entries(ADDRESS_FLAGS)
        .reduce((sum, [name, bit]) => address[name] === true ? sum | bit : sum, 0);
      const permanent = address["dynamic"] !== true;
      const lasting = (seconds: number): number | undefined => seconds === FOREVER ? undefined : seconds;
      return withoutUndefined({
        linkIndex: ifindex,
        family: address.family === "inet" ? 2 : 10,
        address: address.local,
        prefixLength: address.prefixlen,
        cidr: `${address.local}/${address.prefixlen}`,
        peer: address.address,
        broadcast: address.broadcast,
        scope: numberOf(SCOPES, address.scope),
        flags: flags | (permanent ? IFA_F_PERMANENT : 0),
        tentative: address["tentative"] === true,
        duplicate: address["dadfailed"] === true,
        permanent,
        label: address.label,
        preferredLifetime: lasting(address.preferred_life_time),
        validLifetime: lasting(address.valid_life_time),
        noPrefixRoute: address["noprefixroute"],
        noDad: address["nodad"],
        home: address["homeaddress"],
        managedTemporaries: address["mngtmpaddr"],
        metric: address["metric"],
      });
    })
  );
}

/** An object without the keys that have no value. */
export function withoutUndefined<T extends object>(value: T): T {
  // Only keys whose value is undefined go, and each of them may be missing.
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
