/** Traffic control that not every kernel has: each kind made, listed, deleted and added again, beside `tc`; and used. */
import { spawnSync } from "node:child_process";
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { NsHandle, Qdisc, QdiscSpec, TcFilter, TcFilterSpec } from "@netns/netns";
import { checkQdisc, TcScene } from "../../../e2e/tc_scene.ts";
import { refusal } from "../../../integration/netlink/support.ts";
import { traces } from "../../../integration/support/traces.ts";

/** The times of round trips to `address`, in milliseconds. */
function ping(from: NsHandle, address: string, count: number, ...options: string[]): number[] {
  const args = ["-n", "-c", `${count}`, "-W", "10", ...options, address];
  const { stdout } = from.run(() => spawnSync("ping", args, { encoding: "utf8" }));
  return [...stdout.matchAll(/ time=([\d.]+) ms/g)].map(([, ms]) => Number(ms));
}

/** A scene in which both ends have an address. */
function addressed(): TcScene {
  const scene = new TcScene();
  scene.netlink.addAddress("v0", "10.1.0.1/24");
  using far = scene.there.netlink();
  far.addAddress("v1", "10.1.0.2/24");
  ping(scene.here, "10.1.0.2", 1); // they know each other
  return scene;
}

describe("qdiscs beside tc", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const at = { link: "v0", handle: "10:" } as const;
  const QDISCS: readonly QdiscSpec[] = [
    {
      ...{ ...at, kind: "netem", limit: 2000, delay: 100_000_000, jitter: 10_000_000, delayCorrelation: 25 },
      ...{ loss: 1, lossCorrelation: 25, duplicate: 2, duplicateCorrelation: 5, reorder: 3, reorderCorrelation: 50 },
      ...{ gap: 5, corrupt: 0.1, corruptCorrelation: 10, rate: 125_000, packetOverhead: -20, cellSize: 100 },
      ...{ cellOverhead: 5, ecn: true, distribution: "normal" },
    },
    { ...at, kind: "netem", delay: 10_000_000_000, jitter: 1_000_000_000, distribution: "pareto" },
    { ...at, kind: "netem", delay: 1_000_000, distribution: "paretonormal" },
    { ...at, kind: "netem", lossState: { p13: 1, p31: 30, p32: 2, p23: 40, p14: 5 } },
    { ...at, kind: "netem", lossGemodel: { p: 1, r: 10, oneMinusH: 70, oneMinusK: 0.1 }, rate: 5_000_000_000 },
    { ...at, kind: "netem", slot: { min: 800_000, max: 1_000_000, packets: 10, bytes: 5000 } },
    { ...at, kind: "netem", slot: { delay: 1_000_000, jitter: 100_000, distribution: "normal", packets: 3 } },
    { ...at, kind: "tbf", rate: 125_000, burst: 5000, limit: 20_000, overhead: 14, linklayer: "atm" },
    { ...at, kind: "fq", limit: 5000, flowLimit: 50, maxrate: 1_250_000, buckets: 512, horizonDrop: false },
    { ...at, kind: "fq", pacing: false },
    {
      ...{ ...at, kind: "fq_codel", limit: 1000, flows: 256, target: 3000, interval: 50_000, quantum: 1000 },
      ...{ ceThreshold: 1000, ecn: false, memoryLimit: 1 << 20, dropBatch: 32 },
    },
    { ...at, kind: "fq_codel" },
    { ...at, kind: "codel", limit: 500, target: 3000, interval: 50_000, ecn: true, ceThreshold: 1000 },
    {
      ...{ ...at, kind: "cake", bandwidth: 1_250_000, diffserv: "diffserv4", flowmode: "dual-srchost", nat: true },
      ...{ wash: true, ingress: true, ackFilter: "aggressive", rtt: 50_000, memlimit: 2 << 20, fwmark: 0xf0 },
      ...{ atm: "ptm", overhead: 18, mpu: 64, splitGso: false },
    },
    { ...at, kind: "cake", autorate: true, diffserv: "besteffort", flowmode: "flowblind" },
    { ...at, kind: "sfq", limit: 100, perturb: 10, quantum: 2000, depth: 64, divisor: 512, headdrop: true },
    {
      ...at,
      kind: "sfq",
      limit: 100,
      flows: 100,
      redflowlimit: 100_000,
      min: 8000,
      max: 60_000,
      probability: 10,
      ecn: true,
    },
    { ...at, kind: "pfifo", limit: 77 },
    { ...at, kind: "bfifo", limit: 77_000 },
    { ...at, kind: "prio", bands: 4, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 3] },
    { ...at, kind: "red", limit: 400_000, min: 30_000, max: 90_000, ecn: true, probability: 10 },
    { ...at, kind: "red", limit: 400_000, ecn: true, adaptive: true, nodrop: true },
    { ...at, kind: "htb", default: 0x30 },
    { ...at, kind: "pie", data: Uint8Array.of(8, 0, 2, 0, 200, 0, 0, 0) }, // TCA_PIE_LIMIT
    { link: "v0", kind: "ingress" },
    { link: "v0", kind: "clsact" },
  ];
  it("are added, listed, deleted and added again as listed", () => {
    using scene = new TcScene();
    for (const [i, spec] of QDISCS.entries()) {
      const { redflowlimit: _r, data: _d, ...listable } = { redflowlimit: 0, data: 0, ...spec };
      try {
        scene.netlink.deleteQdisc(checkQdisc(scene, spec, listable));
      } catch (error) {
        throw new Error(`${spec.kind} (${i})`, { cause: error });
      }
    }
  });

  it("keeps times of 64 bits, which tc does not show", () => {
    using scene = new TcScene();
    const { netlink } = scene;
    for (const [delay, jitter] of [[1, 0], [99, 1], [600_000_000_001, 2_000_000_001]] as const) {
      netlink.replaceQdisc({ ...at, kind: "netem", delay, jitter });
      const [listed] = netlink.listQdiscs("v0");
      assertObjectMatch(listed ?? {}, { delay, jitter });
      if (listed !== undefined) netlink.replaceQdisc(listed);
      assertObjectMatch(netlink.listQdiscs("v0")[0] ?? {}, { delay, jitter });
    }
  });

  it("replaces and changes as listed", () => {
    using scene = new TcScene();
    const { netlink } = scene;
    const specs: readonly QdiscSpec[] = [
      { ...at, kind: "netem", delay: 1_000_000, loss: 3 },
      { ...at, kind: "tbf", rate: 125_000, burst: 5000, limit: 20_000 },
      { ...at, kind: "codel", target: 3000 },
      { ...at, kind: "red", limit: 400_000, ecn: true },
    ];
    for (const spec of specs) {
      netlink.addQdisc(spec);
      const [listed] = scene.sameQdiscs();
      if (listed === undefined) throw new Error("nothing is listed");
      netlink.replaceQdisc(listed);
      netlink.changeQdisc(listed);
      assertEquals<Qdisc | undefined>(scene.sameQdiscs()[0], listed);
      netlink.deleteQdisc(listed);
    }
    netlink.addQdisc({ ...at, kind: "fq_codel" });
    const [listed] = scene.sameQdiscs();
    assertEquals(refusal(() => listed && netlink.changeQdisc(listed)).code, "EINVAL"); // flows
    netlink.replaceQdisc({ link: "v0", handle: "11:", kind: "sfq" });
    assertEquals(scene.sameQdiscs().map(({ kind }) => kind), ["sfq"]);
  });

  it("lists the classes of every qdisc, and hidden qdiscs if asked", () => {
    using scene = new TcScene();
    scene.netlink.addQdisc({ ...at, kind: "prio" });
    assertEquals(
      scene.netlink.listClasses("v0").map(({ kind, handle, parent }) => [kind, handle, parent]),
      ["10:1", "10:2", "10:3"].map((handle) => ["prio", handle, "10:"]),
    );
    assertEquals(scene.netlink.listQdiscs({ link: "v0" }).length, 1);
    assertEquals(scene.netlink.listQdiscs({ link: "v0", invisible: true }).length, 4);
    scene.netlink.addQdisc({ link: "v0", parent: "10:2", handle: "20:", kind: "netem", delay: 5_000_000 });
    scene.sameQdiscs();
  });
});

describe("filters beside tc", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const on = (parent: string, pref: number): { link: string; parent: string; pref: number } => ({
    link: "v0",
    parent,
    pref,
  });
  const drop = [{ kind: "gact", action: "drop" }] as const;
  const FILTERS: readonly TcFilterSpec[] = [
    {
      ...{ ...on("1:", 7), protocol: "ip", handle: 7, kind: "flower", ipProto: "tcp", dstIp: "10.0.0.0/24" },
      ...{ srcIp: "10.1.0.1", dstPort: 80, srcPort: [1000, 2000], classid: "1:10" },
    },
    {
      ...{ ...on("1:", 8), protocol: "ipv6", kind: "flower", ipProto: "udp", dstIp: "2001:db8::/32", dstPort: 53 },
      ...{ ipTos: 0x10, ipTosMask: 0xfc, ipTtl: 64, skipHw: true, classid: "1:10" },
    },
    {
      ...{ ...on("1:", 9), kind: "flower", dstMac: "02:00:00:00:00:01", actions: drop },
      ...{ srcMac: "02:00:00:00:00:02/ff:ff:ff:00:00:00", indev: "v0" },
    },
    {
      ...{ ...on("ingress", 10), protocol: "802.1Q", kind: "flower", vlanId: 7, vlanPrio: 3, vlanEthtype: "ip" },
      ...{ dstIp: "10.0.0.9", actions: [{ kind: "gact", action: { type: "goto", chain: 4 } }] },
    },
    { ...on("ingress", 11), protocol: "ip", kind: "flower", ipProto: "icmp", icmpType: 8, icmpCode: 0, actions: drop },
    {
      ...on("egress", 12),
      protocol: "ip",
      kind: "flower",
      ipProto: "tcp",
      tcpFlags: 2,
      tcpFlagsMask: 0x17,
      actions: drop,
    },
    {
      ...{ ...on("ingress", 3), chain: 4, kind: "matchall", skipHw: true },
      actions: [
        { kind: "mirred", action: "mirror", direction: "ingress", link: "v0" },
        { kind: "gact", action: "drop", prob: { randomType: "determ", action: "pass", val: 5 } },
      ],
    },
    {
      ...{ ...on("egress", 4), kind: "matchall" },
      actions: [
        { kind: "police", rate: 125_000, burst: 10_240, mtu: 2048, action: "drop", conform: "pipe" },
        { kind: "mirred", action: "redirect", link: { index: 1 } },
      ],
    },
    {
      ...{ ...on("egress", 5), kind: "matchall" },
      actions: [{ kind: "police", pktsRate: 1000, pktsBurst: 100, action: "drop" }],
    },
    {
      ...{ ...on("egress", 6), kind: "matchall" },
      actions: [{ kind: "police", rate: 1, burst: 100, mtu: 100, action: "drop" }], // a table of few entries
    },
  ];

  function attachable(): TcScene {
    const scene = new TcScene();
    scene.netlink.addQdisc({ link: "v0", kind: "clsact" });
    scene.netlink.addQdisc({ link: "v0", kind: "htb", handle: "1:" });
    scene.netlink.addClass({ link: "v0", kind: "htb", parent: "1:", handle: "1:10", rate: 125_000 });
    return scene;
  }

  /** Without what the kernel counts. */
  function stable(filter: TcFilter | undefined): unknown {
    if (filter === undefined || !("actions" in filter)) return filter;
    return { ...filter, actions: filter.actions?.map(({ stats: _, ...action }) => action) };
  }

  for (const [i, spec] of FILTERS.entries()) {
    it(`adds, lists, deletes and adds again as listed: ${spec.kind} on ${spec.parent} (${i})`, () => {
      using scene = attachable();
      const { netlink } = scene;
      netlink.addFilter(spec);
      const [made] = scene.sameFilters(spec.parent ?? "");
      if (made === undefined) throw new Error("nothing is listed");
      const twin = { ...made, pref: made.pref + 1 };
      netlink.addFilter(twin);
      netlink.deleteFilter(made);
      const left = scene.sameFilters(spec.parent ?? "");
      assertEquals(left.map(({ pref }) => pref), [made.pref + 1]);
      netlink.deleteFilter({ link: "v0", parent: spec.parent, pref: made.pref + 1, chain: made.chain });
      netlink.addFilter(made);
      assertEquals(scene.sameFilters(spec.parent ?? "").map(stable), [stable(made)]);
      if (made.kind === "matchall") assertEquals(refusal(() => netlink.replaceFilter(made)).code, "EEXIST");
      else netlink.replaceFilter(made);
      assertEquals(netlink.listFilters("v0").map(stable), [stable(made)]);
      assertEquals(refusal(() => netlink.addFilter(made)).code, "EEXIST");
    });
  }

  it("sends u32 and other kinds of tc back as listed", () => {
    using scene = attachable();
    const { netlink } = scene;
    scene.tc("filter add dev v0 parent 1: protocol ip pref 5 u32 match ip dst 10.0.0.0/8 flowid 1:10");
    scene.tc("filter add dev v0 parent 1: protocol ip pref 6 handle 9 fw classid 1:10");
    scene.tc("filter add dev v0 egress pref 7 matchall action vlan push id 5");
    const shown = (): string[] => ["parent 1:", "egress"].map((parent) => scene.tc(`filter show dev v0 ${parent}`));
    const before = shown();
    const listed = netlink.listFilters("v0");
    for (const parent of ["1:", "egress"]) netlink.deleteFilter({ link: "v0", parent });
    assertEquals(netlink.listFilters("v0"), []);
    // The table of u32 comes with its first filter.
    for (const one of listed.filter(({ kind, handle }) => kind !== "u32" || handle !== 0x80000000)) {
      netlink.addFilter(one);
    }
    assertEquals(shown(), before);
  });

  it("names a kind that the kernel lacks", () => {
    using scene = attachable();
    const lacking: TcFilterSpec = Object.assign({ ...on("1:", 1) }, JSON.parse('{"kind":"fictional"}'));
    assertEquals(refusal(() => scene.netlink.addFilter(lacking)).code, "ENOENT");
  });
});

describe("traffic control at work", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("delays packets by at least the delay of netem", () => {
    using scene = addressed();
    scene.netlink.addQdisc({ link: "v0", kind: "netem", delay: 80_000_000 });
    const times = ping(scene.here, "10.1.0.2", 3, "-i", "0.2");
    assertEquals(times.length, 3);
    for (const ms of times) assert(ms >= 80, `${ms} ms`);
    const [counted] = scene.netlink.listQdiscs("v0");
    assert((counted?.packets ?? 0n) >= 3n, `${counted?.packets}`);
  });

  it("loses every packet, and counts it", () => {
    using scene = addressed();
    scene.netlink.addQdisc({ link: "v0", kind: "netem", loss: 100 });
    assertEquals(ping(scene.here, "10.1.0.2", 3, "-i", "0.1", "-W", "1"), []);
    const [counted] = scene.netlink.listQdiscs("v0");
    assert((counted?.drops ?? 0) >= 3, `${counted?.drops}`);
  });

  it("drops what a filter finds, and counts it in the action", () => {
    using scene = addressed();
    scene.netlink.addQdisc({ link: "v0", kind: "clsact" });
    scene.netlink.addFilter({
      ...{ link: "v0", parent: "egress", protocol: "ip", kind: "flower", ipProto: "icmp", dstIp: "10.1.0.2" },
      actions: [{ kind: "gact", action: "drop" }],
    });
    assertEquals(ping(scene.here, "10.1.0.2", 2, "-i", "0.1", "-W", "1"), []);
    const [filter] = scene.sameFilters("egress");
    const [action] = filter?.kind === "flower" ? filter.actions ?? [] : [];
    assert((action?.stats?.packets ?? 0n) >= 2n, `${action?.stats?.packets}`);
    assertEquals(BigInt(action?.stats?.drops ?? 0), action?.stats?.packets);
  });

  it("redirects what comes in to another link", () => {
    using scene = addressed();
    const { netlink } = scene;
    netlink.addLink({ kind: "veth", name: "other", peer: { name: "end" } });
    for (const link of ["other", "end"]) netlink.setLink(link, { up: true });
    netlink.addQdisc({ link: "v0", kind: "clsact" });
    netlink.addFilter({
      ...{ link: "v0", parent: "ingress", kind: "matchall" },
      actions: [{ kind: "mirred", action: "redirect", link: "other" }],
    });
    assertEquals(ping(scene.here, "10.1.0.2", 2, "-i", "0.1", "-W", "1"), []);
    const [filter] = netlink.listFilters({ link: "v0", parent: "ingress" });
    const [action] = filter?.kind === "matchall" ? filter.actions ?? [] : [];
    assert((action?.stats?.packets ?? 0n) >= 2n, `${action?.stats?.packets}`);
  });
});
