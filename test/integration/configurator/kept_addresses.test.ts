/** Namespaces in which IPv6 addresses stay on a link that is set down: net.ipv6.conf.*.keep_addr_on_down. */
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

/** Applies, twice; the second time there is nothing to do. */
async function settle(scratch: Scratch, document: NetworkConfigInput): Promise<void> {
  const first = await scratch.apply(document);
  assertEquals([first.failed, first.pending], [[], []]);
  const second = await scratch.apply(document);
  assertEquals([second.lines, second.failed, second.pending], [[], [], []], "a second time");
}

describeAsRoot("Configurator, where addresses stay on a link that is set down,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  for (const key of ["all", "eth0"]) {
    it(`gives a link of somebody else back as it was (${key})`, async () => {
      using scratch = new Scratch();
      scratch.make("a");
      scratch.in("a", (netlink, ns) => {
        netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "far" } });
        for (const name of ["lo", "far"]) netlink.setLink(name, { up: true });
        writeSysctl(ns, `net.ipv6.conf.${key}.keep_addr_on_down`, "1");
        netlink.addAddress("eth0", "10.1.0.1/24");
        netlink.addAddress("eth0", "fd01::1/64", { noDad: true });
        netlink.addRoute({ dst: "fd09::/64", gateway: "fd01::9", link: "eth0" });
      });
      const initial = scratch.state("a");
      const used = (fields: Partial<InterfaceInput>): NetworkConfigInput => ({
        interfaces: [{ name: "eth0", type: "EXISTING", namespace: "a", ...fields }],
      });
      const files = [
        used({ enabled: false, ipAddresses: ["fd02::1/64"] }),
        used({ ipAddresses: ["fd02::1/64", "10.2.0.1/24"] }),
        used({ enabled: false, ipAddresses: ["fd03::1/64"] }),
        used({ enabled: false }),
      ];
      for (const file of files) {
        await settle(scratch, file);
        assertEquals((await scratch.destroy(file)).failed, []);
        assertEquals(scratch.state("a"), initial, JSON.stringify(file));
      }
      for (const file of files) await settle(scratch, file);
      assertEquals((await scratch.destroy(files.at(-1) ?? {})).failed, []);
      assertEquals(scratch.state("a"), initial);
    });

    it(`has exactly the addresses of the file on its own links (${key})`, async () => {
      using scratch = new Scratch();
      const file = (fields: Partial<InterfaceInput>): NetworkConfigInput => ({
        namespaces: [{ name: "a", sysctls: { [`net.ipv6.conf.${key}.keep_addr_on_down`]: 1 } }],
        interfaces: [
          { name: "eth0", namespace: "a", veth: { peerIfName: "eth1" }, ...fields },
          { name: "eth1", namespace: "b", veth: { peerIfName: "eth0" } },
        ],
        routes: [{ name: "r", namespace: "a", interface: "eth0", dstIpAddr: "fd09::/64", gwAddr: "fd01::9" }],
      });
      const addresses = (): readonly string[] => scratch.look("a")["eth0"]?.addresses ?? [];
      const both = ["fd01::1/64", "fd02::1/64"];
      await settle(scratch, file({ ipAddresses: both }));
      const initial = scratch.state("a");
      for (
        const fields of [{ ipAddresses: ["fd02::1/64", "10.1.0.1/24"] }, { ipAddresses: both }, { ipAddresses: [] }]
      ) {
        const down = { ...file({ ...fields, enabled: false }), routes: [] };
        assertEquals((await scratch.apply(down)).failed, []);
        assertEquals([(await scratch.apply(down)).lines, [...addresses()].sort()], [
          [],
          [...fields.ipAddresses].sort(),
        ]);
        await settle(scratch, file({ ipAddresses: both }));
        assertEquals(scratch.state("a"), initial, JSON.stringify(fields));
      }
      await scratch.destroy(file({}));
    });
  }
});
