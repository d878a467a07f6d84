/** What goes with a change of its link stays if that change fails: the plan counted on the loss, and is wrong then. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { constants } from "node:os";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { interceptLibc } from "../../../ffi/mod.ts";
import { leftEnd, PAIR, rightEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_SETLINK = 19;
const RTM_NEWROUTE = 24;
/** RTM_GETROUTE and RTM_GETNEIGH. */
const LISTS: ReadonlySet<number> = new Set([26, 30]);
const RTM_DELADDR = 21;

const VRF: InterfaceInput = { name: "red", type: "VRF_DEVICE", namespace: "blue", vrf: { table: 10 } };
const ROUTE = { name: "r", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2" };
const SIXTH = { name: "six", interface: "left", dstIpAddr: "fd02::/64", gwAddr: "fd00::2" };
const NEIGHBOUR = { name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" };
const REST = { routes: [ROUTE, SIXTH], arpEntries: [NEIGHBOUR] };
const PLAIN: NetworkConfigInput = { ...PAIR, ...REST };
/** In a VRF, which sets the link down and up again that comes to it. */
const IN_VRF: NetworkConfigInput = { ...PLAIN, interfaces: [VRF, leftEnd({ master: "red" }), rightEnd()] };

/** Works while the kernel makes no VRF, as one without CONFIG_NET_VRF, or refuses all messages of these types. */
async function refusing<T>(what: "vrf" | readonly number[], work: () => Promise<T>): Promise<T> {
  const text = new TextEncoder().encode("vrf").join();
  const isVrf = (message: Uint8Array): boolean => message[4] === RTM_NEWLINK && message.join().includes(text);
  const isMeant = (message: unknown): boolean => (
    message instanceof Uint8Array && (what === "vrf" ? isVrf(message) : what.includes(message[4] ?? 0))
  );
  using _door = interceptLibc((name, [, message], proceed) => (
    name === "send" && isMeant(message) ? { errno: constants.errno.ENOBUFS } : proceed()
  ));
  return await work();
}

/** Has a route added behind one with its key, as `ip -6 route append` does. */
function appending(work: () => void): void {
  using _door = interceptLibc((name, [, message], proceed) => {
    if (name === "send" && message instanceof Uint8Array && message[4] === RTM_NEWROUTE) message.set([0x05, 0x0c], 6);
    return proceed();
  });
  work();
}

const FAILED = ["interface left", "interface red"];

const itemsOf = (list: readonly { readonly item: string }[]): string[] => list.map(({ item }) => item).sort();

describeAsRoot("A change of a link that fails", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("leaves routes, addresses and neighbours, which are as described and no failures of their own", async () => {
    using scratch = new Scratch();
    assertEquals((await scratch.apply(PLAIN)).failed, []);
    const standing = scratch.state("blue");
    const first = await refusing("vrf", () => scratch.apply(IN_VRF));
    assertEquals([itemsOf(first.failed), first.lines], [FAILED, []]);
    const again = await refusing("vrf", () => scratch.apply(IN_VRF));
    assertEquals([itemsOf(again.failed), again.lines], [FAILED, []], "and once more");
    assertEquals(again.unchanged, 6, "two namespaces, the other end, two routes and a neighbour");
    assertEquals(scratch.state("blue"), standing);
    const atomic = await refusing("vrf", () => scratch.apply(IN_VRF, { atomic: true }));
    assertEquals([itemsOf(atomic.failed), atomic.undone], [FAILED, []], "nothing of them is taken back");
    assertEquals(scratch.state("blue"), standing);
    assertEquals((await scratch.apply(PLAIN)).lines, [], "they are remembered");
    const { failed } = await scratch.destroy(PLAIN);
    assertEquals([failed, scratch.exists("blue")], [[], false]);
  });

  it("takes no longer than an apply of as many routes: what is there is read once", async () => {
    using scratch = new Scratch();
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    const routes = numbers.map((i) => ({ ...ROUTE, name: `r${i}`, dstIpAddr: `10.${3 + (i >> 8)}.${i & 255}.0/24` }));
    const neighbours = numbers.slice(3, 250).map((i) => ({ ...NEIGHBOUR, name: `a${i}`, ipAddr: `10.1.0.${i}` }));
    const file = { ...IN_VRF, routes, arpEntries: neighbours };
    assertEquals((await scratch.apply({ ...PLAIN, routes, arpEntries: neighbours })).failed, []);
    let dumps = 0;
    {
      using _door = interceptLibc((name, [, message], proceed) => {
        if (name === "send" && message instanceof Uint8Array && LISTS.has(message[4] ?? 0)) dumps++;
        return proceed();
      });
      const { failed, lines } = await refusing("vrf", () => scratch.apply(file));
      assertEquals([itemsOf(failed), lines], [FAILED, []]);
    }
    assert(dumps < 20, `${dumps} lists were read`);
    await scratch.destroy(file);
  });

  it("lets every item end, whatever else fails on the way", async () => {
    using scratch = new Scratch();
    await scratch.apply(PLAIN);
    const standing = scratch.state("blue");
    for (let index = 1, isReached = true; isReached; index++) {
      let count = 0;
      {
        using _door = interceptLibc((name, _args, proceed) => (
          name === "recvfrom" && ++count === index ? { errno: constants.errno.ENOMEM } : proceed()
        ));
        const report = await refusing("vrf", () => scratch.apply(IN_VRF)).catch((error) => error); // nothing was touched
        assert(report instanceof Error || report.failed.length > 0);
      }
      isReached = count >= index;
    }
    assertEquals((await refusing("vrf", () => scratch.apply(IN_VRF))).failed.length, 2);
    assertEquals(scratch.state("blue"), standing);
    assertEquals((await scratch.destroy(PLAIN)).failed, []);
  });

  it("lets a route be replaced that is described otherwise by then", async () => {
    using scratch = new Scratch();
    await scratch.apply(PLAIN);
    const file = { ...IN_VRF, routes: [{ ...ROUTE, gwAddr: "10.1.0.3" }, { ...SIXTH, gwAddr: "fd00::3" }] };
    const report = await refusing("vrf", () => scratch.apply(file));
    assertEquals(itemsOf(report.failed), FAILED);
    const gateways = scratch.in("blue", (netlink) => (
      netlink.listRoutes().filter(({ dst }) => dst === ROUTE.dstIpAddr || dst === SIXTH.dstIpAddr)
        .map(({ nextHops: [hop] }) => hop?.gateway).sort()
    ));
    assertEquals(gateways, ["10.1.0.3", "fd00::3"]);
    await scratch.destroy(file);
  });

  it("leaves a route of somebody else in its place, which fails the item", async () => {
    using scratch = new Scratch();
    const without = { ...PLAIN, routes: [] };
    await scratch.apply(without);
    const dst = ROUTE.dstIpAddr;
    scratch.in("blue", (netlink) => netlink.addRoute({ dst, gateway: "10.1.0.7", protocol: 110 }));
    const standing = scratch.state("blue");
    const report = await refusing("vrf", () => scratch.apply({ ...IN_VRF, routes: [ROUTE] }));
    assertEquals(itemsOf(report.failed), [...FAILED, "route r"]);
    assertEquals(scratch.state("blue"), standing);
    await scratch.destroy(without);
  });

  it("leaves a route of somebody else that stands beside its own: a replacement could hit either", async () => {
    using scratch = new Scratch();
    await scratch.apply(PLAIN);
    const dst = SIXTH.dstIpAddr;
    scratch.in(
      "blue",
      (netlink) => appending(() => netlink.addRoute({ dst, linkIndex: 2, protocol: 4, metric: 1024 })),
    );
    const standing = scratch.state("blue");
    const file = { ...IN_VRF, routes: [ROUTE, { ...SIXTH, gwAddr: "fd00::3" }] };
    const report = await refusing("vrf", () => scratch.apply(file));
    assertEquals(itemsOf(report.failed), [...FAILED, "route six"]);
    assertEquals(scratch.state("blue"), standing);
    await scratch.destroy(PLAIN);
  });

  it("forgets nothing that is no longer described and would have gone with it", async () => {
    using scratch = new Scratch();
    await scratch.apply(PLAIN);
    const { routes: _, arpEntries: __, ...rest } = IN_VRF;
    const report = await refusing("vrf", () => scratch.apply({ ...rest, routes: [], arpEntries: [] }));
    assertEquals(itemsOf(report.failed), FAILED);
    const last = await scratch.apply(PAIR);
    assertEquals(last.failed, []);
    assertEquals(itemsOf(last.done), ["ARP entry a", "route r", "route six"], last.lines.join("\n"));
    await scratch.destroy(PAIR);
  });

  it("forgets nothing that was on a link which could not be deleted", async () => {
    using scratch = new Scratch();
    const impaired = { ...PLAIN, interfaces: [leftEnd({ impair: { rate: "10mbit" } }), rightEnd()] };
    await scratch.apply(impaired);
    // Of another number of queues a pair is made anew.
    const anew = { ...impaired, interfaces: [leftEnd({ queues: 2 }), rightEnd({ queues: 2 })] };
    const report = await refusing([RTM_DELLINK], () => scratch.apply({ ...anew, routes: [], arpEntries: [] }));
    assertMatch(JSON.stringify(report.failed), /ENOBUFS/);
    const next = await scratch.apply({ ...impaired, routes: [{ ...ROUTE, gwAddr: "10.1.0.3" }] });
    assertEquals(next.failed, [], "the qdisc and the route are its own");
    const { failed } = await scratch.destroy(impaired);
    assertEquals([failed, scratch.exists("blue"), scratch.exists("green")], [[], false, false]);
  });

  it("forgets no adopted link that could not make room, nor one that was made in the place of somebody's", async () => {
    using scratch = new Scratch();
    for (const short of ["blue", "green"]) scratch.make(short);
    scratch.in("green", (_, ns) => {
      scratch.in("blue", (netlink) => {
        netlink.addLink({ kind: "veth", name: "eth0", mtu: 1400, peer: { name: "eth0", netns: ns } });
        netlink.setLink({ name: "lo" }, { up: true });
      });
    });
    scratch.in("green", (netlink) => netlink.setLink({ name: "lo" }, { up: true }));
    const standing = [scratch.look("blue"), scratch.look("green")];
    assertEquals((await scratch.apply(PAIR, { adopt: true })).failed, []);
    const anew = (queues: number): NetworkConfigInput => (
      { ...PAIR, interfaces: [leftEnd({ queues }), rightEnd({ queues })] }
    );
    for (const queues of [2, 3]) {
      const { failed } = await refusing([RTM_DELLINK], () => scratch.apply(anew(queues)));
      assert(failed.length > 0);
      const next = await scratch.apply(anew(queues));
      assertEquals(next.failed, [], `${queues} queues: it is still its own`);
      assertEquals((await scratch.apply(anew(queues))).lines, []);
    }
    assertEquals((await scratch.destroy({})).failed, []);
    assertEquals([scratch.look("blue"), scratch.look("green")], standing);
  });

  describe("of somebody else", () => {
    const used = (fields: Partial<InterfaceInput>): InterfaceInput => (
      { name: "wan", type: "EXISTING", namespace: "blue", ...fields }
    );
    /** Somebody's link, which is used as the first file says; the second one fails, and destroy gives all of it back. */
    const comesBack = async (
      first: Partial<InterfaceInput>,
      second: readonly InterfaceInput[],
      refused: Parameters<typeof refusing>[0],
    ): Promise<void> => {
      using scratch = new Scratch();
      scratch.make("blue");
      scratch.in("blue", (netlink) => {
        netlink.addLink({ kind: "veth", name: "wan", peer: { name: "far" } });
        for (const name of ["lo", "wan", "far"]) netlink.setLink({ name }, { up: true });
        netlink.addAddress({ name: "wan" }, "fd07::1/64", { noDad: true });
      });
      const standing = scratch.state("blue");
      assertEquals((await scratch.apply({ interfaces: [used(first)] })).failed, []);
      assertNotEquals(scratch.state("blue"), standing);
      const { failed } = await refusing(refused, () => scratch.apply({ interfaces: second }));
      assert(failed.some(({ item }) => item === "interface wan"));
      assertEquals((await scratch.destroy({})).failed, []);
      assertEquals(scratch.state("blue"), standing);
    };

    it("forgets no address that would have gone with it", async () => {
      const file = [VRF, used({ ipAddresses: ["10.9.0.1/24"], master: "red" })];
      await comesBack({ ipAddresses: ["10.9.0.1/24", "fd09::1/64"] }, file, "vrf");
    });

    it("forgets no address that could not be deleted", async () => {
      await comesBack({ ipAddresses: ["10.9.0.1/24", "fd09::1/64"] }, [used({})], [RTM_DELADDR]);
    });

    it("forgets nothing that could not be given back", async () => {
      await comesBack({ mtu: 1400, description: "used" }, [used({})], [RTM_NEWLINK, RTM_SETLINK]);
    });
  });
});

/** RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWNEIGH, RTM_NEWRULE and RTM_NEWQDISC; the message that deletes is the next number. */
const MADE = [20, 24, 28, 32, 36];

describeAsRoot("An item whose object is taken away and made again", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** How often each item is reported, if the kernel refuses all that the second file wants. */
  const reported = async (first: NetworkConfigInput, second: NetworkConfigInput, change = (_: Scratch) => {}) => {
    using scratch = new Scratch();
    assertEquals((await scratch.apply(first)).failed, []);
    change(scratch);
    const { failed } = await refusing(MADE.flatMap((type) => [type, type + 1]), () => scratch.apply(second));
    assertEquals((await scratch.apply(second)).failed, [], "without refusals");
    await scratch.destroy(second);
    return itemsOf(failed);
  };

  it("fails once: a qdisc of another kind", async () => {
    const file = { ...PAIR, interfaces: [leftEnd({ impair: { rate: "10mbit" } }), rightEnd()] };
    const items = await reported(file, file, (scratch) => {
      scratch.in("blue", (netlink) => {
        netlink.deleteQdisc({ link: "eth0", parent: "root" });
        netlink.addQdisc({ link: "eth0", parent: "root", handle: "6e6e:", kind: "pfifo" });
      });
    });
    assertEquals(items, ["interface left"]);
  });

  it("fails once: a route, a rule, a neighbour that becomes another one", async () => {
    const rule = { name: "u", namespace: "blue", from: "10.0.0.0/8", table: 7, priority: 100 };
    const first: NetworkConfigInput = { ...PLAIN, rules: [rule] };
    const second: NetworkConfigInput = {
      ...PAIR,
      routes: [{ ...ROUTE, dstIpAddr: "10.3.0.0/16" }, { ...SIXTH, metric: 7 }],
      arpEntries: [{ ...NEIGHBOUR, ipAddr: "10.1.0.8" }],
      rules: [{ ...rule, priority: 200 }],
    };
    assertEquals(await reported(first, second), ["ARP entry a", "route r", "route six", "rule u"]);
  });

  it("fails once: an address that gets another prefix; others of the link fail by themselves", async () => {
    const second = {
      ...PAIR,
      interfaces: [leftEnd({ ipAddresses: ["10.1.0.1/16", "10.9.0.1/24", "fd00::1/96"] }), rightEnd()],
    };
    assertEquals(await reported(PAIR, second), Array.from({ length: 3 }, () => "interface left"));
  });
});
