/** The agent finds and mends what somebody changes in the kernel, and rests then. */
import { readFileSync, writeFileSync } from "node:fs";
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { type ApplyReport, Configurator, type Netlink, NsHandle } from "@netns/netns";
import { pause } from "../../src/async/pause.ts";
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

  it("mends what somebody changes again and again after growing pauses, says so once, and holds up nothing else", async () => {
    using scratch = new Scratch();
    const bridge = (name: string, namespace: string) => (
      { name, type: "BRIDGE", namespace, mtu: 1400 } as const
    );
    const config = scratch.config({
      interfaces: [bridge("d0", "a"), bridge("e0", "b")],
    });
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(120_000)]);
    async function* once() {
      yield config;
      await new Promise((resolve) => end.signal.addEventListener("abort", resolve, { once: true }));
    }
    const mtuOf = (name: string, link: string): number => (
      scratch.in(name, (netlink) => netlink.getLink(link)?.mtu ?? 0)
    );
    let fight: ReturnType<typeof setInterval> | undefined;
    const mended: string[] = [];
    const warned: string[] = [];
    const failures: unknown[] = [];
    const a = scratch.name("a");
    let last: readonly string[] = [];
    const followed = (async () => {
      for await (const { done, failed, warnings = [] } of scratch.configurator.agent(once(), { signal })) {
        failures.push(...failed);
        mended.push(...done.map(({ kind, item }) => `${kind} ${item}`));
        warned.push(...warnings.filter((one) => !last.includes(one)));
        last = warnings;
        fight ??= setInterval(() => scratch.in("a", (netlink) => netlink.setLink("d0", { mtu: 1300 })), 50);
      }
    })();
    const count = (): number => mended.filter((one) => one === "change-link interface d0").length;
    try {
      while (warned.length === 0 && !signal.aborted) await pause(50);
      const before = count();
      await pause(3000);
      const more = count() - before;
      assertEquals(more > 0 && more < 7, true, `mended ${more} times in 3 s`); // 12 times without pauses
      scratch.in("b", (netlink) => netlink.setLink("e0", { mtu: 1300 }));
      const begin = performance.now();
      while (mtuOf("b", "e0") !== 1400 && performance.now() - begin < 10_000) await pause(20);
      assertEquals(performance.now() - begin < 5000, true, "what another namespace has is mended soon");
      assertEquals(failures, []);
      const undone = warned.map((one) => /undoes "(.*)" again and again/.exec(one)?.[1]).sort();
      assertEquals(undone, [`set d0 in ${a}: mtu 1400`]);
    } finally {
      clearInterval(fight);
      end.abort();
      await followed;
      await scratch.configurator.destroy(config);
    }
  });

  it("mends what sends no event also if somebody undoes it before the agent looks", async () => {
    using scratch = new Scratch();
    const config = scratch.config({ namespaces: [{ name: "a", sysctls: { "net.ipv4.ip_forward": 1 } }] });
    const forward = (value: string): string => (
      scratch.in("a", (_, ns) => writeSysctl(ns, "net.ipv4.ip_forward", value))
    );
    let undo = 0;
    /** Somebody is as quick as an apply. */
    class Undone extends Configurator {
      override async apply(...args: Parameters<Configurator["apply"]>): Promise<ApplyReport> {
        const report = await super.apply(...args);
        if (undo-- > 0) forward("0");
        return report;
      }
    }
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(20_000)]);
    async function* once() {
      yield config;
      await new Promise((resolve) => end.signal.addEventListener("abort", resolve, { once: true }));
    }
    const done: string[][] = [];
    try {
      for await (const report of new Undone(scratch.handler, { store: scratch.store }).agent(once(), { signal })) {
        done.push(report.done.map(({ kind }) => kind));
        if (done.length === 1) {
          setTimeout(() => { // when the agent rests, so that it is its look each second that wakes it
            undo = 1;
            forward("0");
          }, 1500);
        } else if (done.length === 3) end.abort();
      }
    } finally {
      await scratch.configurator.destroy(config);
    }
    assertEquals(done, [["create-namespace", "set-sysctl"], ["set-sysctl"], ["set-sysctl"]]);
  });
});
