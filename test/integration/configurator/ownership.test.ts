/** The tables of ownership: what stands in the way, whose it is, and what is done about it; a test for each row. */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import {
  type ApplyReport,
  ConfigError,
  Configurator,
  createNamedNamespace,
  deleteNamedNamespace,
  type NetworkConfigInput,
  NsHandle,
  NsHandler,
} from "@netns/netns";
import { close, mkdir, MNT_DETACH, O_CREAT, O_RDONLY, open, rmdir, umount } from "../../../ffi/mod.ts";
import { RTPROT_RA } from "../../../src/netlink/constants/route.ts";
import { leftEnd, rightEnd, vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const FILE = { namespaces: ["blue", "green"], interfaces: [leftEnd(), rightEnd()] };

/** The only failures of a report, as "item: reason". */
const failures = ({ failed }: ApplyReport): string[] => failed.map(({ item, reason }) => `${item}: ${reason}`);

describeAsRoot("Something is in the way", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** Somebody's pair, whose one end has the name of an end of the file. */
  const foreignPair = (scratch: Scratch): void => {
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "theirs" } }));
  };

  it("ours: the least change", async () => {
    using scratch = new Scratch();
    await scratch.apply(FILE);
    const { lines } = await scratch.apply({ ...FILE, interfaces: [leftEnd({ mtu: 1300 }), rightEnd()] });
    assertEquals(lines, ["interface left: set eth0 in blue: mtu 1300"]);
    await scratch.destroy(FILE);
  });

  it("exactly as described, but not ours: unchanged, and left by destroy", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "eth1" } });
      for (const name of ["eth0", "eth1"]) netlink.setLink({ name }, { up: true });
      netlink.setLink({ name: "lo" }, { up: true });
    });
    const file = {
      namespaces: ["blue"],
      interfaces: [
        vethEnd("left", "right", { namespace: "blue", hostIfName: "eth0" }),
        vethEnd("right", "left", { namespace: "blue", hostIfName: "eth1" }),
      ],
    };
    const report = await scratch.apply(file);
    assertEquals([report.lines, report.failed], [[], []]);
    const before = scratch.state("blue");
    await scratch.destroy(file);
    assertEquals(scratch.state("blue"), before);
  });

  it("a stale file at the name of a namespace: left alone, unless an earlier apply made it", async () => {
    using scratch = new Scratch();
    const file = { namespaces: ["blue"] };
    const path = `/var/run/netns/${scratch.name("blue")}`;
    createNamedNamespace(scratch.name("other")).close(); // which makes the directory
    close(open(path, O_RDONLY | O_CREAT, 0));
    const planned = await scratch.configurator.plan(scratch.config(file));
    assertMatch(planned.failed.map(({ reason }) => reason).join(), /EEXIST.*it is stale/);
    for (const _ of ["first", "second"]) {
      assertMatch(failures(await scratch.apply(file)).join(), /^namespace \S+: .*EEXIST.*it is stale/);
    }
    assertEquals((await scratch.destroy(file)).failed, []);
    assert(!scratch.exists("blue"));
    deleteNamedNamespace(scratch.name("blue"));
    await scratch.apply(file);
    umount(path, MNT_DETACH); // as a crash of an apply leaves it
    assertEquals((await scratch.apply(file)).failed, []);
    assert(scratch.exists("blue"));
    deleteNamedNamespace(scratch.name("other"));
    await scratch.destroy(file);
  });

  it("what is no namespace at the name of one: plan says it, and an atomic apply does nothing", async () => {
    using scratch = new Scratch();
    const path = `/var/run/netns/${scratch.name("blue")}`;
    createNamedNamespace(scratch.name("other")).close(); // which makes the directory
    mkdir(path, 0o755);
    try {
      const file = { namespaces: ["blue", "green"] };
      const { failed } = await scratch.configurator.plan(scratch.config(file));
      assertEquals(failed.length, 1);
      assertMatch(failed[0]?.reason ?? "", /EEXIST.*something that is no namespace/);
      assertEquals((await scratch.apply(file, { atomic: true })).lines, []);
      assertEquals([(await scratch.apply(file)).lines.length, scratch.exists("green")], [1, true]);
      await scratch.destroy(file);
    } finally {
      rmdir(path);
    }
    deleteNamedNamespace(scratch.name("other"));
  });

  it("a link that is not adopted either: the hint says so, and why", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "ifb", name: "eth0" }));
    const hint = (await scratch.apply(FILE)).failed[0]?.hint ?? "";
    assertMatch(hint, /apply --adopt does not: it is a link of the kind ifb, which could not be made again/);
    await scratch.destroy(FILE);
  });

  it("a bridge with a port of somebody else: left by destroy, and not made anew", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "theirs", peer: { name: "sriehs" } }));
    const file = (queues?: number) => ({
      interfaces: [{
        name: "br0",
        type: "BRIDGE",
        namespace: "blue",
        ...queues === undefined ? {} : { queues },
      }] as const,
    });
    await scratch.apply(file());
    scratch.in("blue", (netlink) => netlink.setLink("theirs", { master: netlink.getLink("br0").index }));
    const before = scratch.state("blue");
    const refused = await scratch.apply(file(2), { adopt: true });
    assertEquals(failures(refused), [
      "interface br0: br0 in blue is not made anew: the link theirs is a port of it",
    ]);
    const { pending } = await scratch.destroy(file());
    assertEquals(pending.map(({ reason }) => reason), ["br0 in blue is left: the link theirs is a port of it"]);
    assertEquals(scratch.state("blue"), before);
    scratch.in("blue", (netlink) => netlink.setLink("theirs", { master: 0 }));
    assertEquals((await scratch.destroy(file())).failed, []);
    assertEquals(Object.keys(scratch.look("blue")).sort(), ["sriehs", "theirs"]);
  });

  it("a qdisc on a link of ours that would be made anew: failed; ours comes with the new link", async () => {
    using scratch = new Scratch();
    const file = (fields: Parameters<typeof leftEnd>[0]) => ({ ...FILE, interfaces: [leftEnd(fields), rightEnd()] });
    const qdisc = (): unknown =>
      scratch.in("blue", (netlink) => {
        const { kind, handle } = netlink.listQdiscs({ link: "eth0" }).find(({ parent }) => parent === "root") ?? {};
        return [kind, handle];
      });
    await scratch.apply(file({}));
    scratch.in(
      "blue",
      (netlink) => netlink.addQdisc({ link: "eth0", kind: "tbf", handle: "1:", rate: 9000, burst: 5000, limit: 9000 }),
    );
    const before = scratch.look("blue");
    const [failed] = (await scratch.apply(file({ queues: 3 }))).failed;
    assertMatch(failed?.reason ?? "", /^eth0 in blue is not made anew: it would lose the qdisc tbf of eth0 in blue/);
    assertMatch(failed?.hint ?? "", /tc qdisc del dev eth0 root/);
    assertEquals([scratch.look("blue"), qdisc()], [before, ["tbf", "1:"]]);
    scratch.in("blue", (netlink) => netlink.deleteQdisc({ link: "eth0" }));
    await scratch.apply(file({ impair: { rate: "1mbit" } }));
    const report = await scratch.apply(file({ impair: { rate: "1mbit" }, queues: 3 }));
    assertEquals([report.failed, qdisc()], [[], ["tbf", "6e6e:"]]);
    assertEquals((await scratch.apply(file({ impair: { rate: "1mbit" }, queues: 3 }))).lines, []);
    await scratch.destroy(FILE);
  });

  it("another configuration's, also exactly as described: failed, with its name (T25)", async () => {
    using scratch = new Scratch();
    await scratch.apply({ ...FILE, name: "other" });
    const before = [scratch.state("blue"), scratch.state("green")];
    const report = await scratch.apply(FILE);
    assertEquals(report.done, []);
    assertMatch(failures(report)[0] ?? "", /^interface left: eth0 in blue belongs to the configuration "other"$/);
    assertEquals(report.failed.map(({ owner }) => owner), ["other", "other"]);
    assertMatch(report.failed[0]?.hint ?? "", /netns destroy --name other/);
    assertEquals([scratch.state("blue"), scratch.state("green")], before);
    await scratch.destroy(FILE);
    assertEquals([scratch.state("blue"), scratch.state("green")], before);
    await scratch.destroy({ ...FILE, name: "other" });
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [false, false]);
  });

  it("a link of the name: failed, and --adopt takes it over and gives it back (T1)", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    const before = scratch.look("blue");
    const refused = await scratch.apply(FILE);
    assertMatch(
      failures(refused)[0] ?? "",
      /^interface left: eth0 in blue is not this configuration's: .*did not make/,
    );
    assertEquals([refused.failed[0]?.owner, refused.failed[0]?.hint?.includes("--adopt")], [null, true]);
    assertEquals(scratch.look("blue"), before);

    const adopted = await scratch.apply(FILE, { adopt: true });
    assertEquals(adopted.failed, []);
    assert(adopted.lines.includes("interface left: adopt eth0 in blue"), adopted.lines.join("\n"));
    assertEquals((await scratch.apply(FILE)).lines, []);
    const destroyed = await scratch.destroy(FILE);
    assertEquals(destroyed.failed, []);
    assertEquals(scratch.look("blue"), before);
    assertEquals(scratch.exists("green"), false);
  });

  it("one end of somebody's pair, as Docker wires a container: failed, and never adopted; the port stays a port (T2)", async () => {
    using scratch = new Scratch();
    for (const short of ["blue", "host"]) scratch.make(short); // the container, and where its bridge is
    scratch.in("host", (host) => {
      host.addLink({ kind: "bridge", name: "docker0", up: true });
      scratch.in("blue", (netlink, netns) => {
        host.addLink({ kind: "veth", name: "theirs", up: true, peer: { name: "eth0", netns } });
        for (const name of ["lo", "eth0"]) netlink.setLink(name, { up: true });
        netlink.addAddress("eth0", "172.17.0.2/16");
      });
      host.setLink("lo", { up: true });
      host.setLink("theirs", { master: host.getLink("docker0").index });
    });
    const look = (): unknown =>
      ["blue", "host"].map((short) => [
        scratch.state(short),
        scratch.in(short, (netlink) => netlink.listLinks().map(({ name, master }) => [name, master])),
      ]);
    const before = look();
    const file = (namespace: string) => ({
      interfaces: [
        leftEnd({ namespace }),
        vethEnd("right", "left", { namespace: "host", hostIfName: "host0", ipAddresses: ["10.1.0.2/24"] }),
      ],
    });
    for (const namespace of ["blue", `FILE:/run/netns/${scratch.name("blue")}`]) {
      for (const adopt of [false, true]) {
        const { lines, failed } = await scratch.apply(file(namespace), { adopt });
        assertEquals(lines.filter((line) => !line.startsWith("namespace")), []);
        assertMatch(failed[0]?.reason ?? "", /^eth0 in .*blue is not this configuration's/);
        assertEquals(/is not adopted: /.test(failed[0]?.reason ?? ""), adopt, failed[0]?.reason);
        await scratch.destroy(file(namespace));
        assertEquals(look(), before);
      }
    }
  });

  it("one end of a pair whose other end carries addresses: never adopted", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    scratch.in("blue", (netlink) => netlink.addAddress({ name: "theirs" }, "10.9.0.1/24"));
    const before = scratch.look("blue");
    const report = await scratch.apply(FILE, { adopt: true });
    assertMatch(failures(report)[0] ?? "", /^interface left: eth0 in blue .*is not adopted: /);
    assertEquals(scratch.look("blue"), before);
    await scratch.destroy(FILE);
    assertEquals(scratch.look("blue"), before);
  });

  it("the default namespace by another name, where a configuration may not reach that: the item fails", async () => {
    using scratch = new Scratch();
    for (const namespace of [`PID:${process.pid}`, "FILE:/proc/self/ns/net"]) {
      const ends = [vethEnd("a", "b", { namespace }), vethEnd("b", "a", { namespace: "blue" })];
      const config = scratch.config({ namespaces: ["blue"], interfaces: ends });
      const { failed, steps } = await scratch.configurator.plan({ ...config, allowsDefault: false });
      const reason = "its namespace is the default one by another name, which is not allowed here";
      assertEquals(failed.map(({ item, reason }) => `${item}: ${reason}`), [
        `interface a: ${reason}`,
        `interface b: its peer a: ${reason}`,
      ]);
      assertEquals(steps.filter(({ item }) => item.startsWith("interface")), []);
      assertEquals((await scratch.configurator.plan(config)).failed, []);
    }
  });

  it("the default namespace's default route, and the link that it goes by: never adopted, however that is spelled", async () => {
    using scratch = new Scratch();
    const [link, far] = [`d${scratch.name("x").slice(0, 12)}`, `e${scratch.name("x").slice(0, 12)}`];
    const metric = 2 ** 32 - 7; // the last one that the machine would take
    using home = NsHandle.current();
    using netlink = home.netlink();
    netlink.addLink({ kind: "veth", name: link, peer: { name: far } });
    try {
      for (const name of [link, far]) netlink.setLink({ name }, { up: true });
      netlink.addAddress({ name: link }, "198.18.77.1/30");
      netlink.addRoute({ dst: "0.0.0.0/0", gateway: "198.18.77.2", metric });
      const look = (): unknown => [
        netlink.listRoutes({ table: 254 }).filter((route) => route.dst === "0.0.0.0/0"),
        [netlink.getLink({ name: link }), netlink.getLink({ name: far })].map((
          one,
        ) => [one?.index, one?.up, one?.address]),
      ];
      const before = look();
      for (const namespace of [undefined, "PID:0", `PID:${process.pid}`, "FILE:/proc/self/ns/net"]) {
        const by = vethEnd("other", "end", {
          namespace,
          hostIfName: `f${link.slice(1)}`,
          ipAddresses: ["198.18.78.1/30"],
        });
        const end = vethEnd("end", "other", { namespace: "blue" });
        const route = { name: "r", namespace, interface: "other", default: true, gwAddr: "198.18.78.2", metric };
        const routes = { namespaces: ["blue"], interfaces: [by, end], routes: [route] };
        const refused = await scratch.apply(routes, { adopt: true });
        assertMatch(
          failures(refused).join("; "),
          /^route r: the route to 0\.0\.0\.0\/0 .* is not adopted: it is the host's own/,
        );
        await scratch.destroy(routes);
        const links = {
          namespaces: ["blue"],
          interfaces: [vethEnd("p", "q", { namespace, hostIfName: link }), vethEnd("q", "p", { namespace: "blue" })],
        };
        const [failed] = failures(await scratch.apply(links, { adopt: true }));
        assertMatch(
          failed ?? "",
          /^interface p: .* is not adopted: the default route of the default namespace goes by it/,
        );
        await scratch.destroy(links);
        assertEquals(look(), before);
        const exact = {
          interfaces: [
            vethEnd("p", "q", { namespace, hostIfName: link, ipAddresses: ["198.18.77.1/30"] }),
            vethEnd("q", "p", { namespace, hostIfName: far }),
          ],
          routes: [{ name: "r", namespace, interface: "p", default: true, gwAddr: "198.18.77.2", metric }],
        };
        assertEquals((await scratch.configurator.plan(scratch.config(exact))).unchanged, 3);
        const left = await scratch.destroy(exact, { adopt: true });
        assertEquals([left.failed.map(({ item }) => item), left.done], [["interface p", "interface q", "route r"], []]);
        assertEquals(look(), before);
      }
    } finally {
      netlink.deleteLink({ name: link });
    }
  });

  it("a route of the same key: failed, and --adopt replaces it and destroy puts it back (T3)", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "theirs", peer: { name: "sriehs" } });
      netlink.setLink({ name: "theirs" }, { up: true });
      netlink.setLink({ name: "sriehs" }, { up: true });
      netlink.addAddress({ name: "theirs" }, "10.8.0.1/24");
      netlink.addRoute({ dst: "198.51.100.0/24", gateway: "10.8.0.2" });
      netlink.addRoute({ dst: "198.51.101.0/24", linkIndex: netlink.getLink("theirs").index });
      netlink.addRoute({ dst: "0.0.0.0/0", gateway: "10.8.0.2", protocol: RTPROT_RA });
    });
    const routes = (): string[] =>
      scratch.in("blue", (netlink) =>
        netlink.listRoutes({ table: 254 }).filter(({ dst }) => /^(198\.51|0)\./.test(dst))
          .map(({ dst, protocol, nextHops }) => `${dst} ${protocol} ${nextHops[0]?.gateway}`));
    const before = routes();
    const file = {
      ...FILE,
      routes: [
        { name: "r", interface: "left", dstIpAddr: "198.51.100.0/24", gwAddr: "10.1.0.2" },
        { name: "direct", interface: "left", dstIpAddr: "198.51.101.0/24", gwAddr: "10.1.0.2" },
        { name: "d", interface: "left", default: true, gwAddr: "10.1.0.2" },
      ],
    };
    const refused = failures(await scratch.apply(file)).join("\n");
    for (const [name, dst] of [["r", "198.51.100.0/24"], ["direct", "198.51.101.0/24"], ["d", "0.0.0.0/0"]]) {
      assertStringIncludes(refused, `route ${name}: the route to ${dst} in blue is not this configuration's`);
    }
    assertEquals(routes(), before);
    const adopted = await scratch.apply(file, { adopt: true });
    assertEquals(adopted.failed, []);
    assertEquals(routes().filter((one) => one.endsWith("10.1.0.2")).length, 3);
    await scratch.destroy(file);
    assertEquals(routes(), before);
  });

  it("a neighbour: failed, and --adopt replaces it and destroy puts it back", async () => {
    using scratch = new Scratch();
    await scratch.apply({ ...FILE, name: "other" });
    scratch.in("blue", (netlink) => {
      const { index } = netlink.getLink({ name: "eth0" });
      netlink.addNeighbour({ linkIndex: index, ip: "10.1.0.9", address: "02:00:00:00:00:99", state: "permanent" });
    });
    const neighbours = (): string[] =>
      scratch.in(
        "blue",
        (netlink) =>
          netlink.listNeighbours().filter(({ ip }) => ip === "10.1.0.9").map(({ address }) => String(address)),
      );
    const file = {
      arpEntries: [{
        name: "a",
        interface: "eth0",
        namespace: "blue",
        ipAddr: "10.1.0.9",
        hwAddress: "02:00:00:00:00:01",
      }],
    };
    assertMatch(failures(await scratch.apply(file))[0] ?? "", /^ARP entry a: .*is not this configuration's/);
    assertEquals(neighbours(), ["02:00:00:00:00:99"]);
    assertEquals((await scratch.apply(file, { adopt: true })).failed, []);
    assertEquals(neighbours(), ["02:00:00:00:00:01"]);
    await scratch.destroy(file);
    assertEquals(neighbours(), ["02:00:00:00:00:99"]);
    await scratch.destroy({ ...FILE, name: "other" });
  });

  it("the same namespace named in two ways: both items named, nothing done (T6)", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    const file = {
      namespaces: ["green"],
      interfaces: [
        vethEnd("a", "b", { namespace: "blue", hostIfName: "eth0" }),
        vethEnd("b", "a", { namespace: "green", hostIfName: "b0" }),
        vethEnd("c", "d", { namespace: `FILE:/run/netns/${scratch.name("blue")}`, hostIfName: "eth0" }),
        vethEnd("d", "c", { namespace: "green", hostIfName: "d0" }),
      ],
    };
    const error = await assertRejects(() => scratch.apply(file), ConfigError);
    assertMatch(error.message, /interfaces\[2\] \(c\).*interfaces\[0\] \(a\)/);
    assertEquals([scratch.exists("green"), Object.keys(scratch.look("blue"))], [false, []]);
  });

  it("a namespace of two configurations goes with the last of them (T7)", async () => {
    using scratch = new Scratch();
    const other = { name: "other", namespaces: ["blue"] };
    await scratch.apply(FILE);
    await scratch.apply(other);
    await scratch.destroy(FILE);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [true, false]);
    await scratch.destroy(other);
    assertEquals(scratch.exists("blue"), false);
  });

  it("a namespace that stood there before is never deleted (T8)", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    await scratch.apply(FILE);
    await scratch.destroy(FILE);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [true, false]);
    assertEquals(Object.keys(scratch.look("blue")), []);
  });

  it("a namespace that somebody deleted and made anew under our name is foreign", async () => {
    using scratch = new Scratch();
    await scratch.apply(FILE);
    deleteNamedNamespace(scratch.name("blue"));
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "bridge", name: "eth0" }));
    const report = await scratch.destroy(FILE);
    assertEquals(report.failed, []);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [true, false]);
    assertEquals(Object.keys(scratch.look("blue")), ["eth0"]);
  });

  it("a link that somebody deleted and made anew under our name and number is foreign", async () => {
    using scratch = new Scratch();
    await scratch.apply(FILE);
    scratch.in("blue", (netlink) => {
      const { index } = netlink.getLink({ name: "eth0" });
      netlink.deleteLink({ index });
      netlink.addLink({ kind: "veth", name: "eth0", index, peer: { name: "theirs", index: index + 50 } });
    });
    const before = scratch.look("blue");
    const report = await scratch.apply(FILE);
    assertMatch(failures(report)[0] ?? "", /eth0 in blue is not this configuration's/);
    assertEquals(scratch.look("blue"), before);
    await scratch.destroy(FILE);
    assertEquals(scratch.exists("green"), false);
    assertEquals(scratch.look("blue"), before);
  });

  /** Moves the end in green to another namespace, where it gets another number. */
  const moveEnd = (scratch: Scratch, to: string): void => {
    const index = scratch.in("green", (netlink) => netlink.getLink("eth0").index);
    scratch.in(to, (netlink, ns) => {
      netlink.addLink({ kind: "bridge", name: "taken", index });
      scratch.in("green", (theirs) => theirs.setLink("eth0", { netns: ns }));
    });
  };

  it("an end of a pair whose other end somebody moved: apply says whose it is, and where that is", async () => {
    using scratch = new Scratch();
    scratch.make("theirs");
    scratch.in("theirs", (netlink) => netlink.setLink({ name: "lo" }, { up: true }));
    await scratch.apply(FILE);
    moveEnd(scratch, "theirs");
    const standing = [scratch.state("blue"), scratch.state("theirs")];
    const made = "is one end of a pair that this configuration made, and somebody moved";
    for (const adopt of [false, true]) {
      const [failed, ...others] = (await scratch.apply(FILE, { adopt })).failed;
      assertEquals([failed?.item, failed?.reason], [
        "interface left",
        `eth0 in blue ${made} its other end, which is eth0 in theirs now`,
      ]);
      assertEquals(others.map(({ item, reason }) => [item, reason]), [["interface right", failed?.reason]]);
      assertMatch(failed?.hint ?? "", /^delete eth0 in .*blue, and the pair with it: the next apply makes another$/);
    }
    // A file that follows it meets the other end.
    const followed = { ...FILE, interfaces: [leftEnd(), rightEnd({ namespace: "theirs" })] };
    assertEquals(failures(await scratch.apply(followed)), [
      `interface left: eth0 in theirs ${made} it`,
      `interface right: eth0 in theirs ${made} it`,
    ]);
    assertEquals([scratch.state("blue"), scratch.state("theirs")], standing);
    // So does the first file when it is back, where it has another number than it had.
    scratch.in("green", (_, ns) => scratch.in("theirs", (netlink) => netlink.setLink("eth0", { netns: ns })));
    assertEquals(failures(await scratch.apply(FILE)), [
      `interface left: eth0 in green ${made} it`,
      `interface right: eth0 in green ${made} it`,
    ]);
    // The hint is what helps.
    scratch.in("blue", (netlink) => netlink.deleteLink("eth0"));
    assertEquals((await scratch.apply(FILE)).failed, []);
    assertEquals((await scratch.apply(FILE)).lines, []);
    assertEquals((await scratch.destroy(FILE)).failed, []);
  });

  it("an end of a pair whose other end somebody moved: destroy says that it is left, until it is gone", async () => {
    using scratch = new Scratch();
    scratch.make("theirs");
    const file = { namespaces: ["blue", "green"], interfaces: [leftEnd(), rightEnd()] };
    await scratch.apply(file);
    moveEnd(scratch, "theirs");
    for (let i = 0; i < 2; i++) {
      const { failed, pending } = await scratch.destroy(file);
      assertEquals(failed, []);
      assertEquals(pending.map(({ reason }) => reason), [
        "eth0 in blue is left: somebody moved its other end, which is eth0 in theirs now",
        "it is left: the link eth0 is in it",
      ]);
    }
    scratch.in("blue", (netlink) => netlink.deleteLink("eth0"));
    const { failed, pending } = await scratch.destroy(file);
    assertEquals([failed, pending], [[], []]);
  });

  it("a pair whose two ends somebody moved is foreign: apply and destroy leave it, and say where it is", async () => {
    using scratch = new Scratch();
    for (const short of ["theirs", "others"]) scratch.make(short);
    const moves = [["blue", "theirs"], ["green", "others"]] as const;
    const move = (name: string): void => {
      for (const [from, to] of moves) {
        scratch.in(to, (_, ns) => scratch.in(from, (netlink) => netlink.setLink("eth0", { name, netns: ns })));
      }
    };
    const state = (): unknown => moves.map(([, to]) => scratch.state(to));
    await scratch.apply(FILE);
    move("one");
    const first = state();
    const left = (name: string): string[] => [
      `eth0 is left: somebody moved both ends of its pair, which are ${name} in theirs and ${name} in others now`,
    ];
    const again = await scratch.apply(FILE);
    assertEquals([again.lines[0], failures(again)], [
      "interface left: create eth0 in blue, paired with eth0 in green",
      [],
    ]);
    assertEquals(again.pending.map(({ reason }) => reason), left("one"));
    assertEquals(state(), first);
    const rest = await scratch.apply(FILE);
    assertEquals([rest.lines, rest.pending, rest.failed], [[], [], []]);
    move("two");
    const second = state();
    const { failed, pending } = await scratch.destroy(FILE);
    assertEquals([failed, pending.map(({ reason }) => reason)], [[], left("two")]);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [false, false]);
    assertEquals(state(), second);
  });

  it("a configuration without a name is its Configurator's alone", async () => {
    using scratch = new Scratch();
    const { name: _, ...config } = scratch.config(FILE);
    await scratch.configurator.apply(config);
    const another = new Configurator(new NsHandler(), { store: scratch.store });
    const report = await another.destroy(config);
    assertEquals(report.done, []);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [true, true]);
    await scratch.configurator.destroy(config);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [false, false]);
  });

  it("destroy without a state takes nothing, and with --adopt what matches exactly", async () => {
    using scratch = new Scratch();
    await scratch.apply(FILE);
    await scratch.store.remove(String(scratch.config({}).name));
    const before = [scratch.state("blue"), scratch.state("green")];
    const refused = await scratch.destroy(FILE);
    assertMatch(refused.failed[0]?.hint ?? "", /destroy --adopt/);
    assertEquals([scratch.state("blue"), scratch.state("green")], before);
    assertEquals((await scratch.destroy(FILE, { adopt: true })).failed, []);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [false, false]);
  });

  it("destroy --adopt takes every kind of object that matches, and none that does not or that is another's", async () => {
    using scratch = new Scratch();
    const file: NetworkConfigInput = {
      namespaces: ["blue"],
      interfaces: [
        { name: "b", type: "BRIDGE", namespace: "blue", ipAddresses: ["10.1.0.1/24"], bridge: { ageingTime: 1000 } },
        { name: "t", type: "TAP", namespace: "blue", tun: { owner: 7 } },
        vethEnd("x", "y", { namespace: "blue", ipAddresses: ["10.2.0.1/24"] }),
        vethEnd("y", "x", { namespace: "blue" }),
      ],
      routes: ["blue blackhole 10.9.0.0/16", "blue 10.8.0.0/16 via 10.2.0.9"],
      rules: [{ name: "r", namespace: "blue", from: "10.7.0.0/16", table: 77, priority: 7 }],
      arpEntries: [{ name: "n", interface: "t", ipAddr: "10.2.0.9", hwAddress: "02:00:00:00:00:09" }],
      nat: [{ name: "m", namespace: "blue", out: "t" }],
    };
    const tables = (): number =>
      scratch.in("blue", (_, ns) => {
        using nftables = ns.nftables();
        return nftables.list().filter((one) => "table" in one).length;
      });
    scratch.make("blue");
    assertEquals((await scratch.apply(file)).failed, []);
    const made = scratch.state("blue");
    const other = { ...file, name: `${scratch.config({}).name}-2` };
    assertEquals((await scratch.destroy(other, { adopt: true })).done, [], "all is the first configuration's");
    assertEquals([scratch.state("blue"), tables()], [made, 1]);
    await scratch.store.remove(String(scratch.config({}).name));
    scratch.in("blue", (netlink) => {
      netlink.addAddress({ name: "x" }, "10.3.0.1/24");
      netlink.setLink({ name: "b" }, { bridge: { ageingTime: 2000 } });
    });
    assertEquals(
      (await scratch.destroy(file, { adopt: true })).lines.filter((line) => !/namespace/.test(line)).sort(),
      [
        "interface t: delete t in blue",
        "route blue 10.8.0.0/16 via 10.2.0.9: delete the route to 10.8.0.0/16 via 10.2.0.9 by x in blue",
        "route blue blackhole 10.9.0.0/16: delete the route to blackhole 10.9.0.0/16 by lo in blue",
        "rule r: delete the rule from 10.7.0.0/16 table 77 in blue",
        `rules of blue: delete the table inet netns-${scratch.config({}).name} in blue`,
      ],
    );
    assertEquals([Object.keys(scratch.look("blue")).sort(), tables()], [["b", "x", "y"], 0]);
  });

  it("names the owner of a link whose name a link of this configuration is to get", async () => {
    using scratch = new Scratch();
    const file = (hostIfName: string): NetworkConfigInput => ({
      interfaces: [{ name: "b", type: "BRIDGE", namespace: "blue", hostIfName }],
    });
    const other = { ...file("theirs"), name: `${scratch.config({}).name}-2` };
    await scratch.apply(other);
    await scratch.apply(file("ours"));
    const { failed } = await scratch.apply(file("theirs"));
    assertMatch(failed[0]?.reason ?? "", /^theirs in .*blue belongs to the configuration ".*2"$/);
    await scratch.destroy(other);
    assertEquals((await scratch.apply(file("theirs"))).failed, []);
    await scratch.destroy({});
  });

  it("destroy of a name alone that is not remembered says which ones are, and that --adopt needs the file", async () => {
    using scratch = new Scratch();
    const end = "netns destroy --adopt FILE takes away what matches FILE exactly";
    for (const adopt of [false, true]) {
      const { failed: [failed], done } = await scratch.destroy({}, { adopt });
      assertEquals([failed?.hint, done], [`no configuration is remembered; ${end}`, []]);
    }
    const state = { uses: [], namespaces: [], records: [] };
    for (const name of ["lab", "a"]) await scratch.store.save(name, state);
    assertEquals((await scratch.destroy({})).failed[0]?.hint, `remembered: a, lab; ${end}`);
    for (const name of ["f", "e", "d", "c"]) await scratch.store.save(name, state);
    const many = `remembered: a, c, d, e, f and others, which netns doctor lists; ${end}`;
    assertEquals((await scratch.destroy({})).failed[0]?.hint, many);
  });
});
