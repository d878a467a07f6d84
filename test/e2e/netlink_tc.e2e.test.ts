import { spawnSync } from "node:child_process";
import { assertEquals, assertObjectMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { QdiscSpec } from "@netns/netns";
import { refusal } from "../integration/netlink/support.ts";
import { traces } from "../integration/support/traces.ts";
import { checkQdisc, TcScene } from "./tc_scene.ts";

describe("traffic control beside tc", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const at = { link: "v0", handle: "10:" } as const;
  const QDISCS: readonly QdiscSpec[] = [
    { ...at, kind: "pfifo", limit: 77 },
    { ...at, kind: "bfifo", limit: 77_000 },
    { ...at, kind: "tbf", rate: 125_000, burst: 5000, limit: 20_000 },
    { ...at, kind: "tbf", rate: 5_000_000_000, burst: 1_000_000, latency: 1_000_000, peakrate: 6e9, minburst: 65_664 },
    { ...at, kind: "htb", default: 0x30, r2q: 5, directQlen: 500 },
    { link: { name: "v0" }, kind: "ingress" },
    { link: { index: 10 }, kind: "clsact" },
  ];
  for (const spec of QDISCS) {
    it(`adds, lists, deletes and adds again as listed: ${spec.kind} ${"rate" in spec ? spec.rate : ""}`, () => {
      using scene = new TcScene();
      checkQdisc(scene, spec);
    });
  }

  it("lists what tc made", () => {
    using scene = new TcScene();
    scene.tc("qdisc add dev v0 root handle 1: htb default 20");
    scene.tc("class add dev v0 parent 1: classid 1:1 htb rate 10mbit burst 15k");
    scene.tc("class add dev v0 parent 1:1 classid 1:20 htb rate 500kbit ceil 10mbit prio 3");
    scene.tc("qdisc add dev v0 parent 1:20 handle 20: tbf rate 1mbit burst 5k limit 20k");
    scene.sameQdiscs();
    assertEquals(scene.sameClasses().map(({ handle }) => handle).sort(), ["1:1", "1:20"]);
  });

  it("adds, lists, changes and deletes classes, also as they were listed", () => {
    using scene = new TcScene();
    const { netlink } = scene;
    netlink.addQdisc({ link: "v0", kind: "htb", handle: "1:", default: 0x20 });
    netlink.addClass({ link: "v0", kind: "htb", parent: "1:", handle: "1:1", rate: 1_250_000 });
    const low = {
      link: { index: 10 },
      kind: "htb",
      parent: "1:1",
      handle: "1:20",
      rate: 62_500,
      ceil: 125_000,
    } as const;
    netlink.addClass({ ...low, burst: 20_000, cburst: 30_000, prio: 3, quantum: 4000 });
    netlink.addQdisc({ link: "v0", kind: "pfifo", parent: "1:20", handle: "20:", limit: 9 });
    const [root, leaf] = ["1:1", "1:20"].map((handle) => scene.sameClasses().find((one) => one.handle === handle));
    if (root === undefined || leaf?.kind !== "htb") throw new Error("a class is missing");
    assertObjectMatch(leaf, { burst: 20_000, cburst: 30_000, prio: 3, quantum: 4000, leaf: "20:", parent: "1:1" });
    assertEquals(refusal(() => netlink.addClass(low)).code, "EEXIST");
    assertEquals(refusal(() => netlink.deleteClass(root)).code, "EBUSY");
    netlink.replaceClass({ ...leaf, rate: 50_000 });
    assertObjectMatch(scene.sameClasses().find(({ handle }) => handle === "1:20") ?? {}, { rate: 50_000, prio: 3 });
    netlink.deleteClass(leaf);
    assertEquals(scene.sameClasses().map(({ handle }) => handle), ["1:1"]);
    netlink.addClass(leaf);
    const { bytes: _b, packets: _p, leaf: _l, ...same } = leaf;
    assertObjectMatch(scene.sameClasses().find(({ handle }) => handle === "1:20") ?? {}, same);
  });

  it("sends a tbf back whose burst is less than a byte or a tick, or longer than the kernel lists", () => {
    using scene = new TcScene();
    const { netlink } = scene;
    const made = [
      "rate 8bit burst 1 limit 1000",
      "rate 8bit burst 1000 limit 1000", // 1000 s: the ticks that are listed are cut to 32 bits
      "rate 8bit burst 275 limit 1000", // which leaves 0.1 of a byte
      "rate 24bit burst 1 limit 1000", // a third of a second, rounded down
      "rate 24bit burst 100 limit 1000",
      "rate 8bit burst 1 limit 1000 peakrate 24bit mtu 1",
      "rate 8kbit burst 1600 limit 2000 mpu 64",
      "rate 1mbit burst 1 limit 1000 overhead 100",
      "rate 1mbit burst 1 limit 1000 linklayer atm",
      "rate 1mbit burst 1 limit 1000 mpu 64",
      "rate 100gbit burst 100 limit 10000",
      "rate 1000gbit burst 1000 limit 100000",
      "rate 10gbit burst 5000 limit 100000 peakrate 1000gbit mtu 100",
    ];
    for (const options of made) {
      try {
        scene.tc(`qdisc add dev v0 root handle 10: tbf ${options}`);
        const [listed] = netlink.listQdiscs("v0");
        if (listed?.kind !== "tbf") throw new Error("no tbf is listed");
        netlink.changeQdisc(listed);
        assertEquals(netlink.listQdiscs("v0"), [listed]);
        netlink.deleteQdisc(listed);
        netlink.addQdisc(listed);
        assertEquals(netlink.listQdiscs("v0"), [listed]);
        netlink.deleteQdisc(listed);
      } catch (error) {
        throw new Error(options, { cause: error });
      }
    }
    // Where no burst has these ticks, the kernel refuses it as before.
    const none = { ...at, kind: "tbf", rate: 125_000, burst: 0, limit: 1000 } as const;
    assertEquals(refusal(() => netlink.addQdisc(none)).code, "EINVAL");
  });

  it("counts what leaves", () => {
    using scene = new TcScene();
    scene.netlink.addQdisc({ ...at, kind: "pfifo", limit: 100 });
    scene.netlink.addAddress("v0", "10.1.0.1/24");
    scene.netlink.addNeighbour({ linkIndex: 10, ip: "10.1.0.2", address: "02:00:00:00:00:02" });
    scene.here.run(() => spawnSync("ping", ["-c", "3", "-i", "0.01", "-W", "0.1", "-s", "1000", "10.1.0.2"]));
    const [{ bytes, packets } = { bytes: 0n, packets: 0n }] = scene.sameQdiscs();
    assertEquals([bytes >= 3000n, packets >= 3n], [true, true], `${bytes} ${packets}`);
  });

  it("passes on why the kernel refuses", () => {
    using scene = new TcScene();
    const { netlink } = scene;
    netlink.addQdisc({ ...at, kind: "pfifo", limit: 5 });
    assertEquals(refusal(() => netlink.addQdisc({ ...at, kind: "pfifo", limit: 5 })).code, "EEXIST");
    assertEquals(refusal(() => netlink.deleteQdisc({ link: "v0", parent: "root", handle: "11:" })).code, "EINVAL");
    assertEquals(refusal(() => netlink.deleteQdisc({ link: "v0", kind: "tbf" })).code, "EINVAL");
    netlink.changeQdisc({ ...at, kind: "pfifo", limit: 6 });
    netlink.replaceQdisc({ link: "v0", handle: "12:", kind: "tbf", rate: 125_000, burst: 5000, limit: 20_000 });
    assertEquals(scene.sameQdiscs().map(({ kind }) => kind), ["tbf"]);
    netlink.deleteQdisc({ link: "v0" });
    assertEquals(refusal(() => netlink.deleteQdisc({ link: "v0" })).code, "ENOENT");
    assertEquals(refusal(() => netlink.changeQdisc({ ...at, kind: "pfifo" })).code, "ENOENT");
    assertEquals(refusal(() => netlink.addQdisc({ link: "gone", kind: "pfifo" })).code, "ENODEV");
    assertEquals(refusal(() => netlink.addQdisc({ link: { index: 77 }, kind: "pfifo" })).code, "ENODEV");
  });
});
