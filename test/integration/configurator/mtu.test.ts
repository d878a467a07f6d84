/** `mtu` of links and routes: what the kernel takes, and what it makes of it. */
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { assertSameTraces, describeAsRoot, settled, traces } from "../support/traces.ts";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { readSysctls, writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { vethEnd } from "../../support/topologies.ts";
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

  it("below 1280 of a link is why it takes nothing of IPv6, and is said before anything is changed where it is seen", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink) => netlink.addLink({ kind: "ifb", name: "there", mtu: 1000 }));
    const there: InterfaceInput = { name: "there", type: "EXISTING", namespace: "a" };
    const address = await scratch.apply({ interfaces: [{ ...there, ipAddresses: ["10.9.0.1/24", "fd09::1/64"] }] });
    const { reason = "", hint } = address.failed[0] ?? {};
    assertEquals([address.lines, reason, hint], [
      ["namespace a: set lo in a: up"],
      "there in a has no IPv6: its mtu 1000 is below 1280",
      "give it an mtu of 1280 or more",
    ]);
    const others = await scratch.apply({
      interfaces: [there],
      routes: [{ name: "r", namespace: "a", interface: "there", dstIpAddr: "fd09::/64" }],
      arpEntries: [
        { name: "n", namespace: "a", interface: "there", ipAddr: "fd09::2", hwAddress: "02:00:00:00:00:01" },
      ],
    });
    assertEquals(others.failed.map((one) => [one.item, one.reason, one.hint]), [
      ["route r", reason, hint],
      ["ARP entry n", reason, hint],
    ]);
    await scratch.destroy({});
    // What the kernel makes of a link that stands on another, it says afterwards.
    const below: InterfaceInput = {
      name: "below",
      type: "IFB",
      namespace: "a",
      mtu: 1300,
      ipAddresses: ["10.8.0.1/24"],
    };
    const document: NetworkConfigInput = {
      interfaces: [below, {
        name: "x0",
        type: "VXLAN",
        namespace: "a",
        vxlan: { id: 5, remote: "10.8.0.2", parent: "below" },
        ipAddresses: ["fd08::1/64"],
      }],
    };
    const { failed: [refused] } = await scratch.apply(document);
    assertEquals(refused?.item, "interface x0");
    assertMatch(
      refused?.hint ?? "",
      /^the mtu of x0 in \S+ is 1250, and below 1280 it has no IPv6: give it or the link/,
    );
    await scratch.destroy(document);
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

  /** A pair of somebody else, of which `i` has addresses, a route and sysctls of IPv6. */
  function foreign(scratch: Scratch): void {
    scratch.make("a");
    scratch.in("a", (netlink, ns) => {
      netlink.addLink({ kind: "veth", name: "i", up: true, peer: { name: "j" } });
      netlink.setLink("j", { up: true });
      netlink.addAddress("i", "fd07::1/64");
      netlink.addRoute({ dst: "fd08::/32", gateway: "fd07::2", link: "i" });
      writeSysctl(ns, "net.ipv6.conf.i.accept_ra", "0");
    });
  }
  const look = (scratch: Scratch): readonly unknown[] =>
    scratch.in("a", (netlink, ns) => [
      ...readSysctls(ns, ["net.ipv6.conf.i.mtu", "net.ipv6.conf.i.accept_ra"]).values(),
      ...netlink.listAddresses({ link: "i" }).flatMap(({ address }) => address.startsWith("fd") ? [address] : []),
      ...netlink.listRoutes().flatMap(({ dst }) => dst?.startsWith("fd08") ? [dst] : []),
    ]);
  const used = (mtu?: number): NetworkConfigInput => ({
    interfaces: [{ name: "i", type: "EXISTING", namespace: "a", mtu, ipAddresses: ["fd09::1/64"] }],
  });

  it("of IPv6 that somebody set stays where an EXISTING link gets another MTU, or comes back with that of the link", async () => {
    using scratch = new Scratch();
    foreign(scratch);
    const mtu = (): unknown => look(scratch)[0];
    const set = (value: string): void =>
      scratch.in("a", (_netlink, ns) => void writeSysctl(ns, "net.ipv6.conf.i.mtu", value));
    await settledLinks(scratch);
    set("1350");
    for (const [next, expected] of [[1400, "1350"], [1300, "1300"], [1380, "1350"], [undefined, "1350"]] as const) {
      assertEquals((await scratch.apply(used(next))).failed, []);
      assertEquals(mtu(), expected, `${next}`);
      assertEquals((await scratch.apply(used(next))).lines, [], "a second time");
    }
    set("1450");
    await scratch.apply(used(1400));
    assertEquals(mtu(), "1400", "it is no larger than that of the link");
    await scratch.destroy({});
    assertEquals(mtu(), "1450");
  });

  for (const adopt of [false, true]) {
    it(`below 1280 takes what others gave IPv6 on a link, and it comes back (${adopt ? "adopted" : "EXISTING"})`, async () => {
      const small = (mtu: number | undefined, more: readonly InterfaceInput[] = []): NetworkConfigInput => {
        const pair = [vethEnd("i", "j", { namespace: "a", mtu }), vethEnd("j", "i", { namespace: "a" })];
        const used = { name: "i", type: "EXISTING", namespace: "a", mtu } as const;
        return { interfaces: [...adopt ? pair : [used], ...more] };
      };
      using scratch = new Scratch();
      scratch.make("a");
      scratch.in("a", (netlink, ns) => {
        netlink.addLink({ kind: "veth", name: "i", up: true, peer: { name: "j" } });
        netlink.setLink("j", { up: true });
        for (const one of ["fe80::7/64", "fd07::1/64", "fe80::8/10"]) netlink.addAddress("i", one, { noDad: true });
        writeSysctl(ns, "net.ipv6.conf.i.accept_ra", "0");
        writeSysctl(ns, "net.ipv6.conf.i.hop_limit", "9");
      });
      await settledLinks(scratch);
      const look = (): unknown =>
        scratch.in("a", (netlink, ns) => [
          netlink.getLink("i").mtu,
          ...readSysctls(ns, ["net.ipv6.conf.i.accept_ra", "net.ipv6.conf.i.hop_limit"]).values(),
          ...netlink.listAddresses({ link: "i" }).map(({ cidr, protocol, noDad }) => [cidr, protocol, noDad])
            .sort().map(String),
        ]);
      const isSettled = (): unknown => settled(look, (now) => String(now) === String(whole));
      const whole = look();
      const refused: InterfaceInput = { name: "k", type: "IFB", namespace: "a", ipAddresses: ["::1/128"] };
      const { failed } = await scratch.apply(small(1000, [refused]), { atomic: true, adopt });
      assertEquals(failed.map(({ item }) => item), ["interface k"]);
      assertEquals(await isSettled(), whole, "after --atomic");
      assertEquals((await scratch.apply(small(1000), { adopt })).failed, []);
      assertEquals(look(), [1000]);
      assertEquals((await scratch.apply(small(1000))).lines, []);
      await scratch.destroy({});
      assertEquals(await isSettled(), whole);
    });
  }

  it("below 1280 is refused where somebody would lose for good what they have of IPv6", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink, ns) => {
      netlink.addLink({ kind: "veth", name: "i", up: true, peer: { name: "j" } });
      netlink.addLink({ kind: "macvlan", name: "m", link: "i", up: true });
      netlink.addAddress("m", "fd07::1/64", { noDad: true });
      writeSysctl(ns, "net.ipv6.conf.j.stable_secret", "2001:db8::7");
    });
    const file = (name: string, mtu: number): NetworkConfigInput => (
      { interfaces: [{ name, type: "EXISTING", namespace: "a", mtu }] }
    );
    for (
      const [name, why] of [
        ["i", "the link m, which stands on it, would lose fd07::1/64"],
        ["j", "net.ipv6.conf.j.stable_secret is a secret, which is not recorded"],
      ] as const
    ) {
      const { failed } = await scratch.apply(file(name, 1000));
      const reason = `${name} in a is not made too small for IPv6: ${why}`;
      assertEquals(failed.map((one) => [one.reason, one.hint]), [[reason, "give it an mtu of 1280 or more"]]);
      assertEquals((await scratch.apply(file(name, 1300))).failed, []);
      await scratch.destroy({});
    }
  });

  it("below 1280 takes IPv6 from an EXISTING link, and what others had given it comes back", async () => {
    using scratch = new Scratch();
    foreign(scratch);
    await settledLinks(scratch);
    const whole = ["1500", "0", "fd07::1", "fd08::/32"];
    assertEquals(look(scratch), whole);
    const small: NetworkConfigInput = {
      interfaces: [{ name: "i", type: "EXISTING", namespace: "a", mtu: 1000, ipAddresses: ["10.9.0.1/24"] }],
    };
    await scratch.apply(small);
    assertEquals(look(scratch), []);
    await scratch.apply(used(1400));
    assertEquals(look(scratch), ["1400", "0", "fd09::1", "fd07::1", "fd08::/32"]);
    assertEquals((await scratch.apply(used(1400))).lines, []);
    await scratch.apply(small);
    await scratch.destroy({});
    assertEquals(look(scratch), whole);
    const down = { interfaces: [{ name: "i", type: "EXISTING", namespace: "a", mtu: 1000, enabled: false }] } as const;
    assertEquals((await scratch.apply(down)).failed, [], "set down in the same apply");
    assertEquals(look(scratch), []);
    await scratch.destroy({});
    await settledLinks(scratch);
    assertEquals(look(scratch), whole);
  });

  it("of a link that gets large enough for IPv6 brings the sysctls of that, which the same apply sets", async () => {
    using scratch = new Scratch();
    const document = (mtu: number, sysctls: Readonly<Record<string, string>>): NetworkConfigInput => ({
      namespaces: [{ name: "a", sysctls }],
      interfaces: [{ name: "i", type: "IFB", namespace: "a", mtu }],
    });
    await scratch.apply(document(1000, {}));
    const large = document(1400, { "net.ipv6.conf.i.accept_ra": "0", "net.ipv6.conf.i.mtu": "1300" });
    const planned = await scratch.configurator.plan(scratch.config(large));
    assertEquals([planned.failed, planned.pending], [[], []]);
    assertEquals((await scratch.apply(large)).failed, []);
    assertEquals(look(scratch), ["1300", "0"]);
    assertEquals((await scratch.apply(large)).lines, []);
    await scratch.destroy(large);
  });
});

/** The kernel has heard of the carriers, after which it sets no MTU of IPv6 by itself. */
async function settledLinks(scratch: Scratch): Promise<void> {
  const states = () => scratch.in("a", (netlink) => netlink.listLinks().filter(({ name }) => name !== "lo"));
  await settled(states, (links) => links.every(({ operState }) => operState === "up"));
}
