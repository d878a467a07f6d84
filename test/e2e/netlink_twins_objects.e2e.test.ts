/** Neighbours, forwarding entries, next hops and classes beside near twins: what was listed is deleted alone, and comes back. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { execFileSync } from "node:child_process";
import type { NextHopObject, NsHandle, Qdisc, TcClass } from "@netns/netns";
import { describeAsRoot, traces } from "../integration/support/traces.ts";
import { refusal, scratch } from "../integration/netlink/support.ts";

/** Runs each line, which is of a program of iproute2; one process a program. */
function run(ns: NsHandle, lines: readonly string[]): void {
  for (const program of ["ip", "bridge", "tc"]) {
    const input = lines.filter((line) => line.startsWith(`${program} `)).map((line) => line.slice(program.length + 1));
    ns.run(() => execFileSync(program, ["-batch", "-"], { input: input.join("\n"), stdio: ["pipe", "pipe", "pipe"] }));
  }
}

/** What a program lists as JSON, without what counts and changes by itself. */
function shown(ns: NsHandle, program: string, ...args: readonly string[]): string[] {
  const text = ns.run(() => execFileSync(program, ["-d", "-j", ...args], { encoding: "utf8" }));
  const all: readonly object[] = JSON.parse(text.trim() === "" ? "[]" : text);
  return all.map((one) => JSON.stringify(one)).sort();
}

/**
 * Deletes each of what was listed and adds it again.
 *
 * @param all What there is.
 * @param byTool The same, as a tool shows it.
 */
function checkTwins<T>(
  listed: readonly T[],
  all: () => readonly T[],
  byTool: () => readonly string[],
  remove: (one: T) => void,
  add: (one: T) => void,
): void {
  const shownBefore = byTool();
  for (const one of listed) {
    const others = all().map(textOf).filter((other) => other !== textOf(one)).sort();
    remove(one);
    assertEquals(all().map(textOf).sort(), others, `deleting ${textOf(one)}`);
    add(one);
    assertEquals(all().map(textOf).sort(), [...others, textOf(one)].sort(), `adding ${textOf(one)}`);
  }
  assertEquals(byTool(), shownBefore);
}

describeAsRoot("what was listed, among its twins", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is a neighbour or a proxy", () => {
    using here = scratch();
    const { netlink, ns } = here;
    netlink.addLink({ kind: "veth", name: "v0", peer: { name: "v1" } });
    run(ns, [
      "ip link set v0 up arp on",
      "ip link set v1 up",
      ...["v0", "v1"].flatMap((dev) => [
        `ip neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev ${dev} nud permanent`,
        `ip neighbour add 10.0.0.3 lladdr 02:00:00:00:00:02 dev ${dev} nud noarp`,
        `ip neighbour add 2001:db8::2 lladdr 02:00:00:00:00:02 dev ${dev} nud permanent router`,
        `ip neighbour add proxy 10.0.0.2 dev ${dev}`,
        `ip neighbour add proxy 2001:db8::2 dev ${dev}`,
      ]),
      "ip neighbour add 10.0.0.4 lladdr 02:00:00:00:00:02 dev v0 nud permanent extern_learn",
      "ip neighbour add 10.0.0.5 lladdr 02:00:00:00:00:02 dev v0 nud permanent protocol static",
    ]);
    const TWINS = /^(10\.0\.0\.|2001:db8::)/; // the kernel has some of its own
    const all = (proxy: boolean) =>
      netlink.listNeighbours({ proxy }).filter(({ ip, address }) => (
        TWINS.test(ip) && (proxy || address !== undefined)
      ));
    for (const [proxy, count] of [[false, 8], [true, 4]] as const) {
      const listed = all(proxy);
      assertEquals(listed.length, count);
      checkTwins(
        listed,
        () => [...all(false), ...all(true)],
        () => shown(ns, "ip", "neighbour", "show", ...proxy ? ["proxy"] : []).filter((one) => one.includes("02:00")),
        (one) => netlink.deleteNeighbour(one),
        (one) => netlink.addNeighbour(one),
      );
    }
  });

  it("is a forwarding entry of a bridge or a VXLAN", () => {
    using here = scratch();
    const { netlink, ns } = here;
    netlink.addLink({ kind: "bridge", name: "br0" });
    for (const [name, peer] of [["v0", "v1"], ["w0", "w1"]] as const) {
      netlink.addLink({ kind: "veth", name, peer: { name: peer }, master: "br0" });
    }
    const zero = "bridge fdb append 00:00:00:00:00:00 dev vx0 dst";
    run(ns, [
      "ip link set lo up",
      "ip link add vx0 type vxlan id 7 dstport 4789 dev v1",
      "ip link add vx1 type vxlan external dstport 4790",
      "ip nexthop add id 12 via 10.9.0.9 fdb",
      "ip nexthop add id 11 group 12 fdb",
      "bridge fdb add 02:00:00:00:00:09 dev v0 master static",
      "bridge fdb add 02:00:00:00:00:09 dev v0 self",
      "bridge fdb add 02:00:00:00:00:09 dev w0 self",
      "bridge fdb add 02:00:00:00:00:0a dev v0 master",
      "bridge fdb add 02:00:00:00:00:0b dev w0 master sticky static",
      "bridge fdb add 02:00:00:00:00:0c dev w0 master extern_learn",
      "bridge fdb add 02:00:00:00:00:09 dev vx0 dst 10.9.0.2",
      "bridge fdb add 02:00:00:00:00:0a dev vx0 dst 10.9.0.2 port 99 vni 8 via lo",
      "bridge fdb add 02:00:00:00:00:0b dev vx0 nhid 11",
      ...["10.9.0.2", "10.9.0.3", "10.9.0.3 port 5", "10.9.0.3 vni 9", "10.9.0.3 via lo"].map((to) => `${zero} ${to}`),
      "bridge fdb add 02:00:00:00:00:0d dev vx1 dst 10.9.0.2 src_vni 5 vni 6",
      "bridge fdb add 02:00:00:00:00:0d dev vx1 dst 10.9.0.2 src_vni 6 vni 6",
    ]);
    const all = () => netlink.listForwardingEntries().filter(({ address }) => /^0[02]:00:00:00/.test(address));
    assertEquals(all().length, 16);
    checkTwins(
      all(),
      all,
      () => shown(ns, "bridge", "fdb", "show").filter((one) => /"0[02]:00:00:00/.test(one)),
      (one) => netlink.deleteForwardingEntry(one),
      (one) => netlink.addForwardingEntry(one),
    );
    const zeros = all().filter(({ address }) => address === "00:00:00:00:00:00");
    assertEquals(zeros.length, 5);
    for (const one of zeros) assertEquals(refusal(() => netlink.addForwardingEntry(one)).code, "EEXIST");
  });

  it("is a next hop", () => {
    using here = scratch();
    const { netlink, ns } = here;
    netlink.addLink({ kind: "veth", name: "v0", peer: { name: "v1" } });
    run(ns, [
      ...["v0", "v1", "lo"].map((dev) => `ip link set ${dev} up`),
      "ip address add 10.0.0.1/24 dev v0",
      "ip address add 2001:db8::1/64 dev v0 nodad",
      "ip nexthop add id 1 via 10.0.0.2 dev v0",
      "ip nexthop add id 2 via 10.0.0.2 dev v0 protocol static",
      "ip nexthop add id 3 via 10.0.0.2 dev v0 onlink",
      "ip nexthop add id 4 via 10.0.0.2 dev v1 onlink",
      "ip nexthop add id 5 via 10.0.0.2 dev v0 encap ip id 7 dst 10.0.0.9",
      "ip nexthop add id 6 dev v0",
      "ip nexthop add id 7 via 2001:db8::2 dev v0",
      "ip nexthop add id 8 blackhole",
      "ip nexthop add id 9 via 10.0.0.2 fdb",
      "ip nexthop add id 20 group 1,3/2",
      "ip nexthop add id 21 group 1/3,2",
      "ip nexthop add id 22 group 1/3,2 type resilient buckets 8 idle_timer 9 unbalanced_timer 7",
    ]);
    const all = (): NextHopObject[] => netlink.listNextHops();
    checkTwins(
      all().filter(({ id }) => ![1, 2, 3].includes(id)), // with one that a group needs, the group changes
      all,
      () => shown(ns, "ip", "nexthop", "show").map((one) => one.replace(/"unbalanced_time":[\d.]+/, "")),
      (one) => netlink.deleteNextHop(one),
      (one) => netlink.addNextHop(one),
    );
  });

  it("is a qdisc or a class", () => {
    using here = scratch();
    const { netlink, ns } = here;
    netlink.addLink({ kind: "veth", name: "v0", peer: { name: "v1" } });
    run(ns, [
      "tc qdisc add dev v0 root handle 1: htb default 20",
      "tc qdisc add dev v1 root handle 1: htb default 20",
      "tc qdisc add dev v0 clsact",
      ...["v0", "v1"].flatMap((dev) =>
        ["10", "11"].flatMap((id) => [
          `tc class add dev ${dev} parent 1: classid 1:${id} htb rate 10mbit burst 15k`,
          `tc qdisc add dev ${dev} parent 1:${id} handle ${id}: pfifo limit 9`,
        ])
      ),
    ]);
    const qdiscs = (): Qdisc[] => ["v0", "v1"].flatMap((link) => netlink.listQdiscs({ link }));
    const classes = (): TcClass[] => ["v0", "v1"].flatMap((link) => netlink.listClasses(link));
    const byTool = (): string[] => [
      ...shown(ns, "tc", "qdisc", "show"),
      ...["v0", "v1"].flatMap((dev) =>
        ns.run(() => execFileSync("tc", ["class", "show", "dev", dev], { encoding: "utf8" })).split("\n").sort()
      ),
    ];
    assertEquals([qdiscs().length, classes().length], [7, 4]);
    checkTwins(
      qdiscs().filter(({ kind }) => kind !== "htb"),
      qdiscs,
      byTool,
      (one) => netlink.deleteQdisc(one),
      (one) => netlink.addQdisc(one),
    );
    for (const one of qdiscs()) if (one.kind === "pfifo") netlink.deleteQdisc(one);
    checkTwins(classes(), classes, byTool, (one) => netlink.deleteClass(one), (one) => netlink.addClass(one));
  });
});

/** What is listed as text, without what changes by itself. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (key, part) => {
    if (key === "unbalancedTime" || key === "refcnt") return undefined;
    return typeof part === "bigint" ? `${part}` : part;
  });
}
