/** A default route that a router advertised: the kernel deletes it where packets of IPv6 begin to be passed on. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { Scratch } from "../integration/configurator/scratch.ts";
import { eventually, pause } from "./following.ts";

/** Advertises a default route by the link eth0. (RFC 4861, 4.2) */
const ADVERTISE = `
import socket, struct
index = socket.if_nametoindex("eth0")
with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as router:
    router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    router.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, index))
`;

describeAsRoot("Configurator, of a route that a router advertised,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const RA = 9;
  const advertised = (scratch: Scratch): number =>
    scratch.in(
      "host",
      (netlink) => netlink.listRoutes({ family: 10 }).filter(({ protocol }) => protocol === RA).length,
    );

  it("passes packets on only where the route stays", async () => {
    using scratch = new Scratch();
    for (const name of ["host", "router"]) scratch.make(name);
    scratch.in("host", (netlink) => {
      scratch.in("router", (far, netns) => {
        netlink.setLink("lo", { up: true });
        netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "eth0", netns } });
        far.setLink("eth0", { up: true });
      });
    });
    const advertise = (): unknown =>
      spawnSync("ip", ["netns", "exec", scratch.name("router"), "python3", "-c", ADVERTISE], { stdio: "ignore" });
    await eventually(() => {
      advertise(); // it fails until the router's own address is ready
      return advertised(scratch) === 1;
    });
    const file = (sysctls: Record<string, number>) => ({ namespaces: [{ name: "host", sysctls }] });
    for (const link of ["all", "lo"]) {
      const { failed, lines } = await scratch.apply(file({ [`net.ipv6.conf.${link}.forwarding`]: 1 }), { adopt: true });
      const [{ reason, hint } = { reason: "", hint: "" }] = failed;
      const via = /via fe80::\S+ by eth0 in \S+,/;
      assertEquals(
        [lines, reason.replace(via, "via GATEWAY,"), hint, advertised(scratch)],
        [
          [],
          `net.ipv6.conf.${link}.forwarding is not set: the kernel would delete the default route via GATEWAY, ` +
          "which a router advertised",
          "set net.ipv6.conf.eth0.accept_ra to 2, here or yourself: with it the route stays",
          1,
        ],
      );
    }
    const router = file({ "net.ipv6.conf.all.forwarding": 1, "net.ipv6.conf.eth0.accept_ra": 2 });
    assertEquals((await scratch.apply(router)).failed, []);
    assertEquals([(await scratch.apply(router)).lines, advertised(scratch)], [[], 1]);
    await scratch.destroy(router);
    await pause(100);
    assertEquals(advertised(scratch), 1);
  });
});
