import { assertEquals, assertMatch } from "@std/assert";
import { it } from "@std/testing/bdd";
import { once } from "node:events";
import { mkdtempSync, rmdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import {
  type ApplyReport,
  Configurator,
  deleteNamedNamespace,
  FileStateStore,
  listNamedNamespaces,
  MemoryStateStore,
  namedNs,
  type NetworkConfig,
  NsHandle,
  NsHandler,
  parseConfig,
} from "@netns/netns";
import { eventually } from "./following.ts";
import { MNT_DETACH, umount } from "../../ffi/mod.ts";
import { describeAsRoot, scratchName } from "../integration/support/traces.ts";

/** Longer than it takes to hand over three configurations. */
const LONG = 300;

describeAsRoot("Configurator.agent", () => {
  it("does together what comes after an apply, until as long again as that took", async () => {
    const applied: (string | undefined)[] = [];
    class Slow extends Configurator {
      override async apply({ name }: NetworkConfig): Promise<ApplyReport> {
        applied.push(name);
        await sleep(LONG);
        return { done: [], unchanged: 0, pending: [{ item: `${name}`, reason: "it is for a test" }], failed: [] };
      }
    }
    const ended = new AbortController();
    const reported = Promise.withResolvers<void>();
    const configs = async function* (): AsyncGenerator<NetworkConfig> {
      yield parseConfig("name: first");
      await reported.promise;
      for (const name of ["second", "third", "fourth"]) {
        await turn();
        yield parseConfig(`name: ${name}`);
      }
    };
    await using handler = new NsHandler({ docker: false });
    await handler.init();
    const reports: string[] = [];
    for await (const { pending } of new Slow(handler).agent(configs(), { signal: ended.signal })) {
      reports.push(...pending.map(({ item }) => item));
      reported.resolve();
      if (reports.includes("fourth")) ended.abort();
    }
    assertEquals(reports, ["first", "fourth"]);
    assertEquals(new Set(applied), new Set(["first", "fourth"]));
  });

  it("says whom its apply waits for", async () => {
    const directory = mkdtempSync(join(tmpdir(), "netns-agent-"));
    const held = await new FileStateStore(directory).lock();
    await using handler = new NsHandler({ docker: false });
    await handler.init();
    const configs = async function* (): AsyncGenerator<NetworkConfig> {
      yield parseConfig("name: waiting");
    };
    const ended = new AbortController();
    const reasons: string[] = [];
    const onWait = (reason: string): void => {
      reasons.push(reason);
      held[Symbol.dispose]();
    };
    const configurator = new Configurator(handler, { store: new FileStateStore(directory) });
    for await (const _ of configurator.agent(configs(), { signal: ended.signal, onWait })) ended.abort();
    assertMatch(reasons.join(), /^waiting for .*, which holds .*netns-agent-/);
    rmSync(directory, { recursive: true });
  });

  it("says anew what waits for a container when the runtime is lost", async () => {
    class Waiting extends Configurator {
      override apply(): Promise<ApplyReport> {
        const pending = [{ item: "it", reason: handler.containerRuntime.state }];
        return Promise.resolve({ done: [], unchanged: 0, pending, failed: [] });
      }
    }
    const asked: Socket[] = [];
    const socketPath = `${tmpdir()}/netns-test-${crypto.randomUUID().slice(0, 6)}.sock`;
    const silent = createServer((socket) => void asked.push(socket.on("error", () => undefined))).listen(socketPath);
    await once(silent, "listening");
    await using handler = new NsHandler({ docker: { socketPath } });
    await handler.init();
    const configs = async function* (): AsyncGenerator<NetworkConfig> {
      yield await Promise.resolve(parseConfig("name: waiting"));
    };
    const reasons: string[] = [];
    try {
      for await (const { pending } of new Waiting(handler).agent(configs(), { signal: AbortSignal.timeout(20_000) })) {
        reasons.push(...pending.map(({ reason }) => reason));
        if (reasons.length === 2) break;
        await eventually(() => asked.length > 0);
        silent.close();
        for (const socket of asked) socket.destroy();
      }
    } finally {
      silent.close();
      for (const socket of asked) socket.destroy();
      rmSync(socketPath, { force: true });
    }
    assertEquals(reasons, ["connecting", "unavailable"]);
  });

  it("sees and mends in another directory of names (T20)", async () => {
    const netnsDir = `/run/netns-test-${crypto.randomUUID().slice(0, 6)}`;
    const [left, right] = ["left", "right"].map((side) => `netns-test-${side}-${crypto.randomUUID().slice(0, 6)}`);
    const config = parseConfig(`
interfaces:
  - { name: a, namespace: ${left}, hostIfName: eth0, veth: { peerIfName: b } }
  - { name: b, namespace: ${right}, hostIfName: eth0, veth: { peerIfName: a } }
`);
    const configs = async function* (): AsyncGenerator<NetworkConfig> {
      yield await Promise.resolve(config);
    };
    await using handler = new NsHandler({ docker: false, netnsDir, configNamespace: scratchName() });
    await handler.init();
    const configurator = new Configurator(handler, { store: new MemoryStateStore() });
    const done: string[][] = [];
    try {
      for await (const report of configurator.agent(configs(), { signal: AbortSignal.timeout(30_000) })) {
        assertEquals([report.failed, report.pending], [[], []]);
        done.push(report.done.map(({ kind }) => kind));
        if (done.length === 1) {
          using namespace = handler.openNamespace(namedNs(left ?? ""));
          using netlink = namespace.netlink();
          netlink.setLink({ name: "eth0" }, { up: false });
        } else if (done.length === 2) {
          using namespace = handler.openNamespace(namedNs(left ?? ""));
          using netlink = namespace.netlink();
          netlink.deleteLink({ name: "eth0" });
        } else if (done.length === 3) deleteNamedNamespace(right ?? "", { netnsDir });
        else break;
      }
      assertEquals(done[1], ["change-link"]);
      assertEquals(done[2], ["create-link", "change-link", "change-link"]);
      // The kernel may take the other end away before or after the agent looks.
      assertEquals(done[3]?.filter((kind) => kind.startsWith("create")), ["create-namespace", "create-link"]);
      assertEquals(listNamedNamespaces().filter((name) => name === left || name === right), []);
    } finally {
      await configurator.destroy(config);
      for (const name of listNamedNamespaces({ netnsDir })) deleteNamedNamespace(name, { netnsDir });
      await handler.close();
      umount(netnsDir, MNT_DETACH); // another process may look at it
      rmdirSync(netnsDir);
    }
  });

  it("wires a namespace behind a file when it is there, and lets go of it when it is not", async () => {
    const name = `netns-test-${crypto.randomUUID().slice(0, 6)}`;
    const path = `${tmpdir()}/${name}`;
    const config = parseConfig(`
namespaces: [${name}]
interfaces:
  - { name: a, namespace: ${name}, hostIfName: eth0, veth: { peerIfName: b } }
  - { name: b, namespace: "FILE:${path}", hostIfName: eth0, veth: { peerIfName: a } }
`);
    const configs = async function* (): AsyncGenerator<NetworkConfig> {
      yield await Promise.resolve(config);
    };
    await using handler = new NsHandler({ docker: false });
    await handler.init();
    const configurator = new Configurator(handler, { store: new MemoryStateStore() });
    using other = NsHandle.create();
    const pending: number[] = [];
    const done: string[][] = [];
    try {
      for await (const report of configurator.agent(configs(), { signal: AbortSignal.timeout(30_000) })) {
        assertEquals(report.failed, []);
        done.push(report.done.map(({ kind }) => kind));
        pending.push(report.pending.length);
        if (pending.length === 1) symlinkSync(`/proc/self/fd/${other.fd}`, path);
        if (pending.length === 2) {
          rmSync(path);
          other.close();
        }
        if (pending.length < 3) continue;
        using made = NsHandle.fromName(name);
        using netlink = made.netlink();
        await eventually(() => netlink.listLinks().length === 1); // the pair goes with the namespace
        break;
      }
      assertEquals([pending, done[0]], [[2, 0, 2], ["create-namespace"]]);
    } finally {
      rmSync(path, { force: true });
      await configurator.destroy(config);
    }
  });
});
