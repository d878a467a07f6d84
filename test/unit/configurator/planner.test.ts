import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readConfig } from "../../../src/models/config.ts";
import type { PlanResult } from "../../../src/configurator/plan/plan_builder.ts";
import { FakeKernel } from "./fake_kernel.ts";

const lines = ({ tasks }: PlanResult): string[] => tasks.map(({ step }) => `${step.item}: ${step.description}`);
const end = (name: string, peer: string, fields: object = {}): object => ({
  name,
  veth: { peerIfName: peer },
  ...fields,
});

const left = (fields: object = {}): object =>
  end("left", "right", {
    hostIfName: "eth0",
    namespace: "blue",
    ipAddresses: ["10.1.0.1/24", "fd00::1/64"],
    ...fields,
  });
const right = (fields: object = {}): object =>
  end("right", "left", { hostIfName: "eth0", namespace: "green", ipAddresses: ["10.1.0.2/24"], ...fields });
const pair = { namespaces: ["blue", "green"], interfaces: [left(), right()] };
const whole = {
  ...pair,
  routes: [
    { name: "far", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2", metric: 10 },
    { name: "near", interface: "left", dstIpAddr: "10.3.0.0/16" },
  ],
  arpEntries: [{ name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" }],
};

/** Applies `before`, then plans `after`. */
function change(before: object, after: object): string[] {
  const kernel = new FakeKernel();
  kernel.apply(before);
  return lines(kernel.apply(after, readConfig(before)));
}

describe("plan()", () => {
  it("makes everything in the order in which the kernel takes it", () => {
    assertEquals(lines(new FakeKernel().apply(whole)), [
      "namespace blue: create namespace blue",
      "namespace green: create namespace green",
      "interface left: create eth0 in blue, paired with eth0 in green",
      "interface left: add 10.1.0.1/24 to eth0 in blue",
      "interface left: add fd00::1/64 to eth0 in blue",
      "interface left: set eth0 in blue: up",
      "interface right: add 10.1.0.2/24 to eth0 in green",
      "interface right: set eth0 in green: up",
      "route near: add the route to 10.3.0.0/16 by eth0 in blue",
      "route far: add the route to 10.2.0.0/16 via 10.1.0.2 by eth0 in blue metric 10",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in blue",
    ]);
  });

  it("finds nothing to do the second time", () => {
    const kernel = new FakeKernel();
    assertEquals(kernel.apply(whole).unchanged, 0);
    const second = kernel.apply(whole, readConfig(whole));
    assertEquals([second.tasks, second.pending, second.failed, second.unchanged], [[], [], [], 7]);
  });

  it("changes only what is changed", () => {
    assertEquals(change(whole, { ...whole, interfaces: [left({ mtu: 1400 }), right()] }), [
      "interface left: set eth0 in blue: mtu 1400",
    ]);
    assertEquals(change(whole, { ...whole, interfaces: [left(), right({ physAddress: "02:00:00:00:00:07" })] }), [
      "interface right: set eth0 in green: address 02:00:00:00:00:07",
    ]);
    const addresses = ["10.1.0.1/24", "10.9.0.1/24"];
    assertEquals(change(whole, { ...whole, interfaces: [left({ ipAddresses: addresses }), right()] }), [
      "interface left: add 10.9.0.1/24 to eth0 in blue",
      "interface left: take fd00::1/64 from eth0 in blue",
    ]);
    assertEquals(change(whole, { ...whole, routes: [{ ...whole.routes[0], gwAddr: "10.1.0.3" }, whole.routes[1]] }), [
      "route far: replace the route to 10.2.0.0/16 via 10.1.0.3 by eth0 in blue metric 10",
    ]);
  });

  it("renames a link, by what was described before or by its other end", () => {
    const renamed = { ...whole, interfaces: [left({ hostIfName: "wan" }), right()] };
    const expected = ["interface left: set eth0 in blue: name wan"];
    assertEquals(change(whole, renamed), expected);
    const kernel = new FakeKernel();
    kernel.apply(whole);
    assertEquals(lines(kernel.apply(renamed)), expected, "without memory");
    const both = { ...whole, interfaces: [left({ hostIfName: "wan" }), right({ hostIfName: "lan" })] };
    assertEquals(change(whole, both), [...expected, "interface right: set eth0 in green: name lan"]);
  });

  it("makes a pair anew whose peer or namespace changed, with what went with it", () => {
    const moved = { ...whole, interfaces: [left(), right({ namespace: "red" })] };
    assertEquals(change(whole, moved), [
      "interface right: create namespace red",
      "interface left: delete eth0 in blue",
      "interface left: create eth0 in blue, paired with eth0 in red",
      "interface left: add 10.1.0.1/24 to eth0 in blue",
      "interface left: add fd00::1/64 to eth0 in blue",
      "interface left: set eth0 in blue: up",
      "interface right: add 10.1.0.2/24 to eth0 in red",
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
        end("p", "q", { hostIfName: "e", namespace: a }),
        end("q", "p", { hostIfName: "e", namespace: b }),
        end("r", "s", { hostIfName: "e", namespace: x }),
        end("s", "r", { hostIfName: "e", namespace: y }),
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

  it("gives back what a link loses that is set down", () => {
    const down = { ...whole, interfaces: [left({ enabled: false }), right()] };
    const kernel = new FakeKernel();
    kernel.apply(whole);
    const result = kernel.apply(down, readConfig(whole));
    assertEquals(lines(result), [
      "interface left: set eth0 in blue: down",
      "interface left: add fd00::1/64 to eth0 in blue",
    ]);
    assertEquals(result.pending.map(({ item, reason }) => `${item}: ${reason}`), [
      "route near: eth0 in blue is down",
      "route far: eth0 in blue is down",
      "ARP entry a: eth0 in blue is down",
    ]);
    assertEquals(lines(kernel.apply(down)), []);
    const up = { ...whole, interfaces: [left({ enabled: true }), right()] };
    assertEquals(lines(kernel.apply(up)).length, 4);
  });

  it("gives an IPv4 network before it takes the last one, with which routes and neighbours would go", () => {
    const other = {
      ...whole,
      routes: whole.routes.slice(1),
      interfaces: [left({ ipAddresses: ["10.7.0.1/16"] }), right()],
    };
    assertEquals(change({ ...whole, routes: whole.routes.slice(1) }, other), [
      "interface left: add 10.7.0.1/16 to eth0 in blue",
      "interface left: take 10.1.0.1/24 from eth0 in blue",
      "interface left: take fd00::1/64 from eth0 in blue",
    ]);
  });

  it("gives back routes and neighbours that go with the last IPv4 address", () => {
    assertEquals(change(whole, { ...whole, interfaces: [left({ ipAddresses: ["fd00::1/64"] }), right()] }), [
      "interface left: take 10.1.0.1/24 from eth0 in blue",
      "route near: add the route to 10.3.0.0/16 by eth0 in blue",
      "route far: add the route to 10.2.0.0/16 via 10.1.0.2 by eth0 in blue metric 10",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in blue",
    ]);
  });

  it("lets neighbours that are not permanent wait for the carrier", () => {
    const entry = { name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09", state: "STALE" };
    const stale = { ...pair, arpEntries: [entry] };
    const down = { ...stale, interfaces: [left(), right({ enabled: false })] };
    const kernel = new FakeKernel();
    kernel.apply(stale);
    assertEquals(kernel.apply(down, readConfig(stale)).pending, [
      { item: "ARP entry a", reason: "eth0 in blue has no carrier" },
    ]);
    assertEquals(lines(kernel.apply(down)), []);
    // After both ends are up, in whatever order they are set up.
    assertEquals(lines(kernel.apply(stale)), [
      "interface right: set eth0 in green: up",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in blue",
    ]);
    assertEquals(
      lines(new FakeKernel().apply(stale)).at(-1),
      lines(kernel.apply({ ...stale, arpEntries: [{ ...entry, hwAddress: "02:00:00:00:00:08" }] }))[0]?.replace(
        "00:08",
        "00:09",
      ),
    );
  });

  it("leaves a field alone that the file does not give", () => {
    const kernel = new FakeKernel();
    kernel.apply({ ...pair, interfaces: [left({ mtu: 1400, physAddress: "02:00:00:00:00:01" }), right()] });
    const bare = { interfaces: [end("left", "right", { hostIfName: "eth0", namespace: "blue" }), right()] };
    assertEquals(lines(kernel.apply(bare)), []);
    assertEquals(lines(kernel.apply({ interfaces: [left({ ipAddresses: [] }), right()] })), [
      "interface left: take 10.1.0.1/24 from eth0 in blue",
      "interface left: take fd00::1/64 from eth0 in blue",
    ]);
  });

  it("takes addresses away that the file gave before and gives no longer", () => {
    const kernel = new FakeKernel();
    kernel.apply(pair);
    const blue = kernel.named("blue");
    blue.addressList = [...blue.addressList, { index: 2, text: "192.0.2.1/24", secondary: false }];
    const bare = { ...pair, interfaces: [end("left", "right", { hostIfName: "eth0", namespace: "blue" }), right()] };
    kernel.apply(bare, readConfig(pair));
    assertEquals(blue.addresses().map(({ text }) => text), ["192.0.2.1/24"]);
  });

  it("lets a pair wait for its other end, and entries for their link", () => {
    const kernel = new FakeKernel();
    kernel.missing.set("MICROSERVICE:web", { reason: "no container with the label web runs", broken: false });
    const waiting = { ...whole, interfaces: [left(), right({ namespace: "MICROSERVICE:web" })] };
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
      interfaces: [left()],
      routes: [{ name: "x", interface: "no", dstIpAddr: "10.0.0.0/8" }],
    });
    assertEquals(alone.pending.map(({ reason }) => reason), [
      "its peer right is not described",
      "there is no link no in the default namespace",
    ]);
  });

  it("takes away what is left of a pair whose container has ended, and only if that is known", () => {
    const kernel = new FakeKernel();
    const wired = { namespaces: ["blue"], interfaces: [left(), right({ namespace: "MICROSERVICE:web" })] };
    kernel.apply(wired);
    const away = { reason: "no container with the label web runs", broken: false };
    kernel.missing.set("MICROSERVICE:web", away);
    assertEquals(lines(kernel.plan(wired, readConfig(wired))), []);
    kernel.missing.set("MICROSERVICE:web", { ...away, ended: true });
    assertEquals(lines(kernel.plan(wired)), [], "it may be somebody else's");
    const result = kernel.apply(wired, readConfig(wired));
    assertEquals(lines(result), ["interface left: delete eth0 in blue"]);
    assertEquals(result.pending.map(({ item }) => item), ["interface left", "interface right"]);
  });

  it("does not make a namespace for what has to wait", () => {
    const kernel = new FakeKernel();
    assertEquals(lines(kernel.plan({ interfaces: [left()] })), []);
    assertEquals(
      lines(kernel.plan({ routes: [{ name: "x", interface: "e", namespace: "blue", dstIpAddr: "10.0.0.0/8" }] })),
      [],
    );
  });

  it("fails where waiting does not help", () => {
    const kernel = new FakeKernel();
    kernel.missing.set("FILE:/etc/passwd", { reason: "not a namespace", broken: true });
    const result = kernel.plan({ interfaces: [left(), right({ namespace: "FILE:/etc/passwd" })] });
    assertEquals(result.failed.map(({ item }) => item), ["interface left", "interface right"]);
    kernel.namespace("PID:0").addLink({ name: "eth0", up: true, carrier: true, mtu: 1500 });
    const host = kernel.plan({ interfaces: [left({ namespace: undefined }), right()] });
    assertEquals(
      host.failed[0]?.reason,
      "eth0 in the default namespace is a link of another kind (hardware), not of a veth pair",
    );
    assertEquals(host.tasks, []);
  });

  it("does not delete a pair of somebody else in the default namespace", () => {
    const kernel = new FakeKernel();
    kernel.apply({
      interfaces: [end("v", "w", { hostIfName: "eth0" }), end("w", "v", { namespace: "theirs" })],
    });
    const mine = { interfaces: [left({ namespace: undefined }), right()] };
    const result = kernel.apply(mine);
    assertEquals(result.tasks, []);
    assertEquals(result.failed.map(({ reason }) => reason), [
      "eth0 in the default namespace is of a pair that is not described: delete it, or choose another hostIfName",
      "eth0 in the default namespace is of a pair that is not described: delete it, or choose another hostIfName",
    ]);
    // One that the file described before is its own, wherever the other end is now.
    assertEquals(lines(kernel.apply(mine, readConfig(mine))).slice(0, 3), [
      "interface right: create namespace green",
      "interface left: delete eth0 in the default namespace",
      "interface left: create eth0 in the default namespace, paired with eth0 in green",
    ]);
  });

  it("names a link of the host in routes and entries", () => {
    const kernel = new FakeKernel();
    const link = kernel.namespace("PID:0").addLink({ name: "wan", up: true, carrier: true, mtu: 1500 });
    const route = { routes: [{ name: "x", interface: "wan", dstIpAddr: "10.0.0.0/8" }] };
    assertEquals(lines(kernel.apply(route)), ["route x: add the route to 10.0.0.0/8 by wan in the default namespace"]);
    assertEquals(lines(kernel.apply({}, readConfig(route))), [
      "route x: delete the route to 10.0.0.0/8 by wan in the default namespace",
    ]);
    assertEquals(kernel.namespace("PID:0").linkList.includes(link), true);
  });

  it("takes away what is described no longer, and nothing else", () => {
    const kernel = new FakeKernel();
    kernel.apply(whole);
    kernel.named("other").exists = true;
    assertEquals(lines(kernel.apply({ namespaces: ["green"] }, readConfig(whole))), [
      "interface left: delete eth0 in blue",
      "namespace blue: delete namespace blue",
    ]);
    assertEquals(kernel.named("other").exists, true);
    assertEquals(lines(kernel.apply({ namespaces: ["green"] }, readConfig(whole))), [], "content with what is gone");
    assertEquals(lines(kernel.apply({}, readConfig(whole))), ["namespace green: delete namespace green"]);
  });

  it("takes routes and entries away by themselves, unless somebody changed them", () => {
    assertEquals(change(whole, { ...whole, routes: [whole.routes[1]], arpEntries: [] }), [
      "route far: delete the route to 10.2.0.0/16 via 10.1.0.2 by eth0 in blue metric 10",
      "ARP entry a: forget 10.1.0.9 on eth0 in blue",
    ]);
    const kernel = new FakeKernel();
    kernel.apply(whole);
    const blue = kernel.named("blue");
    blue.routeList = blue.routeList.map((route) => ({ ...route, gateway: "10.1.0.77" }));
    assertEquals(lines(kernel.apply(pair, readConfig({ ...whole, arpEntries: [] }))), []);
  });

  it("keeps a route and an entry that only have another name now, also on a renamed link", () => {
    const after = {
      ...whole,
      interfaces: [left({ hostIfName: "wan" }), right()],
      routes: whole.routes.map((route) => ({ ...route, name: `new-${route.name}` })),
      arpEntries: whole.arpEntries.map((entry) => ({ ...entry, name: "b" })),
    };
    assertEquals(change(whole, after), ["interface left: set eth0 in blue: name wan"]);
  });

  it("takes a route away whose new place has to wait", () => {
    const route = { name: "r", interface: "left", dstIpAddr: "10.2.0.0/16" };
    const others = (enabled: boolean): object[] => [
      end("x", "y", { namespace: "blue", enabled }),
      end("y", "x", { namespace: "red" }),
    ];
    const before = { ...pair, interfaces: [...pair.interfaces, ...others(false)], routes: [route] };
    assertEquals(change(before, { ...before, routes: [{ ...route, interface: "x" }] }), [
      "route r: delete the route to 10.2.0.0/16 by eth0 in blue",
    ]);
    const after = {
      ...before,
      interfaces: [...pair.interfaces, ...others(true)],
      routes: [{ ...route, interface: "x" }],
    };
    assertEquals(change(before, after), [
      "interface x: set x in blue: up",
      "route r: replace the route to 10.2.0.0/16 by x in blue",
    ]);
  });

  it("leaves a namespace in which others live or run, and says so", () => {
    const kernel = new FakeKernel();
    kernel.apply(whole);
    kernel.named("blue").addLink({ name: "mine", kind: "dummy", up: true, carrier: true, mtu: 1500 });
    kernel.named("green").addLink({ name: "sit0", kind: "sit", up: false, carrier: true, mtu: 1480 });
    kernel.occupied.set("green", "process 42 runs in it");
    const result = kernel.apply({}, readConfig(whole));
    assertEquals(lines(result), ["interface left: delete eth0 in blue"]);
    assertEquals(result.pending, [
      { item: "namespace blue", reason: "it is left: the link mine is in it" },
      { item: "namespace green", reason: "it is left: process 42 runs in it" },
    ]);
    kernel.occupied.clear();
    assertEquals(lines(kernel.apply({}, readConfig(whole))), ["namespace green: delete namespace green"]);
  });

  it("deletes a namespace that apply made, listed or not", () => {
    const kernel = new FakeKernel();
    const unlisted = { interfaces: [left(), right()] };
    kernel.apply(unlisted);
    assertEquals(kernel.made, ["blue", "green"]);
    assertEquals(lines(kernel.apply({}, readConfig(unlisted))).slice(1), [
      "namespace blue: delete namespace blue",
      "namespace green: delete namespace green",
    ]);
    kernel.named("blue").exists = kernel.named("green").exists = true;
    kernel.apply(unlisted);
    assertEquals(lines(kernel.apply({}, readConfig(unlisted))), ["interface left: delete eth0 in blue"]);
  });

  it("leaves a link whose other end is not the one that was described", () => {
    const kernel = new FakeKernel();
    kernel.apply({ interfaces: [left({ ipAddresses: [] }), end("right", "left", { namespace: "red" })] });
    kernel.apply({
      interfaces: [
        end("x", "right2", { namespace: "red" }),
        end("right2", "x", { hostIfName: "eth0", namespace: "green" }),
      ],
    });
    const result = kernel.apply({}, readConfig(pair));
    assertEquals(result.pending.slice(0, 2).map(({ reason }) => reason), [
      "eth0 in blue is left: its other end is not the one that was described",
      "eth0 in green is left: its other end is not the one that was described",
    ]);
  });

  it("takes a TAP from the default namespace, and gives it back", () => {
    const kernel = new FakeKernel();
    const tap = {
      interfaces: [{ name: "vpp", type: "AUTO_TAP", namespace: "blue", enabled: true, tap: { tempIfName: "tap0" } }],
    };
    assertEquals(kernel.apply(tap).pending, [
      { item: "interface vpp", reason: "there is no TAP tap0 in the default namespace" },
    ]);
    const home = kernel.namespace("PID:0");
    const link = home.addLink({ name: "tap0", kind: "tun", up: true, carrier: true, mtu: 1500 });
    home.addressList = [{ index: link.index, text: "10.5.0.1/24", secondary: false }];
    assertEquals(lines(kernel.apply(tap)), [
      "interface vpp: create namespace blue",
      "interface vpp: move tap0 from the default namespace, to be vpp in blue",
    ]);
    assertEquals(kernel.named("blue").addressList.map(({ text }) => text), ["10.5.0.1/24"]);
    assertEquals(lines(kernel.apply(tap)), []);
    assertEquals(lines(kernel.apply({}, readConfig(tap))), [
      "interface vpp: move vpp from blue, to be tap0 in the default namespace",
      "interface vpp: set tap0 in the default namespace: up",
      "namespace blue: delete namespace blue",
    ]);
  });
});

describe("plan() of any two files", () => {
  const namespaces = ["blue", "green", "red"];
  const addresses = ["10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24", "10.1.0.1/16", "fd00::1/64", "fd00::2/64"];
  const side = fc.record({
    hostIfName: fc.constantFrom("e0", "e1", "e2"),
    namespace: fc.constantFrom(...namespaces),
    mtu: fc.constantFrom(1400, 1500),
    physAddress: fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02"),
    enabled: fc.boolean(),
    ipAddresses: fc.uniqueArray(fc.constantFrom(...addresses), { maxLength: 4 }),
  });
  const route = fc.record({
    interface: fc.constantFrom("a0", "b0", "a1"),
    dstIpAddr: fc.constantFrom("10.7.0.0/16", "10.8.0.0/16", "fd07::/32"),
    metric: fc.constantFrom(5, 6),
  });
  const entry = fc.record({
    interface: fc.constantFrom("a0", "b0", "a1"),
    ipAddr: fc.constantFrom("10.0.0.9", "fd00::9"),
    hwAddress: fc.constantFrom("02:00:00:00:00:08", "02:00:00:00:00:09"),
    state: fc.constantFrom("PERMANENT", "NOARP", "STALE"),
  });
  const file = fc.record({
    namespaces: fc.subarray(namespaces),
    pairs: fc.array(fc.tuple(side, side), { maxLength: 3 }),
    routes: fc.array(route, { maxLength: 3 }),
    arpEntries: fc.array(entry, { maxLength: 3 }),
  }).map(({ pairs, routes, arpEntries, namespaces }) => ({
    namespaces,
    interfaces: pairs.flatMap(([a, b], i) => [end(`a${i}`, `b${i}`, a), end(`b${i}`, `a${i}`, b)]),
    routes: routes.map((one, i) => ({ name: `r${i}`, ...one })),
    arpEntries: arpEntries.map((one, i) => ({ name: `n${i}`, ...one })),
  })).filter((document) => {
    try {
      return readConfig(document) !== undefined;
    } catch {
      return false; // two links of one name, two routes in one place
    }
  });

  it("has the same end as applying the second alone, and then nothing to do", () => {
    fc.assert(
      fc.property(file, file, (a, b) => {
        const alone = new FakeKernel();
        alone.apply(b);
        const after = new FakeKernel();
        after.apply(a);
        after.apply(b, readConfig(a));
        assertEquals(after.snapshot(), alone.snapshot());
        assertEquals(lines(after.apply(b, readConfig(b), readConfig(a))), []);
        after.apply({}, readConfig(b), readConfig(a));
        assert(
          [...after.namespaces.values()].every(({ exists, label }) => !exists || label === "the default namespace"),
        );
      }),
      { numRuns: 1500 },
    );
  });
});
