import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { leftEnd, PAIR, rightEnd, vethEnd } from "../../../support/topologies.ts";
import { EMPTY_STATE } from "../../../../src/configurator/ownership/state.ts";
import type { FailedItem } from "../../../../src/configurator/report.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { change, lines, WHOLE } from "../fixtures.ts";

describe("veth", () => {
  it("renames a link, by what was described before or by its other end", () => {
    const renamed = { ...WHOLE, interfaces: [leftEnd({ hostIfName: "wan" }), rightEnd()] };
    const expected = ["interface left: set eth0 in blue: name wan"];
    assertEquals(change(WHOLE, renamed), expected);
    const kernel = new FakeKernel();
    kernel.apply(WHOLE);
    assertEquals(lines(kernel.apply(renamed)), expected, "without memory");
    const both = { ...WHOLE, interfaces: [leftEnd({ hostIfName: "wan" }), rightEnd({ hostIfName: "lan" })] };
    assertEquals(change(WHOLE, both), [...expected, "interface right: set eth0 in green: name lan"]);
  });

  it("makes a pair anew whose peer or namespace changed, with what went with it", () => {
    const moved = { ...WHOLE, interfaces: [leftEnd(), rightEnd({ namespace: "red" })] };
    assertEquals(change(WHOLE, moved), [
      "interface right: create namespace red",
      "interface left: delete eth0 in blue",
      "interface left: create eth0 in blue, paired with eth0 in red",
      "interface left: add 10.1.0.1/24 to eth0 in blue",
      "interface left: add fd00::1/64 to eth0 in blue",
      "interface left: set eth0 in blue: up",
      "interface right: add 10.1.0.2/24 to eth0 in red",
      "interface right: add fd00::2/64 to eth0 in red",
      "interface right: set eth0 in red: up",
      "route near: add the route to 10.3.0.0/16 by eth0 in blue",
      "route far: add the route to 10.2.0.0/16 via 10.1.0.2 by eth0 in blue metric 10",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in blue",
    ]);
  });

  it("does not take two links for a pair because their indices match", () => {
    const kernel = new FakeKernel();
    const cross = (a: string, b: string, x: string, y: string): object => ({
      interfaces: [
        vethEnd("p", "q", { hostIfName: "e", namespace: a }),
        vethEnd("q", "p", { hostIfName: "e", namespace: b }),
        vethEnd("r", "s", { hostIfName: "e", namespace: x }),
        vethEnd("s", "r", { hostIfName: "e", namespace: y }),
      ],
    });
    kernel.apply(cross("n1", "n2", "n3", "n4"));
    const links = [...kernel.namespaces.values()].flatMap((namespace) =>
      namespace.links().filter(({ name }) => name === "e")
    );
    assertEquals(new Set(links.map(({ index, peerIndex }) => `${index} ${peerIndex}`)).size, 1, "indices say nothing");
    const swapped = cross("n1", "n3", "n2", "n4");
    assertEquals(kernel.apply(swapped).tasks.filter(({ action }) => action.kind === "create-link").length, 2);
    assertEquals(lines(kernel.apply(swapped)), []);
  });

  it("lets a pair wait for its other end, and entries for their link", () => {
    const kernel = new FakeKernel();
    kernel.missing.set("MICROSERVICE:web", { reason: "no container with the label web runs", broken: false });
    const waiting = { ...WHOLE, interfaces: [leftEnd(), rightEnd({ namespace: "MICROSERVICE:web" })] };
    const result = kernel.apply(waiting);
    assertEquals(lines(result), ["namespace blue: create namespace blue", "namespace green: create namespace green"]);
    assertEquals(result.pending.map(({ item, reason }) => `${item}: ${reason}`), [
      "interface left: its peer right: no container with the label web runs",
      "interface right: no container with the label web runs",
      "route near: the interface left is not there: its peer right: no container with the label web runs",
      "route far: the interface left is not there: its peer right: no container with the label web runs",
      "ARP entry a: the interface left is not there: its peer right: no container with the label web runs",
    ]);
    const alone = kernel.plan({
      interfaces: [leftEnd()],
      routes: [{ name: "x", interface: "no", dstIpAddr: "10.0.0.0/8" }],
    });
    assertEquals(alone.pending.map(({ reason }) => reason), [
      "its peer right is not described",
      "there is no link no in the default namespace",
    ]);
  });

  it("takes away what is left of a pair whose container has ended, and only if that is known", () => {
    const kernel = new FakeKernel();
    const wired = { namespaces: ["blue"], interfaces: [leftEnd(), rightEnd({ namespace: "MICROSERVICE:web" })] };
    kernel.apply(wired);
    const away = { reason: "no container with the label web runs", broken: false };
    kernel.missing.set("MICROSERVICE:web", away);
    assertEquals(lines(kernel.plan(wired)), []);
    kernel.missing.set("MICROSERVICE:web", { ...away, ended: true });
    const result = kernel.apply(wired);
    assertEquals(lines(result), ["interface left: delete eth0 in blue"]);
    assertEquals(result.pending.map(({ item }) => item), ["interface left", "interface right"]);
  });

  it("knows a pair again that became that of other items, while those for which it was made wait", () => {
    const kernel = new FakeKernel();
    const [a, b] = [leftEnd({ namespace: undefined }), rightEnd({ namespace: "red" })];
    kernel.apply({ interfaces: [a, b] });
    kernel.missing.set("MICROSERVICE:web", { reason: "no container with the label web runs", broken: false });
    const edited = {
      interfaces: [
        vethEnd("c", "d", { hostIfName: "far", physAddress: "02:00:00:00:00:01" }),
        { ...b, name: "d", veth: { peerIfName: "c" }, physAddress: "02:00:00:00:00:02" },
        { ...a, namespace: "green" },
        { ...b, namespace: "MICROSERVICE:web" },
      ],
    };
    kernel.apply(edited);
    assertEquals(lines(kernel.plan(edited)), []);
    assertEquals(lines(kernel.plan({})).filter((line) => / delete (?!namespace)/.test(line)).length, 1);
  });

  it("gives an adopted link back with the qdisc of somebody, where another is made", () => {
    const kernel = new FakeKernel();
    const blue = kernel.namespace("blue");
    blue.exists = true;
    const [near, far] = ["eth0", "old"].map((name, position) =>
      blue.addLink({ name, kind: "veth", up: false, carrier: false, mtu: 1500, address: `02:00:00:00:00:1${position}` })
    );
    Object.assign(near ?? {}, { peerIndex: far?.index });
    Object.assign(far ?? {}, { peerIndex: near?.index });
    const qdisc = { kind: "pfifo", linkIndex: near?.index ?? 0, parent: "root", handle: "8001:", refcnt: 2 } as const;
    blue.qdiscList = [{
      ...qdisc,
      offloaded: false,
      bytes: 0n,
      packets: 0n,
      drops: 0,
      overlimits: 0,
      requeues: 0,
      backlog: 0,
      qlen: 0,
    }];
    kernel.apply(
      { interfaces: [leftEnd({ hostIfName: "mine" }), rightEnd({ hostIfName: "old", namespace: "blue" })] },
      true,
    );
    const made = kernel.plan({ interfaces: [leftEnd({ hostIfName: "mine" }), rightEnd({ namespace: "green" })] }, true);
    assertEquals(made.failed, []);
  });

  it("records once what it replaces, if a crash came before it was replaced", () => {
    const kernel = new FakeKernel();
    const blue = kernel.namespace("blue");
    blue.exists = true;
    const [near, far] = ["eth0", "old"].map((name, position) =>
      blue.addLink({ name, kind: "veth", up: false, carrier: false, mtu: 1500, address: `02:00:00:00:00:1${position}` })
    );
    Object.assign(near ?? {}, { peerIndex: far?.index });
    Object.assign(far ?? {}, { peerIndex: near?.index });
    const before = blue.linkList;
    kernel.apply(PAIR, true);
    blue.linkList = before; // as when nothing but the intent was written
    kernel.namespace("green").linkList = kernel.namespace("green").linkList.filter(({ name }) => name === "lo");
    kernel.apply(PAIR, true);
    assertEquals(kernel.state.records.filter(({ kind }) => kind === "link").length, 1);
  });

  it("fails where waiting does not help", () => {
    const kernel = new FakeKernel();
    kernel.missing.set("FILE:/etc/passwd", { reason: "not a namespace", broken: true });
    const result = kernel.plan({ interfaces: [leftEnd(), rightEnd({ namespace: "FILE:/etc/passwd" })] });
    assertEquals(result.failed.map(({ item }) => item), ["interface left", "interface right"]);
    kernel.namespace("PID:0").addLink({ name: "eth0", up: true, carrier: true, mtu: 1500 });
    const host = kernel.plan({ interfaces: [leftEnd({ namespace: undefined }), rightEnd()] });
    assertEquals(
      host.failed[0]?.reason,
      "eth0 in the default namespace is not this configuration's: it is a hardware or loopback link that this " +
        "configuration did not make",
    );
    assertEquals(host.tasks, []);
  });

  it("fails where the name is an alternative name of another link", () => {
    const kernel = new FakeKernel();
    const blue = kernel.namespace("blue");
    blue.exists = true;
    blue.addLink({ name: "enp1s0", altNames: ["eth0"], up: true, carrier: true, mtu: 1500 });
    for (const adopt of [false, true]) {
      const result = kernel.plan({ interfaces: [leftEnd(), rightEnd()] }, adopt);
      assertEquals(lines(result), ["namespace blue: set lo in blue: up"]);
      const refused = (name: string): FailedItem => ({
        item: `interface ${name}`,
        reason: "eth0 is an alternative name of enp1s0 in blue",
        owner: null,
        hint: "choose another hostIfName",
      });
      assertEquals(result.failed, [refused("left"), refused("right")]);
    }
    const mine = new FakeKernel();
    mine.apply(PAIR);
    mine.namespace("blue").addLink({ name: "enp1s0", altNames: ["lan"], up: true, carrier: true, mtu: 1500 });
    const { tasks, failed } = mine.plan({ interfaces: [leftEnd({ hostIfName: "lan" }), rightEnd()] });
    assertEquals([tasks, failed.map(({ item }) => item)], [[], ["interface left", "interface right"]]);
  });

  it("does not delete a pair of somebody else in the default namespace", () => {
    const kernel = new FakeKernel();
    kernel.apply({
      interfaces: [vethEnd("v", "w", { hostIfName: "eth0" }), vethEnd("w", "v", { namespace: "theirs" })],
    });
    const { state } = kernel;
    kernel.state = EMPTY_STATE;
    const mine = { interfaces: [leftEnd({ namespace: undefined }), rightEnd()] };
    const result = kernel.apply(mine);
    assertEquals(result.tasks, []);
    const reason =
      "eth0 in the default namespace is not this configuration's: it is one end of a veth pair that this " +
      "configuration did not make";
    const hint = "apply --adopt takes it over, or choose another hostIfName";
    const refused = (name: string): FailedItem => ({ item: `interface ${name}`, reason, owner: null, hint });
    assertEquals(result.failed, [refused("left"), refused("right")]);
    kernel.others.set("theirs", state);
    const owned = { reason: 'eth0 in the default namespace belongs to the configuration "theirs"', owner: "theirs" };
    assertEquals(kernel.apply(mine).failed.map(({ reason, owner }) => ({ reason, owner })), [owned, owned]);
    // One that this configuration made goes, wherever the other end is now.
    kernel.state = state;
    kernel.others.clear();
    assertEquals(lines(kernel.apply(mine)).slice(0, 3), [
      "interface right: create namespace green",
      "interface left: delete eth0 in the default namespace",
      "interface left: create eth0 in the default namespace, paired with eth0 in green",
    ]);
  });

  it("leaves a pair that somebody made anew under its names and numbers", () => {
    const kernel = new FakeKernel();
    kernel.apply(PAIR);
    for (const name of ["blue", "green"]) {
      const link = kernel.named(name).linkList.find((one) => one.name === "eth0");
      if (link !== undefined) Object.assign(link, { address: "02:00:00:00:00:99", up: false });
    }
    assertEquals(kernel.plan(PAIR).failed.map(({ owner }) => owner), [null, null]);
    assertEquals(lines(kernel.apply({ namespaces: ["blue", "green"] })), []);
  });

  it("mends a link of which somebody changed one hardware address, the name and the state", () => {
    const kernel = new FakeKernel();
    kernel.apply(PAIR);
    const link = kernel.named("blue").linkList.find((one) => one.name === "eth0");
    if (link !== undefined) Object.assign(link, { name: "x", up: false, address: "02:00:00:00:00:99" });
    assertEquals(lines(kernel.apply(PAIR)).slice(0, 1), ["interface left: set x in blue: name eth0, up"]);
  });
});
