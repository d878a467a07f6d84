/** A kernel that was started with ipv6.disable=1: what is of IPv4 works, and what is not says why. */
import { NetlinkError, type NetworkConfigInput, NsHandle } from "@netns/netns";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { existsSync } from "node:fs";
import { kernelTopic } from "../../src/doctor/topics/kernel.ts";
import { findings } from "../integration/doctor/findings.ts";
import { Scratch } from "../integration/configurator/scratch.ts";

const [AF_INET, AF_INET6] = [2, 10];
const NO_IPV6 = /; the kernel has no IPv6: start it without ipv6\.disable=1/;

describe("a kernel without IPv6", () => {
  it("is one", () => assertEquals(existsSync("/proc/sys/net/ipv6"), false));

  it("has nothing of IPv6 in a list of that, for which it gives what it has of IPv4", () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.addLink({ kind: "veth", name: "a", peer: { name: "b" } });
    for (const name of ["a", "b"]) netlink.setLink({ name }, { up: true });
    netlink.addAddress({ name: "a" }, "10.1.0.1/24");
    netlink.addNeighbour({ link: { name: "a" }, ip: "10.1.0.9", address: "02:00:00:00:00:09" });
    const counts = (family: number): number[] => [
      netlink.listAddresses({ family }).length,
      netlink.listRoutes({ family, table: 254 }).length,
      netlink.listRules({ family }).length,
      netlink.listNeighbours({ family, link: { name: "a" } }).length,
      netlink.listNextHops({ family }).length,
    ];
    assertEquals(counts(AF_INET), [1, 1, 3, 1, 0]);
    assertEquals(counts(AF_INET6), [0, 0, 0, 0, 0]);
  });

  it("says of each request about IPv6 that it has none", () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.addLink({ kind: "veth", name: "a", peer: { name: "b" } });
    for (const name of ["a", "b"]) netlink.setLink({ name }, { up: true });
    const requests = [
      () => netlink.addAddress({ name: "a" }, "fd00::1/64"),
      () => netlink.addRoute({ dst: "fd01::/64", link: { name: "a" } }),
      () => netlink.addRule({ src: "fd00::/64", table: 100 }),
      () => netlink.addNeighbour({ link: { name: "a" }, ip: "fd00::2", address: "02:00:00:00:00:01" }),
      () => netlink.addNextHop({ id: 5, gateway: "fd00::2", link: { name: "a" } }),
      () => netlink.getRoute("fd00::5"),
    ];
    for (const request of requests) assertMatch(assertThrows(request, NetlinkError).message, NO_IPV6);
  });

  it("gets all of a topology that is of IPv4, once, and gives it back", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      namespaces: [{ name: "r", sysctls: { "net.ipv4.ip_forward": 1 } }],
      links: [
        { ends: ["a eth0 10.1.0.2/24", "r left 10.1.0.1/24"] },
        { bridge: "s br0", ends: ["b eth0 10.9.0.1/24", "c eth0 10.9.0.2/24"] },
      ],
      interfaces: [
        { name: "d", type: "DUMMY", namespace: "a", ipAddresses: ["192.0.2.1/32"], mtu: 1000 },
        { name: "v", type: "VLAN", namespace: "a", vlan: { parent: "eth0", id: 10 }, ipAddresses: ["10.10.0.1/24"] },
        { name: "f", type: "VRF_DEVICE", namespace: "r", vrf: { table: 10 } },
      ],
      routes: ["a default via 10.1.0.1", "a blackhole 10.66.0.0/16"],
      rules: [{ name: "u", namespace: "a", from: "10.1.0.2/32", table: 100, priority: 5000 }],
      arpEntries: [{ name: "n", namespace: "a", interface: "d", ipAddr: "192.0.2.9", hwAddress: "02:00:00:00:00:09" }],
    };
    const { failed, pending } = await scratch.apply(document);
    assertEquals([failed, pending], [[], []]);
    const again = await scratch.apply(document);
    assertEquals([again.done, again.failed, again.pending], [[], [], []]);
    assertEquals((await scratch.destroy(document)).failed, []);
  });

  it("gets the rest of a topology that is of both, whose items of IPv6 fail with the reason", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      links: [{ ends: ["a eth0 10.1.0.1/24 fd00::1/64", "b eth0 10.1.0.2/24"] }],
    };
    const { failed } = await scratch.apply(document);
    assertEquals(failed.length, 1);
    assertMatch(`${failed[0]?.reason}; ${failed[0]?.hint}`, NO_IPV6);
    assertEquals(scratch.look("a")["eth0"]?.addresses, ["10.1.0.1/24"]);
    assertEquals((await scratch.destroy(document)).failed, []);
  });

  it("is said by doctor", async () => {
    assertEquals((await findings(kernelTopic()))["IPv6"]?.status, "warning");
  });
});
