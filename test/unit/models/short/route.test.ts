import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { checkConfig, faults } from "../faults.ts";

const read = (route: string): unknown => checkConfig({ routes: [route] }).routes[0];
const namespace = { type: 2, name: "a" };
const one = (route: unknown, expected: string): void => {
  const found = faults({ routes: [{ name: "r", interface: "eth0", default: true }, route] });
  assert(found.length === 1 && found[0]?.startsWith("routes[1]: "), `${route}: ${found.join("\n")}`);
  assert(found[0]?.includes(expected), found[0]);
};

describe("routes as text", () => {
  it("reads every word", () => {
    assertEquals(read("a 10.2.0.0/16  via 10.1.0.2 dev eth0 src 10.1.0.1 metric 7 table 100 onlink"), {
      name: "a 10.2.0.0/16 via 10.1.0.2 dev eth0 src 10.1.0.1 metric 7 table 100 onlink",
      namespace,
      default: false,
      dstIpAddr: "10.2.0.0/16",
      gwAddr: "10.1.0.2",
      interface: "eth0",
      srcIpAddr: "10.1.0.1",
      metric: 7,
      table: 100,
      onLink: true,
    });
  });

  it("reads default routes, hosts and types", () => {
    const across = "a default via inet6 fd00::1";
    assertEquals(read(across), { name: across, namespace, default: true, dstIpAddr: "0.0.0.0/0", gwAddr: "fd00::1" });
    const text = "a default via fd00::1";
    assertEquals(read(text), { name: text, namespace, default: true, dstIpAddr: "::/0", gwAddr: "fd00::1" });
    const host = "a 10.0.0.9 dev eth0";
    assertEquals(read(host), { name: host, namespace, default: false, dstIpAddr: "10.0.0.9/32", interface: "eth0" });
    const hole = "a blackhole fd00::/16";
    assertEquals(read(hole), { name: hole, namespace, default: false, dstIpAddr: "fd00::/16", type: "BLACKHOLE" });
    const unicast = "a unicast default dev eth0";
    assertEquals(read(unicast), { name: unicast, namespace, default: true, dstIpAddr: "0.0.0.0/0", interface: "eth0" });
  });

  it("says what is wrong, at the text", () => {
    one("a", "the destination is missing");
    one("", "a route as text");
    one("a/b default via 10.0.0.1", "a/b is no namespace");
    one("a defalt via 10.0.0.1", "defalt is no destination");
    one("a default", "via GW or dev LINK is missing");
    one("a default via", "nothing follows via");
    one("a default via 10.0.0.1 via 10.0.0.2", "via is there twice");
    one("a default via 10.0.0.1 scope link", "scope is none of");
    one("a default via inet6 10.0.0.1", "10.0.0.1 is no address of inet6");
    one("a default via inet", "nothing follows via");
    one("a default via 10.0.0", "the IP address of a host");
    one("a 10.2.3.4/16 dev eth0", "here 10.2.0.0/16");
    one("a blackhole default via 10.0.0.1", "no gwAddr in a route of type BLACKHOLE");
    one("a default via 10.0.0.1 metric x", "a whole number from 0 to 4294967295; metric is x");
    const same = "a 10.2.0.0/16 dev eth0";
    const found = faults({ routes: [same, `${same} src 10.0.0.1`] });
    assert(found.length === 1 && found[0]?.startsWith("routes[1]: another destination"), found.join("\n"));
  });
});
