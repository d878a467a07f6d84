/** Types of links that not every kernel has: applied, compared with what `ip` says, applied again, changed, taken away. */
import { spawnSync } from "node:child_process";
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type InterfaceInput, type NetworkConfigInput, NsHandle, type RouteInput } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { vethEnd } from "../../support/topologies.ts";
import { leavesNothing } from "./leaves_nothing.ts";
import { settle } from "./settle.ts";
import { run, shown } from "./shown.ts";

const ping = (scratch: Scratch, from: string, address: string): void =>
  void run(scratch, from, "ping", "-c", "1", "-W", "10", address);

/** Two namespaces, `a` and `b`, with a pair between them, and more. */
const wired = (...interfaces: readonly InterfaceInput[]): NetworkConfigInput => ({
  namespaces: ["a", "b"],
  interfaces: [
    vethEnd("left", "right", { hostIfName: "eth0", namespace: "a", ipAddresses: ["10.1.0.1/24", "fd01::1/64"] }),
    vethEnd("right", "left", { hostIfName: "eth0", namespace: "b", ipAddresses: ["10.1.0.2/24", "fd01::2/64"] }),
    ...interfaces,
  ],
});

/** The VLANs of a port, in the file. */
type Vlans = NonNullable<NonNullable<InterfaceInput["bridgePort"]>["vlans"]>;

/** A link that is changed in place, and then so that it is made anew. */
interface Case {
  readonly type: string;
  readonly link: InterfaceInput;
  readonly info: { readonly info_kind: string; readonly info_data?: Readonly<Record<string, unknown>> };
  readonly changed?: readonly [fields: Partial<InterfaceInput>, text: string];
  readonly anew?: Partial<InterfaceInput>;
}

/** The mode to which a tunnel changes. */
const OTHER_MODE = {
  gre: "ipip",
  gretap: "gre",
  ipip: "sit",
  sit: "gretap",
  ip6gre: "ip6tnl",
  ip6gretap: "ip6gre",
  ip6tnl: "ip6gretap",
} as const;

const CASES: readonly Case[] = [
  {
    type: "DUMMY",
    link: { name: "d0", type: "DUMMY", ipAddresses: ["10.2.0.1/24", "fd02::1/64"], description: "nothing" },
    info: { info_kind: "dummy" },
    changed: [{ mtu: 1400 }, "mtu 1400"],
    anew: { queues: 2 },
  },
  {
    type: "BRIDGE",
    link: { name: "br0", type: "BRIDGE", bridge: { vlanFiltering: true, vlanDefaultPvid: 0, priority: 100 } },
    info: { info_kind: "bridge", info_data: { vlan_filtering: 1, vlan_default_pvid: 0, priority: 100 } },
    changed: [{ bridge: { vlanFiltering: false, priority: 100 } }, "vlanFiltering false"],
  },
  {
    type: "VLAN",
    link: { name: "v5", type: "VLAN", vlan: { parent: "left", id: 5, protocol: "802.1ad" } },
    info: { info_kind: "vlan", info_data: { protocol: "802.1ad", id: 5 } },
    changed: [{ mtu: 1400 }, "mtu 1400"],
    anew: { vlan: { parent: "left", id: 6 } },
  },
  {
    type: "VLAN in another namespace",
    link: {
      name: "eth0.7",
      type: "VLAN",
      namespace: "c",
      ipAddresses: ["10.3.0.1/24"],
      vlan: { parent: "left", id: 7 },
    },
    info: { info_kind: "vlan", info_data: { protocol: "802.1Q", id: 7 } },
    anew: { vlan: { parent: "right", id: 7 } },
  },
  {
    type: "MACVLAN in another namespace",
    link: { name: "eth0", type: "MACVLAN", namespace: "c", macvlan: { parent: "left", mode: "vepa" } },
    info: { info_kind: "macvlan", info_data: { mode: "vepa" } },
    changed: [{ macvlan: { parent: "left", mode: "bridge" } }, "mode bridge"],
  },
  {
    type: "MACVLAN that has its parent for itself",
    link: { name: "m1", type: "MACVLAN", namespace: "c", macvlan: { parent: "left", mode: "passthru" } },
    info: { info_kind: "macvlan", info_data: { mode: "passthru" } },
    changed: [{ mtu: 1400 }, "mtu 1400"],
    anew: { macvlan: { parent: "left", mode: "bridge" } },
  },
  {
    type: "IFB",
    link: { name: "ifb7", type: "IFB" },
    info: { info_kind: "ifb" },
    changed: [{ mtu: 1400 }, "mtu 1400"],
    anew: { physAddress: "02:00:00:00:00:07" },
  },
  {
    type: "IPVLAN",
    link: {
      name: "i0",
      type: "IPVLAN",
      namespace: "c",
      ipAddresses: ["10.1.0.9/24"],
      ipvlan: { parent: "left", mode: "l2" },
    },
    info: { info_kind: "ipvlan", info_data: { mode: "l2" } },
    changed: [{ ipvlan: { parent: "left", mode: "l3" } }, "mode l3"],
  },
  {
    type: "VXLAN",
    link: {
      name: "x0",
      type: "VXLAN",
      ipAddresses: ["10.4.0.1/24"],
      vxlan: {
        id: 42,
        local: "10.1.0.1",
        remote: "10.1.0.2",
        parent: "left",
        port: 4789,
        learning: false,
        entries: [{ mac: "02:00:00:00:00:09", remote: "10.1.0.2" }, { mac: "00:00:00:00:00:00", remote: "10.1.0.7" }],
      },
    },
    info: {
      info_kind: "vxlan",
      info_data: { id: 42, remote: "10.1.0.2", local: "10.1.0.1", port: 4789, learning: false },
    },
    changed: [{ vxlan: { id: 42, remote: "10.1.0.3", port: 4789, entries: [] } }, "remote 10.1.0.3"],
    anew: { vxlan: { id: 43, remote: "fd01::2", port: 4789 } },
  },
  {
    type: "GENEVE",
    link: { name: "g0", type: "GENEVE", geneve: { id: 9, remote: "10.1.0.2", ttl: 5 } },
    info: { info_kind: "geneve", info_data: { id: 9, remote: "10.1.0.2", port: 6081, ttl: 5 } },
    changed: [{ geneve: { id: 9, remote: "10.1.0.2", ttl: 6 } }, "ttl 6"],
    anew: { geneve: { id: 10, remote: "fd01::2" } },
  },
  ...(["gre", "gretap", "ipip", "sit", "ip6gre", "ip6gretap", "ip6tnl"] as const).map((mode): Case => {
    const [local, remote, other] = mode.startsWith("ip6")
      ? ["fd01::1", "fd01::2", "fd01::3"]
      : ["10.1.0.1", "10.1.0.2", "10.1.0.3"];
    const key = mode.includes("gre") ? { key: 7 } : {};
    const tunnel = { mode, local, remote, ttl: 9, parent: "left", ...key };
    return {
      type: `TUNNEL ${mode}`,
      link: { name: "t0", type: "TUNNEL", ipAddresses: ["10.5.0.1/24"], tunnel },
      info: { info_kind: mode, info_data: { local, remote, ttl: 9 } },
      changed: [{ tunnel: { ...tunnel, remote: other } }, `remote ${other}`],
      anew: { tunnel: { mode: OTHER_MODE[mode], local, remote } },
    };
  }),
  {
    type: "VRF_DEVICE",
    link: {
      name: "red",
      type: "VRF_DEVICE",
      ipAddresses: ["10.255.0.1/32", "10.254.0.1/24", "fd54::1/64"],
      vrf: { table: 1000 },
    },
    info: { info_kind: "vrf", info_data: { table: 1000 } },
    anew: { vrf: { table: 1001 } },
  },
  {
    type: "BOND",
    link: {
      name: "bond0",
      type: "BOND",
      bond: { mode: "802.3ad", miimon: 50, lacpRate: "fast", xmitHashPolicy: "layer3+4" },
    },
    info: {
      info_kind: "bond",
      info_data: { mode: "802.3ad", miimon: 50, ad_lacp_rate: "fast", xmit_hash_policy: "layer3+4" },
    },
    changed: [{ bond: { miimon: 70 } }, "miimon 70"],
    anew: { bond: { mode: "active-backup" } },
  },
];

/** What a case changes to may stand on. */
const OTHER_PARENT: InterfaceInput = { name: "d9", type: "DUMMY", namespace: "a" };

describe("the types of links", () => {
  leavesNothing();

  for (const { type, link, info, changed, anew } of CASES) {
    it(`has nothing to do after an apply, changes in place or makes anew: ${type}`, async () => {
      using scratch = new Scratch();
      const namespace = String(link.namespace ?? "a");
      const name = link.hostIfName ?? link.name;
      const one = (fields: Partial<InterfaceInput> = {}): NetworkConfigInput =>
        wired(OTHER_PARENT, { namespace: "a", ...link, ...fields });
      await settle(scratch, one());
      const now = shown(scratch, namespace, name);
      assertObjectMatch(now, {
        linkinfo: info,
        ...link.description === undefined ? {} : { ifalias: link.description },
      });
      assert(Array.isArray(now["flags"]) && now["flags"].includes("UP"), `${now["flags"]}`);
      if (changed !== undefined) {
        const [fields, text] = changed;
        const lines = await settle(scratch, one(fields));
        assert(
          lines.some((line) => line.includes(`set ${name} in ${namespace}: `) && line.includes(text)),
          lines.join("\n"),
        );
        assertEquals(shown(scratch, namespace, name)["ifindex"], now["ifindex"]);
      }
      if (anew !== undefined) {
        const lines = await settle(scratch, one(anew));
        assert(lines.some((line) => line.endsWith(`: delete ${name} in ${namespace}`)), lines.join("\n"));
      }
      const last = await scratch.destroy(one());
      assertEquals([last.failed, last.pending, scratch.exists("a"), scratch.exists("b")], [[], [], false, false]);
    });
  }

  it("carries packets over a VLAN in a namespace of its own, and makes it anew with its parent", async () => {
    using scratch = new Scratch();
    const vlan = (side: string, parent: string, ip: string): InterfaceInput => (
      {
        name: `v${side}`,
        type: "VLAN",
        namespace: `v${side}`,
        hostIfName: "eth0",
        ipAddresses: [ip],
        vlan: { parent, id: 5 },
      }
    );
    const whole = wired(vlan("a", "left", "10.7.0.1/24"), vlan("b", "right", "10.7.0.2/24"));
    await settle(scratch, whole);
    ping(scratch, "va", "10.7.0.2");
    scratch.in("a", (netlink) => netlink.deleteLink("eth0"));
    const lines = await settle(scratch, whole);
    assert(
      lines.some((line) => line.startsWith("interface vb: create vlan eth0 in vb on eth0 in b")),
      lines.join("\n"),
    );
    ping(scratch, "va", "10.7.0.2");
    assertEquals((await scratch.destroy(whole)).failed, []);
  });

  it("comes to rest with a MACVLAN or IPVLAN on another one, which stands on the parent of that", async () => {
    using scratch = new Scratch();
    for (const type of ["MACVLAN", "IPVLAN"] as const) {
      const on = (parent: string) => type === "MACVLAN" ? { macvlan: { parent } } : { ipvlan: { parent } };
      const file = (queues: number): NetworkConfigInput =>
        wired(
          { name: "m0", type, namespace: "c", queues, ...on("left") },
          { name: "m1", type, namespace: "d", ...on("m0") },
        );
      await settle(scratch, file(1));
      const lines = await settle(scratch, file(2));
      assertEquals(lines.filter((line) => line.startsWith("interface m1")), []);
      assertEquals((await scratch.destroy(file(1))).failed, []);
    }
  });

  it("refuses an IPVLAN that would change the mode of somebody's on the same link, wherever that is", async () => {
    using scratch = new Scratch();
    scratch.make("z");
    const whole = wired({ name: "x0", type: "DUMMY", namespace: "a" });
    await settle(scratch, whole);
    const modes = (): unknown => [shown(scratch, "a", "f0"), shown(scratch, "z", "f1")];
    const of = (mode?: "l2" | "l3"): NetworkConfigInput =>
      wired({ name: "x0", type: "DUMMY", namespace: "a" }, {
        name: "i0",
        type: "IPVLAN",
        namespace: "b",
        ipvlan: { parent: "x0", mode },
      });
    for (const name of ["f0", "f1"]) {
      run(scratch, "a", "ip", "link", "add", "link", "x0", "name", name, "type", "ipvlan", "mode", "l2");
    }
    using there = NsHandle.fromName(scratch.name("z"));
    scratch.in("a", (netlink) => netlink.setLink("f1", { netns: there }));
    const before = modes();
    for (const stays of ["f0 in a", "f1 in z"]) {
      const { failed } = await scratch.apply(of("l3"));
      assertEquals(
        failed.map(({ item, reason }) => [item, reason.replaceAll(scratch.name(""), "")]),
        [["interface i0", `all IPVLANs of x0 in a would get the mode l3: the link ${stays} stands on it`]],
      );
      if (stays === "f1 in z") break;
      assertEquals(modes(), before);
      await settle(scratch, of()); // as l2, which those have
      assertEquals((await scratch.apply(of("l3"))).failed.map(({ item }) => item), ["interface i0"]);
      assertEquals(modes(), before);
      scratch.in("a", (netlink) => netlink.deleteLink("f0"));
      await settle(scratch, whole);
    }
    run(scratch, "z", "ip", "link", "set", "f1", "type", "ipvlan", "mode", "l3");
    assertEquals((await scratch.apply(of())).failed.map(({ item }) => item), ["interface i0"]);
    scratch.in("z", (netlink) => netlink.deleteLink("f1"));
    await settle(scratch, of("l3"));
    assertEquals((await scratch.destroy(whole)).failed, []);
  });

  it("refuses what the kernel does not put on a link: an MTU above that, an IPVLAN on a port, or without Ethernet", async () => {
    using scratch = new Scratch();
    const file = (...more: readonly InterfaceInput[]): NetworkConfigInput => ({
      interfaces: [
        { name: "d", type: "DUMMY", namespace: "a" },
        { name: "br0", type: "BRIDGE", namespace: "a" },
        { name: "p", type: "DUMMY", namespace: "a", master: "br0" },
        { name: "vr", type: "VRF_DEVICE", namespace: "a", vrf: { table: 5 } },
        { name: "tt", type: "TUN", namespace: "a" },
        ...more,
      ],
    });
    const on = (type: "MACVLAN" | "IPVLAN", parent: string): InterfaceInput => (
      { name: `on ${parent}`, hostIfName: "k0", type, namespace: "a", [type.toLowerCase()]: { parent } }
    );
    const vlan = (mtu: number): InterfaceInput => (
      { name: "v", hostIfName: "k0", type: "VLAN", namespace: "a", mtu, vlan: { parent: "d", id: 5 } }
    );
    await settle(scratch, file());
    const refused = (...args: readonly string[]): void => {
      using ns = NsHandle.fromName(scratch.name("a"));
      const { status } = ns.run(() => spawnSync("ip", ["link", "add", ...args], { encoding: "utf8" }));
      assertEquals(status, 2, `the kernel takes: ip link add ${args.join(" ")}`);
    };
    for (const parent of ["p", "vr", "tt", "lo"]) {
      for (const type of ["MACVLAN", "IPVLAN"] as const) {
        refused("name", "k0", "link", parent, "type", type.toLowerCase());
        const { failed } = await scratch.configurator.plan(scratch.config(file(on(type, parent))));
        assertEquals(failed.map(({ item }) => item), [`interface on ${parent}`], `${type} on ${parent}`);
      }
    }
    refused("name", "k0", "link", "d", "mtu", "1501", "type", "vlan", "id", "5");
    for (const mtu of [1500, 1501]) {
      const { failed } = await scratch.apply(file(vlan(mtu)));
      assertEquals(
        failed.map(({ reason }) => reason),
        mtu === 1500 ? [] : [
          `mtu 1501 of k0 in ${scratch.name("a")} is above 1500, the mtu of d in ${scratch.name("a")}`,
        ].map((text) => text.replaceAll(scratch.name("a"), "a")),
      );
    }
    assertEquals(shown(scratch, "a", "k0")["mtu"], 1500);
    await settle(scratch, file({ ...on("IPVLAN", "d"), mtu: 9000 })); // which the kernel takes
    await scratch.destroy(file());
  });

  it("leaves a link on which somebody's link of another namespace stands, described or not", async () => {
    using scratch = new Scratch();
    const whole = wired({ name: "x0", type: "DUMMY", namespace: "a" });
    for (const [place, label] of [["b", "b"], ["z", "z"]] as const) {
      await settle(scratch, whole);
      if (!scratch.exists("z")) scratch.make("z");
      run(scratch, "a", "ip", "link", "add", "link", "x0", "name", "f0", "type", "macvlan");
      using there = NsHandle.fromName(scratch.name(place));
      scratch.in("a", (netlink) => netlink.setLink("f0", { netns: there }));
      const left = await scratch.destroy(whole);
      assertEquals(
        left.pending.map(({ reason }) => reason.replaceAll(scratch.name(""), "")).at(0),
        `x0 in a is left: the link f0 in ${label} stands on it`,
      );
      scratch.in(place, (netlink) => netlink.deleteLink("f0"));
      const last = await scratch.destroy(whole);
      assertEquals([last.failed, last.pending, scratch.exists("a")], [[], [], false]);
    }
    run(scratch, "z", "ip", "link");
  });

  it("gives links back that stood on a link of another namespace, if an atomic apply fails", async () => {
    using scratch = new Scratch();
    const at = { namespace: "c", ipAddresses: ["10.9.0.1/24"] };
    const kinds: readonly InterfaceInput[] = [
      { name: "x0", type: "VLAN", ...at, vlan: { parent: "left", id: 5, protocol: "802.1ad" } },
      { name: "x0", type: "MACVLAN", ...at, macvlan: { parent: "left", mode: "vepa" } },
      { name: "x0", type: "IPVLAN", ...at, ipvlan: { parent: "left", mode: "l3" } },
      {
        name: "x0",
        type: "TUNNEL",
        ...at,
        tunnel: { mode: "gre", local: "10.1.0.1", remote: "10.1.0.2", parent: "left" },
      },
      { name: "x0", type: "GENEVE", ...at, geneve: { id: 9, remote: "10.1.0.2", ttl: 5 } },
    ];
    for (const kind of kinds) {
      const whole = { ...wired(kind), namespaces: ["a", "b", "c"] };
      await settle(scratch, whole);
      const look = (): unknown => {
        const { ifindex: _, operstate: __, ...link } = shown(scratch, "c", "x0");
        return [link, scratch.state("c")];
      };
      const before = look();
      // The kernel refuses ::1 on a link that is not the loopback link; nothing says so before.
      const refused: InterfaceInput = { name: "d8", type: "DUMMY", namespace: "b", ipAddresses: ["::1/128"] };
      const report = await scratch.apply({ ...wired(refused), namespaces: ["a", "b", "c"] }, { atomic: true });
      assertEquals(report.failed.map(({ item }) => item), ["interface d8"], JSON.stringify(report.failed));
      assertEquals(look(), before, `${kind.type}`);
      assertEquals((await scratch.apply(whole)).lines, []);
      assertEquals((await scratch.destroy(whole)).failed, []);
    }
  });

  for (const mode of ["gre", "ipip", "sit", "gretap"] as const) {
    it(`makes a tunnel of mode ${mode} that gets another end, or the first one, as the kernel takes it`, async () => {
      using scratch = new Scratch();
      const file = (remote?: string): NetworkConfigInput => (
        wired({ name: "t0", type: "TUNNEL", namespace: "a", tunnel: { mode, local: "10.1.0.1", remote } })
      );
      await settle(scratch, file());
      const first = await settle(scratch, file("10.1.0.2"));
      assertEquals(first.some((line) => line.includes("delete t0 in a")), mode !== "gretap", first.join("\n"));
      const second = await settle(scratch, file("10.1.0.3"));
      assertEquals(second, ["interface t0: set t0 in a: remote 10.1.0.3"]);
      assertEquals((await scratch.destroy(file())).failed, []);
    });
  }

  it("makes a VXLAN and a GENEVE anew whose ends get addresses of the other family", async () => {
    using scratch = new Scratch();
    const file = (vxlan: InterfaceInput["vxlan"], remote: string): NetworkConfigInput =>
      wired(
        { name: "x0", type: "VXLAN", namespace: "a", vxlan },
        { name: "g0", type: "GENEVE", namespace: "a", geneve: { id: 9, remote } },
      );
    const steps: readonly (readonly [local: string | undefined, remote: string | undefined, isAnew: boolean])[] = [
      ["10.1.0.1", undefined, false], // as it was made without any
      ["fd01::1", undefined, true],
      [undefined, "fd01::2", false],
      ["10.1.0.1", "10.1.0.2", true],
      ["10.1.0.1", "10.1.0.3", false],
      [undefined, "fd01::2", true],
    ];
    await settle(scratch, file({ id: 5 }, "10.1.0.2"));
    for (const [local, remote, isAnew] of steps) {
      const family = (local ?? remote ?? "").includes(":") ? "fd01" : "10";
      const lines = await settle(scratch, file({ id: 5, local, remote }, family === "10" ? "10.1.0.3" : "fd01::3"));
      const deleted = ["x0", "g0"].map((name) => lines.some((line) => line.endsWith(`: delete ${name} in a`)));
      assertEquals(deleted, [isAnew, isAnew], `${local} ${remote}: ${lines.join("\n")}`);
    }
    assertEquals((await scratch.destroy(file({ id: 5 }, "10.1.0.2"))).failed, []);
  });

  it("gives a VXLAN exactly the entries of the file, whatever somebody added, and leaves its group", async () => {
    using scratch = new Scratch();
    const mac = "02:00:00:00:00:09";
    const file = (vxlan: Partial<NonNullable<InterfaceInput["vxlan"]>>): NetworkConfigInput =>
      wired({ name: "x0", type: "VXLAN", namespace: "a", vxlan: { id: 5, parent: "left", ...vxlan } });
    const entries = (): string[] =>
      scratch.in("a", (netlink) => (
        netlink.listForwardingEntries({ link: "x0" }).map(({ address, ip }) => `${address} ${ip}`)
          .sort()
      ));
    await settle(scratch, file({ group: "239.1.1.1" }));
    scratch.in("a", (netlink) => {
      const { index: linkIndex } = netlink.getLink("x0");
      const viaIndex = netlink.getLink("eth0").index;
      netlink.addForwardingEntry({ linkIndex, address: mac, ip: "10.1.0.7", port: 4790, vni: 9, viaIndex });
    });
    await settle(scratch, file({ local: "10.1.0.1", entries: [{ mac, remote: "10.1.0.2" }] }));
    assertEquals(entries(), ["00:00:00:00:00:00 239.1.1.1", `${mac} 10.1.0.2`]);
    assertEquals((await scratch.destroy(file({}))).failed, []);
  });

  it("carries packets over a VXLAN and a GRE tunnel", async () => {
    using scratch = new Scratch();
    const over = (side: "a" | "b"): InterfaceInput[] => {
      const [near, far] = side === "a" ? [1, 2] : [2, 1];
      const ends = { local: `10.1.0.${near}`, remote: `10.1.0.${far}` };
      return [
        {
          name: `x${side}`,
          type: "VXLAN",
          namespace: side,
          ipAddresses: [`10.8.0.${near}/24`],
          vxlan: { id: 1, ...ends },
        },
        {
          name: `t${side}`,
          type: "TUNNEL",
          namespace: side,
          ipAddresses: [`10.9.0.${near}/24`],
          tunnel: { mode: "gre", ...ends },
        },
      ];
    };
    const whole = wired(...over("a"), ...over("b"));
    await settle(scratch, whole);
    ping(scratch, "a", "10.8.0.2");
    ping(scratch, "a", "10.9.0.2");
    assertEquals((await scratch.destroy(whole)).failed, []);
  });

  it("fails at a VXLAN with other entries and a bond with another primary that somebody made", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    run(scratch, "a", "ip", "link", "add", "x0", "up", "type", "vxlan", "id", "1", "dstport", "4789");
    run(scratch, "a", "ip", "link", "add", "bond0", "up", "type", "bond", "mode", "active-backup");
    run(scratch, "a", "ip", "link", "add", "m0", "type", "dummy");
    run(scratch, "a", "ip", "link", "set", "m0", "master", "bond0");
    const document = (entries: InterfaceInput["vxlan"], bond: InterfaceInput["bond"]): NetworkConfigInput => ({
      interfaces: [
        { name: "x0", type: "VXLAN", namespace: "a", vxlan: entries },
        { name: "bond0", type: "BOND", namespace: "a", bond },
      ],
    });
    const vxlan = { id: 1, port: 4789 };
    const mode = "active-backup";
    const entries = [{ mac: "02:00:00:00:00:09", remote: "10.1.0.2" }];
    const refused = await scratch.apply(document({ ...vxlan, entries }, { mode, primary: "m0" }));
    assertEquals(refused.failed.map(({ item, owner }) => [item, owner]), [
      ["interface x0", null],
      ["interface bond0", null],
    ]);
    assertEquals(run(scratch, "a", "bridge", "fdb", "show", "dev", "x0").trim(), "");
    const same = await scratch.apply(document({ ...vxlan, entries: [] }, { mode }));
    assertEquals([same.failed, same.lines.filter((line) => !line.includes("lo in a"))], [[], []]);
  });

  it("uses a dummy and gives it back out of a VRF with its routes", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    run(scratch, "a", "ip", "link", "add", "d0", "up", "type", "dummy");
    run(scratch, "a", "ip", "addr", "add", "10.1.0.1/24", "dev", "d0");
    run(scratch, "a", "ip", "-6", "addr", "add", "fd01::1/64", "dev", "d0", "nodad");
    run(scratch, "a", "ip", "route", "add", "10.9.0.0/16", "via", "10.1.0.9");
    const state = (): string => run(scratch, "a", "ip", "addr", "show", "dev", "d0") + run(scratch, "a", "ip", "route");
    run(scratch, "a", "ip", "link", "set", "lo", "up");
    const before = state();
    const document: NetworkConfigInput = {
      interfaces: [
        { name: "red", type: 5, namespace: "a", vrfDev: { routingTable: 7 } },
        { name: "d0", type: 4, namespace: "a", vrfMasterInterface: "red", ipAddresses: ["10.2.0.1/24", "fd02::1/64"] },
      ],
    };
    await settle(scratch, document);
    assertObjectMatch(shown(scratch, "a", "d0"), { master: "red" });
    assert(run(scratch, "a", "ip", "-6", "addr", "show", "dev", "d0").includes("fd01::1/64"));
    const [vrf] = document.interfaces ?? [];
    assert(vrf !== undefined);
    await settle(scratch, { interfaces: [vrf, { name: "d0", type: 4, namespace: "a" }] });
    assertEquals(state(), before);
    await settle(scratch, document);
    assertEquals((await scratch.destroy(document)).failed, []);
    assertEquals(state(), before);
  });

  it("keeps a route of somebody to the network of an address that goes, in a VRF", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    run(scratch, "a", "ip", "link", "set", "lo", "up");
    run(scratch, "a", "ip", "link", "add", "red", "up", "type", "vrf", "table", "7");
    run(scratch, "a", "ip", "link", "add", "d0", "up", "master", "red", "type", "dummy");
    run(scratch, "a", "ip", "-6", "addr", "add", "fd01::1/64", "dev", "d0", "nodad", "metric", "5");
    run(scratch, "a", "ip", "-6", "route", "add", "fd02::/64", "dev", "d0", "metric", "100", "table", "7");
    const routes = (): string => run(scratch, "a", "ip", "-6", "route", "show", "table", "7");
    const before = routes();
    const file = (ipAddresses: readonly string[]): NetworkConfigInput => ({
      interfaces: [{ name: "d0", type: "EXISTING", namespace: "a", ipAddresses }],
    });
    await settle(scratch, file(["fd02::1/64"]));
    await settle(scratch, file([]));
    assertEquals(routes(), before);
    await settle(scratch, file(["fd02::1/64"]));
    assertEquals((await scratch.destroy(file([]))).failed, []);
    assertEquals(routes(), before);
  });

  it("puts a MACVLAN or IPVLAN on a link that goes from a bridge or bond to a VRF in the same apply", async () => {
    using scratch = new Scratch();
    const document = (master: string, ...more: readonly InterfaceInput[]): NetworkConfigInput => ({
      interfaces: [
        { name: "red", type: "VRF_DEVICE", namespace: "a", vrf: { table: 7 } },
        { name: "br0", type: "BRIDGE", namespace: "a" },
        { name: "bond0", type: "BOND", namespace: "a" },
        { name: "d0", type: "DUMMY", namespace: "a", master, ipAddresses: ["10.2.0.1/24", "fd02::1/64"] },
        ...more,
      ],
    });
    for (const before of ["br0", "bond0"]) {
      for (
        const on of [{ type: "MACVLAN", macvlan: { parent: "d0" } }, {
          type: "IPVLAN",
          ipvlan: { parent: "d0" },
        }] as const
      ) {
        await settle(scratch, document(before));
        await settle(scratch, document("red", { name: "m0", namespace: "b", ...on }));
        assertEquals(shown(scratch, "a", "d0")["master"], "red");
      }
    }
    assertEquals((await scratch.destroy(document("red"))).failed, []);
  });

  it("makes a route again that the kernel made for an address of a port of a VRF, in the table of that", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      namespaces: ["a"],
      interfaces: [
        { name: "red", type: "VRF_DEVICE", namespace: "a", vrf: { table: 7 } },
        { name: "d0", type: "DUMMY", namespace: "a", master: "red", ipAddresses: ["10.2.0.1/24", "fd02::1/64"] },
      ],
    };
    await settle(scratch, document);
    const routes = (): string =>
      ["-4", "-6"].map((family) => run(scratch, "a", "ip", family, "route", "show", "table", "7")).join("");
    const before = routes();
    for (const route of [["10.2.0.0/24"], ["local", "10.2.0.1"], ["fd02::/64"]]) {
      run(scratch, "a", "ip", "route", "del", ...route, "dev", "d0", "table", "7");
      assertEquals((await scratch.apply(document)).done.map(({ kind }) => kind), ["add-route"]);
      assertEquals(routes().split("\n").sort(), before.split("\n").sort());
      assertEquals((await scratch.apply(document)).lines, []);
    }
    assertEquals((await scratch.destroy(document)).failed, []);
  });

  it("puts the ports of a bridge into exactly the VLANs of the file", async () => {
    using scratch = new Scratch();
    const bridge = { vlanFiltering: true };
    const document = (bridgePort: InterfaceInput["bridgePort"]): NetworkConfigInput => ({
      interfaces: [
        vethEnd("port", "eth0", { namespace: "hub", master: "br0", bridgePort }),
        vethEnd("eth0", "port", { namespace: "leaf" }),
        { name: "br0", type: "BRIDGE", namespace: "hub", bridge },
      ],
    });
    const vlans = (): string[] =>
      scratch.in(
        "hub",
        (netlink) =>
          netlink.listBridgeVlans({ link: "port" }).map(({ id, pvid, untagged }) =>
            `${id}${pvid ? " pvid" : ""}${untagged ? " untagged" : ""}`
          ),
      );
    const trunk = document({
      cost: 7,
      isolated: true,
      vlans: [{ id: 5, pvid: true, untagged: true }, { id: "10-12" }, { id: 13, untagged: true }],
    });
    const lines = await settle(scratch, trunk);
    assert(lines.includes("interface port: put port in hub into VLAN 10-12"), lines.join("\n"));
    assertEquals(vlans(), ["5 pvid untagged", "10", "11", "12", "13 untagged"]);
    scratch.in("hub", (netlink) => netlink.addBridgeVlan("port", { id: 99 }));
    const access = document({ cost: 8, isolated: true, vlans: [{ id: 5, untagged: true }, { id: 11, pvid: true }] });
    assertEquals((await scratch.apply(access)).lines, [
      "interface port: set port in hub: cost 8",
      "interface port: take port in hub out of VLAN 10",
      "interface port: take port in hub out of VLAN 12-13",
      "interface port: take port in hub out of VLAN 99",
      "interface port: put port in hub into VLAN 5 untagged",
      "interface port: put port in hub into VLAN 11 pvid",
    ]);
    assertEquals(vlans(), ["5 untagged", "11 pvid"]);
    assertEquals((await scratch.apply(access)).lines, []);
    assertEquals((await scratch.destroy(access)).failed, []);
  });

  it("keeps the VLANs of a port when its bridge gets another default one, which the kernel moves ports to", async () => {
    using scratch = new Scratch();
    const access = (id: number) => [{ id, pvid: true, untagged: true }];
    const document = (vlanDefaultPvid: number, vlans: Vlans): NetworkConfigInput => ({
      interfaces: [
        vethEnd("port", "eth0", { namespace: "hub", master: "br0", bridgePort: { vlans } }),
        vethEnd("eth0", "port", { namespace: "leaf", master: null }),
        { name: "br0", type: "BRIDGE", namespace: "hub", bridge: { vlanFiltering: true, vlanDefaultPvid } },
      ],
    });
    const vlans = (): unknown => {
      const shown = JSON.parse(run(scratch, "hub", "bridge", "-j", "vlan", "show", "dev", "port"));
      return shown[0]?.vlans.map(({ vlan, flags = [] }: { vlan: number; flags?: string[] }) =>
        [vlan, ...flags].join(" ")
      );
    };
    const pvid = (id: number): string => `${id} PVID Egress Untagged`;
    const cases: readonly (readonly [pvid: number, vlans: Vlans, expected: string[]])[] = [
      [1, access(10), [pvid(10)]],
      [10, access(10), [pvid(10)]],
      [3, access(10), [pvid(10)]], // the kernel takes it for the old default
      [0, [{ id: 7 }], ["7"]],
      [5, [{ id: 7 }], ["7"]], // the kernel puts it into the new one
      [7, [{ id: 7 }], ["7"]],
      [0, access(8), [pvid(8)]],
      [9, access(8), [pvid(8)]],
      [8, [{ id: 8, pvid: true }], ["8 PVID"]],
      [4, [{ id: 8, pvid: true }], ["8 PVID"]],
      [6, [{ id: "4-6" }], ["4", "5", "6"]],
    ];
    for (const [vlanDefaultPvid, given, expected] of cases) {
      await settle(scratch, document(vlanDefaultPvid, given));
      assertEquals(vlans(), expected, `${vlanDefaultPvid}`);
    }
    run(scratch, "hub", "ip", "link", "set", "br0", "type", "bridge", "vlan_default_pvid", "0");
    await settle(scratch, document(6, access(20)));
    run(scratch, "hub", "ip", "link", "set", "br0", "type", "bridge", "vlan_default_pvid", "20");
    await settle(scratch, document(6, access(20)));
    assertEquals(vlans(), [pvid(20)]);
    assertEquals((await scratch.destroy(document(6, []))).failed, []);
  });

  it("puts links into a VRF with their routes, and takes them out of it", async () => {
    using scratch = new Scratch();
    const vrf: InterfaceInput = { name: "red", type: "VRF_DEVICE", namespace: "a", vrf: { table: 1000 } };
    const routes: RouteInput[] = [{ name: "r", interface: "left", default: true, gwAddr: "10.1.0.2", table: 1000 }];
    const { interfaces: [left, right] = [] } = wired();
    assert(left !== undefined && right !== undefined);
    const document = (master: string | null | undefined, rules: RouteInput[]): NetworkConfigInput => (
      { interfaces: [{ ...left, master }, right, vrf], routes: rules }
    );
    await settle(scratch, document("red", routes));
    assertObjectMatch(shown(scratch, "a", "eth0"), { master: "red" });
    assert(run(scratch, "a", "ip", "route", "show", "table", "1000").includes("default via 10.1.0.2 dev eth0"));
    assert(run(scratch, "a", "ip", "-6", "addr", "show", "dev", "eth0").includes("fd01::1/64"));
    run(scratch, "a", "ping", "-c", "1", "-W", "10", "-I", "red", "10.1.0.2");
    await settle(scratch, document(null, []));
    assertEquals(shown(scratch, "a", "eth0")["master"], undefined);
    await settle(scratch, document("red", routes)); // a link that is up
    assert(run(scratch, "a", "ip", "-6", "addr", "show", "dev", "eth0").includes("fd01::1/64"));
    assertEquals((await scratch.destroy(document("red", routes))).failed, []);
  });

  it("leaves a link up that a bond does not take, with what it has", async () => {
    using scratch = new Scratch();
    const tun = (master?: string): InterfaceInput => (
      { name: "t0", type: "TUN", namespace: "a", ipAddresses: ["10.8.0.1/24", "fd08::1/64"], master }
    );
    const document = (master?: string): NetworkConfigInput => ({
      ...wired(tun(master), { name: "bond0", type: "BOND", namespace: "a", bond: { mode: "active-backup" } }),
      routes: [{ name: "r", namespace: "a", interface: "t0", dstIpAddr: "10.9.0.0/16" }],
    });
    // A bond that has a member takes none of another type.
    const member: NetworkConfigInput = {
      ...document(),
      interfaces: document().interfaces?.map((one) => one.name === "left" ? { ...one, master: "bond0" } : one),
    };
    await settle(scratch, member);
    const standing = scratch.state("a");
    for (let i = 0; i < 2; i++) {
      const { failed } = await scratch.apply({
        ...member,
        interfaces: member.interfaces?.map((one) => one.name === "t0" ? tun("bond0") : one),
      });
      assertEquals(failed.map(({ item }) => item), ["interface t0"]);
      assertEquals(scratch.state("a"), standing);
    }
    assertEquals((await scratch.apply(member)).lines, []);
    assertEquals((await scratch.destroy(member)).failed, []);
  });

  it("sets members down before a bond takes them, and up when it lets them go", async () => {
    using scratch = new Scratch();
    const bond = (mode: "active-backup" | "balance-rr", primary?: string): InterfaceInput => (
      { name: "bond0", type: "BOND", namespace: "a", ipAddresses: ["10.6.0.1/24"], bond: { mode, primary } }
    );
    const end = (name: string, peer: string, namespace: string, master?: string | null): InterfaceInput =>
      vethEnd(name, peer, { namespace, master });
    const document = (master: string | null, ...more: InterfaceInput[]): NetworkConfigInput => ({
      interfaces: [
        ...["1", "2"].flatMap((n) => [end(`m${n}`, `p${n}`, "a", master), end(`p${n}`, `m${n}`, "b")]),
        { name: "d0", type: "DUMMY", namespace: "a", master },
        ...more,
      ],
    });
    await settle(scratch, document(null));
    const whole = document("bond0", bond("active-backup", "m2"));
    await settle(scratch, whole);
    assertObjectMatch(shown(scratch, "a", "bond0"), {
      linkinfo: { info_data: { mode: "active-backup", primary: "m2" } },
    });
    for (const name of ["m1", "m2", "d0"]) assertObjectMatch(shown(scratch, "a", name), { master: "bond0" });
    await settle(scratch, document("bond0", bond("balance-rr")));
    await settle(scratch, document(null, bond("balance-rr")));
    assertEquals(shown(scratch, "a", "d0")["master"], undefined);
    assertEquals((await scratch.destroy(whole)).failed, []);
  });

  it("gives the VLANs back that a port of somebody else's bridge was in", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink) => {
      netlink.addLink({ kind: "bridge", name: "br0", vlanFiltering: true });
      netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "far" } });
      for (const name of ["lo", "br0", "eth0", "far"]) netlink.setLink(name, { up: true });
      netlink.setLink("eth0", { master: netlink.getLink("br0").index });
    });
    run(scratch, "a", "bridge", "vlan", "add", "dev", "eth0", "vid", "7", "untagged");
    const vlans = (): string => run(scratch, "a", "bridge", "-j", "vlan", "show", "dev", "eth0");
    const initial = vlans();
    const port = (bridgePort?: InterfaceInput["bridgePort"], fields: Partial<InterfaceInput> = {}) => ({
      interfaces: [{ name: "eth0", type: "EXISTING" as const, namespace: "a", bridgePort, ...fields }],
    });
    await settle(scratch, port({ vlans: [{ id: 7 }, { id: "20-22" }, { id: 5, pvid: true, untagged: true }] }));
    run(scratch, "a", "bridge", "vlan", "add", "dev", "eth0", "vid", "9");
    await settle(scratch, port());
    run(scratch, "a", "bridge", "vlan", "del", "dev", "eth0", "vid", "9");
    assertEquals(vlans(), initial);
    await settle(scratch, port({ vlans: [{ id: 30 }] }));
    assertEquals((await scratch.destroy(port())).failed, []);
    assertEquals(vlans(), initial);
    await settle(scratch, port(undefined, { master: null }));
    assertEquals((await scratch.destroy(port())).failed, []);
    assertEquals(vlans(), initial);
  });
});
