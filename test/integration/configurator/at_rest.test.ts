/** Files of which an apply once was wrong, or never came to rest. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { pause } from "../../../src/async/pause.ts";
import { leftEnd, rightEnd, vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

describeAsRoot("Configurator comes to rest:", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("a route by the loopback link of a namespace that it makes (T10)", async () => {
    using scratch = new Scratch();
    const file = {
      namespaces: ["blue"],
      routes: [{ name: "r", namespace: "blue", interface: "lo", dstIpAddr: "10.99.0.0/16" }],
    };
    const counts = [];
    for (let i = 0; i < 3; i++) {
      const { done, pending, failed } = await scratch.apply(file);
      counts.push([done.length, pending.length, failed.length]);
    }
    assertEquals(counts, [[2, 0, 0], [0, 0, 0], [0, 0, 0]]);
    await scratch.destroy(file);
  });

  it("a gateway that is an address of the namespace (T11)", async () => {
    using scratch = new Scratch();
    const file = {
      interfaces: [
        vethEnd("lan", "far", { namespace: "blue", ipAddresses: ["fe80::1/64", "10.1.0.1/24"] }),
        vethEnd("wan", "away", { namespace: "blue", ipAddresses: ["fe80::2/64", "10.2.0.1/24"] }),
        vethEnd("far", "lan", { namespace: "green" }),
        vethEnd("away", "wan", { namespace: "green" }),
      ],
      routes: [
        { name: "six", namespace: "blue", interface: "wan", default: true, gwAddr: "fe80::1" },
        { name: "four", namespace: "blue", interface: "wan", dstIpAddr: "10.9.0.0/16", gwAddr: "10.2.0.1" },
      ],
    };
    const { failed, pending } = await scratch.apply(file);
    assertEquals([failed, pending], [[], []]);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
  });

  it("a route to the link's own network that somebody deleted (T12)", async () => {
    using scratch = new Scratch();
    const file = {
      interfaces: [leftEnd(), rightEnd()],
      routes: [{ name: "r", interface: "left", dstIpAddr: "10.1.0.0/24" }],
    };
    await scratch.apply(file);
    scratch.in("blue", (netlink) => {
      const [route] = netlink.listRoutes({ table: 254 }).filter(({ dst }) => dst === "10.1.0.0/24");
      assert(route !== undefined);
      netlink.deleteRoute(route);
    });
    assertEquals((await scratch.apply(file)).lines, ["route r: add the route to 10.1.0.0/24 by eth0 in blue"]);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
  });

  it("one next hop with a weight, which the kernel does not keep", async () => {
    using scratch = new Scratch();
    const file = {
      interfaces: [leftEnd({ ipAddresses: ["10.1.0.1/24", "fd01::1/64"] }), rightEnd()],
      routes: ["10.9.0.0/16 10.1.0.2", "fd09::/64 fd01::2"].map((text) => {
        const [dstIpAddr = "", gwAddr = ""] = text.split(" ");
        return { name: dstIpAddr, namespace: "blue", dstIpAddr, nextHops: [{ gwAddr, weight: 3 }] };
      }),
    };
    const { failed, pending } = await scratch.apply(file);
    assertEquals([failed, pending], [[], []]);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
  });

  it("times of a bridge that the kernel rounds to its ticks", async () => {
    using scratch = new Scratch();
    const bridges = [{ ageingTime: 1, forwardDelay: 0 }, { ageingTime: 4294967295 }, { forwardDelay: 4294967295 }];
    const interfaces = bridges.map((bridge, i) =>
      ({ name: `br${i}`, type: "BRIDGE", namespace: "blue", bridge }) as const
    );
    const file = { namespaces: ["blue"], interfaces };
    assertEquals((await scratch.apply(file)).failed, []);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
  });

  it("a pair with an end where nobody can be, beside one that can be made (T15)", async () => {
    using scratch = new Scratch();
    const file = {
      interfaces: [
        leftEnd(),
        rightEnd(),
        vethEnd("a", "b", { namespace: "FILE:/etc/passwd" }),
        vethEnd("b", "a", { namespace: "blue" }),
      ],
    };
    const { lines, failed } = await scratch.apply(file);
    assert(lines.some((line) => line.includes("create eth0 in blue")), lines.join("\n"));
    assertEquals(failed.map(({ item }) => item), ["interface a", "interface b"]);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
  });

  it("the loopback link of a namespace that somebody made is set up (T17)", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    const isUp = (): boolean => scratch.in("blue", (netlink) => netlink.getLink({ name: "lo" }).up);
    assertEquals(isUp(), false);
    const { lines } = await scratch.apply({ namespaces: ["blue"] });
    assertEquals([lines, isUp()], [["namespace blue: set lo in blue: up"], true]);
    assertEquals((await scratch.apply({ namespaces: ["blue"] })).lines, []);
    await scratch.destroy({ namespaces: ["blue"] });
    assertEquals(isUp(), true);
  });

  it("a gateway that nothing reaches is waited for (T18)", async () => {
    using scratch = new Scratch();
    const file = {
      interfaces: [leftEnd(), rightEnd()],
      routes: [{ name: "r", interface: "left", dstIpAddr: "10.9.0.0/16", gwAddr: "10.2.0.1" }],
    };
    for (let i = 0; i < 2; i++) {
      const { failed, pending } = await scratch.apply(file);
      assertEquals([failed, pending.map(({ item }) => item)], [[], ["route r"]]);
      assertMatch(
        pending[0]?.reason ?? "",
        /^the gateway 10\.2\.0\.1 is not reachable: no address or route of eth0 in/,
      );
    }
    await scratch.destroy(file);
  });

  it("an end in the file of a namespace that it makes", async () => {
    using scratch = new Scratch();
    const file = (atomic: string) => ({
      name: `${scratch.name("blue")}-${atomic}`,
      namespaces: ["red"],
      interfaces: [
        vethEnd("a", "b", { namespace: `FILE:/run/netns/${scratch.name("red")}` }),
        vethEnd("b", "a", { namespace: `FILE:/var/run/netns/${scratch.name("red")}` }),
      ],
    });
    for (const atomic of [false, true]) {
      const one = file(String(atomic));
      const { failed, pending } = await scratch.apply(one, { atomic });
      assertEquals([failed, pending, Object.keys(scratch.look("red")).sort()], [[], [], ["a", "b"]]);
      assertEquals((await scratch.apply(one)).lines, []);
      await scratch.destroy(one);
      assertEquals(scratch.exists("red"), false);
    }
  });

  it("an ARP entry on a link that has no ARP", async () => {
    using scratch = new Scratch();
    const entry = { name: "a", namespace: "blue", interface: "lo", ipAddr: "10.0.0.9", hwAddress: "02:00:00:00:00:09" };
    const file = { namespaces: ["blue"], arpEntries: [entry] };
    for (let i = 0; i < 2; i++) {
      const { failed, lines } = await scratch.apply(file);
      assertEquals(lines.filter((line) => line.startsWith("ARP")), []);
      assertEquals(failed.map(({ item }) => item), ["ARP entry a"]);
      assertMatch(failed[0]?.reason ?? "", /^lo in .*blue has no ARP: /);
    }
    await scratch.destroy(file);
  });

  it("an ARP entry that is not PERMANENT, on a bridge and on a TAP that have no carrier", async () => {
    using scratch = new Scratch();
    const common = { namespace: "blue", ipAddresses: ["10.0.0.1/24", "fd00::1/64"] };
    const entry = { hwAddress: "02:00:00:00:00:09", state: "NOARP" } as const;
    const file = {
      interfaces: [
        { name: "b", type: "BRIDGE" as const, ...common },
        { name: "t", type: "TAP" as const, ...common },
      ],
      arpEntries: ["b", "t"].flatMap((name) => [
        { name: `${name}4`, interface: name, ipAddr: "10.0.0.9", ...entry },
        { name: `${name}6`, interface: name, ipAddr: "fd00::9", ...entry },
      ]),
    };
    await scratch.apply(file);
    await pause(1100); // the kernel heard that there is no carrier, and forgot what was set before that
    assertEquals((await scratch.apply(file)).failed, []);
    for (let i = 0; i < 2; i++) assertEquals((await scratch.apply(file)).lines, []);
    const states = scratch.in("blue", (netlink) => netlink.listNeighbours().filter(({ ip }) => /[.:]9$/.test(ip)));
    assertEquals(states.map(({ state }) => state), ["noarp", "noarp", "noarp", "noarp"]);
    await scratch.destroy(file);
  });

  it("a link in the place of one end of a pair whose other end cannot be made anew", async () => {
    using scratch = new Scratch();
    const [left, right] = [{ namespace: "blue", hostIfName: "l" }, { namespace: "blue", hostIfName: "r" }];
    const before = { interfaces: [vethEnd("left", "right", left), vethEnd("right", "left", right)] };
    assertEquals((await scratch.apply(before)).failed, []);
    const file = {
      interfaces: [
        { name: "left", type: "VETH" as const, ...left, veth: { peerIfName: "more" } },
        { name: "more", type: "VETH" as const, namespace: "PID:4194304", veth: { peerIfName: "left" } },
        { name: "right", type: "IFB" as const, ...right },
      ],
    };
    const { pending } = await scratch.apply(file);
    const reason = pending.find(({ item }) => item === "interface right")?.reason ?? "";
    assertMatch(reason, /^r in .*blue is paired with the link of interface left, which waits$/);
    await scratch.destroy(file);
  });
});
