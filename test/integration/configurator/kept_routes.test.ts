/** Routes and neighbours of somebody else stay, or come back in the same apply, where addresses and links change. */
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

/** A pair, a second one beside it, and routes and neighbours that somebody gave them. */
function foreignLinks(scratch: Scratch): void {
  scratch.make("a");
  scratch.in("a", (netlink) => {
    for (const [name, peer] of [["eth0", "eth1"], ["wan0", "wan1"]] as const) {
      netlink.addLink({ kind: "veth", name, up: true, peer: { name: peer } });
      netlink.setLink(peer, { up: true });
    }
    netlink.setLink("lo", { up: true });
    for (const address of ["10.8.0.1/24", "10.9.0.1/24", "10.9.0.2/24"]) netlink.addAddress("eth0", address);
    netlink.addAddress("eth0", "fd01::1/64", { noDad: true });
    netlink.addAddress("wan0", "10.50.0.1/24");
    const [eth0, wan0] = ["eth0", "wan0"].map((name) => netlink.getLink(name).index);
    netlink.addRoute({ dst: "10.66.0.1/32", linkIndex: eth0, scope: "link" });
    netlink.addRoute({ dst: "10.20.0.0/16", linkIndex: eth0, gateway: "10.66.0.1" });
    netlink.addRoute({ dst: "10.21.0.0/16", linkIndex: eth0, gateway: "10.8.0.254" });
    netlink.addRoute({ dst: "10.22.0.0/16", linkIndex: eth0, gateway: "10.9.0.254", preferredSource: "10.9.0.2" });
    netlink.addRoute({ dst: "10.23.0.0/16", linkIndex: eth0, gateway: "10.77.0.1", onLink: true });
    netlink.addRoute({ dst: "10.24.0.0/16", linkIndex: wan0, gateway: "10.50.0.9", preferredSource: "10.9.0.1" });
    netlink.addRoute({
      dst: "10.25.0.0/16",
      preferredSource: "10.9.0.2",
      nextHops: [{ linkIndex: wan0, gateway: "10.50.0.9" }, { linkIndex: eth0, gateway: "10.8.0.9" }],
    });
    for (const state of ["permanent", "noarp"] as const) {
      const ip = state === "noarp" ? "10.8.0.78" : "10.8.0.77";
      netlink.setNeighbour({ linkIndex: eth0 ?? 0, ip, address: "02:00:00:00:00:77", state });
    }
    netlink.setNeighbour({ linkIndex: eth0 ?? 0, ip: "fd01::78", address: "02:00:00:00:00:78", state: "noarp" });
  });
}

/** The routes and neighbours of others. */
function entries(scratch: Scratch): unknown {
  return scratch.in("a", (netlink) => ({
    routes: netlink.listRoutes().filter(({ protocol, table }) => protocol !== 2 && table !== 255)
      .map(({ dst, preferredSource = "", nextHops }) => (
        `${dst} ${preferredSource} ${nextHops.map(({ linkIndex, gateway }) => `${linkIndex} ${gateway}`)}`
      )).sort(),
    neighbours: netlink.listNeighbours().filter(({ ip, state }) => (
      (state === "permanent" || state === "noarp") && /^(10[.]|fd01)/.test(ip) && !ip.endsWith(".255")
    )).map(({ ip, address, state }) => `${ip} ${address} ${state}`).sort(),
  }));
}

const adopted = (fields: Partial<InterfaceInput>): NetworkConfigInput => ({
  interfaces: [
    vethEnd("eth0", "eth1", { namespace: "a", ...fields }),
    vethEnd("eth1", "eth0", { namespace: "a" }),
  ],
});

/** The kernel refuses this address on a pair. */
const failing = (document: NetworkConfigInput): NetworkConfigInput => ({
  ...document,
  interfaces: [
    ...document.interfaces ?? [],
    vethEnd("p", "q", { namespace: "a", ipAddresses: ["::1/128"] }),
    vethEnd("q", "p", { namespace: "a" }),
  ],
});

const REVERSED = ["10.9.0.2/24", "10.9.0.1/24", "10.8.0.1/24", "fd01::1/64"];

describeAsRoot("Entries of others", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  for (
    const [what, document] of [
      ["the order of the addresses of an adopted link changes", adopted({ ipAddresses: REVERSED })],
      ["the hardware address of an adopted link changes", adopted({ physAddress: "02:00:00:00:00:55" })],
      ["the hardware address of a link that is used changes", {
        interfaces: [{ name: "eth0", type: "EXISTING", namespace: "a", physAddress: "02:00:00:00:00:55" }],
      }],
    ] as const satisfies readonly (readonly [string, NetworkConfigInput])[]
  ) {
    it(`stay where ${what}, by each of its links, and after it is taken back or destroyed`, async () => {
      using scratch = new Scratch();
      foreignLinks(scratch);
      const [initial, state] = [entries(scratch), scratch.state("a")];
      const undone = await scratch.apply(failing(document), { adopt: true, atomic: true });
      assertEquals(undone.failed.map(({ item }) => item), ["interface p"], JSON.stringify(undone.failed));
      assertEquals([entries(scratch), scratch.state("a")], [initial, state], "taken back");
      const { failed, warnings } = await scratch.apply(document, { adopt: true });
      assertEquals([failed, warnings, entries(scratch)], [[], undefined, initial], "within the same apply");
      assertEquals((await scratch.apply(document, { adopt: true })).lines, []);
      assertEquals((await scratch.destroy(document)).failed, []);
      assertEquals([entries(scratch), scratch.state("a")], [initial, state], "destroyed");
    });
  }

  it("stay where the addresses of a link that this configuration made change", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const own = (...ipAddresses: string[]) => adopted({ ipAddresses });
    await scratch.apply(own("10.8.0.1/24", "10.9.0.1/24"));
    scratch.in("a", (netlink) => {
      const linkIndex = netlink.getLink("eth0").index;
      netlink.addRoute({ dst: "10.21.0.0/16", linkIndex, gateway: "10.8.0.254" });
      netlink.setNeighbour({ linkIndex, ip: "10.8.0.77", address: "02:00:00:00:00:77", state: "permanent" });
    });
    const initial = entries(scratch);
    assertEquals((await scratch.apply(own("10.9.0.1/24", "10.8.0.1/24"))).failed, []);
    assertEquals(entries(scratch), initial);
    await scratch.destroy(own());
  });

  it("stay where a link that this configuration made is made anew, by it and by others; or are taken back", async () => {
    using scratch = new Scratch();
    foreignLinks(scratch);
    const own = (queues: number): NetworkConfigInput => ({
      interfaces: [
        vethEnd("own0", "own1", { namespace: "a", queues, ipAddresses: ["10.7.0.1/24", "fd07::1/64"] }),
        vethEnd("own1", "own0", { namespace: "a", queues }),
      ],
      routes: [{
        name: "r",
        namespace: "a",
        interface: "own0",
        dstIpAddr: "10.39.0.0/16",
        gwAddr: "10.7.0.9",
      }],
    });
    await scratch.apply(own(1));
    scratch.in("a", (netlink) => {
      const [own0, wan0] = ["own0", "wan0"].map((name) => netlink.getLink(name).index);
      netlink.addRoute({ dst: "10.31.0.0/16", linkIndex: own0, gateway: "10.7.0.254" });
      netlink.addRoute({ dst: "10.32.0.0/16", linkIndex: wan0, gateway: "10.50.0.9", preferredSource: "10.7.0.1" });
      netlink.addRoute({
        dst: "10.33.0.0/16",
        preferredSource: "10.7.0.1",
        nextHops: [{ linkIndex: wan0, gateway: "10.50.0.9" }, { linkIndex: own0, gateway: "10.7.0.9" }],
      });
      netlink.addRoute({ dst: "fd31::/48", linkIndex: own0, gateway: "fd07::9" });
      netlink.addAddress("wan0", "fd50::1/64", { noDad: true });
      netlink.addRoute({ dst: "fd32::/48", linkIndex: wan0, gateway: "fd50::9", preferredSource: "fd07::1" });
      const address = "02:00:00:00:00:77";
      netlink.setNeighbour({ linkIndex: own0 ?? 0, ip: "10.7.0.77", address, state: "permanent" });
      netlink.setNeighbour({ linkIndex: own0 ?? 0, ip: "fd07::77", address, state: "permanent" });
    });
    const index = (): number => scratch.in("a", (netlink) => netlink.getLink("own0").index);
    const withoutIndex = (): string =>
      JSON.stringify([entries(scratch), scratch.state("a")]).replaceAll(new RegExp(`([ ,])${index()} `, "g"), "$1own0 ")
        .replaceAll(/(..:){5}../g, ""); // which is random
    const initial = withoutIndex();
    const undone = await scratch.apply(failing(own(2)), { atomic: true });
    assertEquals(undone.failed.map(({ item }) => item), ["interface p"], JSON.stringify(undone.failed));
    assertEquals(withoutIndex(), initial, "taken back");
    const { failed, warnings } = await scratch.apply(own(2));
    assertEquals([failed, warnings], [[], undefined]);
    assertEquals(withoutIndex(), initial);
    assertEquals((await scratch.apply(own(2))).lines, []);
    await scratch.destroy(own(2));
  });

  it("a nexthop object: the link by which it goes is not made anew, as the object could not be", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const own = (queues: number): NetworkConfigInput => ({
      interfaces: [
        vethEnd("own0", "own1", { namespace: "a", queues, ipAddresses: ["10.7.0.1/24"] }),
        vethEnd("own1", "own0", { namespace: "a", queues }),
      ],
    });
    await scratch.apply(own(1));
    const objects = (): unknown => scratch.in("a", (netlink) => [netlink.listNextHops(), entries(scratch)]);
    scratch.in("a", (netlink) => {
      netlink.addNextHop({ id: 5, gateway: "10.7.0.9", linkIndex: netlink.getLink("own0").index });
      netlink.addRoute({ dst: "10.40.0.0/16", nextHopId: 5 });
    });
    const initial = objects();
    const { failed } = await scratch.apply(own(2));
    assertMatch(failed[0]?.reason ?? "", /^own0 in a is not made anew: the nexthop object 5 goes by it/);
    assertEquals(objects(), initial);
    await scratch.destroy(own(1));
  });

  it("come back with the address that their source or gateway needs, and are said until then", async () => {
    using scratch = new Scratch();
    foreignLinks(scratch);
    const [initial, state] = [entries(scratch), scratch.state("a")];
    const { failed, warnings = [] } = await scratch.apply(adopted({ ipAddresses: ["10.7.0.1/24"] }), { adopt: true });
    assertEquals([failed, warnings.length], [[], 3], warnings.join("\n"));
    assertMatch(warnings[0] ?? "", /^the route to .+, which somebody else made, goes with an address that it needs$/);
    const again = await scratch.apply(adopted({ ipAddresses: ["10.7.0.1/24", ...REVERSED] }));
    assertEquals([again.failed, again.warnings, entries(scratch)], [[], undefined, initial]);
    assertEquals((await scratch.destroy(adopted({}))).failed, []);
    assertEquals([entries(scratch), scratch.state("a")], [initial, state]);
  });

  it("are in the way of a neighbour of the file that would go with an address, and are not overwritten", async () => {
    using scratch = new Scratch();
    foreignLinks(scratch);
    const arpEntries = [{
      name: "n",
      namespace: "a",
      interface: "eth0",
      ipAddr: "10.8.0.77",
      hwAddress: "02:00:00:00:00:01",
    }];
    const initial = entries(scratch);
    await scratch.apply(adopted({ description: "mine" }), { adopt: true });
    const report = await scratch.apply({ ...adopted({ description: "mine", ipAddresses: REVERSED }), arpEntries });
    assertEquals([report.failed.map(({ item }) => item), entries(scratch)], [["ARP entry n"], initial]);
    await scratch.destroy(adopted({}));
    assertEquals(entries(scratch), initial);
  });
});
