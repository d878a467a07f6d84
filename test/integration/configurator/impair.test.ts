import { assertEquals, assertMatch, assertObjectMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { ImpairmentInput, NetworkConfigInput, Qdisc } from "@netns/netns";
import { leftEnd, PAIR, rightEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const impaired = (impair?: ImpairmentInput): NetworkConfigInput => ({
  ...PAIR,
  interfaces: [leftEnd({ impair }), rightEnd()],
});

/** The qdisc at the root of the left end. */
const qdiscOf = (scratch: Scratch): Qdisc | undefined =>
  scratch.in("blue", (netlink) => netlink.listQdiscs({ link: "eth0" }).find(({ parent }) => parent === "root"));

describeAsRoot("Configurator: impair", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("bounds the rate, changes it, mends it and takes it away", async () => {
    using scratch = new Scratch();
    assertEquals((await scratch.apply(impaired({ rate: "10mbit" }))).failed, []);
    const made = qdiscOf(scratch);
    assertEquals([made?.kind, made?.handle, made?.kind === "tbf" && made.rate], ["tbf", "6e6e:", 1_250_000]);
    assertEquals((await scratch.apply(impaired({ rate: "10mbit" }))).lines, []);
    assertEquals(
      (await scratch.apply(impaired({ rate: "1mbit" }))).done.map(({ kind, from, to }) => [kind, from, to]),
      [
        ["set-qdisc", "rate 10mbit", "rate 1mbit"],
      ],
    );
    scratch.in("blue", (netlink) => netlink.deleteQdisc({ link: "eth0" }));
    assertEquals((await scratch.apply(impaired({ rate: "1mbit" }))).done.map(({ kind }) => kind), ["set-qdisc"]);
    assertEquals((await scratch.apply(impaired())).done.map(({ kind }) => kind), ["delete-qdisc"]);
    assertEquals(qdiscOf(scratch)?.handle, "0:");
    await scratch.destroy(impaired());
  });

  it("fails at a qdisc of somebody else, and takes its own back if something fails", async () => {
    using scratch = new Scratch();
    await scratch.apply(impaired({ rate: "10mbit" }));
    const foreign = { link: "eth0", kind: "tbf", handle: "1:", rate: 125_000, burst: 5000, limit: 10_000 } as const;
    scratch.in("blue", (netlink) => netlink.deleteQdisc({ link: "eth0" }));
    scratch.in("blue", (netlink) => netlink.addQdisc(foreign));
    const [failed] = (await scratch.apply(impaired({ rate: "1mbit" }))).failed;
    assertMatch(`${failed?.reason}; ${failed?.hint}`, /the qdisc tbf on eth0 in .* is not .*; apply --adopt/);
    assertEquals(qdiscOf(scratch)?.handle, "1:");
    scratch.in("blue", (netlink) => netlink.deleteQdisc({ link: "eth0" }));
    await scratch.apply(impaired({ rate: "10mbit" }));
    const broken = {
      ...impaired({ rate: "1mbit" }),
      routes: [{ name: "r", interface: "left", dstIpAddr: "10.1.0.1/32" }],
    };
    const { undone = [] } = await scratch.apply(broken, { atomic: true });
    if (undone.length > 0) assertEquals((await scratch.apply(impaired({ rate: "10mbit" }))).lines, []);
    await scratch.destroy(impaired());
  });

  it("takes over a qdisc of somebody else with --adopt, and puts it back: one with another below it never", async () => {
    using scratch = new Scratch();
    await scratch.apply(impaired());
    const foreign = { link: "eth0", kind: "tbf", handle: "1:", rate: 125_000, burst: 5000, limit: 10_000 } as const;
    scratch.in("blue", (netlink) => netlink.addQdisc(foreign));
    const one = await scratch.apply(impaired({ rate: "1mbit" }), { adopt: true });
    assertEquals(one.lines.map((line) => /: (\w+)/.exec(line)?.[1]), ["adopt", "impair"]);
    assertEquals((await scratch.apply(impaired({ rate: "2mbit" }))).failed, []);
    assertEquals((await scratch.apply(impaired({ rate: "2mbit" }))).lines, []);
    assertEquals((await scratch.apply(impaired())).failed, []);
    const { link: _, ...given } = foreign;
    assertObjectMatch({ ...qdiscOf(scratch) }, given);
    scratch.in("blue", (netlink) => netlink.deleteQdisc({ link: "eth0" }));
    scratch.in("blue", (netlink) => netlink.addQdisc(foreign));
    scratch.in("blue", (netlink) => netlink.addQdisc({ link: "eth0", kind: "pfifo", parent: "1:1", handle: "2:" }));
    const [failed] = (await scratch.apply(impaired({ rate: "1mbit" }), { adopt: true })).failed;
    assertMatch(
      `${failed?.reason}; ${failed?.hint}`,
      /tbf on eth0 in .* is not adopted: .*; tc qdisc del dev eth0 root/,
    );
    await scratch.destroy(impaired());
  });

  it("sets nothing, and names the module, where the kernel has no netem", async () => {
    using scratch = new Scratch();
    const { failed, done } = await scratch.apply(impaired({ delay: "20ms", rate: "10mbit" }));
    if (failed.length === 0) {
      assertEquals(qdiscOf(scratch)?.kind, "netem");
      assertEquals((await scratch.apply(impaired({ delay: "20ms", rate: "10mbit" }))).lines, []);
    } else {
      assertMatch(failed.map(({ reason, hint }) => `${reason} ${hint}`).join(), /sch_netem/);
      assertEquals([qdiscOf(scratch)?.handle, done.some(({ kind }) => kind === "set-qdisc")], ["0:", false]);
    }
    await scratch.destroy(impaired());
  });
});
