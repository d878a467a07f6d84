/** CNI plugins wire what is made here; what they make is seen and used here. See https://www.cni.dev/docs/spec/ */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { NsHandle } from "@netns/netns";
import { linkNames, scratchName, scratchNamespace } from "../integration/support/traces.ts";
import { describeWith, output } from "./interop.ts";

const PLUGINS = "/usr/lib/cni";

describeWith("CNI plugins", ["test", "-x", `${PLUGINS}/ptp`, "-a", "-x", `${PLUGINS}/bridge`], () => {
  let dataDir = "";
  before(() => dataDir = mkdtempSync(`${tmpdir()}/netns-cni-`));
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  /** What a plugin prints: on standard input it receives what to make, and by its environment where. */
  function plugin(type: string, command: "ADD" | "DEL", name: string, more: Readonly<Record<string, unknown>>): string {
    const ipam = { type: "host-local", dataDir, ranges: [[{ subnet: "192.0.2.0/24" }]] };
    return output([`${PLUGINS}/${type}`], {
      input: JSON.stringify({ cniVersion: "0.4.0", name: `netns-${type}`, type, ipam, ...more }),
      env: {
        CNI_COMMAND: command,
        CNI_CONTAINERID: name,
        CNI_NETNS: `/var/run/netns/${name}`,
        CNI_IFNAME: "eth0",
        CNI_PATH: PLUGINS,
      },
    });
  }

  const bridge = `br${scratchName().slice(-8)}`;
  for (const [type, more] of [["ptp", {}], ["bridge", { bridge, isGateway: true }]] as const) {
    it(`${type} wires a namespace that is made here, and unwires it`, async () => {
      using blue = scratchNamespace();
      using ns = NsHandle.fromName(blue.name);
      using netlink = ns.netlink();
      const { ips: [{ address, gateway }] } = JSON.parse(plugin(type, "ADD", blue.name, more));
      try {
        assertMatch(address, /^192\.0\.2\.\d+\/24$/);
        const { index, up, kind, peerIndex } = netlink.getLink({ name: "eth0" });
        assertEquals([up, kind], [true, "veth"]);
        assertEquals(netlink.listAddresses({ linkIndex: index, family: 2 }).map(({ cidr }) => cidr), [address]);
        assert(netlink.listRoutes({ linkIndex: index, family: 2 }).some(({ dst }) => dst === "192.0.2.0/24"));
        assertMatch(await printed(ns, "ping", "-c1", "-W5", gateway), / 0% packet loss/);

        using home = NsHandle.home();
        using outside = home.netlink();
        const other = outside.getLink({ index: peerIndex ?? 0 });
        assertEquals([other.kind, other.peerIndex, other.up], ["veth", index, true]);
      } finally {
        plugin(type, "DEL", blue.name, more);
      }
      assertEquals(linkNames(ns), ["lo"]);
      using home = NsHandle.home();
      using outside = home.netlink();
      if (type === "bridge") outside.deleteLink({ name: bridge });
    });
  }
});

/** What a program prints that runs in a namespace. */
async function printed(ns: NsHandle, command: string, ...args: string[]): Promise<string> {
  const child = ns.spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of child.stdout ?? []) text += chunk;
  return text;
}
