import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NetlinkError } from "@netns/netns";
import { describeAsRoot, traces } from "../support/traces.ts";
import { writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { untyped } from "../../support/untyped.ts";
import { scratch, wired } from "./support.ts";

/** How a request is refused: its code, its name, and what to do about it. */
function refused(call: () => unknown): readonly [code: string, request: string, remedy: string | undefined] {
  const { code, request, remedy } = assertThrows(call, NetlinkError);
  return [code, request, remedy];
}

const TAKEN = "is taken: choose another, or delete that link";
const TAKEN_THERE = "is taken in the other namespace: choose another, or delete that link";

describeAsRoot("NetlinkError.field", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is the field that the kernel refuses, an option of a kind and of other families too", () => {
    using here = wired();
    const { netlink, ns } = here;
    using nftables = ns.nftables();
    using ethtool = ns.ethtool();
    const table = { family: "ip", name: "nat" } as const;
    const rule = { family: "ip", table: "nat", chain: "absent", expr: [{ accept: null }] } as const;
    const refusals: readonly (readonly [field: string, call: () => void])[] = [
      ["id", () => netlink.addLink({ kind: "vxlan", name: "vx0", id: 2 ** 24, port: 4789 })],
      ["address", () => netlink.addLink({ kind: "vxlan", name: "vx0", id: 7, address: "01:00:00:00:00:01" })],
      ["combined", () => ethtool.setChannels("left", { combined: 99 })],
      ["table", () => nftables.apply([{ add: { rule } }])],
      ["chain", () => nftables.apply([{ add: { table } }, { add: { rule } }])],
    ];
    for (const [field, call] of refusals) assertEquals(assertThrows(call, NetlinkError).field, field);
  });
});

describeAsRoot("NetlinkError.remedy, where IPv6 is switched off", () => {
  it("says with which sysctl, for an address and a route", () => {
    using here = wired();
    writeSysctl(here.ns, "net.ipv6.conf.all.disable_ipv6", "1");
    const remedy = "in this namespace, set net.ipv6.conf.LINK.disable_ipv6 to 0, of `all` or of the link";
    const { netlink } = here;
    assertEquals(refused(() => netlink.addAddress("left", "fd00::1/64"))[2], remedy);
    assertEquals(refused(() => netlink.addRoute({ dst: "fd01::/64", link: "left" }))[2], remedy);
    netlink.addRoute({ dst: "fd02::/64", type: "prohibit" });
    assertEquals(refused(() => netlink.getRoute("fd02::1")), ["EACCES", "RTM_GETROUTE fd02::1", undefined]);
  });
});

describeAsRoot("NetlinkError.remedy (N23)", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("says which end of a pair has a name or an index that is taken", () => {
    using here = wired();
    using there = wired();
    const { netlink } = here;
    const cases = [
      [{ name: "left" }, { name: "b" }, `the name "left" ${TAKEN}`],
      [{ name: "a" }, { name: "left" }, `the name "left", of the peer, ${TAKEN}`],
      [{ name: "a" }, { name: "left", netns: there.ns }, `the name "left", of the peer, ${TAKEN_THERE}`],
      [{ name: "left", netns: there.ns }, { name: "a" }, `the name "left" ${TAKEN_THERE}`],
      [
        { name: "left", netns: there.ns },
        { name: "right", netns: there.ns },
        `the name "left" or the name "right", of the peer, ${TAKEN_THERE}`,
      ],
      [{ name: "a" }, { name: "a" }, "both ends have one name: choose another for the peer"],
      [{ name: "a", index: here.right }, { name: "b" }, `the index ${here.right} ${TAKEN}`],
    ] as const;
    for (const [own, peer, remedy] of cases) {
      assertEquals(refused(() => netlink.addLink({ kind: "veth", ...own, peer })), [
        "EEXIST",
        `RTM_NEWLINK ${own.name} with peer ${peer.name}`,
        remedy,
      ]);
    }
  });

  it("says that the index of a peer is taken", () => {
    using here = wired();
    const pair = { kind: "veth", name: "a", index: 77, peer: { name: "b", index: here.right } } as const;
    const remedy = `the index ${here.right}, of the peer, ${TAKEN}`;
    assertEquals(refused(() => here.netlink.addLink(pair)), ["EBUSY", "RTM_NEWLINK a with peer b", remedy]);
  });

  it("names both names of a link that is renamed", () => {
    using here = wired();
    const renamed = ["EEXIST", "RTM_NEWLINK left, to be named right", `the name "right" ${TAKEN}`] as const;
    assertEquals(refused(() => here.netlink.setLink({ name: "left" }, { name: "right" })), renamed);
    assertEquals(
      refused(() => here.netlink.setLink({ index: here.left }, { name: "right" })),
      ["EEXIST", `RTM_NEWLINK link ${here.left}, to be named right`, `the name "right" ${TAKEN}`],
    );
    const listed = here.netlink.getLink({ index: here.left });
    assertEquals(refused(() => here.netlink.setLink(listed, { name: "right" })), renamed);
  });

  it("says that a link which is named by its index is missing, or what it lacks", () => {
    using here = wired();
    const { netlink, left, right } = here;
    const missing = (field: string): string =>
      `${field} is 4711, and this namespace has no link of that index: see listLinks()`;
    const remedy = (call: () => unknown): string | undefined => refused(call)[2];
    assertEquals(remedy(() => netlink.setLink({ index: left }, { master: 4711 })), missing("master"));
    assertEquals(
      remedy(() => netlink.addLink({ kind: "veth", name: "a", master: 4711, peer: { name: "b" } })),
      missing("master"),
    );
    assertEquals(
      remedy(() => netlink.setLink({ index: left }, { master: right })),
      `master is ${right}: expected a bridge, bond, team or VRF; a bond or team takes no link whose hardware address ` +
        "the kernel does not change, such as an ifb",
    );
    assertEquals(remedy(() => netlink.addRoute({ dst: "10.1.0.0/16", linkIndex: 4711 })), missing("linkIndex"));
    assertEquals(
      remedy(() => netlink.addRoute({ dst: "10.1.0.0/16", nextHops: [{ linkIndex: left }, { linkIndex: 4711 }] })),
      missing("linkIndex"),
    );
    for (const dst of ["default", "10.1.0.0/16", "2001:db8::/32"]) {
      assertEquals(refused(() => netlink.addRoute({ dst })), [
        "ENODEV",
        `RTM_NEWROUTE ${dst}`,
        "give the route a gateway, a linkIndex or nextHops",
      ]);
    }
  });

  it("says that a kind which stands on another link is not given one", () => {
    using here = scratch();
    for (const kind of ["macvlan", "macvtap"] as const) {
      assertEquals(refused(() => here.netlink.addLink(untyped({ kind, name: "x" }))), [
        "EINVAL",
        "RTM_NEWLINK x",
        `give it a link: the one below, on which a ${kind} stands`,
      ]);
    }
  });

  it("names the option of a bridge that the kernel lacks, and what of the kernel it needs", () => {
    using here = scratch();
    try {
      here.netlink.addLink({ kind: "bridge", name: "br", vlanFiltering: true });
    } catch (error) {
      assert(error instanceof NetlinkError && error.code === "EOPNOTSUPP");
      assertMatch(error.remedy ?? "", /^vlanFiltering needs CONFIG_BRIDGE_VLAN_FILTERING in the kernel: /);
    }
  });

  it("is the same in a batch, and its message ends with it", () => {
    using here = wired();
    const pair = { kind: "veth", name: "a", peer: { name: "left" } } as const;
    const remedy = `the name "left", of the peer, ${TAKEN}`;
    assertEquals(here.netlink.tryBatch((batch) => batch.addLink(pair))[0]?.remedy, remedy);
    const error = assertThrows(() => here.netlink.batch((batch) => batch.addLink(pair)), NetlinkError);
    assertEquals(error.message, `RTM_NEWLINK a with peer left (request 1 of 1): File exists (EEXIST); ${remedy}`);
    assertEquals(error.reason, "RTM_NEWLINK a with peer left (request 1 of 1): File exists (EEXIST)");
  });

  it("is absent where the kernel says it, and where nothing is known", () => {
    using here = wired();
    assertEquals(refused(() => here.netlink.setLink({ index: here.left }, { mtu: 9_999_999 }))[2], undefined);
    assertEquals(refused(() => here.netlink.setLink({ index: 4711 }, { up: true }))[2], undefined);
    assertEquals(refused(() => here.netlink.addRoute({ dst: "10.1.0.0/16", gateway: "192.0.2.1" }))[2], undefined);
  });
});
