/** `mtu` of links and routes: what the kernel takes, and what it makes of it. */
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { readSysctls } from "../../../src/sysctl/sysctl.ts";
import { Scratch } from "./scratch.ts";

describeAsRoot("mtu", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("is as large as the kind of a link takes, and what that refuses, the kernel says", async () => {
    using scratch = new Scratch();
    const document = (mtu: number) => ({
      interfaces: [
        { name: "l", type: "LOOPBACK" as const, namespace: "a", mtu },
        { name: "i", type: "IFB" as const, namespace: "a", mtu },
      ],
    });
    for (const mtu of [65_536, 2_147_483_647]) {
      const { failed } = await scratch.apply(document(mtu));
      assertEquals(failed, []);
      const mtus = scratch.in("a", (netlink) => ["lo", "i"].map((name) => netlink.getLink(name).mtu));
      assertEquals(mtus, [mtu, mtu]);
      assertEquals((await scratch.apply(document(mtu))).done, []);
    }
    await scratch.destroy(document(1500));
    scratch.make("b");
    scratch.in("b", (netlink) => netlink.addLink({ kind: "veth", name: "t", peer: { name: "u" } }));
    const { failed } = await scratch.apply({
      interfaces: [{ name: "t", type: "EXISTING", namespace: "b", mtu: 65_536 }],
    });
    assertMatch(failed[0]?.reason ?? "", /mtu greater than device maximum/);
    await scratch.destroy({});
  });

  it("of a route is what the kernel keeps of it, so that the next apply has nothing to do", async () => {
    using scratch = new Scratch();
    const document = {
      interfaces: [{ name: "i", type: "IFB" as const, namespace: "a", ipAddresses: ["10.7.0.1/24", "fd07::1/64"] }],
      routes: [
        { name: "r", namespace: "a", dstIpAddr: "10.8.0.0/16", gwAddr: "10.7.0.2", mtu: 65_535 },
        { name: "s", namespace: "a", dstIpAddr: "fd08::/32", gwAddr: "fd07::2", mtu: 65_521 },
        { name: "t", namespace: "a", dstIpAddr: "fd09::/32", gwAddr: "fd07::2", mtu: 65_520 },
      ],
    };
    assertEquals((await scratch.apply(document)).failed, []);
    assertEquals((await scratch.apply(document)).done, []);
    const mtus = scratch.in("a", (netlink) => netlink.listRoutes().flatMap(({ mtu }) => mtu ?? []));
    assertEquals(mtus, [65_520, 65_520, 65_520]);
    await scratch.destroy(document);
  });

  it("of IPv6 stays as its sysctl says where that of the link changes or the link is set up, also of a new loopback link", async () => {
    using scratch = new Scratch();
    const key = (name: string): string => `net.ipv6.conf.${name}.mtu`;
    const document = (mtu: number, enabled = true): NetworkConfigInput => ({
      namespaces: [{ name: "a", sysctls: { [key("lo")]: 1300, [key("i")]: 1300 } }],
      interfaces: [
        { name: "l", type: "LOOPBACK", namespace: "a", mtu, enabled, ipAddresses: ["fd07::7/128"] },
        { name: "i", type: "IFB", namespace: "a", mtu, enabled, ipAddresses: ["fd07::1/64"] },
      ],
    });
    for (const [mtu, enabled] of [[9000, false], [9000, true], [8000, true], [1300, true], [7000, true]] as const) {
      assertEquals((await scratch.apply(document(mtu, enabled))).failed, []);
      const values = scratch.in("a", (_netlink, ns) => [...readSysctls(ns, [key("lo"), key("i")]).values()]);
      assertEquals(values, ["1300", "1300"], `${mtu}`);
      assertEquals((await scratch.apply(document(mtu, enabled))).lines, [], "a second time");
    }
    await scratch.destroy(document(1500));
  });

  it("of IPv6 comes back with that of the link, if an atomic apply fails", async () => {
    using scratch = new Scratch();
    const key = "net.ipv6.conf.i.mtu";
    const document = (mtu: number, ofIpv6: number, more: readonly InterfaceInput[] = []): NetworkConfigInput => ({
      namespaces: [{ name: "a", sysctls: { [key]: ofIpv6 } }],
      interfaces: [{ name: "i", type: "IFB", namespace: "a", mtu }, ...more],
    });
    assertEquals((await scratch.apply(document(1400, 1300))).failed, []);
    const refused: InterfaceInput = { name: "j", type: "IFB", namespace: "a", ipAddresses: ["::1/128"] };
    const { failed } = await scratch.apply(document(1500, 1350, [refused]), { atomic: true });
    assertEquals(failed.map(({ item }) => item), ["interface j"]);
    const values = scratch.in("a", (netlink, ns) => [netlink.getLink("i").mtu, readSysctls(ns, [key]).get(key)]);
    assertEquals(values, [1400, "1300"]);
    await scratch.destroy(document(1400, 1300));
  });
});
