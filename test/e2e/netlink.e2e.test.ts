/**
 * Every list of `Netlink` against what `ip -j` says of the same namespace, field by field; and as many hostile
 * messages for the decoders as a run in between has no time for.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Address, AddressFilter, Netlink } from "@netns/netns";
import { fuzz } from "../unit/netlink/fuzz.ts";
import { addressesOf, type IpAddresses, type IpLink } from "./ip_links.ts";
import { type IpNeighbour, type IpRoute, type IpRouteRead, neighboursOf, routesOf } from "./ip_routes.ts";
import { type IpNextHop, type IpRule, nextHopsOf, rulesOf } from "./ip_rules.ts";
import { same, sameLinks, Scene } from "./ip_scene.ts";

const hasIp = process.geteuid?.() === 0 && spawnSync("ip", ["-V"]).error === undefined;
/** The addresses without what `ip` does not say: who made them. */
const addressesOfKernel = (netlink: Netlink, filter?: AddressFilter): Address[] =>
  netlink.listAddresses(filter).map(({ protocol: _, ...address }) => address);
const skip = !hasIp && process.env["CI"] !== "true";
if (skip) console.warn("notice: netlink against ip is skipped: it needs root, and ip");

describe("Netlink, compared with ip", { skip }, () => {
  it("lists the links that ip made, and all that ip says of them", async () => {
    using scene = new Scene();
    scene.batch([
      "link set v0 mtu 1400 address 02:00:00:00:00:01 txqueuelen 77 alias uplink",
      "link property add dev v0 altname a-name-of-more-than-15-bytes",
      "link property add dev v0 altname another",
      "link add a0 type veth peer name a1",
      "link set a1 addrgenmode none",
      "tuntap add tap0 mode tap",
      "tuntap add tun0 mode tun",
      "link add br0 type bridge stp_state 1",
      "link set a0 master br0",
      "link set a0 type bridge_slave cost 7 priority 9 hairpin on learning off isolated on",
      "link set br0 up",
      "link add mv0 link v0 type macvlan mode private",
      "link add mv1 link v0 type macvlan mode bridge",
      "link add vx0 type vxlan id 5 dstport 4789",
      "link set a1 up",
    ]);
    await sameLinks(scene);
  });

  it("lists the addresses that ip added, and all that ip says of them", async () => {
    using scene = new Scene();
    const lines = [
      "10.0.0.1/24 broadcast + dev v0 label v0:x",
      "10.0.0.2/24 dev v0",
      "10.9.0.1 peer 10.9.0.2/32 dev v0",
      "169.254.1.1/16 scope link dev v0",
      "127.0.0.7/32 dev lo",
      "10.7.0.1/24 dev v0 valid_lft 600 preferred_lft 300",
      "2001:db8::1/64 dev v0 nodad",
      "2001:db8::2/64 dev v0",
      "2001:db8::3/64 dev v0 valid_lft 600 preferred_lft 0",
      "2001:db8::4/128 peer 2001:db8::5/128 dev v0",
      "2001:db8:0:1:1:1:1:1/64 dev v0 noprefixroute",
      "::ffff:10.0.0.1/128 dev v0 nodad",
      "::10.1.2.3/128 dev v0 nodad",
    ];
    scene.batch(lines.map((line) => `address add ${line}`));
    const addresses = (): IpAddresses[] => scene.json<IpAddresses>("-j -d address show");
    await same(() => addressesOfKernel(scene.netlink), () => addressesOf(addresses()));
    await same(
      () => addressesOfKernel(scene.netlink, { linkIndex: 10, family: 10 }),
      () => addressesOf(scene.json<IpAddresses>("-6 -j -d address show dev v0")),
    );
  });

  it("lists the neighbours that ip set, in every state", async () => {
    using scene = new Scene();
    const states = ["permanent", "noarp", "reachable", "stale", "none", "incomplete", "delay", "probe", "failed"];
    for (const [i, state] of states.entries()) {
      const address = ["none", "incomplete", "failed"].includes(state) ? "" : ` lladdr 02:00:00:00:01:0${i}`;
      scene.batch(
        ["10.0.0.", "2001:db8::"].map((net) => `neighbour add ${net}${i + 10}${address} nud ${state} dev v0`),
      );
    }
    const neighbours = (): IpNeighbour[] => scene.json<IpNeighbour>("-j neighbour show nud all");
    const links = scene.json<IpLink>("-j link show");
    await same(() => scene.netlink.listNeighbours(), () => neighboursOf(neighbours(), links));
  });

  it("lists the routes that ip added, of all kinds and tables", async () => {
    using scene = new Scene();
    scene.batch(["address add 10.0.0.1/24 dev v0", "address add 2001:db8::1/64 dev v0 nodad"]);
    const lines = [
      "default via 10.0.0.2",
      "10.2.0.0/16 via 10.0.0.2 metric 10 src 10.0.0.1",
      "10.3.0.0/16 table 1000 dev v0",
      "10.4.0.0/16 nexthop via 10.0.0.2 dev v0 weight 2 nexthop via 10.77.0.1 dev v0 weight 256 onlink",
      "blackhole 10.5.0.0/16",
      "unreachable 10.6.0.0/16",
      "prohibit 10.7.0.0/16 table 7",
      "throw 10.8.0.0/16 table 7",
      "10.9.0.0/16 via inet6 2001:db8::2 dev v0",
      "10.10.0.0/16 via 10.66.0.1 dev v0 onlink",
      "10.11.0.0/16 via 10.0.0.2 tos 0x10 protocol static",
      "10.12.0.1 dev v0 scope host",
      "10.13.0.0/16 via 10.0.0.2 mtu 1200 advmss 1100 window 5000 rtt 100ms rttvar 50ms ssthresh 7 cwnd 9" +
      " reordering 4 hoplimit 12 initcwnd 3 features ecn rto_min 200ms initrwnd 6 quickack 1 congctl cubic",
      "local 10.14.0.0/16 dev lo",
      "broadcast 10.15.255.255 dev v0",
    ];
    scene.batch(lines.map((line) => `route add ${line}`));
    const lines6 = [
      "default via 2001:db8::2",
      "2001:db8:2::/48 via 2001:db8::2 metric 5 expires 600",
      "2001:db8:3::/48 nexthop via 2001:db8::2 dev v0 nexthop via 2001:db8::3 dev v0 weight 3",
      "2001:db8:4::/48 via fe80::1 dev v0 table 2000 src 2001:db8::1 mtu 1300 hoplimit 9",
      "blackhole 2001:db8:5::/48",
      "unreachable 2001:db8:6::/48",
      "prohibit 2001:db8:7::/48",
      "2001:db8:8::1 dev v0",
    ];
    scene.batch(lines6.map((line) => `route add ${line}`));
    const links = scene.json<IpLink>("-j link show");
    const routes = (): IpRouteRead[] => [
      ...routesOf(scene.json<IpRoute>("-N -4 -j -d route show table all"), 2, links),
      ...routesOf(scene.json<IpRoute>("-N -6 -j -d route show table all"), 10, links),
    ];
    await same(() => scene.netlink.listRoutes(), () => routes());
    const leavesBy = (index: number) => ({ nextHops }: IpRouteRead): boolean =>
      nextHops.some(({ linkIndex }) => linkIndex === index);
    for (const linkIndex of [1, 10]) {
      await same(() => scene.netlink.listRoutes({ linkIndex }), () => routes().filter(leavesBy(linkIndex)));
    }
    for (const table of [7, 254, 255, 1000, 2000, 4711]) {
      await same(() => scene.netlink.listRoutes({ table }), () => routes().filter((route) => route.table === table));
    }
  });

  it("lists the rules that ip added, of every selector", async () => {
    using scene = new Scene();
    scene.batch([
      "rule add fwmark 0x10/0xff lookup 100 priority 1000",
      "rule add from 10.0.0.0/8 to 10.1.2.3 ipproto tcp sport 1000-2000 dport 80 tos 0x10 table 1000 priority 1001",
      "rule add iif v0 oif v1 goto 32766 priority 1002",
      "rule add not from 10.0.0.0/24 uidrange 1000-2000 table 7 suppress_prefixlength 0 suppress_ifgroup 5 priority 1003",
      "rule add l3mdev priority 1004",
      "rule add from 10.9.0.0/16 prohibit priority 1005",
      "rule add tun_id 5 table 8 realms 3/7 priority 1006",
    ]);
    scene.ip("-6 rule add from 2001:db8::/32 to 2001:db8::1 unreachable priority 1000");
    // What this `ip` does not say: flags beside `not`, and the masks of ports of a newer kernel.
    const ours = (family: number): unknown[] =>
      scene.netlink.listRules({ family }).map(({ flags: _, unknown: __, tunId, ...rule }) => (
        tunId === undefined ? rule : { ...rule, tunId: String(tunId) }
      ));
    await same(() => ours(2), () => rulesOf(scene.json<IpRule>("-N -4 -j -d rule show"), 2));
    await same(() => ours(10), () => rulesOf(scene.json<IpRule>("-N -6 -j -d rule show"), 10));
  });

  it("lists the next-hop objects that ip added, and their groups", async () => {
    using scene = new Scene();
    scene.batch(["address add 10.0.0.1/24 dev v0"]);
    scene.batch([
      "nexthop add id 21 via 10.0.0.2 dev v0 onlink protocol static",
      "nexthop add id 22 blackhole",
      "nexthop add id 23 via 10.0.0.3 dev v0",
      "nexthop add id 24 via 10.0.0.2 fdb",
      "nexthop add id 30 group 21,3/23,1",
      "nexthop add id 31 group 21/23 type resilient buckets 8 idle_timer 60 unbalanced_timer 300",
    ]);
    const ours = (): unknown[] =>
      scene.netlink.listNextHops().map(({ family: _, scope: __, flags: ___, resilient, ...hop }) =>
        Object.fromEntries(
          Object.entries({
            ...hop,
            buckets: resilient?.buckets,
            idleTimer: resilient?.idleTimer,
          }).filter(([, value]) => value !== undefined),
        )
      );
    const theirs = (): unknown[] =>
      nextHopsOf(scene.json<IpNextHop>("-N -j -d nexthop show"), (name) => scene.netlink.getLink(name).index);
    await same(ours, theirs);
  });

  it("shows to ip what it made itself", async () => {
    using scene = new Scene();
    const { netlink } = scene;
    netlink.batch((batch) => {
      batch.addAddress({ index: 10 }, "10.0.0.1/24", { label: "v0:y", broadcast: "+" });
      batch.addAddress({ index: 10 }, "2001:db8::1/64", { noDad: true });
      batch.addNeighbour({ linkIndex: 10, ip: "10.0.0.9", address: "02:00:00:00:00:09" });
      batch.addRoute({ dst: "10.2.0.0/16", gateway: "10.0.0.2", metric: 5, preferredSource: "10.0.0.1", mtu: 1200 });
      batch.addRoute({ dst: "default", gateway: "2001:db8::2", expires: 600, table: 3000 });
      batch.addRoute({ dst: "10.3.0.0/16", nextHops: [{ linkIndex: 10, gateway: "10.0.0.2", weight: 4 }] });
    });
    const text = scene.ip("-o -4 address show dev v0").replaceAll(/\s+/g, " ");
    assertEquals(text.includes("inet 10.0.0.1/24 brd 10.0.0.255 scope global v0:y"), true, text);
    assertEquals(scene.ip("neighbour show 10.0.0.9"), "10.0.0.9 dev v0 lladdr 02:00:00:00:00:09 PERMANENT \n");
    assertEquals(
      scene.ip("route show 10.2.0.0/16"),
      "10.2.0.0/16 via 10.0.0.2 dev v0 src 10.0.0.1 metric 5 mtu 1200 \n",
    );
    assertEquals(scene.ip("-6 route show table 3000").startsWith("default via 2001:db8::2 dev v0 metric 1024"), true);
    const links = scene.json<IpLink>("-j link show");
    await same(
      () => netlink.listRoutes({ family: 2 }),
      () => routesOf(scene.json<IpRoute>("-N -4 -j -d route show table all"), 2, links),
    );
    await same(() => addressesOfKernel(netlink), () => addressesOf(scene.json<IpAddresses>("-j -d address show")));
  });

  it("knows the ids that ip gave to other namespaces", () => {
    using scene = new Scene();
    const ids = scene.json<{ nsid: number }>("-j netns list-id").map(({ nsid }) => nsid);
    assertEquals(scene.netlink.listNamespaceIds(), ids);
    assertEquals(scene.netlink.getNamespaceId(scene.there), ids[0]);
  });
});

describe("the decoders of netlink", () => {
  const MESSAGES = 200_000;
  it(`give a value or say what is wrong, for ${MESSAGES} random and mutated messages`, () => fuzz(MESSAGES));
});
