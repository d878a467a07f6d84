/** The rows of the tables of the file, with all their fields, held against what `ip`, `tc` and `bridge` list. */
import { spawnSync } from "node:child_process";
import { assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type InterfaceInput, type NetworkConfigInput, NsHandle } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { vethEnd } from "../../support/topologies.ts";
import { leavesNothing } from "./leaves_nothing.ts";

/** A list, or an object, as a program gives it in JSON. */
type Listed = Readonly<Record<string, unknown>>;

/** What a program lists in a namespace. */
function listed(scratch: Scratch, short: string, command: string): readonly Listed[] {
  using ns = NsHandle.fromName(scratch.name(short));
  const [program = "", ...args] = command.split(" ");
  const { status, stdout, stderr } = ns.run(() => spawnSync(program, args, { encoding: "utf8" }));
  assertEquals([status, stderr], [0, ""], command);
  return JSON.parse(stdout);
}

/** A link as `ip -d -j` lists it. */
const linkOf = (scratch: Scratch, name: string): Listed => {
  const [link = {}] = listed(scratch, "a", `ip -d -j link show dev ${name}`);
  return link;
};

/** A pair from `a` to `b`, with addresses. */
const PAIR: readonly InterfaceInput[] = [
  vethEnd("left", "right", { hostIfName: "eth0", namespace: "a", ipAddresses: ["10.1.0.1/24", "fd01::1/64"] }),
  vethEnd("right", "left", { hostIfName: "eth0", namespace: "b", ipAddresses: ["10.1.0.2/24", "fd01::2/64"] }),
];

const inA = (one: InterfaceInput): InterfaceInput => ({ namespace: "a", ...one });

/** A link with every field of its row, and what `ip -d -j` lists of it. */
const LINKS: readonly (readonly [link: InterfaceInput, listed: Listed])[] = [
  [
    {
      name: "br0",
      type: "BRIDGE",
      bridge: {
        stp: true,
        vlanFiltering: true,
        ageingTime: 1000,
        forwardDelay: 300,
        priority: 100,
        multicastSnooping: false,
        vlanDefaultPvid: 7,
      },
    },
    {
      linkinfo: {
        info_kind: "bridge",
        info_data: {
          stp_state: 1,
          vlan_filtering: 1,
          ageing_time: 1000,
          forward_delay: 300,
          priority: 100,
          mcast_snooping: 0,
          vlan_default_pvid: 7,
        },
      },
    },
  ],
  [{ name: "f0", type: "IFB", txQueueLength: 77, description: "what it is for" }, {
    ifalias: "what it is for",
    txqlen: 77,
    linkinfo: { info_kind: "ifb" },
  }],
  ...(["private", "vepa", "bridge", "passthru", "source"] as const).map((mode) =>
    [{ name: "m0", type: "MACVLAN", macvlan: { parent: "left", mode } }, {
      linkinfo: { info_kind: "macvlan", info_data: { mode } },
    }] as const
  ),
  ...(["l2", "l3", "l3s"] as const).map((mode) =>
    [{ name: "i0", type: "IPVLAN", ipvlan: { parent: "left", mode } }, {
      linkinfo: { info_kind: "ipvlan", info_data: { mode } },
    }] as const
  ),
  [{ name: "x0", type: "VXLAN", vxlan: { id: 5, group: "239.1.1.1", parent: "left", port: 4790, ttl: 3 } }, {
    linkinfo: { info_kind: "vxlan", info_data: { id: 5, group: "239.1.1.1", link: "eth0", port: 4790, ttl: 3 } },
  }],
  [{ name: "g0", type: "GENEVE", geneve: { id: 5, remote: "10.1.0.2", port: 6082, ttl: 3 } }, {
    linkinfo: { info_kind: "geneve", info_data: { id: 5, remote: "10.1.0.2", port: 6082, ttl: 3 } },
  }],
  ...(["TUN", "TAP"] as const).map((type) =>
    [{ name: "u0", type, tun: { owner: 64_123, group: 64_124, multiQueue: true } }, {
      linkinfo: {
        info_kind: "tun",
        info_data: { type: type.toLowerCase(), user: 64_123, group: 64_124, multi_queue: true, persist: true },
      },
    }] as const
  ),
];

describe("what a file describes is what is listed", () => {
  leavesNothing();

  /** Applies, looks, and takes all away. */
  const applied = async (document: NetworkConfigInput, look: (scratch: Scratch) => void) => {
    using scratch = new Scratch();
    const { failed, pending } = await scratch.apply(document);
    assertEquals([failed, pending], [[], []]);
    look(scratch);
    const again = await scratch.apply(document);
    assertEquals([again.lines, again.failed], [[], []], "a second time");
    assertEquals((await scratch.destroy(document)).failed, []);
  };

  for (const [link, expected] of LINKS) {
    const { type, macvlan, ipvlan } = link;
    it(`of an interface: ${[type, macvlan?.mode ?? ipvlan?.mode ?? ""].join(" ").trim()}`, async () => {
      await applied({ interfaces: [...PAIR, inA(link)] }, (scratch) => {
        assertObjectMatch(linkOf(scratch, link.name), expected);
      });
    });
  }

  it("of a port of a bridge and its VLANs", async () => {
    const port = { cost: 7, priority: 9, hairpin: true, isolated: true, learning: false, flood: false };
    const vlans = [{ id: 5, pvid: true, untagged: true }, { id: "10-12" }];
    const bridge: InterfaceInput = { name: "br0", type: "BRIDGE", namespace: "a", bridge: { vlanFiltering: true } };
    const ends = [
      vethEnd("left", "right", { hostIfName: "eth0", namespace: "a", master: "br0", bridgePort: { ...port, vlans } }),
      vethEnd("right", "left", { hostIfName: "eth0", namespace: "b" }),
    ];
    await applied({ interfaces: [bridge, ...ends] }, (scratch) => {
      assertObjectMatch(linkOf(scratch, "eth0"), {
        master: "br0",
        linkinfo: { info_slave_kind: "bridge", info_slave_data: port },
      });
      assertEquals<unknown>(listed(scratch, "a", "bridge -j vlan show dev eth0").map(({ vlans }) => vlans), [[
        { vlan: 5, flags: ["PVID", "Egress Untagged"] },
        ...[10, 11, 12].map((vlan) => ({ vlan })),
      ]]);
    });
  });

  it("of an impairment", async () => {
    const impair = {
      delay: "20ms",
      jitter: "2ms",
      distribution: "normal",
      loss: "1%",
      duplicate: "2%",
      corrupt: "3%",
      reorder: "4%",
      rate: "8mbit",
      limit: 55,
    } as const;
    const interfaces = PAIR.map((one) => one.name === "left" ? { ...one, impair } : one);
    await applied({ interfaces }, (scratch) => {
      const [qdisc] = listed(scratch, "a", "tc -j qdisc show dev eth0");
      assertObjectMatch(qdisc ?? {}, {
        kind: "netem",
        options: {
          limit: 55,
          delay: { delay: 0.02, jitter: 0.002 },
          "loss-random": { loss: 0.01 },
          duplicate: { duplicate: 0.02 },
          corrupt: { corrupt: 0.03 },
          reorder: { reorder: 0.04 },
          rate: { rate: 1_000_000 },
        },
      });
    });
  });

  it("of routes of every type, rules, neighbours and sysctls", async () => {
    const routes: NetworkConfigInput["routes"] = [
      ...(["BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW"] as const).map((type, number) => (
        { name: type, namespace: "a", type, dstIpAddr: `10.${20 + number}.0.0/16`, table: 77, metric: 5 }
      )),
      { name: "local", namespace: "a", type: "LOCAL", dstIpAddr: "10.30.0.0/16", interface: "left" },
      { name: "one", interface: "left", dstIpAddr: "10.31.0.0/16", gwAddr: "10.99.0.1", onLink: true, mtu: 1300 },
      {
        name: "two",
        namespace: "a",
        dstIpAddr: "10.32.0.0/16",
        nextHops: [{ gwAddr: "10.1.0.2", weight: 2 }, { gwAddr: "10.1.0.3", interface: "left" }],
      },
      { name: "src", interface: "left", dstIpAddr: "10.33.0.0/16", gwAddr: "10.1.0.2", srcIpAddr: "10.1.0.1" },
    ];
    const document: NetworkConfigInput = {
      namespaces: [{ name: "a", sysctls: { "net.ipv4.conf.eth0.proxy_arp": 1, "net.ipv4.ip_default_ttl": 77 } }],
      interfaces: PAIR,
      routes,
      rules: [{
        name: "r",
        namespace: "a",
        from: "10.40.0.0/16",
        to: "10.41.0.0/16",
        fwMark: 7,
        iif: "eth0",
        oif: "lo",
        uidRange: "1000-1999",
        table: 77,
        priority: 99,
      }],
      arpEntries: [{ name: "n", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" }],
    };
    await applied(document, (scratch) => {
      const list = listed(scratch, "a", "ip -d -j route show table all");
      const to = (dst: string): Listed => list.find((one) => one["dst"] === dst) ?? {};
      for (const [number, type] of ["blackhole", "unreachable", "prohibit", "throw"].entries()) {
        assertObjectMatch(to(`10.${20 + number}.0.0/16`), { type, table: "77", metric: 5, protocol: "110" });
      }
      assertObjectMatch(to("10.30.0.0/16"), { type: "local", dev: "eth0", table: "local", scope: "host" });
      assertObjectMatch(to("10.31.0.0/16"), {
        gateway: "10.99.0.1",
        dev: "eth0",
        flags: ["onlink"],
        metrics: [{ mtu: 1300 }],
      });
      assertObjectMatch(to("10.32.0.0/16"), {
        nexthops: [{ gateway: "10.1.0.2", dev: "eth0", weight: 2 }, { gateway: "10.1.0.3", dev: "eth0", weight: 1 }],
      });
      assertObjectMatch(to("10.33.0.0/16"), { gateway: "10.1.0.2", prefsrc: "10.1.0.1" });
      const [rule] = listed(scratch, "a", "ip -d -j rule show priority 99");
      assertObjectMatch(rule ?? {}, {
        priority: 99,
        src: "10.40.0.0",
        srclen: 16,
        dst: "10.41.0.0",
        dstlen: 16,
        fwmark: "0x7",
        iif: "eth0",
        oif: "lo",
        uid_start: 1000,
        uid_end: 1999,
        table: "77",
      });
      const [neighbour] = listed(scratch, "a", "ip -j neighbour show nud permanent");
      assertObjectMatch(neighbour ?? {}, { dst: "10.1.0.9", dev: "eth0", lladdr: "02:00:00:00:00:09" });
      using ns = NsHandle.fromName(scratch.name("a"));
      const keys = ["net.ipv4.conf.eth0.proxy_arp", "net.ipv4.ip_default_ttl"];
      const { stdout } = ns.run(() => spawnSync("sysctl", ["-n", ...keys], { encoding: "utf8" }));
      assertEquals(stdout, "1\n77\n");
    });
  });
});
