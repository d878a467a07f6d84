import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { close, MNT_DETACH, mount, MS_BIND, O_CREAT, O_RDONLY, open, umount, unlink } from "../../../../ffi/mod.ts";
import { pictureOfSystem } from "../../../../src/graph/sources/live.ts";
import type { PictureEdge, PictureNamespace } from "../../../../src/graph/picture.ts";
import type { Netlink } from "../../../../src/netlink/netlink.ts";
import { NsHandle } from "../../../../src/netns/handle.ts";
import { NsHandler } from "../../../../src/ns_handler.ts";
import { describeAsRoot, scratchName, scratchNamespace, settled, traces } from "../../support/traces.ts";

/** The namespaces with these names, and the edges between them. */
function look(
  ...names: readonly string[]
): { namespaces: PictureNamespace[]; edges: PictureEdge[]; warnings: string[] } {
  const { picture, warnings } = pictureOfSystem(new NsHandler({ docker: false }));
  return {
    namespaces: names.map((name) => {
      const found = picture.namespaces.find((ns) => ns.name === name);
      assert(found !== undefined, `${name} is missing`);
      return found;
    }),
    edges: picture.edges.filter(({ from, to }) => names.includes(from.namespace) && names.includes(to.namespace)),
    warnings: [...warnings],
  };
}

const inside = <T>(name: string, fn: (netlink: Netlink, ns: NsHandle) => T): T => {
  using ns = NsHandle.fromName(name);
  using netlink = ns.netlink();
  return fn(netlink, ns);
};

/** Waits until the kernel has noticed that the links have no carrier, which it does on a work queue. */
async function carrierLost(name: string, ...links: readonly string[]): Promise<void> {
  const isLost = (netlink: Netlink) => links.every((link) => !netlink.getLink({ name: link }).lowerUp);
  for (let tries = 0; tries < 200 && !inside(name, isLost); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describeAsRoot("pictureOfSystem()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("has links with state, addresses and masters, and routes and neighbours", async () => {
    using blue = scratchNamespace();
    inside(blue.name, (netlink) => {
      netlink.addLink({ kind: "bridge", name: "br0", up: true });
      netlink.addLink({ kind: "veth", name: "port", peer: { name: "far" } });
      const bridge = netlink.getLink({ name: "br0" });
      netlink.setLink({ name: "port" }, { master: bridge.index, up: true, mtu: 1400 });
      netlink.addAddress({ name: "br0" }, "10.1.0.1/24");
      netlink.addAddress({ name: "br0" }, "fe80::1/64");
      netlink.addAddress({ name: "lo" }, "10.9.9.9/32");
      netlink.addRoute({ dst: "10.2.0.0/16", type: "blackhole" });
      netlink.addNeighbour({ linkIndex: bridge.index, ip: "10.1.0.9", address: "02:00:00:00:00:09" });
    });
    await carrierLost(blue.name, "br0", "port");
    const { namespaces: [shown], edges } = await settled(
      () => look(blue.name),
      ({ namespaces: [shown] }) => shown?.links[1]?.state === "no carrier",
    );
    assertEquals(
      shown?.links.map(({ name, kind, state, mtu, addresses, master }) => [name, kind, state, mtu, addresses, master]),
      [
        ["lo", undefined, "down", 65_536, ["10.9.9.9/32"], undefined],
        ["br0", "bridge", "no carrier", 1400, ["10.1.0.1/24"], undefined],
        ["far", "veth", "down", 1500, [], undefined],
        ["port", "veth", "no carrier", 1400, [], "br0"],
      ],
    );
    assertEquals(shown?.routes, [{ destination: "10.2.0.0/16", type: "blackhole" }]);
    assertEquals(shown?.neighbours, [{ ip: "10.1.0.9", address: "02:00:00:00:00:09", link: "br0" }]);
    const end = (link: string) => ({ namespace: blue.name, link });
    assertEquals(edges, [{ from: end("far"), to: end("port"), kind: "veth" }], "once, and within the namespace");
  });

  it("distinguishes pairs whose ends have the same indices", () => {
    using a = scratchNamespace();
    using b = scratchNamespace();
    using c = scratchNamespace();
    using d = scratchNamespace();
    for (const [left, right] of [[a, b], [c, d]] as const) {
      inside(right.name, (_, ns) => {
        inside(left.name, (netlink) => {
          netlink.addLink({ kind: "veth", name: "l", index: 77, peer: { name: "r", index: 78, netns: ns } });
        });
      });
    }
    const { edges } = look(a.name, b.name, c.name, d.name);
    const pairs = edges.map(({ from, to }) => [`${from.namespace} ${from.link}`, `${to.namespace} ${to.link}`].sort());
    const expected = [[`${a.name} l`, `${b.name} r`], [`${c.name} l`, `${d.name} r`]].map((pair) => pair.sort());
    assertEquals(pairs.toSorted(), expected.toSorted());
  });

  it("has an edge from a macvlan to its parent in another namespace", () => {
    using below = scratchNamespace();
    using above = scratchNamespace();
    inside(above.name, (_, ns) => {
      inside(below.name, (netlink) => {
        netlink.addLink({ kind: "veth", name: "v", peer: { name: "w" } });
        const link = netlink.getLink({ name: "v" }).index;
        netlink.addLink({ kind: "macvlan", name: "mine", link });
        netlink.addLink({ kind: "macvlan", name: "theirs", link });
        netlink.setLink({ name: "theirs" }, { netns: ns });
      });
    });
    const { namespaces: [shown], edges } = look(below.name, above.name);
    assertEquals(shown?.links.find(({ name }) => name === "mine")?.on, "v");
    assertEquals(edges.find(({ kind }) => kind === "macvlan"), {
      from: { namespace: above.name, link: "theirs" },
      to: { namespace: below.name, link: "v" },
      kind: "macvlan",
    });
  });

  it("remarks on a link whose other end was not found", () => {
    using blue = scratchNamespace();
    using hidden = NsHandle.create();
    inside(blue.name, (netlink) => {
      netlink.addLink({ kind: "veth", name: "here", index: 4, peer: { name: "there", index: 5, netns: hidden } });
    });
    const [shown] = look(blue.name).namespaces;
    assertEquals(shown?.links[0]?.note, "its other end, link 5, is in a namespace that was not found");
    using netlink = hidden.netlink();
    netlink.deleteLink({ index: 5 });
  });

  it("finds a namespace mounted on a file elsewhere, and each namespace once", () => {
    using blue = scratchNamespace();
    using hidden = NsHandle.create();
    const files = [`/run/${scratchName()} a`, `/run/${scratchName()}`] as const;
    const mounted: string[] = [];
    try {
      for (const [at, path] of files.entries()) {
        close(open(path, O_RDONLY | O_CREAT, 0o600));
        mounted.push(path);
        mount(at === 0 ? `/proc/self/fd/${hidden.fd}` : `/var/run/netns/${blue.name}`, path, "none", MS_BIND);
      }
      const { namespaces: [found, named] } = look(`FILE:${files[0]}`, blue.name);
      assertEquals([found?.aliases, found?.links], [[], []]);
      assertEquals(named?.aliases, [], "the name is enough");
    } finally {
      for (const path of mounted) {
        umount(path, MNT_DETACH); // another process may look at it
        unlink(path);
      }
    }
  });

  it("warns of a stale file", () => {
    using blue = scratchNamespace();
    const stale = scratchName();
    const path = `/var/run/netns/${stale}`;
    close(open(path, O_RDONLY | O_CREAT, 0o600));
    try {
      assertEquals(
        look(blue.name).warnings.filter((line) => line.includes(stale)),
        [`${stale} is a stale file; netns del removes it`],
      );
    } finally {
      unlink(path);
    }
  });

  it("has the default namespace first, as PID:0", () => {
    const { picture } = pictureOfSystem(new NsHandler({ docker: false }));
    assertEquals(picture.namespaces[0]?.name, "PID:0");
    assertEquals(picture.namespaces.filter(({ name }) => name === "PID:0").length, 1);
  });
});
