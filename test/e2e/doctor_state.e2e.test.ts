/** The state that `netns doctor` finds; it is written with `node:fs`, which needs permissions in Deno. */
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Configurator } from "../../src/configurator/configurator.ts";
import { FileStateStore } from "../../src/configurator/store/file.ts";
import type { Finding } from "../../src/doctor/check.ts";
import { stateTopic } from "../../src/doctor/topics/state.ts";
import { parseConfig } from "../../src/models/config.ts";
import { Netlink } from "../../src/netlink/netlink.ts";
import { NsHandle } from "../../src/netns/handle.ts";
import { NsHandler } from "../../src/ns_handler.ts";
import { describeAsRoot, traces } from "../integration/support/traces.ts";

const CONFIG = parseConfig(`
name: doctor-state
namespaces: [doctor-state-a, doctor-state-b]
interfaces:
  - { name: a, type: VETH, namespace: doctor-state-a, hostIfName: eth0, ipAddresses: [10.1.0.1/24], veth: { peerIfName: b } }
  - { name: b, type: VETH, namespace: doctor-state-b, hostIfName: eth0, veth: { peerIfName: a } }
routes:
  - { name: r, namespace: doctor-state-a, interface: a, dstIpAddr: 10.2.0.0/24, gwAddr: 10.1.0.2 }
`);

describeAsRoot("stateTopic()", () => {
  let start: unknown;
  let directory: string;
  before(() => {
    start = traces();
    directory = mkdtempSync("/tmp/netns-doctor-");
  });
  after(() => {
    rmSync(directory, { recursive: true });
    assertEquals(traces(), start);
  });

  const finding = async (): Promise<Finding | undefined> =>
    (await stateTopic(directory).examine()).find(({ check }) => check === "configuration doctor-state");

  it("reports what each configuration owns, and what was replaced", async () => {
    const configurator = new Configurator(new NsHandler(), { store: new FileStateStore(directory) });
    try {
      await configurator.apply(CONFIG);
      assertEquals(await finding(), {
        check: "configuration doctor-state",
        status: "ok",
        detail: "owns 2 namespaces, 1 link, 1 route and 0 neighbours",
      });

      using a = NsHandle.fromName("doctor-state-a");
      using netlink = a.run(() => Netlink.open());
      const remove = (): void => netlink.deleteLink({ name: "eth0" });
      remove();
      assertMatch((await finding())?.detail ?? "", /; gone: the link eth0 and the link eth0, route r$/);

      netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "theirs" } });
      const replaced = await finding();
      assertEquals(replaced?.status, "warning");
      assertMatch(replaced?.detail ?? "", /somebody else's by now: eth0 in doctor-state-a/);
      remove();
    } finally {
      await configurator.destroy(CONFIG);
    }
  });

  it("reports a damaged file", async () => {
    writeFileSync(`${directory}/doctor-state.json`, "{");
    const found = await finding();
    assertEquals(found?.status, "failed");
    assertMatch(found?.detail ?? "", /not what an apply wrote$/);
    rmSync(`${directory}/doctor-state.json`);
  });
});
