/** Routes in a namespace with nothing but its loopback link, where an apply leaves it to the kernel to refuse them. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { Configurator, MemoryStateStore, type NetworkConfigInput, readConfig } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

/** Somebody's routes by no link; the last has the mark of this program. */
const FOREIGN = [
  { dst: "10.9.0.0/16", type: "blackhole", protocol: 4 },
  { dst: "2001:db8:9::/48", type: "unreachable", metric: 77, protocol: 4 },
  { dst: "10.8.0.0/16", type: "prohibit", table: 200, protocol: 110 },
] as const;

const file = (routes: NetworkConfigInput["routes"]): NetworkConfigInput => ({
  interfaces: [
    {
      name: "a",
      namespace: "red",
      ipAddresses: ["10.1.0.1/24", "2001:db8:1::1/64"],
      veth: { peerIfName: "b" },
    },
    { name: "b", namespace: "blue", ipAddresses: ["10.1.0.2/24", "2001:db8:1::2/64"], veth: { peerIfName: "a" } },
  ],
  routes,
});

const route = (name: string, fields: object) => ({ name, namespace: "red", interface: "a", dstIpAddr: "", ...fields });

/** Those of {@linkcode FOREIGN} by the link of the file. */
const IN_THE_WAY = [
  route("black", { dstIpAddr: "10.9.0.0/16", gwAddr: "10.1.0.2" }),
  route("unreachable", { dstIpAddr: "2001:db8:9::/48", gwAddr: "2001:db8:1::2", metric: 77 }),
  route("prohibit", { dstIpAddr: "10.8.0.0/16", gwAddr: "10.1.0.2", table: 200 }),
];

describeAsRoot("Configurator, of a route in a namespace that has nothing but its loopback link,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const makeForeign = (scratch: Scratch): void => {
    for (const name of ["red", "blue"]) {
      scratch.make(name);
      scratch.in(name, (netlink) => netlink.setLink("lo", { up: true }));
    }
    scratch.in("red", (netlink) => FOREIGN.forEach((one) => netlink.addRoute(one)));
  };

  it("what somebody else has in its place fails it as in a plan, and stays", async () => {
    using scratch = new Scratch();
    makeForeign(scratch);
    const initial = scratch.state("red");
    const described = file([...IN_THE_WAY, route("free", { dstIpAddr: "10.7.0.0/16", gwAddr: "10.1.0.2" })]);
    const config = scratch.config(described);
    const { failed: planned } = await scratch.configurator.plan(config);
    assertEquals(planned.map(({ item }) => item), ["route black", "route unreachable", "route prohibit"]);
    const { done, failed, pending, unchanged } = await scratch.configurator.apply(config);
    assertEquals([failed, pending, unchanged], [planned, [], 0]);
    assertEquals(done.map(({ item }) => item).filter((item) => item.startsWith("route")), ["route free"]);
    const again = await scratch.configurator.apply(config);
    assertEquals([again.done, again.failed, again.unchanged], [[], planned, 3]);
    assertEquals((await scratch.destroy(described)).failed, []);
    assertEquals(scratch.state("red"), initial);
  });

  it("what somebody else has in its place is not taken for its own after a kill, whatever its mark", async () => {
    for (const next of ["destroy", "apply"] as const) {
      using scratch = new Scratch();
      makeForeign(scratch);
      const initial = scratch.state("red");
      await scratch.applyCutShort(file(IN_THE_WAY));
      if (next === "apply") {
        const { failed } = await scratch.apply(file(IN_THE_WAY));
        assertEquals(failed.map(({ item }) => item), ["route black", "route unreachable", "route prohibit"]);
      }
      assertEquals((await scratch.destroy(file(IN_THE_WAY))).failed, []);
      assertEquals(scratch.state("red"), initial, next);
    }
  });

  it("one that is as described is left unchanged, and without a record", async () => {
    using scratch = new Scratch();
    makeForeign(scratch);
    const initial = scratch.state("red");
    const described = file([
      { name: "black", namespace: "red", dstIpAddr: "10.9.0.0/16", type: "BLACKHOLE" },
      { name: "prohibit", namespace: "red", dstIpAddr: "10.8.0.0/16", type: "PROHIBIT", table: 200 },
    ]);
    const { failed, pending, lines, unchanged } = await scratch.apply(described);
    assertEquals([failed, pending, unchanged], [[], [], 2]);
    assertEquals(lines.filter((line) => line.startsWith("route")), []);
    assertEquals((await scratch.apply(described)).unchanged, 4);
    await scratch.destroy(described);
    assertEquals(scratch.state("red"), initial);
  });

  it("is adopted and given back, and fails an atomic apply before anything is changed", async () => {
    using scratch = new Scratch();
    makeForeign(scratch);
    const initial = scratch.state("red");
    const described = file(IN_THE_WAY);
    const atomic = await scratch.apply(described, { atomic: true });
    assertEquals([atomic.done, atomic.failed.length, atomic.undone], [[], 3, undefined]);
    const { failed, done } = await scratch.apply(described, { adopt: true });
    assertEquals([failed, done.length > 0], [[], true]);
    assertEquals((await scratch.apply(described)).done, []);
    assertEquals((await scratch.destroy(described)).failed, []);
    assertEquals(scratch.state("red"), initial);
  });

  it("one of another configuration is that one's, and what leads through it waits", async () => {
    using scratch = new Scratch();
    makeForeign(scratch);
    const store = new MemoryStateStore();
    const configurator = new Configurator(scratch.handler, { store });
    const { name: _, ...first } = scratch.config({
      routes: [{ name: "theirs", namespace: "red", dstIpAddr: "10.6.0.0/16", type: "BLACKHOLE" }],
    });
    const owner = readConfig({ ...first, name: `${scratch.name("red")}-owner` });
    assertEquals((await configurator.apply(owner)).failed, []);
    const second = scratch.config(file([
      route("mine", { dstIpAddr: "10.6.0.0/16", scope: "LINK" }),
      route("through", { dstIpAddr: "10.5.0.0/16", gwAddr: "10.6.0.9" }),
    ]));
    const planned = await configurator.plan(second);
    assertEquals(planned.failed.map(({ item, reason }) => [item, reason.includes(`${owner.name}`)]), [
      ["route mine", true],
    ]);
    const { failed, pending } = await configurator.apply(second);
    assertEquals([failed, pending.map(({ item }) => item)], [planned.failed, ["route through"]]);
    await configurator.destroy(second);
    assertEquals((await configurator.apply(owner)).done, []);
    assertEquals((await configurator.destroy(owner)).failed, []);
  });

  it("an apply that is interrupted says nothing of it, and the next one does", async () => {
    using scratch = new Scratch();
    makeForeign(scratch);
    const described = file(IN_THE_WAY);
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const { failed, interrupted = 0 } = await scratch.apply(described, { signal: controller.signal, onProgress: stop });
    assertEquals([failed, interrupted > 0], [[], true]);
    assertEquals((await scratch.apply(described)).failed.length, 3);
    await scratch.destroy(described);
  });
});
