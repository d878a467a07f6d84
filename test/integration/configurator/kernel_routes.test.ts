/** Routes that the kernel made for addresses, and that somebody deleted. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { Netlink, NetworkConfigInput, Route } from "@netns/netns";
import { leftEnd, rightEnd, vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const [MAIN, LOCAL] = [254, 255];
const KERNEL = 2;
const WHY = "was deleted, and its address stays";

/** What tells a route from the others, with all that the kernel had given it. */
const textOf = ({ dst, table, type, scope, protocol, metric, preferredSource, nextHops }: Route): string =>
  JSON.stringify([dst, table, type, scope, protocol, metric, preferredSource, nextHops]);

/** False of a route that the kernel makes when it has checked an address of IPv6: sometimes later than a test looks. */
const isAtOnce = ({ dst, table }: Route): boolean =>
  !dst.startsWith("fe80:") && !(table === LOCAL && dst.includes(":"));

const textsIn = (netlink: Netlink): string[] => netlink.listRoutes().filter(isAtOnce).map(textOf).sort();

/** The routes that the kernel made for addresses, but for those of IPv6 to this host. */
const isOfAddress = (route: Route): boolean =>
  route.protocol === KERNEL && isAtOnce(route) && (route.table === MAIN || route.type === "local");

describeAsRoot("Configurator, of a route that the kernel made and somebody deleted,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const addresses = [
    "10.1.0.1/24",
    "10.1.0.9/24",
    "10.2.0.1/31",
    "10.3.0.1/32",
    "fd00::1/64",
    "fd00::9/64",
    "fd01::1/128",
  ];
  const file: NetworkConfigInput = {
    interfaces: [
      leftEnd({ ipAddresses: addresses }),
      rightEnd(),
      { name: "lo", type: "LOOPBACK", namespace: "blue", ipAddresses: ["10.9.0.1/24", "fd09::1/64"] },
    ],
    routes: ["blue default via 10.1.0.2", "blue default via fd00::2"],
  };

  it("makes each of them again, as it was, and comes to rest", async () => {
    using scratch = new Scratch();
    await scratch.apply(file);
    const all = scratch.in("blue", textsIn);
    const made = scratch.in("blue", (netlink) => netlink.listRoutes().filter(isOfAddress))
      .filter(({ dst }) => !/^(127\.|::1)/.test(dst));
    assertEquals(made.map(({ dst }) => dst).sort(), [
      "10.1.0.0/24",
      "10.1.0.1/32",
      "10.1.0.9/32",
      "10.2.0.0/31",
      "10.2.0.1/32",
      "10.3.0.1/32",
      "10.9.0.0/24",
      "10.9.0.1/32",
      "fd00::/64",
      "fd01::1/128",
      "fd09::/64",
    ]);
    for (const route of made) {
      // The route to the host itself is looked for where the one to its network is lost.
      const network =
        { "10.1.0.1/32": "10.1.0.0/24", "10.2.0.1/32": "10.2.0.0/31", "10.9.0.1/32": "10.9.0.0/24" }[route.dst];
      const deleted = made.filter(({ dst }) => dst === route.dst || dst === network);
      scratch.in("blue", (netlink) => deleted.forEach((one) => netlink.deleteRoute(one)));
      const { lines, done, failed } = await scratch.apply(file);
      assertEquals([failed, done.map(({ why }) => why)], [[], deleted.map(() => WHY)], lines.join());
      assertEquals(scratch.in("blue", textsIn), all, route.dst);
      assertEquals((await scratch.apply(file)).lines, [], route.dst);
    }
    scratch.in("blue", (netlink) => {
      for (const route of made.toReversed()) netlink.deleteRoute(route);
    });
    const { lines, failed } = await scratch.apply(file);
    assertEquals([lines.length, failed], [made.length, []], lines.join("\n"));
    assertEquals(scratch.in("blue", textsIn), all);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
  });

  it("makes it again before the routes that need it", async () => {
    using scratch = new Scratch();
    await scratch.apply(file);
    const all = scratch.in("blue", textsIn);
    scratch.in("blue", (netlink) => {
      for (const route of netlink.listRoutes({ table: MAIN })) netlink.deleteRoute(route);
    });
    const { failed, pending } = await scratch.apply(file);
    assertEquals([failed, pending], [[], []]);
    assertEquals(scratch.in("blue", textsIn), all);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
  });

  it("makes that of one of two links in a network again, behind that of the other", async () => {
    using scratch = new Scratch();
    const end = (name: string, ip: string) => [
      vethEnd(name, `${name}x`, { namespace: "blue", ipAddresses: [`10.1.0.${ip}/24`, `fd00::${ip}/64`] }),
      vethEnd(`${name}x`, name, { namespace: "green" }),
    ];
    const two = { interfaces: [...end("one", "1"), ...end("two", "2")] };
    await scratch.apply(two);
    const all = scratch.in("blue", textsIn);
    for (const name of ["one", "two"]) {
      scratch.in("blue", (netlink) => {
        const { index } = netlink.getLink({ name });
        for (const route of netlink.listRoutes({ linkIndex: index }).filter(isOfAddress)) netlink.deleteRoute(route);
      });
      const { lines, failed } = await scratch.apply(two);
      assertEquals([lines.length, failed], [3, []], lines.join("\n"));
      assertEquals(scratch.in("blue", textsIn), all);
      assertEquals((await scratch.apply(two)).lines, []);
    }
    await scratch.destroy(two);
  });

  it("takes it back where an atomic apply fails", async () => {
    using scratch = new Scratch();
    await scratch.apply(file);
    scratch.in("blue", (netlink) => netlink.deleteRoute({ dst: "10.1.0.0/24", link: "eth0" }));
    const before = scratch.in("blue", textsIn);
    const refused = [vethEnd("last", "tsal", { namespace: "blue", ipAddresses: ["::1/128"] }), vethEnd("tsal", "last")];
    const failing = {
      ...file,
      interfaces: [...file.interfaces ?? [], ...refused.map((one) => ({ ...one, namespace: "green" }))],
    };
    const { failed } = await scratch.apply(failing, { atomic: true });
    assertEquals(failed.map(({ item }) => item), ["interface last"]);
    assertEquals(scratch.in("blue", textsIn), before);
    assertEquals((await scratch.apply(file)).lines.length, 1);
    await scratch.destroy(file);
  });

  it("takes it away with its address", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "e0", peer: { name: "e1" } });
      for (const name of ["lo", "e0", "e1"]) netlink.setLink(name, { up: true });
      netlink.addAddress("e0", "10.7.0.1/24");
    });
    const isIpv4 = (text: string): boolean => !text.includes(":");
    const initial = scratch.in("blue", textsIn).filter(isIpv4);
    const used = { interfaces: [{ name: "e0", type: "EXISTING" as const, namespace: "blue", ipAddresses: addresses }] };
    await scratch.apply(used);
    scratch.in("blue", (netlink) => {
      const own = netlink.listRoutes().filter((one) => isOfAddress(one) && /^(10\.[123]|fd0)/.test(one.dst));
      for (const route of own) netlink.deleteRoute(route);
      assertEquals(own.length, 8);
    });
    assertEquals((await scratch.apply(used)).lines.length, 8);
    await scratch.destroy(used);
    assertEquals(scratch.in("blue", textsIn).filter(isIpv4), initial);
  });

  it("leaves what is somebody else's, and what the kernel never made", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "e0", peer: { name: "e1" } });
      for (const name of ["lo", "e0", "e1"]) netlink.setLink(name, { up: true });
      netlink.addAddress("e0", "10.7.0.1/24", { noPrefixRoute: true });
      netlink.addAddress("e0", "10.8.0.1/24");
      netlink.addAddress("e0", "10.5.0.1/32", { peer: "10.5.0.2" });
      netlink.addAddress("e0", "fd07::1/64", { noPrefixRoute: true, noDad: true });
      netlink.addAddress("e0", "fd08::1/64", { noDad: true });
      for (const dst of ["10.8.0.0/24", "fd08::/64"]) {
        netlink.deleteRoute({ dst, linkIndex: netlink.getLink("e0").index });
      }
    });
    const end = leftEnd({ ipAddresses: ["10.1.0.1/24", "10.0.0.1/0", "fd00::1/64"], enabled: false });
    const others = {
      interfaces: [
        // Of the last one the first address of the network is somebody else's.
        {
          name: "e0",
          type: "EXISTING" as const,
          namespace: "blue",
          ipAddresses: ["10.7.0.1/24", "fd07::2/64", "10.8.0.2/24"],
        },
        end,
        rightEnd(),
      ],
      routes: [{
        name: "r",
        namespace: "green",
        interface: "eth0",
        dstIpAddr: "10.1.0.0/24",
        metric: 0,
        srcIpAddr: "10.1.0.2",
      }],
    };
    await scratch.apply(others);
    scratch.in("green", (netlink) => {
      netlink.replaceRoute({ dst: "10.1.0.0/24", linkIndex: netlink.getLink("eth0").index, mtu: 1300 });
    });
    const isOfFile = (line: string): boolean => line.startsWith("route r");
    const { lines } = await scratch.apply(others);
    assert(lines.every(isOfFile), lines.join("\n"));
    const up = { ...others, interfaces: others.interfaces.map((one) => ({ ...one, enabled: true })) };
    await scratch.apply(up);
    assertEquals((await scratch.apply(up)).lines, []);
    await scratch.destroy(others);
  });
});
