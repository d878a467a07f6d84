/** Addresses that the kernel makes of what a router advertises, and temporary ones: nobody gave them to the link. */
import { spawnSync } from "node:child_process";
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { namedNs, type NetworkConfigInput, readConfig } from "@netns/netns";
import { show } from "../../src/configurator/show/show.ts";
import { writeSysctl } from "../../src/sysctl/sysctl.ts";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { Scratch } from "../integration/configurator/scratch.ts";
import { eventually } from "./following.ts";

/** Advertises the network fd77::/64 by the link eth0, for an hour. (RFC 4861, 4.2 and 4.6.2) */
const ADVERTISE = `
import socket, struct
index = socket.if_nametoindex("eth0")
prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xc0, 3600, 1800, 0) + socket.inet_pton(socket.AF_INET6, "fd77::")
with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as router:
    router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
    router.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0) + prefix, ("ff02::1", 0, 0, index))
`;

describeAsRoot("Configurator, of addresses that the kernel makes,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** Has the router advertise until the host has an address of that, and a temporary one. Gives both. */
  async function advertised(scratch: Scratch): Promise<readonly string[]> {
    scratch.in("host", (_netlink, ns) => void writeSysctl(ns, "net.ipv6.conf.eth0.use_tempaddr", "2"));
    await eventually(() => {
      const args = ["netns", "exec", scratch.name("router"), "python3", "-c", ADVERTISE];
      spawnSync("ip", args, { stdio: "ignore" }); // it fails until the router's own address is ready
      return addresses(scratch).length === 2;
    });
    return addresses(scratch);
  }

  /** Those of the advertised network, and whether it is a temporary one. */
  const addresses = (scratch: Scratch): readonly string[] =>
    scratch.in("host", (netlink) => netlink.listAddresses({ family: 6 }))
      .filter(({ cidr }) => cidr.startsWith("fd77:"))
      .map(({ cidr, flags }) => `${cidr} ${flags & 1}`).sort();

  const pair = (ends: readonly string[]): NetworkConfigInput => ({
    links: [{ ends: [`host eth0 ${ends.join(" ")}`, "router eth0 fd01::9/64"] }],
  });

  it("leaves them on a link of its own, also where the addresses of the file change", async () => {
    using scratch = new Scratch();
    const file = pair(["10.1.0.1/24", "fd01::1/64", "fd01::2/64"]);
    assertEquals((await scratch.apply(file)).failed, []);
    const initial = await advertised(scratch);
    assertEquals((await scratch.apply(file)).lines, []);
    for (const others of [["fd01::2/64", "fd01::1/64"], ["fd02::1/64"], ["10.2.0.1/24"]]) {
      assertEquals((await scratch.apply(pair(others))).failed, []);
      assertEquals([(await scratch.apply(pair(others))).lines, addresses(scratch)], [[], initial], others.join());
    }
    const routes = ["host fd88::/64 via fd77::5"];
    const { failed, pending, lines } = await scratch.apply({ ...file, routes });
    assertEquals([failed, pending], [[], []]);
    assert(lines.some((line) => line.includes("fd88::/64")), lines.join("\n"));
    assertEquals((await scratch.apply({ ...file, routes })).lines, []);
    await scratch.destroy({ ...file, routes });
  });

  it("does not show them, and says so", async () => {
    using scratch = new Scratch();
    assertEquals((await scratch.apply(pair(["fd01::1/64"]))).failed, []);
    await advertised(scratch);
    const names = ["host", "router"].map((name) => namedNs(scratch.name(name)));
    const { config, omitted } = await show(scratch.handler, scratch.configurator, names, []);
    assertEquals(config.interfaces.map(({ ipAddresses }) => ipAddresses), [["fd01::1/64"], ["fd01::9/64"]]);
    assert(
      omitted.some((line) => /fd77:.*: an address that the kernel made of what a router/.test(line)),
      `${omitted}`,
    );
    assertEquals((await scratch.configurator.plan(readConfig(config))).steps, []);
    await scratch.destroy(pair(["fd01::1/64"]));
  });

  it("leaves it to the kernel to give them to a link of somebody else", async () => {
    using scratch = new Scratch();
    for (const name of ["host", "router"]) scratch.make(name);
    scratch.in("host", (netlink) => {
      scratch.in("router", (far, netns) => {
        netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "eth0", netns } });
        far.setLink("eth0", { up: true });
      });
    });
    const initial = await advertised(scratch);
    const used = (fields: Record<string, unknown>): NetworkConfigInput => ({
      interfaces: [{ name: "eth0", type: "EXISTING", namespace: "host", ...fields }],
    });
    for (const fields of [{ ipAddresses: ["fd01::1/64"] }, { enabled: false }]) {
      assertEquals((await scratch.apply(used(fields))).failed, []);
      assertEquals((await scratch.apply(used(fields))).lines, []);
      assertEquals((await scratch.destroy(used(fields))).failed, []);
      // The kernel takes them from a link that is set down, and asks for an advertisement when that is up.
      assertEquals(addresses(scratch), fields.enabled === undefined ? initial : [], JSON.stringify(fields));
    }
  });
});
