/** Routes that have the key of one of the kernel's own: each apply finds the same. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { CONNECTED_CASES, connectedFile, HINT, withoutRoutes } from "../../support/connected_routes.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

describeAsRoot("Configurator, of a route with the key of the kernel's own,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** What is done for the route, and why it fails. */
  const applied = async (scratch: Scratch, document: Record<string, unknown>): Promise<string[]> => {
    const { lines, failed } = await scratch.apply(document);
    for (const { item, hint } of failed) assertEquals([item, hint], ["route r", HINT]);
    const steps = lines.flatMap((line) =>
      line.startsWith("route r: ") ? [line.slice(9).replace(/(by \w+ in blue).*/, "$1")] : []
    );
    return [...steps, ...failed.map(({ reason }) => reason)];
  };

  for (const [name, addresses, route, expected] of CONNECTED_CASES) {
    it(`a route ${name}`, async () => {
      const described = connectedFile(addresses, route);
      const again = expected.filter((line) => line.startsWith("the kernel"));
      const earlier = [
        undefined, // a new link
        withoutRoutes(described),
        withoutRoutes(connectedFile(["203.0.113.1/25"], route)),
        withoutRoutes(connectedFile(addresses, route, { enabled: false })),
      ];
      for (const before of earlier) {
        using scratch = new Scratch();
        if (before !== undefined) await scratch.apply(before);
        assertEquals(await applied(scratch, described), expected);
        assertEquals(await applied(scratch, described), again, "again");
        using alone = new Scratch();
        await alone.apply(withoutRoutes(described));
        await scratch.apply(withoutRoutes(described));
        const routesOf = (one: Scratch): unknown => (one.state("blue") as { routes: unknown }).routes;
        assertEquals(routesOf(scratch), routesOf(alone), "without it");
        assertEquals((await scratch.destroy(described)).pending, []);
      }
    });
  }

  it("a route to the network of an address that has a metric, or is given without a route", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "e0", peer: { name: "e1" } });
      for (const name of ["lo", "e0"]) netlink.setLink(name, { up: true });
      for (const n of [1, 2, 3]) netlink.addAddress({ name: "e1" }, `198.51.${n}.1/24`, { metric: 50 });
      for (const n of [1, 2]) netlink.addAddress({ name: "e1" }, `2001:db8:${n}::1/64`, { metric: 50, noDad: true });
      netlink.addAddress({ name: "e1" }, "198.51.9.1/24", { noPrefixRoute: true });
      netlink.addAddress({ name: "e1" }, "2001:db8:9::1/64", { noPrefixRoute: true, noDad: true });
    });
    const initial = scratch.state("blue");
    const route = (name: string, fields: object) => ({ name, namespace: "blue", interface: "e1", ...fields });
    const file = {
      interfaces: [{ name: "e1", type: "EXISTING" as const, namespace: "blue", enabled: true }],
      routes: [
        route("kernel4", { dstIpAddr: "198.51.1.0/24", metric: 50 }),
        route("other4", { dstIpAddr: "198.51.2.0/24" }),
        route("through", { dstIpAddr: "198.51.3.0/24", metric: 50, gwAddr: "198.51.1.9" }),
        route("none4", { dstIpAddr: "198.51.9.0/24" }),
        route("kernel6", { dstIpAddr: "2001:db8:1::/64", metric: 50 }),
        route("other6", { dstIpAddr: "2001:db8:2::/64", metric: 256 }),
        route("none6", { dstIpAddr: "2001:db8:9::/64", metric: 256 }),
      ],
    };
    const inTheWay =
      "the kernel has a route of its own to 198.51.3.0/24: it comes with the address 198.51.3.1/24 of e1 in blue";
    const { lines, failed } = await scratch.apply(file);
    assertEquals(failed.map(({ item, reason, hint }) => [item, reason, hint]), [["route through", inTheWay, HINT]]);
    assertEquals(lines.filter((line) => line.startsWith("route")), [
      "route other4: add the route to 198.51.2.0/24 by e1 in blue",
      "route none4: add the route to 198.51.9.0/24 by e1 in blue",
      "route other6: add the route to 2001:db8:2::/64 by e1 in blue metric 256",
      "route none6: add the route to 2001:db8:9::/64 by e1 in blue metric 256",
    ]);
    assertEquals((await scratch.apply(file)).lines, [], "again");
    assertEquals((await scratch.destroy(file)).failed, []);
    assertEquals(scratch.state("blue"), initial);
  });
});
