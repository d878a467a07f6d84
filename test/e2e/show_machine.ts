/** Arbitrary machines of two namespaces, which are made over netlink, and what `ip`, `tc` and `bridge` show of them. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import fc from "../support/properties.ts";
import type { AddressOptions, BridgePort, LinkSpec, Netlink, RouteSpec, RuleSpec, TunMode } from "@netns/netns";
import { createTun } from "../../src/netlink/link/tun.ts";
import { isSysctlKey } from "../../src/models/sysctls.ts";
import { NsHandle } from "../../src/netns/handle.ts";
import { isSecretSysctl } from "../../src/sysctl/link_sysctls.ts";
import { listSysctls, writeSysctl } from "../../src/sysctl/sysctl.ts";
import { isErrno, NetlinkError } from "../../src/errors.ts";

/** The namespaces of a machine, in short. */
export const SIDES = ["a", "b"] as const;
/** One of them. */
export type Side = (typeof SIDES)[number];

/** Something that somebody does on a machine; what the kernel refuses is not done. */
export type Deed =
  & { readonly side: Side }
  & (
    | {
      readonly do: "pair";
      readonly name: string;
      readonly far: Side;
      readonly farName: string;
      readonly queues: number;
    }
    | { readonly do: "link"; readonly spec: LinkSpec }
    | { readonly do: "tun"; readonly mode: TunMode; readonly owner: number | undefined; readonly multiQueue: boolean }
    | { readonly do: "set"; readonly name: string; readonly change: Parameters<Netlink["setLink"]>[1] }
    | { readonly do: "address"; readonly name: string; readonly cidr: string; readonly options: AddressOptions }
    | {
      readonly do: "vlan";
      readonly name: string;
      readonly id: number;
      readonly pvid: boolean;
      readonly untagged: boolean;
    }
    | { readonly do: "entry"; readonly name: string; readonly address: string; readonly ip: string }
    | { readonly do: "route"; readonly spec: RouteSpec }
    | { readonly do: "rule"; readonly spec: RuleSpec }
    | { readonly do: "neighbour"; readonly name: string; readonly ip: string; readonly address: string }
    | { readonly do: "qdisc"; readonly name: string; readonly qdisc: Qdisc }
    | { readonly do: "sysctl"; readonly key: string; readonly value: string }
  );

type Qdisc = { readonly kind: "tbf"; readonly rate: number; readonly burst: number; readonly limit: number } | {
  readonly kind: "netem";
  readonly [option: string]: string | number | undefined;
};

const side = fc.constantFrom(...SIDES);
const PAIRS = ["e0", "e1", "e2"];
const MASTERS = ["br0", "br1", "vrf0", "bond0"];
/** Of a TUN and a TAP. */
const PROGRAMS = { tun: "u0", tap: "u1" } as const;
const OTHERS = ["d0", "d1", "x0", "v5", "m0", "t0", "g0", "i0", ...Object.values(PROGRAMS)];
const anyName = fc.constantFrom(...PAIRS, ...PAIRS, ...MASTERS, ...OTHERS);
const port = fc.constantFrom(...PAIRS);
const lower = fc.constantFrom(...PAIRS, "br0");

const pair: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant("pair" as const),
  side,
  name: port,
  far: side,
  farName: port,
  queues: fc.constantFrom(1, 1, 2),
});

const V4 = ["10.1.0.1/24", "10.1.0.2/24", "10.1.0.3/24", "10.2.0.1/16", "10.2.0.9/31", "10.3.0.1/32"];
const V6 = ["fd01::1/64", "fd01::2/64", "fd02::1/48", "fd03::1/128", "fe80::7/64"];
const MACS = ["02:00:00:00:00:08", "02:00:00:00:00:09"];

/** Links of every kind; what a kernel lacks is refused. */
const spec: fc.Arbitrary<LinkSpec> = fc.oneof(
  fc.record({
    kind: fc.constant("bridge" as const),
    name: fc.constantFrom("br0", "br1"),
    address: fc.constantFrom(undefined, "02:00:00:00:00:11"),
    stpState: fc.constantFrom(undefined, 1),
    ageingTime: fc.constantFrom(undefined, 12_000),
    forwardDelay: fc.constantFrom(undefined, 200),
    priority: fc.constantFrom(undefined, 100),
    mcastSnooping: fc.constantFrom(undefined, false),
    vlanFiltering: fc.constantFrom(undefined, true),
    vlanDefaultPvid: fc.constantFrom(undefined, 0, 7),
  }),
  fc.record({ kind: fc.constantFrom("dummy" as const, "ifb" as const), name: fc.constantFrom("d0", "d1") }),
  fc.record({
    kind: fc.constant("vxlan" as const),
    name: fc.constant("x0"),
    id: fc.constantFrom(5, 6),
    remote: fc.constantFrom(undefined, "10.1.0.9", "fd01::9"),
    local: fc.constantFrom(undefined, "10.1.0.1"),
    port: fc.constantFrom(undefined, 4789),
    ttl: fc.constantFrom(undefined, 7),
    learning: fc.constantFrom(undefined, false),
    link: fc.option(lower.map((name) => ({ name })), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("vlan" as const),
    name: fc.constant("v5"),
    id: fc.constantFrom(5, 6),
    protocol: fc.constantFrom(undefined, 0x88a8),
    link: lower.map((name) => ({ name })),
  }),
  fc.record({
    kind: fc.constant("macvlan" as const),
    name: fc.constant("m0"),
    mode: fc.constantFrom("bridge" as const, "vepa" as const, "private" as const),
    link: lower.map((name) => ({ name })),
  }),
  fc.record({ kind: fc.constant("vrf" as const), name: fc.constant("vrf0"), table: fc.constantFrom(10, 77) }),
  fc.record({
    kind: fc.constant("bond" as const),
    name: fc.constant("bond0"),
    mode: fc.constantFrom("active-backup" as const, "balance-xor" as const, "802.3ad" as const),
    miimon: fc.constantFrom(undefined, 100),
    xmitHashPolicy: fc.constantFrom(undefined, "layer3+4" as const),
  }),
  fc.record({
    kind: fc.constantFrom("gre" as const, "gretap" as const, "ipip" as const, "sit" as const),
    name: fc.constant("t0"),
    local: fc.constantFrom(undefined, "10.1.0.1"),
    remote: fc.constant("10.1.0.9"),
    ttl: fc.constantFrom(undefined, 9),
  }),
  fc.record({
    kind: fc.constantFrom("ip6gre" as const, "ip6tnl" as const),
    name: fc.constant("t0"),
    local: fc.constant("fd01::1"),
    remote: fc.constant("fd01::9"),
  }),
  fc.record({
    kind: fc.constant("geneve" as const),
    name: fc.constant("g0"),
    id: fc.constantFrom(5, 6),
    remote: fc.constantFrom("10.1.0.9", "fd01::9"),
    ttl: fc.constantFrom(undefined, 9),
  }),
);

const tun: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant("tun" as const),
  side,
  mode: fc.constantFrom("tun" as const, "tap" as const),
  owner: fc.constantFrom(undefined, 1000),
  multiQueue: fc.boolean(),
});

const change = fc.oneof(
  fc.constant({ up: true }),
  fc.constant({ up: true }),
  fc.constant({ up: true }),
  fc.constantFrom(...MACS).map((address) => ({ address })),
  fc.constant({ txQueueLength: 77 }),
  fc.constant({ alias: "what it is for" }),
);
const ofLoopback: fc.Arbitrary<Deed> = fc.record({
  side,
  change: fc.oneof(fc.constantFrom({ mtu: 100_000 }, { mtu: 1400 }, { up: false }), change),
}).map((one) => ({ do: "set", name: "lo", ...one }));
/** Before anything stands on the link: the kernel lets a VXLAN keep more than a new one could have. */
const sized: fc.Arbitrary<Deed> = fc.record({ side, name: port, mtu: fc.constantFrom(1300, 1400, 9000) }).map((
  { mtu, ...rest },
) => ({ do: "set", ...rest, change: { mtu } }));
const enslaved: fc.Arbitrary<Deed> = fc.record({ side, name: port, master: fc.constantFrom(...MASTERS) }).map((
  { master, ...rest },
) => ({ do: "set", ...rest, change: { master: { name: master } } }));
const asPort: fc.Arbitrary<Deed> = fc.record({
  side,
  name: port,
  port: fc.record<BridgePort>({
    cost: fc.constantFrom(5, 100),
    priority: fc.constantFrom(1, 32),
    hairpin: fc.boolean(),
    isolated: fc.boolean(),
    learning: fc.boolean(),
    flood: fc.boolean(),
  }, { requiredKeys: [] }),
}).map(({ port, ...rest }) => ({ do: "set", ...rest, change: { port } }));

const address: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant("address" as const),
  side,
  name: fc.oneof(anyName, port, port, fc.constant("lo")),
  cidr: fc.constantFrom(...V4, ...V6),
  options: fc.constant({ noDad: true, broadcast: "+" }),
});

const hop = fc.record({
  link: port.map((name) => ({ name })),
  gateway: fc.constantFrom("10.1.0.9", "10.2.0.8", "fe80::8", "fd01::9"),
  weight: fc.constantFrom(1, 3),
});
const hop6 = fc.record({ link: port.map((name) => ({ name })), gateway: fc.constantFrom("fd01::9", "fe80::9") });
const common = {
  metric: fc.constantFrom(undefined, undefined, 5, 500),
  table: fc.constantFrom(undefined, undefined, 10, 77, 1000),
};
const route: fc.Arbitrary<RouteSpec> = fc.oneof(
  fc.record<RouteSpec>({
    dst: fc.constantFrom("10.9.0.0/16", "0.0.0.0/0", "10.9.0.1/32"),
    link: lower.map((name) => ({ name })),
    gateway: fc.constantFrom(undefined, "10.1.0.9", "10.1.0.9", "fe80::9", "fd01::8"),
    onLink: fc.constantFrom(undefined, undefined, true),
    preferredSource: fc.constantFrom(undefined, undefined, "10.1.0.2"),
    mtu: fc.constantFrom(undefined, undefined, 1280),
    scope: fc.constantFrom(undefined, undefined, "link" as const, "host" as const, "site" as const),
    ...common,
  }),
  fc.record<RouteSpec>({
    dst: fc.constantFrom("fd09::/32", "::/0", "fd09::1/128"),
    link: lower.map((name) => ({ name })),
    gateway: fc.constantFrom(undefined, "fd01::9", "fe80::9"),
    onLink: fc.constantFrom(undefined, undefined, true),
    mtu: fc.constantFrom(undefined, undefined, 1280),
    ...common,
  }).map((spec) => spec.gateway === undefined ? { ...spec, onLink: undefined } : spec),
  fc.record<RouteSpec>({
    dst: fc.constantFrom("10.8.0.0/16", "fd08::/32", "0.0.0.0/0", "::/0"),
    type: fc.constantFrom("blackhole" as const, "unreachable" as const, "prohibit" as const, "throw" as const),
    ...common,
  }),
  fc.record<RouteSpec>({
    dst: fc.constant("10.7.0.0/16"),
    type: fc.constant("local" as const),
    link: fc.constant({ name: "lo" }),
  }),
  fc.record<RouteSpec>({
    dst: fc.constantFrom("10.9.0.0/16", "0.0.0.0/0"),
    nextHops: fc.array(hop, { minLength: 2, maxLength: 3 }),
    ...common,
  }),
  fc.record<RouteSpec>({
    dst: fc.constantFrom("fd09::/32", "::/0"),
    nextHops: fc.array(hop6, { minLength: 2, maxLength: 2 }),
    ...common,
  }),
);

const rule: fc.Arbitrary<RuleSpec> = fc.record({
  family: fc.constantFrom(2, 10),
  priority: fc.constantFrom(undefined, 7, 100, 1000),
  src: fc.constantFrom(undefined, "10.1.0.0/24", "fd01::/64"),
  dst: fc.constantFrom(undefined, "10.9.0.1/32", "fd09::/32"),
  ...{ not: fc.constantFrom(undefined, undefined, true), fwmark: fc.constantFrom(undefined, 3) },
  ipproto: fc.constantFrom(undefined, undefined, 6, 17),
  dport: fc.constantFrom(undefined, undefined, 53, [5000, 5999] as const),
  suppressPrefixlength: fc.constantFrom(undefined, undefined, 0, 16),
  iif: fc.constantFrom(undefined, "lo", "e0", "nowhere"),
  oif: fc.constantFrom(undefined, undefined, "e1"),
  uidrange: fc.constantFrom(undefined, undefined, [1000, 1999] as const),
  action: fc.constantFrom("lookup" as const, "lookup" as const, "blackhole" as const, "prohibit" as const),
  table: fc.constantFrom(10, 77, 254),
}).map(({ table, suppressPrefixlength, ...rest }) => {
  const marked = rest.fwmark === undefined ? rest : { ...rest, fwmask: rest.priority === 7 ? 0xff : 0xffffffff };
  return rest.action === "lookup" ? { ...marked, table, suppressPrefixlength } : marked;
});

const qdisc: fc.Arbitrary<Qdisc> = fc.oneof(
  fc.constant({ kind: "tbf" as const, rate: 1_250_000, burst: 16_384, limit: 16_384 + 62_500 }),
  fc.record({
    kind: fc.constant("netem" as const),
    delay: fc.constantFrom(20_000_000, 1_500_000),
    loss: fc.constantFrom(undefined, 1, 12.5),
    duplicate: fc.constantFrom(undefined, 3),
    limit: fc.constantFrom(undefined, 55),
    rate: fc.constantFrom(undefined, 125_000),
  }),
);

/** Sysctls of a whole namespace. */
const OF_NAMESPACE = [
  ["net.ipv4.ip_forward", "1"],
  ["net.ipv4.ip_forward", "0"],
  ["net.ipv4.ip_default_ttl", "77"],
  ["net.ipv4.ip_local_port_range", "40000 50000"],
  ["net.ipv4.ip_local_reserved_ports", "8080,9000-9010"],
  ["net.ipv4.ping_group_range", "0 1000"],
  ["net.ipv4.fib_multipath_hash_policy", "1"],
  ["net.ipv4.tcp_congestion_control", "reno"],
  ["net.ipv4.tcp_rmem", "4096 65536 99999"],
  ["net.ipv4.route.min_adv_mss", "300"],
  ["net.ipv6.bindv6only", "1"],
  ["net.ipv6.icmp.ratemask", "1,3-127"],
  ["net.ipv6.route.gc_min_interval", "2"],
  ["net.ipv6.route.gc_min_interval_ms", "1700"],
  ["net.core.somaxconn", "77"],
  ["net.mptcp.pm_type", "1"],
  ["net.netfilter.nf_conntrack_udp_timeout", "77"],
  ["net.unix.max_dgram_qlen", "77"],
] as const;
/** Sysctls of links, and of `all`, `default` and `lo`, which stand for several. */
const OF_LINKS = [
  ["ipv4.conf", "forwarding", "0"],
  ["ipv4.conf", "forwarding", "1"],
  ["ipv4.conf", "proxy_arp", "1"],
  ["ipv4.conf", "rp_filter", "2"],
  ["ipv4.conf", "accept_redirects", "0"],
  ["ipv4.conf", "promote_secondaries", "1"],
  ["ipv4.conf", "arp_announce", "2"],
  ["ipv4.conf", "disable_policy", "1"],
  ["ipv6.conf", "forwarding", "1"],
  ["ipv6.conf", "disable_ipv6", "1"],
  ["ipv6.conf", "disable_ipv6", "0"],
  ["ipv6.conf", "accept_ra", "0"],
  ["ipv6.conf", "accept_ra", "2"],
  ["ipv6.conf", "accept_dad", "0"],
  ["ipv6.conf", "dad_transmits", "0"],
  ["ipv6.conf", "hop_limit", "77"],
  ["ipv6.conf", "proxy_ndp", "1"],
  ["ipv6.conf", "addr_gen_mode", "1"],
  ["ipv6.conf", "addr_gen_mode", "0"],
  ["ipv6.conf", "use_tempaddr", "2"],
  ["ipv6.conf", "keep_addr_on_down", "1"],
  ["ipv6.conf", "ignore_routes_with_linkdown", "1"],
  ["ipv6.conf", "mtu", "1300"],
  ["ipv6.conf", "router_solicitations", "3"],
  ["ipv4.neigh", "gc_stale_time", "77"],
  ["ipv4.neigh", "unres_qlen", "200"],
  ["ipv6.neigh", "retrans_time_ms", "777"],
  ["ipv6.neigh", "base_reachable_time_ms", "40000"],
] as const;

const sysctl: fc.Arbitrary<Deed> = fc.oneof(
  fc.constantFrom(...OF_NAMESPACE),
  fc.tuple(fc.constantFrom(...OF_LINKS), fc.oneof(fc.constantFrom("all", "default", "lo"), anyName, port)).map((
    [[list, key, value], name],
  ) => [`net.${list}.${name}.${key}`, value] as const),
).chain(([key, value]) => side.map((side): Deed => ({ do: "sysctl", side, key, value })));

const others: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant("route" as const), side, spec: route }),
  fc.record({ do: fc.constant("route" as const), side, spec: route }),
  fc.record({ do: fc.constant("rule" as const), side, spec: rule }),
  fc.record({ do: fc.constant("qdisc" as const), side, name: fc.oneof(port, anyName), qdisc }),
  fc.record({
    do: fc.constant("neighbour" as const),
    side,
    name: port,
    ip: fc.constantFrom("10.1.0.9", "10.1.0.8", "fd01::9"),
    address: fc.constantFrom(...MACS),
  }),
  fc.record({
    do: fc.constant("vlan" as const),
    side,
    name: port,
    id: fc.constantFrom(1, 10, 11, 12, 20),
    pvid: fc.boolean(),
    untagged: fc.boolean(),
  }),
  fc.record({
    do: fc.constant("entry" as const),
    side,
    name: fc.constant("x0"),
    address: fc.constantFrom("00:00:00:00:00:00", ...MACS),
    ip: fc.constantFrom("10.1.0.7", "10.1.0.8"),
  }),
);

const several = (deed: fc.Arbitrary<Deed>, maxLength: number, minLength = 0): fc.Arbitrary<Deed[]> =>
  fc.array(deed, { minLength, maxLength });

/** Any machine of which a file can say everything. */
export const anyMachine: fc.Arbitrary<readonly Deed[]> = fc.tuple(
  several(sysctl, 2),
  several(pair, 3, 1),
  several(sized, 2),
  several(fc.record({ do: fc.constant("link" as const), side, spec }), 5),
  several(tun, 1),
  several(enslaved, 2),
  several(fc.record({ do: fc.constant("set" as const), side, name: fc.oneof(anyName, port), change }), 8, 2),
  several(ofLoopback, 1),
  several(asPort, 2),
  several(sysctl, 2),
  several(address, 7, 2),
  several(others, 9),
  several(sysctl, 4),
).map((deeds) => deeds.flat());

/** What a file cannot say, as deeds that go together, each with a part of the line that says so. */
export const STRANGE: readonly { readonly line: string; readonly deeds: readonly Deed[] }[] = [
  { line: "its label e0:x", deed: { name: "e0", cidr: "10.41.0.1/24", options: { broadcast: "+", label: "e0:x" } } },
  { line: "no broadcast address", deed: { name: "e0", cidr: "10.42.0.1/24", options: {} } },
  { line: "its other end", deed: { name: "e0", cidr: "10.43.0.1/32", options: { peer: "10.5.0.1" } } },
  {
    line: "no route for it",
    deed: { name: "e0", cidr: "10.44.0.1/24", options: { broadcast: "+", noPrefixRoute: true } },
  },
  { line: "the metric 9", deed: { name: "e0", cidr: "10.45.0.1/24", options: { broadcast: "+", metric: 9 } } },
  { line: "its scope", deed: { name: "e0", cidr: "10.46.0.1/24", options: { broadcast: "+", scope: "link" } } },
  { line: "its lifetime", deed: { name: "e0", cidr: "fd04::1/64", options: { validLifetime: 5000, noDad: true } } },
].map(({ line, deed }) => ({ line, deeds: [{ do: "address" as const, side: "a" as const, ...deed } as Deed] })).concat([
  { line: "group 7", deeds: [{ do: "set", side: "a", name: "e0", change: { group: 7 } }] },
  { line: "no ARP", deeds: [{ do: "set", side: "a", name: "e0", change: { arp: false } }] },
  { line: "promiscuous", deeds: [{ do: "set", side: "a", name: "e0", change: { promisc: true } }] },
  { line: "helloTime", deeds: [{ do: "link", side: "a", spec: { kind: "bridge", name: "br7", helloTime: 300 } }] },
  { line: "proxy true", deeds: [{ do: "link", side: "a", spec: { kind: "vxlan", name: "x7", id: 7, proxy: true } }] },
  {
    line: "fastleave true of it as a port",
    deeds: [
      { do: "link", side: "a", spec: { kind: "bridge", name: "br8" } },
      { do: "set", side: "a", name: "e0", change: { master: { name: "br8" } } },
      { do: "set", side: "a", name: "e0", change: { port: { fastleave: true } } },
    ],
  },
  {
    line: "one type of service",
    deeds: [{ do: "route", side: "a", spec: { dst: "10.66.0.0/16", type: "blackhole", tos: 8 } }],
  },
  {
    line: "advertisedMss",
    deeds: [{
      do: "route",
      side: "a",
      spec: { dst: "10.67.0.0/16", link: { name: "e0" }, metrics: { advertisedMss: 1000 } },
    }],
  },
  {
    line: "onlink without a gateway",
    deeds: [{ do: "route", side: "a", spec: { dst: "fd66::/32", link: { name: "e0" }, onLink: true } }],
  },
  {
    line: "a file cannot say all of it",
    deeds: [{ do: "rule", side: "a", spec: { ipproto: 47, table: 5, priority: 66 } }],
  },
  {
    line: "the qdisc",
    deeds: [{ do: "qdisc", side: "a", name: "e0", qdisc: { kind: "tbf", rate: 9999, burst: 5000, limit: 6000 } }],
  },
]);

/** Does the deeds in the namespaces with these names; what the kernel refuses is not done. */
export function make(nameOf: (side: Side) => string, deeds: readonly Deed[]): void {
  using a = NsHandle.fromName(nameOf("a"));
  using b = NsHandle.fromName(nameOf("b"));
  using inA = a.netlink();
  using inB = b.netlink();
  const sides = { a: [a, inA], b: [b, inB] } as const;
  for (const deed of deeds) {
    try {
      act(sides, deed);
    } catch (error) {
      if (!(error instanceof NetlinkError) && !isErrno(error, "ENOENT", "EINVAL")) throw error;
    }
  }
}

function act(sides: Readonly<Record<Side, readonly [NsHandle, Netlink]>>, deed: Deed): void {
  const [ns, netlink] = sides[deed.side];
  switch (deed.do) {
    case "pair": {
      const { name, far, farName: peer, queues } = deed;
      const base = { numTxQueues: queues, numRxQueues: queues };
      return netlink.addLink({ kind: "veth", name, ...base, peer: { name: peer, ...base, netns: sides[far][0] } });
    }
    case "link":
      return netlink.addLink(deed.spec);
    case "tun": {
      const { mode, owner, multiQueue } = deed;
      ns.run(() =>
        createTun({ name: PROGRAMS[mode], mode, owner, multiQueue, exclusive: true, persistent: true }).close()
      );
      return;
    }
    case "set":
      return netlink.setLink({ name: deed.name }, deed.change);
    case "address":
      return netlink.addAddress({ name: deed.name }, deed.cidr, deed.options);
    case "vlan": {
      const { name, id, pvid, untagged } = deed;
      return netlink.addBridgeVlan({ name }, { id, pvid, untagged });
    }
    case "entry":
      return netlink.addForwardingEntry({
        link: { name: deed.name },
        address: deed.address,
        ip: deed.ip,
        append: true,
      });
    case "route":
      return netlink.addRoute(deed.spec);
    case "rule":
      return netlink.addRule(deed.spec);
    case "neighbour":
      return netlink.setNeighbour({ link: { name: deed.name }, ip: deed.ip, address: deed.address });
    case "qdisc":
      return netlink.addQdisc({ ...deed.qdisc, link: { name: deed.name }, parent: "root" });
    case "sysctl":
      return void writeSysctl(ns, deed.key, deed.value);
  }
}

/** What shows all of a namespace, a line of JSON for each list. */
const COMMANDS = [
  "printf 'address\nroute show table all\nrule\nneighbour show nud permanent\n' | ip -d -j -N -batch -",
  "printf 'route show table all\nrule\n' | ip -6 -d -j -N -batch -",
  "tc -j qdisc",
  "bridge -j vlan",
  "bridge -j fdb show",
];

/** What is of the moment, or differs between two machines that are alike: numbers, times, who made it. */
const LEFT_OUT = new Set([
  "operstate", // follows the flags, some time later
  ...["ifindex", "link_index", "protocol", "valid_life_time", "preferred_life_time", "nodad", "handle", "refcnt"],
  ...["hello_timer", "tcn_timer", "topology_change_timer", "gc_timer", "root_port", "no", "port_no", "port_id"],
  ...[
    "designated_port",
    "id",
    "link_netnsid",
    "used",
    "updated",
    "tentative",
    "promiscuity",
    "allmulti",
    "flags_offload",
  ],
  ...["hold_timer", "message_age_timer", "forward_delay_timer", "topology_change_ack", "config_pending", "proto"],
  ...["bridge_id", "root_id", "designated_bridge", "designated_root"], // none before a bridge has a port or an address
  "permaddr", // of a tunnel by IPv6: at random
  ...["ad_aggregator_id", "active_slave", "state_timer", "mii_status", "macaddr_count", "usedbcqueuelen"],
]);

/** What `ip`, `tc` and `bridge` show of a namespace, without what differs between two machines that are alike. */
export function picture(name: string): unknown {
  using ns = NsHandle.fromName(name);
  const { status, stdout, stderr } = ns.run(() => spawnSync("sh", ["-c", COMMANDS.join("; ")], { encoding: "utf8" }));
  assertEquals([status, stderr], [0, ""]);
  const lists: unknown[][] = stdout.trim().split("\n").map((line) => JSON.parse(line === "" ? "[]" : line));
  const own = new Set(lists.flat().map((one) => fieldOf(one, "address")));
  return lists.map((list) => list.filter((one) => !isOfTheMoment(one) && !isOwnEntry(one, own)).map(plain).sort());
}

let sysctlsOfNew: ReadonlyMap<string, string> | undefined;

/** The sysctls of a namespace that a file can set, where they are not as in a new one. */
export function sysctlsOf(name: string): string[] {
  using ns = NsHandle.fromName(name);
  if (sysctlsOfNew === undefined) {
    using fresh = NsHandle.create();
    sysctlsOfNew = listSysctls(fresh);
  }
  const ofNew = sysctlsOfNew;
  return [...listSysctls(ns)].flatMap(([key, value]) => {
    // A link begins with the values of `default`; of neighbours there is none, and `lo` has what all begin with.
    const usual = ofNew.get(key) ?? ofNew.get(key.replace(/\.conf\.[^.]+\./, ".conf.default.")) ??
      ofNew.get(key.replace(/\.neigh\.[^.]+\./, ".neigh.lo."));
    return value === usual || !isSysctlKey(key) || isSecretSysctl(key) ? [] : [`${key} = ${value}`];
  }).sort();
}

/**
 * False while a link has a carrier of which its operational state does not know: the kernel tells routes and IPv6 of it up to
 * a second later.
 */
export function isSettled(name: string): boolean {
  using ns = NsHandle.fromName(name);
  const { status, stdout, stderr } = ns.run(() => spawnSync("ip", ["-j", "link"], { encoding: "utf8" }));
  assertEquals([status, stderr], [0, ""]);
  const links: { readonly flags?: readonly string[]; readonly operstate?: string }[] = JSON.parse(stdout || "[]");
  return links.every(({ flags = [], operstate = "" }) =>
    !flags.includes("LOWER_UP") || !["DOWN", "LOWERLAYERDOWN"].includes(operstate)
  );
}

const fieldOf = (one: unknown, key: string): unknown =>
  typeof one === "object" && one !== null && key in one ? (one as Readonly<Record<string, unknown>>)[key] : undefined;

/** The kernel's entry of a link's own address: of a bridge and a port with the same one, it is of that which had it first. */
const isOwnEntry = (one: unknown, own: ReadonlySet<unknown>): boolean =>
  fieldOf(one, "state") === "permanent" && fieldOf(one, "mac") !== undefined && own.has(fieldOf(one, "mac"));

/** Groups of IPv6: of an address, and of all nodes, which a link loses where IPv6 is disabled later, and keeps where it was before. */
const OF_IPV6 = /^33:33:(?:ff:|00:00:00:01$)/;

/** A learned entry of a bridge, and what is empty. */
function isOfTheMoment(one: unknown): boolean {
  if (isMulticastWithoutCarrier(one)) return true;
  if (typeof one === "object" && one !== null && "dst" in one && isOfOwnLocal(one.dst)) return true;
  if (typeof one === "object" && one !== null && "mac" in one && OF_IPV6.test(String(one.mac))) return true;
  if (typeof one !== "object" || one === null || Object.keys(one).length === 0) return true;
  return "mac" in one && !("state" in one && ["permanent", "static"].includes(String(one.state)));
}

/** True of a route that the kernel makes with the carrier, or before it, with an address that is added to a link that is up. */
const isMulticastWithoutCarrier = (one: unknown): boolean =>
  typeof one === "object" && one !== null && "dst" in one && one.dst === "ff00::/8" &&
  "flags" in one && Array.isArray(one.flags) && one.flags.includes("linkdown");

/** True of an address that the kernel makes for a link, of its hardware address or at random; an apply gives it before there is a carrier. */
const isOwnLocal = (local: unknown): boolean => /^fe80::[\da-f]+:[\da-f]/.test(String(local));

const isOfOwnLocal = (dst: unknown): boolean => isOwnLocal(dst) || dst === "fe80::" || dst === "fe80::/64";

const plain = (one: unknown): string =>
  JSON.stringify(one, (key, value) => {
    if (LEFT_OUT.has(key)) return undefined;
    if (key === "flags" && Array.isArray(value)) return value.filter((flag) => flag !== "NO-CARRIER"); // from operstate
    if (key === "nexthops" && Array.isArray(value)) return value.map(plain).sort();
    if (key === "addr_info" && Array.isArray(value)) {
      return value.filter(({ local }) => local !== undefined && !isOwnLocal(local));
    }
    return value;
  });
