/** Links of every kind: by `ip`, by their specification, and by what was listed, they are the same to `ip`. */
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { LinkSpec } from "@netns/netns";
import { Scene } from "../../../../e2e/ip_scene.ts";
import { asFarAs, optionsOf } from "../../../../e2e/ip_options.ts";
import type { IpLink } from "../../../../e2e/ip_links.ts";
import { traces } from "../../../../integration/support/traces.ts";
import { CASES } from "../../../../unit/netlink/link/kinds/cases.ts";

/** The index of each `x`: an `ip` that goes on running looks a name up once. */
const INDEX = 50;

/** A scene with what the cases stand on. */
class KindScene extends Scene {
  constructor() {
    super();
    for (const [name, index] of [["d0", 20], ["d1", 21]] as const) this.netlink.addLink({ kind: "ifb", name, index });
  }

  /** What `ip` says of the options of `x`, without what each link has of its own. */
  options(): IpLink["linkinfo"] {
    const [link] = JSON.parse(this.ask("link show x")) as IpLink[];
    const { info_data = {}, ...rest } = link?.linkinfo ?? {};
    const OWN = /_timer$|^(seq_nr|bridge_id|root_id|sci)$/;
    return { ...rest, info_data: Object.fromEntries(Object.entries(info_data).filter(([key]) => !OWN.test(key))) };
  }
}

/** Has the kernel load each module: those of tunnels make a link of their own in every namespace. */
function loadModules(): void {
  using scene = new KindScene();
  const kinds = new Map(CASES.filter(({ kernel }) => kernel === undefined).map(({ spec }) => [spec.kind, spec]));
  for (const spec of kinds.values()) {
    scene.netlink.addLink(spec);
    scene.netlink.deleteLink("x");
  }
}

describe("Netlink.addLink() and getLink() of every kind", () => {
  let start: unknown;
  let scene: KindScene; // one for all: each namespace takes long to go
  before(() => {
    loadModules();
    start = traces();
    scene = new KindScene();
  });
  after(() => {
    scene[Symbol.dispose]();
    assertEquals(traces(), start);
  });

  for (const { command, spec, kernel } of CASES) {
    if (kernel !== undefined) continue;
    it(`are as ip: ${command}`, () => {
      const { netlink } = scene;
      if (netlink.listLinks().some(({ name }) => name === "x")) netlink.deleteLink("x"); // of a case that failed
      scene.ask(command.replace(" x ", ` x index ${INDEX} `));
      const theirs = scene.options();
      const { kind, data } = netlink.getLink("x");
      assertEquals(kind, theirs?.info_kind);
      // Each field that ip says.
      const indexOf = (name: string): number => netlink.getLink(name).index;
      const said = optionsOf(kind, theirs?.info_data, indexOf);
      if (data !== undefined) assertEquals(asFarAs(data, said), said);
      netlink.deleteLink("x");
      netlink.addLink({ ...spec, index: INDEX });
      assertEquals(scene.options(), theirs, "made by its specification");
      netlink.deleteLink("x");
      const listed = { kind, ...data, name: "x", index: INDEX } as LinkSpec; // the kinds without options have no data
      netlink.addLink(listed);
      assertEquals(scene.options(), theirs, "made by what was listed");
      const again = netlink.getLink("x").data;
      netlink.deleteLink("x");
      if (data?.kind === "bridge" && again?.kind === "bridge") {
        const { bridgeId: _a, rootId: _b, ...one } = data;
        const { bridgeId: _c, rootId: _d, ...other } = again;
        return assertEquals(other, one);
      }
      if (data?.kind === "hsr" || data?.kind === "macsec") return; // which have a number of their own
      assertEquals(again, data, "listed again");
    });
  }
});

interface IpVlans {
  readonly ifname: string;
  readonly vlans: readonly { readonly vlan: number; readonly flags?: readonly string[] }[];
}

interface IpForwarding {
  readonly mac: string;
  readonly ifname: string;
  readonly vlan?: number;
  readonly dst?: string;
  readonly master?: string;
  readonly state: string;
  readonly flags: readonly string[];
}

describe("Netlink.listBridgeVlans() and listForwardingEntries()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  /** A bridge that keeps VLANs apart, and its port `d0`. */
  function bridged(): KindScene {
    const scene = new KindScene();
    scene.netlink.addLink({ kind: "bridge", name: "br0", index: 30, vlanFiltering: true, up: true });
    scene.netlink.setLink("d0", { master: "br0" });
    return scene;
  }

  const ofBridge = <T>(scene: Scene, ...args: string[]): T[] =>
    JSON.parse(scene.run("bridge", ["-j", ...args]) || "[]");

  it("say of VLANs what bridge says, and take each away and back, alone among its twins", () => {
    using scene = bridged();
    const { netlink } = scene;
    scene.run("bridge", ["vlan", "add", "dev", "d0", "vid", "7", "pvid", "untagged"]);
    netlink.addBridgeVlan("d0", { id: [10, 14] });
    netlink.deleteBridgeVlan("d0", { id: [11, 12] });
    netlink.addBridgeVlan("br0", { id: 99, untagged: true, self: true });
    netlink.setLink("d1", { master: "br0" });
    const twins = [
      "d1 vid 7",
      "d1 vid 10-14 untagged",
      "d1 vid 99 pvid",
      "br0 vid 7 self",
      "br0 vid 10-14 untagged self",
    ];
    for (const twin of twins) scene.run("bridge", ["vlan", "add", "dev", ...twin.split(" ")]);
    const theirs = () => ofBridge<IpVlans>(scene, "vlan", "show");
    const ours = () => netlink.listBridgeVlans();
    const same = (): void =>
      assertEquals(
        ours(),
        theirs().flatMap(({ ifname, vlans }) =>
          vlans.map(({ vlan, flags = [] }) => ({
            linkIndex: netlink.getLink(ifname).index,
            id: vlan,
            pvid: flags.includes("PVID"),
            untagged: flags.includes("Egress Untagged"),
            self: ifname === "br0",
          }))
        ),
      );
    same();
    assertEquals(netlink.listBridgeVlans({ link: "d0" }).map(({ id }) => id), [1, 7, 10, 13, 14]);
    const [before_] = [theirs()];
    for (const vlan of ours()) {
      const all = ours();
      netlink.deleteBridgeVlan(vlan);
      assertEquals(ours(), all.filter(({ linkIndex, id }) => linkIndex !== vlan.linkIndex || id !== vlan.id));
      netlink.addBridgeVlan(vlan);
      assertEquals(ours(), all);
    }
    assertEquals(theirs(), before_);
  });

  it("take and list all VLANs that there are on a port, in one range or each with flags of its own", () => {
    using scene = bridged();
    const { netlink } = scene;
    const ids = Array.from({ length: 4094 }, (_, i) => i + 1);
    netlink.addBridgeVlan("d0", { id: [1, 4094] });
    const ours = () => netlink.listBridgeVlans({ link: "d0" });
    assertEquals(ours().map(({ id }) => id), ids);
    netlink.batch((batch) => { // so that the kernel can put none of them together
      for (const id of ids) if (id % 2 === 1) batch.addBridgeVlan({ index: 20 }, { id, untagged: true });
    });
    assertEquals(ours().map(({ untagged }) => untagged), ids.map((id) => id % 2 === 1));
    netlink.deleteBridgeVlan("d0", { id: [2, 4094] });
    assertEquals(ours().map(({ id }) => id), [1]);
  });

  it("say of forwarding entries what bridge says", () => {
    using scene = bridged();
    const { netlink } = scene;
    netlink.addLink({ kind: "vxlan", name: "vx0", id: 7, port: 4789, link: "v0" });
    netlink.addForwardingEntry({ link: "d0", address: "02:00:00:00:00:09", master: true, state: "static", vlan: 1 });
    scene.run("bridge", "fdb add 02:00:00:00:00:0a dev d0 master static sticky vlan 1".split(" "));
    scene.run("bridge", "fdb add 02:00:00:00:00:0b dev vx0 dst 10.9.0.2".split(" "));
    scene.run("bridge", "fdb append 00:00:00:00:00:00 dev vx0 dst 10.9.0.3 via v0".split(" "));
    const text = (entry: object): string => JSON.stringify(entry, Object.keys(entry).sort());
    const ours = netlink.listForwardingEntries().map((entry) => {
      const { linkIndex, address, ip, vlan, master, state, self, sticky } = entry;
      return text({ linkIndex, address, ip, vlan, master, state, self, sticky });
    });
    const indexOf = (name: string): number => netlink.getLink(name).index;
    const theirs = ofBridge<IpForwarding>(scene, "fdb", "show").map((
      { mac, ifname, vlan, dst, master, state, flags },
    ) =>
      text({
        linkIndex: indexOf(ifname),
        address: mac,
        ip: dst,
        vlan,
        master: master === undefined ? undefined : indexOf(master),
        state: state === "" ? "reachable" : state,
        self: flags.includes("self"),
        sticky: flags.includes("sticky"),
      })
    );
    assert(ours.length >= 6, `${ours.length}`);
    assertEquals(ours.sort(), theirs.sort());
  });
});

describe("Netlink.setLink() of bonds and their ports", () => {
  let start: unknown;
  before(() => {
    loadModules();
    start = traces();
  });
  after(() => assertEquals(traces(), start));

  it("changes the options of a bond that exists, and of its ports", () => {
    using scene = new KindScene();
    const { netlink } = scene;
    netlink.addLink({ kind: "bond", name: "bond0", mode: "active-backup", miimon: 100 });
    for (const link of ["d0", "d1"]) netlink.setLink(link, { master: "bond0" });
    netlink.setLink("bond0", { bond: { primary: "d1", primaryReselect: "failure", updelay: 200, activeSlave: "d0" } });
    netlink.setLink("d1", { bondPort: { prio: -7 } });
    const { data } = netlink.getLink("bond0");
    assert(data?.kind === "bond");
    assertEquals([data.primary, data.primaryReselect, data.updelay, data.mode], [21, "failure", 200, "active-backup"]);
    assertEquals(netlink.getLink("d1").bondPort?.prio, -7);
    for (const [name, key] of [["d0", "info_slave_data"], ["bond0", "info_data"]] as const) {
      const [link] = scene.json<IpLink>(`-j -d link show ${name}`);
      const ours = name === "d0" ? netlink.getLink(name).bondPort : netlink.getLink(name).data;
      const said = optionsOf(
        name === "d0" ? "bond port" : "bond",
        link?.linkinfo?.[key],
        (other) => netlink.getLink(other).index,
      );
      assertEquals(asFarAs(ours, said), said, name);
    }
  });

  it("says which option the kernel refuses in this mode", () => {
    using scene = new KindScene();
    const { netlink } = scene;
    netlink.addLink({ kind: "bond", name: "bond0", mode: "balance-rr" });
    const message = ((): string => {
      try {
        netlink.setLink("bond0", { bond: { adLacpRate: "fast" } });
        return "";
      } catch (error) {
        return String(error);
      }
    })();
    assert(message.includes("EACCES"), message);
  });
});
