/** What `readConfig()` takes in code: checked by the compiler, and here by the schemas. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ConfigError, type NetworkConfig, type NetworkConfigInput, readConfig } from "@netns/netns";

/** Every field that can be written, and each form of a namespace and of an enumeration. */
const WHOLE: NetworkConfigInput = {
  name: "whole",
  description: "for people",
  namespaces: ["blue", "green"],
  interfaces: [
    {
      name: "left",
      description: "to the right",
      type: "VETH",
      enabled: true,
      ipAddresses: ["10.1.0.1/24"],
      physAddress: "02:00:00:00:00:01",
      mtu: 1400,
      hostIfName: "eth0",
      namespace: "blue",
      veth: { peerIfName: "right" },
      tap: undefined,
    },
    { name: "right", type: 0, namespace: { type: "NAMED_NS", name: "green" }, veth: { peerIfName: "left" } },
    { name: "tap", type: 1, namespace: { type: 0, pid: 0 }, tap: { tempIfName: "tap9" } },
    { name: "web", type: "AUTO_TAP", namespace: { microservice: "web-1", by: "container" }, tap: {} },
  ],
  arpEntries: [
    {
      name: "a",
      namespace: { name: "blue" },
      interface: "left",
      ipFamily: "IPV4",
      state: { type: "NOARP" },
      ipAddr: "10.1.0.9",
      hwAddress: "02:00:00:00:00:09",
    },
    { name: "b", interface: "left", ipFamily: 0, state: 3, ipAddr: "10.1.0.8", hwAddress: "02:00:00:00:00:09" },
    { name: "c", interface: "left", state: "STALE", ipAddr: "10.1.0.7", hwAddress: "02:00:00:00:00:09" },
  ],
  routes: [
    {
      name: "r",
      default: true,
      namespace: "blue",
      interface: "left",
      description: "out",
      gwAddr: "10.1.0.2",
      metric: 9,
    },
    { name: "s", interface: "left", scope: "LINK", dstIpAddr: "10.2.0.0/16", srcIpAddr: "10.1.0.1", table: 77 },
    { name: "t", interface: "left", scope: { type: "SITE" }, dstIpAddr: "10.3.0.0/16" },
    { name: "u", interface: "left", scope: 2, dstIpAddr: "10.4.0.0/16" },
  ],
};

/** What was read can be read again: it is written in the same terms. */
function readAgain({ origin: _, ...config }: NetworkConfig): NetworkConfig {
  return readConfig(config);
}

/** Does not compile without the comments; nothing calls it. */
export function refused(): void {
  // @ts-expect-error: a field that there is not
  readConfig({ namespace: ["a"] });
  // @ts-expect-error: names are a list
  readConfig({ namespaces: "a" });
  // @ts-expect-error: a name is text
  readConfig({ namespaces: [7] });
  // @ts-expect-error: a mapping, not its text
  readConfig("namespaces: [a]");
  // @ts-expect-error: an interface has a name
  readConfig({ interfaces: [{ veth: { peerIfName: "b" } }] });
  // @ts-expect-error: a field that an interface does not have
  readConfig({ interfaces: [{ name: "a", hostIfname: "eth0" }] });
  // @ts-expect-error: a type that there is not
  readConfig({ interfaces: [{ name: "a", type: "VHET" }] });
  // @ts-expect-error: a number of bytes
  readConfig({ interfaces: [{ name: "a", mtu: "large" }] });
  // @ts-expect-error: a field that a namespace does not have
  readConfig({ interfaces: [{ name: "a", namespace: { label: "web" } }] });
  // @ts-expect-error: an entry has a hardware address
  readConfig({ arpEntries: [{ name: "a", interface: "b", ipAddr: "10.0.0.1" }] });
  // @ts-expect-error: a type that a route cannot have
  readConfig({ routes: [{ name: "a", default: true, type: "MULTICAST" }] });
  // @ts-expect-error: a sysctl is a number or text
  readConfig({ namespaces: [{ name: "a", sysctls: { "net.ipv4.ip_forward": true } }] });
}

describe("NetworkConfigInput", () => {
  it("is what readConfig takes (N22)", () => {
    const config = readConfig(WHOLE);
    assertEquals(config.name, "whole");
    assertEquals(config.interfaces.map(({ type }) => type), ["VETH", "VETH", "AUTO_TAP", "AUTO_TAP"]);
    assertEquals(config.arpEntries.map(({ state }) => state.type), ["NOARP", "STALE", "STALE"]);
    assertEquals(config.routes.map(({ scope }) => scope?.type), [undefined, "LINK", "SITE", "LINK"]);
    assertEquals(readAgain(config), config);
  });

  it("has what only a check can refuse", () => {
    const { issues } = assertThrows(
      () => readConfig({ namespaces: ["a/b"], interfaces: [{ name: "a" }] }),
      ConfigError,
    );
    assertEquals(issues.map(({ path }) => path), ["namespaces[0]", "interfaces[0].veth"]);
  });
});
