/** States in files: those of version 1, and the damaged one of another configuration. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Configurator,
  createNamedNamespace,
  deleteNamedNamespace,
  FileStateStore,
  namedNamespaceExists,
  type Netlink,
  type NetworkConfigInput,
  NsHandle,
  NsHandler,
  readConfig,
} from "@netns/netns";
import { assertSameTraces, describeAsRoot, scratchName, traces } from "../integration/support/traces.ts";

/** Two names, and a directory of states; all is gone at the end of the block. */
class Scene implements Disposable {
  readonly blue = `${scratchName()}-blue`;
  readonly green = `${scratchName()}-green`;
  readonly directory: string = mkdtempSync(join(tmpdir(), "netns-states-"));
  readonly configurator: Configurator;

  constructor(handler: NsHandler) {
    this.configurator = new Configurator(handler, { store: new FileStateStore(this.directory) });
  }

  write(name: string, text: string): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.directory, `${name}.json`), text, { mode: 0o600 });
  }

  read(name: string): unknown {
    return JSON.parse(readFileSync(join(this.directory, `${name}.json`), "utf8"));
  }

  in<T>(name: string, act: (netlink: Netlink, ns: NsHandle) => T): T {
    using ns = NsHandle.fromName(name);
    using netlink = ns.netlink();
    return act(netlink, ns);
  }

  links(name: string): string[] {
    return this.in(name, (netlink) => netlink.listLinks().map(({ name }) => name).filter((one) => one !== "lo"));
  }

  [Symbol.dispose](): void {
    for (const name of [this.blue, this.green]) if (namedNamespaceExists(name)) deleteNamedNamespace(name);
    rmSync(this.directory, { recursive: true });
  }
}

describeAsRoot("Configurator, of states in files,", () => {
  let start: unknown;
  const handler = new NsHandler({ docker: false });
  before(async () => {
    await handler.init();
    start = traces();
  });
  after(async () => {
    await assertSameTraces(start);
    await handler[Symbol.asyncDispose]();
  });

  it("takes over from version 1 what proves true, and nothing else", async () => {
    using scene = new Scene(handler);
    const { blue, green } = scene;
    const document = (mtu: number): NetworkConfigInput => ({
      name: "old",
      namespaces: [blue],
      interfaces: [
        { name: "a", namespace: blue, hostIfName: "e0", mtu, ipAddresses: ["10.1.0.1/24"], veth: { peerIfName: "b" } },
        { name: "b", namespace: green, hostIfName: "e0", mtu, veth: { peerIfName: "a" } },
        { name: "c", namespace: blue, hostIfName: "e1", veth: { peerIfName: "d" } },
        { name: "d", namespace: green, hostIfName: "e1", veth: { peerIfName: "c" } },
      ],
      routes: [
        { name: "true", interface: "a", dstIpAddr: "10.8.0.0/16", gwAddr: "10.1.0.2" },
        { name: "untrue", interface: "a", dstIpAddr: "10.9.0.0/16", gwAddr: "10.1.0.2" },
      ],
    });
    for (const name of [blue, green]) createNamedNamespace(name).close();
    scene.in(green, (netlink, netns) => {
      const bridge = { kind: "bridge", name: "e1", address: "02:00:00:00:00:01" } as const; // not what was applied
      netlink.addLink(bridge);
      scene.in(blue, (other) => other.addLink({ kind: "veth", name: "e0", peer: { name: "e0", netns } }));
      netlink.setLink({ name: "e0" }, { up: true });
    });
    scene.in(blue, (netlink) => {
      netlink.setLink({ name: "e0" }, { up: true });
      netlink.addAddress({ name: "e0" }, "10.1.0.1/24");
      netlink.addRoute({ dst: "10.8.0.0/16", gateway: "10.1.0.2", protocol: 4 });
      netlink.addRoute({ dst: "10.9.0.0/16", gateway: "10.1.0.9", protocol: 4 });
    });
    scene.write("old", JSON.stringify({ version: 1, config: document(1500), earlier: [], made: [blue] }));

    const report = await scene.configurator.apply(readConfig(document(1400)));
    const { failed } = report;
    assertEquals(failed.map(({ item }) => item), ["interface c", "interface d", "route untrue"]);
    for (const { reason } of failed) assertMatch(reason, /is not this configuration's/);
    assertEquals(report.done.map(({ kind }) => kind).filter((kind) => kind.endsWith("-link")), [
      "change-link",
      "change-link",
      "change-link", // the loopback link of each namespace is one of them
      "change-link",
    ]);
    const state = scene.read("old");
    assert(typeof state === "object" && state !== null && "version" in state && state.version === 2);

    const destroyed = await scene.configurator.destroy(readConfig(document(1400)));
    assertEquals([destroyed.failed, destroyed.pending], [[], []]);
    assertEquals([namedNamespaceExists(blue), scene.links(green)], [false, ["e1"]]);
  });

  it("goes on without the damaged state of another configuration, and names it", async () => {
    using scene = new Scene(handler);
    const { blue, green } = scene;
    const pair = (name: string): NetworkConfigInput => ({
      name,
      namespaces: [blue, green],
      interfaces: [
        { name: "a", namespace: blue, hostIfName: name, veth: { peerIfName: "b" } },
        { name: "b", namespace: green, hostIfName: name, veth: { peerIfName: "a" } },
      ],
    });
    const [other, own] = [readConfig(pair("other")), readConfig(pair("own"))];
    await scene.configurator.apply(other);
    const text = JSON.stringify(scene.read("other"));
    scene.write("other", "{");
    const report = await scene.configurator.apply(own);
    assertEquals(report.failed, []);
    assertMatch(report.warnings?.join() ?? "", /^what the configuration "other" owns is not known, .*\/other\.json: /);
    assertEquals((await scene.configurator.plan(own)).warnings, report.warnings);
    const destroyed = await scene.configurator.destroy(own);
    assertEquals([destroyed.failed, scene.links(blue), scene.links(green)], [[], ["other"], ["other"]]);
    scene.write("other", text);
    assertEquals((await scene.configurator.destroy(other)).failed, []);
  });
});
