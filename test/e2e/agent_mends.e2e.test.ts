/** The agent finds and mends what somebody changes in the kernel, and rests then. */
import { readFileSync, writeFileSync } from "node:fs";
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { type Netlink, NsHandle } from "@netns/netns";
import { writeSysctl } from "../../src/sysctl/sysctl.ts";
import { PAIR, vethEnd } from "../support/topologies.ts";
import { Scratch } from "../integration/configurator/scratch.ts";
import { describeAsRoot } from "../integration/support/traces.ts";

const FORWARD = "/proc/sys/net/ipv4/ip_forward";

type Change = (netlink: Netlink, ns: NsHandle, scratch: Scratch) => void;

/** What somebody changes in the namespace `a`, and the steps that mend it. */
const CHANGES: readonly (readonly [kinds: readonly string[], change: Change])[] = [
  [["set-qdisc"], (netlink) => netlink.deleteQdisc({ link: "port", parent: "root" })],
  [["set-sysctl"], (_, ns) => writeSysctl(ns, "net.ipv4.ip_forward", "0")],
  [["change-link"], (netlink) => netlink.setLink("port", { master: 0 })],
  [["change-link"], (netlink) => netlink.setLink("lo", { up: false })],
  [["add-address"], (netlink) => netlink.deleteAddress("eth1", "10.2.0.1/24")],
  [["add-address"], (netlink) => netlink.deleteAddress("lo", "10.4.0.1/32")],
  [["add-route"], (netlink) => netlink.deleteRoute({ dst: "10.1.0.0/24", link: "br0" })],
  [["add-route"], (netlink) => netlink.deleteRoute({ dst: "10.4.0.1/32", type: "local", link: "lo" })],
  [["set-neighbour"], (netlink) => netlink.deleteNeighbour({ link: "br0", ip: "10.1.0.9" })],
  [["set-file"], (_, __, scratch) => writeFileSync(`/etc/netns/${scratch.name("b")}/resolv.conf`, "")],
  [["set-table"], (_, ns) => {
    using nftables = ns.nftables();
    nftables.apply(nftables.list().flatMap((one) => "table" in one ? [{ delete: one }] : []));
  }],
  [["add-rule"], (netlink) => {
    const [rule] = netlink.listRules().filter(({ priority }) => priority === 500);
    if (rule !== undefined) netlink.deleteRule(rule);
  }],
  [["add-route"], (netlink) => netlink.deleteRoute({ dst: "10.77.0.0/16", type: "blackhole" })],
  [["create-link", "add-address", "change-link"], (netlink) => netlink.deleteLink("tap0")],
];

describeAsRoot("Configurator.agent", () => {
  it("mends each kind of thing that somebody changes, and rests", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink) => netlink.addLink({ kind: "veth", name: "eth1", up: true, peer: { name: "eth2" } }));
    const document = {
      namespaces: [{ name: "a", sysctls: { "net.ipv4.ip_forward": 1 } }, "b"],
      interfaces: [
        { name: "br0", type: "BRIDGE", namespace: "a", ipAddresses: ["10.1.0.1/24"] },
        { name: "port", namespace: "a", master: "br0", impair: { rate: "10mbit" }, veth: { peerIfName: "eth0" } },
        { name: "eth0", namespace: "b", ipAddresses: ["10.1.0.2/24"], veth: { peerIfName: "port" } },
        { name: "eth1", type: "EXISTING", namespace: "a", ipAddresses: ["10.2.0.1/24"] },
        { name: "lo", type: "LOOPBACK", namespace: "a", ipAddresses: ["10.4.0.1/32"] },
        { name: "tap0", type: "TAP", namespace: "a", ipAddresses: ["10.3.0.1/24"] },
      ],
      rules: [{ name: "r", namespace: "a", from: "10.9.0.0/16", table: 100, priority: 500 }],
      routes: [{ name: "drop", namespace: "a", type: "BLACKHOLE", dstIpAddr: "10.77.0.0/16" }],
      arpEntries: [{ name: "n", namespace: "a", interface: "br0", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" }],
      uplinks: [{ namespace: "b", dns: ["9.9.9.9"] }],
      nat: [{ name: "n", namespace: "a", out: "eth1", source: "10.1.0.0/24" }],
    } as const;
    const config = scratch.config(document);
    const end = new AbortController();
    async function* once() {
      yield config;
      await new Promise((resolve) => end.signal.addEventListener("abort", resolve, { once: true }));
    }
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(120_000)]);
    const mended: (readonly string[])[] = [];
    let isFirst = true;
    for await (const { done, failed, pending } of scratch.configurator.agent(once(), { signal })) {
      assertEquals([failed, pending], [[], []]);
      if (!isFirst) mended.push(done.map(({ kind }) => kind));
      isFirst = false;
      const next = CHANGES[mended.length];
      if (next === undefined) end.abort();
      else scratch.in("a", (netlink, ns) => next[1](netlink, ns, scratch));
    }
    assertEquals(mended, CHANGES.map(([kinds]) => kinds));
    assertEquals((await scratch.configurator.plan(config)).steps, []);
    assertEquals((await scratch.configurator.destroy(config)).failed, []);
  });

  it("mends the entries of a VXLAN and the forwarding of an uplink, and says what drops its packets", async () => {
    using scratch = new Scratch();
    using home = NsHandle.home();
    const entries = [{ mac: "00:00:00:00:00:00", remote: "10.1.0.2" }, {
      mac: "02:00:00:00:00:05",
      remote: "10.1.0.3",
    }];
    const config = scratch.config({
      interfaces: [{ name: "vx0", type: "VXLAN", namespace: "a", vxlan: { id: 7, learning: false, entries } }],
      uplinks: [{ namespace: "a", dns: [] }],
    });
    const forwarded = readFileSync(FORWARD, "utf8");
    home.run(() => writeFileSync(FORWARD, "0"));
    const table = { family: "ip", name: `other-${scratch.name("a")}` } as const;
    using nftables = home.nftables();
    const changes: readonly (() => void)[] = [
      () =>
        scratch.in(
          "a",
          (netlink) => netlink.deleteForwardingEntry({ link: "vx0", address: "02:00:00:00:00:05", ip: "10.1.0.3" }),
        ),
      () => home.run(() => writeFileSync(FORWARD, "0")),
      () => {
        const chain = { family: table.family, table: table.name, name: "f", type: "filter", hook: "forward" } as const;
        nftables.apply([{ add: { table } }, { add: { chain: { ...chain, prio: 0, policy: "drop" } } }]);
      },
    ];
    const end = new AbortController();
    async function* once() {
      yield config;
      await new Promise((resolve) => end.signal.addEventListener("abort", resolve, { once: true }));
    }
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(120_000)]);
    const reports: [kinds: readonly string[], warnings: number][] = [];
    try {
      for await (const { done, failed, warnings = [] } of scratch.configurator.agent(once(), { signal })) {
        assertEquals(failed, []);
        reports.push([done.map(({ kind }) => kind), warnings.length]);
        const change = changes[reports.length - 1];
        if (change === undefined) end.abort();
        else change();
      }
      assertEquals(reports.slice(1), [[["add-entry"], 0], [["set-sysctl"], 0], [[], 1]]);
    } finally {
      nftables.apply(
        nftables.list().some((one) => "table" in one && one.table.name === table.name) ? [{ delete: { table } }] : [],
      );
      assertEquals((await scratch.configurator.destroy(config)).failed, []);
      home.run(() => writeFileSync(FORWARD, forwarded));
    }
  });

  it("fails beside another agent of one link, with the owner's name, and adopts nothing (T25)", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "theirs", peer: { name: "sriehs" } }));
    const foreign = [
      vethEnd("x", "y", { namespace: "blue", hostIfName: "theirs", ipAddresses: ["10.8.0.1/24"] }),
      vethEnd("y", "x", { namespace: "blue" }),
    ];
    const own = scratch.config(PAIR);
    const other = scratch.config({ ...PAIR, name: `${own.name}-2`, interfaces: [...PAIR.interfaces, ...foreign] });
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(120_000)]);
    async function* once(config: typeof own): AsyncGenerator<typeof own> {
      yield config;
      await new Promise((resolve) => end.signal.addEventListener("abort", resolve, { once: true }));
    }
    const first = scratch.configurator.agent(once(own), { signal })[Symbol.asyncIterator]();
    assertEquals((await first.next()).value?.failed, []);
    const second = scratch.configurator.agent(once(other), { signal })[Symbol.asyncIterator]();
    const { done, failed } = (await second.next()).value ?? {};
    assertEquals([done, failed.map(({ owner }: { owner: string | null }) => owner)], [[], [
      own.name,
      own.name,
      null,
      null,
    ]]);
    const rest = second.next();
    scratch.in("blue", (netlink) => netlink.setLink("eth0", { up: false }));
    const mended = (await first.next()).value;
    assertEquals(mended?.done.map(({ kind }: { kind: string }) => kind)[0], "change-link");
    assertEquals(Object.keys(scratch.look("blue")).sort(), ["eth0", "sriehs", "theirs"]);
    assertEquals(scratch.look("blue").theirs?.addresses, []);
    end.abort();
    assertEquals((await rest).done, true, "the second said and did nothing more");
    await first.return?.();
    for (const config of [other, own]) await scratch.configurator.destroy(config);
  });
});
