import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NetlinkError, type Qdisc, type QdiscSpec } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, wired } from "../support.ts";

/** Without what the kernel counts. */
function stable({ bytes: _b, packets: _p, ...qdisc }: Qdisc): object {
  return "directPacketsStat" in qdisc ? { ...qdisc, directPacketsStat: 0 } : qdisc;
}

describeAsRoot("Netlink.addQdisc(), listQdiscs(), deleteQdisc()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const at = { link: "left", handle: "10:" } as const;
  const QDISCS: readonly QdiscSpec[] = [
    { ...at, kind: "pfifo", limit: 77 },
    { ...at, kind: "tbf", rate: 125_000, burst: 5000, limit: 20_000 },
    { ...at, kind: "htb", default: 0x30, r2q: 5 },
    { link: { name: "left" }, kind: "ingress" },
    { link: { name: "left" }, kind: "clsact" },
  ];
  for (const spec of QDISCS) {
    it(`adds, lists, deletes and adds again as listed: ${spec.kind}`, () => {
      using here = wired();
      const { netlink, left } = here;
      const listed = (): Qdisc[] => netlink.listQdiscs({ link: "left" }).filter(({ kind }) => kind === spec.kind);
      netlink.addQdisc(spec);
      const [made] = listed();
      if (made === undefined) throw new Error("it is not listed");
      const { link: _, ...given } = { link: 0, ...spec };
      assertObjectMatch(made, { linkIndex: left, ...given });
      netlink.deleteQdisc(made);
      assertEquals(listed(), []);
      netlink.batch((batch) => batch.addQdisc(made));
      assertEquals(listed().map(stable), [stable(made)]);
    });
  }

  it("works on a link by its index, and in a batch only so", () => {
    using here = wired();
    here.netlink.batch((batch) => {
      batch.addQdisc({ link: { index: here.left }, kind: "htb", handle: "1:" });
      batch.addClass({ linkIndex: here.left, kind: "htb", parent: "1:", handle: "1:5", rate: 125_000 });
      assertThrows(() => batch.addQdisc({ ...at, kind: "pfifo" }), TypeError, "in a batch");
    });
    assertEquals(here.netlink.listClasses({ index: here.left }).map(({ handle }) => handle), ["1:5"]);
    assertEquals(here.netlink.listClasses("right"), []);
    assertEquals(here.netlink.listFilters("left"), []);
  });

  it("adds a class of htb and a tbf with a rate of few bytes, and again as they were listed", () => {
    using here = wired();
    const { netlink } = here;
    const place = { link: "left", kind: "htb", parent: "1:", handle: "1:5" } as const;
    netlink.addQdisc({ link: "left", kind: "htb", handle: "1:" });
    const rates = [
      { rate: 1 },
      { rate: 5 },
      { rate: 1, ceil: 7, burst: 1, cburst: 1920 },
      { rate: 3, burst: 824.63372064, ceil: 5_000_000_000 }, // the most ticks
    ];
    for (const options of rates) {
      netlink.addClass({ ...place, ...options });
      const [made] = netlink.listClasses("left");
      if (made === undefined) throw new Error("it is not listed");
      assertObjectMatch(made, options);
      netlink.deleteClass(made);
      netlink.addClass(made);
      assertEquals(netlink.listClasses("left"), [made]);
      netlink.deleteClass(made);
    }
    const tooMuch = { ...place, rate: 1, burst: 275 };
    assertThrows(() => netlink.addClass(tooMuch), RangeError, "Cannot use 275 as burst: expected at most 274");
    netlink.deleteQdisc({ link: "left", handle: "1:", parent: "root" });
    const tbf = { link: "left", handle: "2:", kind: "tbf", limit: 20_000 } as const;
    for (const options of [{ rate: 1, burst: 1600 }, { rate: 1, burst: 275 }, { rate: 125_000, burst: 40_000_000 }]) {
      netlink.addQdisc({ ...tbf, ...options });
      // Meanwhile the kernel sends packets of its own.
      const listed = () =>
        netlink.listQdiscs("left").filter(({ kind }) => kind === "tbf")
          .map((one) => ({ ...one, bytes: 0n, packets: 0n, backlog: 0, qlen: 0 }));
      const [made] = listed();
      if (made === undefined) throw new Error("it is not listed");
      netlink.deleteQdisc(made);
      netlink.addQdisc(made);
      assertEquals(listed(), [made]);
      netlink.deleteQdisc(made);
    }
  });

  it("says what a kernel without a kind needs", () => {
    using here = wired();
    try {
      here.netlink.addQdisc({ ...at, kind: "netem", delay: 1_000_000 });
      assertObjectMatch(here.netlink.listQdiscs("left")[0] ?? {}, { kind: "netem", delay: 1_000_000 });
    } catch {
      const error = assertThrows(() => here.netlink.addQdisc({ ...at, kind: "netem" }), NetlinkError);
      assertEquals([error.code, error.message.includes("modprobe sch_netem")], ["ENOENT", true], error.message);
    }
  });

  it("has the kernel's own refusals", () => {
    using here = wired();
    const { netlink } = here;
    netlink.addQdisc({ ...at, kind: "htb" });
    assertEquals(refusal(() => netlink.addQdisc({ ...at, kind: "htb" })).code, "EEXIST");
    assertEquals(refusal(() => netlink.changeQdisc({ ...at, kind: "htb" })).code, "EINVAL");
    assertEquals(refusal(() => netlink.deleteQdisc({ link: "left", handle: "11:" })).code, "EINVAL");
    assertEquals(refusal(() => netlink.listQdiscs({ link: "gone" })).code, "ENODEV");
    assertEquals(netlink.listQdiscs({ linkIndex: 4711 }), []);
  });
});
