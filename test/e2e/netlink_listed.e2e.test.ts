/** What was listed is sent back as it is: the kernel then has the same again, as `ip` shows it. */
import { assert, assertEquals } from "@std/assert";
import { execFileSync } from "node:child_process";
import { after, before, it } from "@std/testing/bdd";
import type { Address, NsHandle, Route } from "@netns/netns";
import { describeAsRoot, traces } from "../integration/support/traces.ts";
import { scratch, wired } from "../integration/netlink/support.ts";

/** What `ip` shows of a kind of object, in an order of its own. */
function shownByIp(ns: NsHandle, ...args: readonly string[]): string[] {
  const text = ns.run(() => execFileSync("ip", ["-j", "-d", ...args], { encoding: "utf8" }));
  const all: readonly object[] = JSON.parse(text === "" ? "[]" : text);
  return all.map((one) => JSON.stringify(one)).sort();
}

/** Runs `ip` with each line of `commands`. */
function ip(ns: NsHandle, commands: readonly string[]): void {
  for (const command of commands) ns.run(() => execFileSync("ip", command.split(" "), { stdio: "pipe" }));
}

describeAsRoot("what was listed", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is a route: deleted, added and replaced by itself, with every property", () => {
    using here = wired();
    ip(here.ns, [
      "address add 10.0.0.1/24 dev left",
      "address add 2001:db8::1/64 dev left nodad",
      "route add 10.1.0.0/16 via 10.0.0.2",
      "route add 10.1.0.0/16 tos 0x10 via 10.0.0.3",
      "route add 10.2.0.0/16 dev left scope site src 10.0.0.1 metric 7 mtu lock 1300 initcwnd 20",
      "route add 10.3.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 172.16.0.1 dev left onlink",
      "route add 10.4.0.0/16 via inet6 fe80::9 dev left",
      "route add 10.5.0.0/16 via 172.16.0.1 dev left onlink table 100000 protocol static",
      "route add blackhole 10.6.0.0/16",
      "route add throw 10.7.0.0/16 table 7",
      "route add local 10.8.0.1/32 dev left",
      "route add default via 10.0.0.2 metric 9",
      "-6 route add 2001:db8:1::/48 via 2001:db8::2 metric 5",
      "-6 route add 2001:db8:2::/48 from 2001:db8::/64 dev left",
      "-6 route add 2001:db8:3::/48 nexthop via 2001:db8::2 weight 2 nexthop via 2001:db8::3",
      "-6 route add unreachable 2001:db8:4::/48",
      "-6 route add default via fe80::1 dev left",
      "route add 10.10.0.0/16 encap ip id 42 dst 10.0.0.9 src 10.0.0.1 ttl 7 tos 16 via 10.0.0.2",
      "route add 10.11.0.0/16 encap ip6 id 7 dst 2001:db8::9 hoplimit 9 dev left",
      "-6 route add 2001:db8:10::/48 encap seg6 mode encap segs 2001:db8::a,2001:db8::b dev left",
      "-6 route add 2001:db8:11::/48 encap seg6 mode inline segs 2001:db8::c dev left",
      "-6 route add 2001:db8::e/128 encap seg6local action End.X nh6 2001:db8::f dev left",
      "-6 route add 2001:db8:12::/48 via 2001:db8::2 pref high",
      "-6 route add 2001:db8:13::/48 via 2001:db8::2 pref low metric 7",
      "route add 10.12.0.0/16 via 10.0.0.2 realm 3/7",
      "route add 10.13.0.0/16 nexthop encap ip id 1 dst 10.0.0.9 via 10.0.0.2 nexthop encap ip id 2 dst 10.0.0.9 via 10.0.0.3",
      "nexthop add id 1 via 10.0.0.2 dev left",
      "nexthop add id 2 via 10.0.0.3 dev left",
      "nexthop add id 3 blackhole",
      "nexthop add id 4 via 2001:db8::2 dev left",
      "-6 nexthop add id 5 blackhole",
      "nexthop add id 10 group 1,3/2,2",
      "route add 10.14.0.0/16 nhid 1",
      "route add 10.14.0.0/16 nhid 2 metric 5",
      "route add 10.15.0.0/16 nhid 10",
      "route add 10.16.0.0/16 nhid 3",
      "-6 route add 2001:db8:14::/48 nhid 4",
      "-6 route add 2001:db8:14::/48 nhid 5 metric 9",
    ]);
    const shown = (): string[] =>
      [
        ...shownByIp(here.ns, "-4", "route", "show", "table", "all"),
        ...shownByIp(here.ns, "-6", "route", "show", "table", "all"),
      ].filter((one) => JSON.parse(one).protocol !== "kernel"); // it makes some only after a while
    const isOurs = ({ protocol }: Route): boolean => protocol !== 2;
    const all = shown();
    const listed = here.netlink.listRoutes().filter(isOurs);
    assertEquals(listed.length, 30);
    for (const route of listed) {
      here.netlink.deleteRoute(route);
      const left = here.netlink.listRoutes().filter(isOurs);
      const others = listed.filter((one) => one !== route).map((one) => JSON.stringify(one));
      assertEquals(left.map((one) => JSON.stringify(one)).sort(), others.sort(), `the others than ${route.dst}`);
      here.netlink.addRoute(route);
      assertEquals(shown(), all, route.dst);
      here.netlink.replaceRoute(route);
      assertEquals(shown(), all, route.dst);
    }
  });

  it("is a neighbour: deleted, added and set by itself", () => {
    using here = wired();
    ip(here.ns, [
      "address add 10.0.0.1/24 dev left",
      "neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev left nud permanent",
      "neighbour add 10.0.0.3 lladdr 02:00:00:00:00:03 dev left nud noarp",
      "neighbour add 2001:db8::2 lladdr 02:00:00:00:00:04 dev left nud permanent router",
      "neighbour add 2001:db8::3 lladdr 02:00:00:00:00:05 dev left nud permanent extern_learn",
    ]);
    const shown = (): string[] => shownByIp(here.ns, "neighbour", "show", "dev", "left");
    const ours = here.netlink.listNeighbours({ linkIndex: here.left }).filter(({ address = "" }) => (
      address.startsWith("02:00:00:00:00")
    ));
    assertEquals(ours.length, 4);
    const all = shown();
    for (const neighbour of ours) {
      here.netlink.deleteNeighbour(neighbour);
      // The kernel may still list one that was deleted, without its address, until nothing refers to it.
      assert(!shown().some((one) => one.includes(neighbour.address ?? "")), neighbour.ip);
      here.netlink.addNeighbour(neighbour);
      assertEquals(shown(), all, neighbour.ip);
      here.netlink.setNeighbour(neighbour);
      assertEquals(shown(), all, neighbour.ip);
    }
  });

  it("is a proxy: what it was is deleted, not a neighbour of the same address", () => {
    using here = wired();
    const proxies = (): string[] => shownByIp(here.ns, "neighbour", "show", "proxy");
    const proxy = { linkIndex: here.left, ip: "10.0.0.9", family: 2, state: "none", proxy: true, flags: 8 } as const;
    here.netlink.addNeighbour(proxy);
    assertEquals(proxies().map((one) => JSON.parse(one).dst), ["10.0.0.9"]);
    here.netlink.deleteNeighbour(proxy);
    assertEquals(proxies(), []);
  });

  it("is an address: deleted and added by itself, with every property", () => {
    using here = wired();
    const dev = "dev left";
    ip(here.ns, [
      `address add 10.0.0.1/24 ${dev}`,
      `address add 10.0.1.1/24 broadcast 10.0.1.254 label left:one ${dev}`,
      `address add 10.0.2.1 peer 10.0.2.2/32 ${dev}`,
      `address add 10.0.3.1/24 noprefixroute scope link ${dev}`,
      `address add 10.0.4.1/24 valid_lft 3000 preferred_lft 2000 ${dev}`,
      `address add 2001:db8::1/64 nodad noprefixroute ${dev}`,
      `address add 2001:db8:1::1/64 nodad home mngtmpaddr ${dev}`,
      `address add 2001:db8:2::1/128 nodad preferred_lft 0 ${dev}`,
    ]);
    const listed = (): Address[] =>
      here.netlink.listAddresses({ linkIndex: here.left }).filter(({ cidr }) => !cidr.startsWith("fe80"));
    // Lifetimes go down while the test runs, and the kernel makes link-local addresses after a while.
    const shown = (): string[] =>
      listed().map(({ preferredLifetime = Infinity, validLifetime = Infinity, ...rest }) =>
        JSON.stringify([rest, preferredLifetime > 0, validLifetime < Infinity])
      ).sort();
    const byIp = (): string[] => {
      const [link] = shownByIp(here.ns, "address", "show", "dev", "left");
      const all: readonly { local: string; valid_life_time: number; preferred_life_time: number }[] = JSON.parse(
        link ?? "",
      ).addr_info;
      return all.filter(({ local }) => !local.startsWith("fe80")).map((one) => (
        JSON.stringify({
          ...one,
          valid_life_time: one.valid_life_time < 3001,
          preferred_life_time: Math.sign(one.preferred_life_time),
        })
      )).sort();
    };
    const ours = listed();
    assertEquals(ours.length, 8);
    const [all, allByIp] = [shown(), byIp()];
    for (const address of ours) {
      here.netlink.deleteAddress(address);
      assert(!here.netlink.listAddresses().some(({ cidr }) => cidr === address.cidr), address.cidr);
      here.netlink.addAddress(address);
      assertEquals(shown(), all, address.cidr);
      assertEquals(byIp(), allByIp, address.cidr);
    }
  });

  it("is a link in a group: it alone is deleted", () => {
    using here = scratch();
    for (const name of ["a", "b"]) {
      here.netlink.addLink({ kind: "veth", name, peer: { name: `${name}-peer` } });
      here.netlink.setLink({ name }, { group: 7 });
    }
    here.netlink.deleteLink(here.netlink.getLink({ name: "a" }));
    assertEquals(here.netlink.listLinks().map(({ name }) => name), ["lo", "b-peer", "b"]);
  });

  it("can go back in a batch", () => {
    using here = wired();
    here.netlink.addAddress({ index: here.left }, "10.0.0.1/24");
    const route = { dst: "10.9.0.0/16", gateway: "10.0.0.2" };
    here.netlink.addRoute(route);
    const [listed] = here.netlink.listRoutes({ table: 254 }).filter(({ dst }) => dst === route.dst);
    const [address] = here.netlink.listAddresses({ linkIndex: here.left, family: 2 });
    assert(listed !== undefined && address !== undefined);
    here.netlink.batch((batch) => {
      batch.deleteAddress(address);
      batch.addAddress(address);
      batch.addRoute(listed);
    });
    assertEquals(here.netlink.listRoutes({ table: 254 }).find(({ dst }) => dst === route.dst), listed);
  });
});
