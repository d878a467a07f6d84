/** Kinds of links that not every kernel has: made, listed and used, each compared with what `ip` says of it. */
import { spawnSync } from "node:child_process";
import { assertEquals, assertObjectMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { LinkSpec, Netlink, NsHandle } from "@netns/netns";
import { sameLinks, Scene } from "../../../../e2e/ip_scene.ts";
import { refusal } from "../../../../integration/netlink/support.ts";
import { traces } from "../../../../integration/support/traces.ts";

/** Sends one packet to `address` and waits for the answer, by the link `by` if it is given. */
function ping(from: NsHandle, address: string, by?: string): void {
  const args = ["-c", "1", "-W", "10", ...by === undefined ? [] : ["-I", by], address];
  const { status, stdout, stderr } = from.run(() => spawnSync("ping", args, { encoding: "utf8" }));
  assertEquals(status, 0, `${stdout}${stderr}`);
}

/** Gives a link an address, sets it up, and gives its index. */
function use(netlink: Netlink, name: string, address: string): number {
  const { index } = netlink.getLink({ name });
  netlink.setLink({ index }, { up: true });
  netlink.addAddress({ index }, address);
  return index;
}

describe("Netlink.addLink() of every kind", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const LOWER = 10; // of the scene
  const KINDS: readonly { readonly spec: LinkSpec; readonly data: Readonly<Record<string, unknown>> }[] = [
    { spec: { kind: "dummy", name: "d0", mtu: 9000, address: "02:00:00:00:00:07" }, data: {} },
    { spec: { kind: "vlan", name: "q5", link: LOWER, id: 5 }, data: { protocol: "802.1Q", id: 5 } },
    { spec: { kind: "vlan", name: "ad4094", link: LOWER, id: 4094, protocol: 0x88a8 }, data: { protocol: "802.1ad" } },
    { spec: { kind: "vrf", name: "red", table: 1000, up: true }, data: { table: 1000 } },
    { spec: { kind: "bridge", name: "br0", vlanFiltering: true }, data: { vlan_filtering: 1, vlan_default_pvid: 1 } },
    { spec: { kind: "bridge", name: "br1", vlanFiltering: false, stpState: 1 }, data: { vlan_filtering: 0 } },
    { spec: { kind: "ipvlan", name: "l2", link: LOWER }, data: { mode: "l2" } },
    { spec: { kind: "ipvlan", name: "l3", link: LOWER, mode: "l3" }, data: { mode: "l3" } },
    { spec: { kind: "ipvlan", name: "l3s", link: LOWER, mode: "l3s" }, data: { mode: "l3s" } },
  ];
  for (const { spec, data } of KINDS) {
    it(`makes a ${spec.kind} that ip sees as it was specified: ${spec.name}`, async () => {
      using scene = new Scene();
      scene.netlink.addLink(spec);
      const link = (await sameLinks(scene)).find(({ ifname }) => ifname === spec.name);
      assertObjectMatch(link?.linkinfo ?? {}, {
        info_kind: spec.kind,
        ...Object.keys(data).length > 0 ? { info_data: data } : {},
      });
      assertEquals(link?.flags.includes("UP"), spec.up === true);
      if (spec.mtu !== undefined) assertEquals(link?.mtu, spec.mtu);
      if (spec.address !== undefined) assertEquals(link?.address, spec.address);
      if ("link" in spec) assertEquals(link?.link, "v0");
      scene.netlink.deleteLink({ name: spec.name });
      assertEquals(refusal(() => scene.netlink.getLink({ name: spec.name })).code, "ENODEV");
    });
  }

  it("carries packets over a VLAN, and over one within another", () => {
    using scene = new Scene();
    using far = scene.there.netlink();
    for (const [netlink, link, host] of [[scene.netlink, 10, 1], [far, 11, 2]] as const) {
      netlink.addLink({ kind: "vlan", name: "outer", link, id: 5, protocol: 0x88a8 });
      const outer = use(netlink, "outer", `10.5.0.${host}/24`);
      netlink.addLink({ kind: "vlan", name: "inner", link: outer, id: 5 });
      use(netlink, "inner", `10.55.0.${host}/24`);
    }
    ping(scene.here, "10.5.0.2");
    ping(scene.here, "10.55.0.2");
  });

  it("puts a VLAN and an ipvlan into other namespaces than the link below them", async () => {
    using scene = new Scene();
    using far = scene.there.netlink();
    use(far, "v1", "10.1.0.1/24");
    using third = new Scene();
    scene.netlink.addLink({ kind: "vlan", name: "q5", link: 10, id: 5, netns: third.here });
    scene.netlink.addLink({ kind: "ipvlan", name: "iv0", link: 10, netns: third.here });
    use(third.netlink, "iv0", "10.1.0.2/24");
    ping(third.here, "10.1.0.1");
    for (const name of ["q5", "iv0"]) {
      const { peerIndex, linkNetnsid } = third.netlink.getLink({ name });
      assertEquals([peerIndex, linkNetnsid], [10, third.netlink.getNamespaceId(scene.here)], name);
    }
    await sameLinks(third);
  });

  it("makes links ports of a VRF, whose table then has their routes", async () => {
    using scene = new Scene();
    using far = scene.there.netlink();
    use(far, "v1", "10.1.0.2/24");
    scene.netlink.addLink({ kind: "vrf", name: "red", table: 1000, up: true });
    const master = scene.netlink.getLink({ name: "red" }).index;
    scene.netlink.setLink({ index: 10 }, { master });
    use(scene.netlink, "v0", "10.1.0.1/24");
    assertEquals(scene.netlink.getLink({ name: "v0" }).master, master);
    const connected = scene.netlink.listRoutes({ table: 1000 }).filter(({ type }) => type === "unicast");
    assertEquals(connected.map(({ dst }) => dst).filter((dst) => dst.startsWith("10.")), ["10.1.0.0/24"]);
    assertEquals(scene.netlink.listRoutes({ table: 254 }).filter(({ dst }) => dst.startsWith("10.")), []);
    ping(scene.here, "10.1.0.2", "red");
    await sameLinks(scene);
    scene.netlink.setLink({ index: 10 }, { master: 0 });
    assertEquals(scene.netlink.getLink({ name: "v0" }).master, undefined);
  });

  it("passes on why the kernel refuses what it knows", () => {
    using scene = new Scene();
    const { netlink } = scene;
    netlink.addLink({ kind: "vlan", name: "q5", link: 10, id: 5 });
    assertEquals(
      refusal(() => netlink.addLink({ kind: "vlan", name: "again", link: 10, id: 5 })),
      { code: "EEXIST", detail: "8021q: VLAN device already exists" },
    );
    assertEquals(
      refusal(() => netlink.addLink({ kind: "vlan", name: "large", link: 10, id: 4096 })),
      { code: "ERANGE", detail: "8021q: Invalid VLAN id" },
    );
    netlink.deleteLink({ index: 10 });
    assertEquals(netlink.listLinks().map(({ name }) => name), ["lo"], "a VLAN goes with the link below it");
  });
});

describe("Netlink.listLinks() of every kind", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("says of the links that ip made all that ip says", async () => {
    using scene = new Scene();
    scene.batch([
      "link add a0 type veth peer name a1",
      "link add br0 type bridge stp_state 1 vlan_filtering 1",
      "link set a0 master br0",
      "link set a0 type bridge_slave cost 7 priority 9 hairpin on learning off isolated on",
      "link set br0 up",
      "link add vl0 link v0 type vlan id 7",
      "link add vl1 link v0 type vlan protocol 802.1ad id 8",
      "link add vl2 link vl1 type vlan id 9 reorder_hdr off",
      "link add iv0 link a1 type ipvlan mode l3s",
      "link add vrf0 type vrf table 1001",
      "link set vl0 master vrf0",
      "link add d0 type dummy",
      "link set a1 up",
      "link set vl1 up",
    ]);
    await sameLinks(scene);
  });
});
