/**
 * Links of each kind that somebody made, with what they carry, in the way of a file: adopted, taken back by `atomic`, destroyed.
 * What `ip`, `tc` and `bridge` list is compared: of what is beside them at every step, of all at the end.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { ApplyReport, InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { vethEnd } from "../../support/topologies.ts";
import { leavesNothing } from "./leaves_nothing.ts";

/**
 * One shell for all tests, as a process that starts another one costs User Mode Linux the more, the larger it is: a second for
 * this one, next to nothing for a shell.
 */
class Shell implements AsyncDisposable {
  readonly #process = spawn("sh", [], { stdio: ["pipe", "pipe", "inherit"] });
  #text = "";
  #wake: () => void = () => {};

  constructor() {
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
      this.#wake();
    });
  }

  /** Runs lines in a namespace, and gives what they write. */
  async run(name: string, ...lines: readonly string[]): Promise<string> {
    this.#text = "";
    const script = lines.join("\n");
    this.#process.stdin.write(`ip netns exec ${name} sh -ec '${script}' 2>&1; echo "\\f$?"\n`);
    for (;;) {
      const [, text = "", status] = /^([^]*)\f(\d+)\n$/.exec(this.#text) ?? [];
      if (status !== undefined) {
        assertEquals(status, "0", `${script}\n${text}`);
        return text;
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, "exit");
  }
}

/** What changes by itself, or says how something is doing. */
const MOVING = new RegExp(`^(${
  [
    ...[
      "operstate",
      "flags",
      "promiscuity",
      "allmulti",
      ".*timer.*",
      "stats.*",
      ".*life_?time",
      "tentative",
      "dadfailed",
    ],
    ...[
      "nodad",
      "bytes",
      "packets",
      "drops",
      "overlimits",
      "requeues",
      "backlog",
      "qlen",
      "used",
      "updated",
      "confirmed",
    ],
    ...["refcnt", "probes", "root_(id|port|path_cost)", "bridge_id", "designated_.*", "topology_change.*"],
    ...["fdb_n_learned", "mcast_n_groups", "ad_.*", "link_failure_count", "mii_status", "ratemask", ".*_flows_len"],
    ...[".*_flow_count", "maxpacket", "ecn_mark", "drop_overlimit"],
  ].join("|")
})$`);

type Listed = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => JSON.stringify(value);

/** An object without what moves. */
const steady = (value: Listed): Listed =>
  JSON.parse(JSON.stringify(value, (key, one) => MOVING.test(key) ? undefined : one));

/** What tells what there is, and under which name. */
const QUESTIONS = [
  ["links", "ip -d -j link show"],
  ["addresses", "ip -d -j addr show"],
  ["routes", "ip -4 -d -j route show table all"],
  ["routes", "ip -6 -d -j route show table all"],
  ["rules", "ip -4 -d -j rule show"],
  ["rules", "ip -6 -d -j rule show"],
  ["neighbours", "ip -d -j neigh show nud permanent"],
  ["qdiscs", "tc -d -j qdisc show"],
  ["vlans", "bridge -j vlan show"],
  ["fdb", "bridge -j fdb show"],
] as const;

/** What there is in a namespace, a line each: `links d0 {…}`. */
async function snapshot(shell: Shell, name: string): Promise<string[]> {
  const commands = QUESTIONS.map(([, command]) => command).join('\necho "----"\n');
  const texts = (await shell.run(name, commands)).split("----\n");
  const listed = texts.map((text): Listed[] => text.trim() === "" ? [] : JSON.parse(text));
  const own = new Set(listed[0]?.map(({ address }) => String(address)));
  return QUESTIONS.flatMap(([what], position): string[] => {
    const all = listed[position] ?? [];
    return all.flatMap((one): string[] => {
      const mac = String(one["mac"]);
      if (what === "fdb" && (own.has(mac) || /^(33:33|01:00:5e)/.test(mac))) return []; // the kernel's own
      const shown = shownOf(what, one);
      const name = one["ifname"] ?? one["dev"] ?? "";
      return shown === undefined ? [] : [`${what} ${name} ${textOf(shown)}`];
    });
  }).sort();
}

/** What is compared of one that is listed; undefined for nothing. */
function shownOf(what: typeof QUESTIONS[number][0], one: Listed): unknown {
  const flags = textOf(one["flags"] ?? []);
  switch (what) {
    case "links":
      return { up: flags.includes('"UP"'), noArp: flags.includes("NOARP"), ...steady(one) };
    case "addresses": {
      const addresses: unknown = one["addr_info"];
      return (Array.isArray(addresses) ? addresses : []).map(steady)
        .filter((address) => !String(address["local"]).startsWith("fe80"));
    }
    case "routes":
      if (one["table"] === "local" || /^(fe80|ff00|multicast)/.test(String(one["dst"]))) return undefined;
      return steady(one);
    case "rules":
      return one["protocol"] === "kernel" ? undefined : steady(one); // with the first VRF one comes to stay
    case "qdiscs":
      return one["kind"] === "noqueue" ? undefined : steady(one);
    case "fdb":
      return /permanent|static/.test(String(one["state"])) || flags.includes("extern") ? steady(one) : undefined;
    default:
      return steady(one);
  }
}

interface Scene {
  readonly what: string;
  /** What somebody makes in the namespace `a`. */
  readonly make: readonly string[];
  /** What the file has there. */
  readonly file: NetworkConfigInput;
  /** The links that are the file's: their lines may change. @default {those of the file} */
  readonly mine?: readonly string[];
  /** True of one that the whole run alone tries. */
  readonly isWhole?: true;
  /** Why it is not adopted. */
  readonly refused?: string;
}

const inA = (one: InterfaceInput): InterfaceInput => ({ namespace: "a", ...one });

/** What is beside it, whatever the file says. */
const BESIDE = [
  "ip link set lo up",
  "ip link add x0 type veth peer name x1",
  "ip link set x0 up",
  "ip link set x1 up",
  "ip addr add 10.50.0.1/24 dev x0",
  "ip -6 addr add fd50::1/64 dev x0 nodad",
  "ip route add 10.51.0.0/16 via 10.50.0.9 dev x0 proto static",
  "ip rule add from 10.50.0.0/24 table 77 priority 770",
  "ip route add 10.52.0.0/16 dev x0 table 77",
  "ip neigh add 10.50.0.7 lladdr 02:00:00:00:00:07 dev x0 nud permanent",
  "tc qdisc add dev x0 root handle 7: tbf rate 1mbit burst 10kb latency 50ms",
  "ip link set x1 alias beside mtu 1450",
];

/** What a link carries; `vrf` is where its routes are, if it is a port of one. */
const carry = (name: string, vrf = ""): readonly string[] => [
  `ip link set ${name} up`,
  `ip addr add 10.8.0.1/24 dev ${name}`,
  `ip addr add 10.9.0.1/24 dev ${name} label ${name}:x`,
  `ip -6 addr add fd08::1/64 dev ${name} nodad`,
  `ip route add 10.10.0.0/16 via 10.8.0.9 dev ${name} metric 5 ${vrf}`,
  `ip route add 10.11.0.0/16 dev ${name} src 10.9.0.1 ${vrf}`,
  `ip -6 route add fd11::/48 via fd08::9 dev ${name} ${vrf}`,
];

const ADDRESSES = { ipAddresses: ["10.9.0.1/24", "10.8.0.1/24", "10.7.0.1/24", "fd08::1/64"] };

const SCENES: readonly Scene[] = [
  {
    what: "a dummy with its qdisc",
    isWhole: true,
    make: ["ip link add d0 type dummy", ...carry("d0"), "tc qdisc add dev d0 root handle 9: fq_codel limit 100"],
    file: { interfaces: [inA({ name: "d0", type: "DUMMY", mtu: 1400, ...ADDRESSES, impair: { delay: "10ms" } })] },
  },
  {
    what: "an IFB with a netem of somebody else",
    isWhole: true,
    make: [
      "ip link add f0 type ifb",
      "ip link set f0 up",
      "tc qdisc add dev f0 root handle 9: netem delay 5ms limit 500",
    ],
    file: { interfaces: [inA({ name: "f0", type: "IFB", txQueueLength: 77, impair: { rate: "10mbit", loss: "1%" } })] },
  },
  {
    what: "a VLAN",
    isWhole: true,
    make: ["ip link add link x0 name v0 type vlan id 5 egress-qos-map 0:3", ...carry("v0")],
    file: { interfaces: [inA({ name: "v0", type: "VLAN", vlan: { parent: "x0", id: 5 }, mtu: 1300, ...ADDRESSES })] },
  },
  {
    what: "a VLAN of another number",
    isWhole: true,
    make: ["ip link add link x0 name v0 type vlan id 6", ...carry("v0")],
    file: { interfaces: [inA({ name: "v0", type: "VLAN", vlan: { parent: "x0", id: 5 } })] },
    refused: "a link of the kind vlan, which could not be made again as it was",
  },
  {
    what: "a MACVLAN",
    isWhole: true,
    make: ["ip link add link x0 name m0 type macvlan mode bridge", ...carry("m0")],
    file: {
      interfaces: [
        inA({ name: "m0", type: "MACVLAN", macvlan: { parent: "x0", mode: "vepa" }, ...ADDRESSES, mtu: 1300 }),
      ],
    },
  },
  {
    what: "an IPVLAN",
    isWhole: true,
    make: ["ip link add link x0 name i0 type ipvlan mode l2", ...carry("i0")],
    file: { interfaces: [inA({ name: "i0", type: "IPVLAN", ipvlan: { parent: "x0", mode: "l3" }, ...ADDRESSES })] },
  },
  {
    what: "a VXLAN with entries",
    isWhole: true,
    make: [
      "ip link add vx0 type vxlan id 42 dstport 4789 local 10.50.0.1 ttl 5",
      ...carry("vx0"),
      "bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.50.0.66",
      "bridge fdb add 02:00:00:00:00:42 dev vx0 dst 10.50.0.67",
    ],
    file: {
      interfaces: [
        inA({
          name: "vx0",
          type: "VXLAN",
          vxlan: {
            id: 42,
            port: 4789,
            local: "10.50.0.1",
            ttl: 5,
            entries: [{ mac: "02:00:00:00:00:43", remote: "10.50.0.68" }],
          },
          ...ADDRESSES,
          mtu: 1300,
        }),
      ],
    },
  },
  {
    what: "a GENEVE",
    isWhole: true,
    make: ["ip link add g0 type geneve id 7 remote 10.50.0.66 ttl 3", ...carry("g0")],
    file: {
      interfaces: [inA({ name: "g0", type: "GENEVE", geneve: { id: 7, remote: "10.50.0.67", ttl: 9 }, ...ADDRESSES })],
    },
  },
  ...(["gre", "gretap", "ipip", "sit"] as const).map((mode): Scene => ({
    what: `a tunnel, ${mode}`,
    ...mode === "gre" ? {} : { isWhole: true },
    make: [`ip link add t0 type ${mode} local 10.50.0.1 remote 10.50.0.66 ttl 5`, ...carry("t0")],
    file: {
      interfaces: [
        inA({
          name: "t0",
          type: "TUNNEL",
          tunnel: { mode, local: "10.50.0.1", remote: "10.50.0.67", ttl: 9 },
          ...ADDRESSES,
          mtu: 1300,
        }),
      ],
    },
  })),
  ...(["ip6tnl", "ip6gre", "ip6gretap"] as const).map((mode): Scene => ({
    what: `a tunnel, ${mode}`,
    isWhole: true,
    make: [`ip link add t0 type ${mode} local fd50::1 remote fd50::66`, ...carry("t0")],
    file: {
      interfaces: [
        inA({
          name: "t0",
          type: "TUNNEL",
          tunnel: { mode, local: "fd50::1", remote: "fd50::67" },
          ...ADDRESSES,
          mtu: 1300,
        }),
      ],
    },
  })),
  {
    what: "a bridge with VLANs, ports and entries of others",
    isWhole: true,
    make: [
      "ip link add br0 type bridge vlan_filtering 1 ageing_time 20000",
      "ip link add p0 type dummy",
      "ip link add p1 type dummy",
      "ip link set p0 master br0 up",
      "ip link set p1 master br0 up",
      "bridge vlan add dev p0 vid 10 pvid untagged",
      "bridge vlan add dev p0 vid 20-25",
      "bridge vlan add dev br0 vid 20 self",
      "bridge fdb add 02:00:00:00:00:10 dev p0 master static vlan 10",
      "bridge link set dev p1 cost 7 hairpin on isolated on",
      ...carry("br0"),
    ],
    file: {
      interfaces: [
        inA({
          name: "br0",
          type: "BRIDGE",
          bridge: { vlanFiltering: false, ageingTime: 1000, priority: 100, stp: true },
          ...ADDRESSES,
          mtu: 1400,
        }),
      ],
    },
  },
  {
    what: "a bridge with VLANs, one port of which the file has",
    isWhole: true,
    make: [
      "ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 3",
      "ip link add p0 type dummy",
      "ip link add p1 type dummy",
      "ip link set p0 master br0 up",
      "ip link set p1 master br0 up",
      "bridge vlan add dev p0 vid 10 pvid untagged",
      "bridge vlan add dev p0 vid 20-25",
      "bridge vlan add dev br0 vid 20 self",
      "bridge fdb add 02:00:00:00:00:10 dev p0 master static vlan 10",
      "bridge link set dev p0 cost 7 hairpin on isolated on",
      ...carry("br0"),
    ],
    file: {
      interfaces: [
        inA({ name: "br0", type: "BRIDGE", bridge: { vlanFiltering: true, vlanDefaultPvid: 1 } }),
        inA({ name: "p0", type: "EXISTING", master: "br0", bridgePort: { cost: 9, vlans: [{ id: 30, pvid: true }] } }),
      ],
    },
    mine: ["br0", "p0", "p1"],
  },
  {
    what: "a bond with members of others",
    isWhole: true,
    make: [
      "ip link add b0 type bond mode active-backup miimon 100",
      "ip link add p0 type dummy",
      "ip link add p1 type dummy",
      "ip link set p0 master b0",
      "ip link set p1 master b0",
      ...carry("b0"),
    ],
    file: {
      interfaces: [
        inA({ name: "b0", type: "BOND", bond: { mode: "active-backup", miimon: 50 }, ...ADDRESSES, mtu: 1400 }),
      ],
    },
    mine: ["b0", "p0", "p1"], // the kernel gives members the MTU of their bond
  },
  {
    what: "a bond of another mode with members of others",
    isWhole: true,
    make: [
      "ip link add b0 type bond mode balance-rr miimon 100",
      "ip link add p0 type dummy",
      "ip link set p0 master b0",
      ...carry("b0"),
    ],
    file: { interfaces: [inA({ name: "b0", type: "BOND", bond: { mode: "active-backup" } })] },
    refused: "a link of the kind bond, which could not be made again as it was",
  },
  {
    what: "a member of somebody's bond, which the file takes away from it",
    make: [
      "ip link add b0 type bond mode active-backup miimon 100",
      "ip link add p0 type dummy",
      "ip link set p0 master b0",
      ...carry("b0"),
    ],
    file: { interfaces: [inA({ name: "p0", type: "DUMMY", master: null, ipAddresses: ["10.70.0.1/24"] })] },
    mine: ["p0", "b0"],
  },
  {
    what: "a member of somebody's bond, which the file uses and takes away from it",
    isWhole: true,
    make: [
      "ip link add b0 type bond mode active-backup miimon 100",
      "ip link add p0 type dummy",
      "ip link set p0 master b0",
      ...carry("b0"),
    ],
    file: { interfaces: [inA({ name: "p0", type: "EXISTING", master: null, ipAddresses: ["10.70.0.1/24"] })] },
    mine: ["p0", "b0"],
  },
  {
    what: "a link that the file puts into a bond",
    isWhole: true,
    make: ["ip link add p0 type dummy", ...carry("p0")],
    file: {
      interfaces: [
        inA({ name: "b0", type: "BOND", bond: { mode: "active-backup", miimon: 100 } }),
        inA({ name: "p0", type: "DUMMY", master: "b0" }),
      ],
    },
    mine: ["p0", "b0"],
  },
  {
    what: "a port of somebody's VRF, which the file takes away from it",
    isWhole: true,
    make: [
      "ip link add vrf0 type vrf table 30",
      "ip link set vrf0 up",
      "ip link add p0 type dummy",
      "ip link set p0 master vrf0",
      ...carry("p0", "vrf vrf0"),
    ],
    file: { interfaces: [inA({ name: "p0", type: "DUMMY", master: null })] },
  },
  {
    what: "a VRF with routes of others in its table",
    isWhole: true,
    make: [
      "ip link add vrf0 type vrf table 30",
      "ip link set vrf0 up",
      "ip link add p0 type dummy",
      "ip link set p0 master vrf0",
      ...carry("p0", "vrf vrf0"),
      "ip route add 10.12.0.0/16 via 10.8.0.7 vrf vrf0",
      "ip route add unreachable default metric 4278198272 vrf vrf0",
    ],
    file: {
      interfaces: [inA({ name: "vrf0", type: "VRF_DEVICE", vrf: { table: 30 }, mtu: 60000, description: "mine" })],
      routes: [{
        name: "r",
        namespace: "a",
        interface: "p0",
        dstIpAddr: "10.12.0.0/16",
        gwAddr: "10.8.0.8",
        table: 30,
      }],
    },
    mine: ["vrf0", "p0"],
  },
  {
    what: "a port of somebody's VRF",
    isWhole: true,
    make: [
      "ip link add vrf0 type vrf table 30",
      "ip link set vrf0 up",
      "ip link add p0 type dummy",
      "ip link set p0 master vrf0",
      ...carry("p0", "vrf vrf0"),
    ],
    file: { interfaces: [inA({ name: "p0", type: "DUMMY", ...ADDRESSES, mtu: 1400 })] },
  },
  {
    what: "a link that the file puts into a VRF",
    isWhole: true,
    make: ["ip link add p0 type dummy", ...carry("p0")],
    file: {
      interfaces: [
        inA({ name: "vrf0", type: "VRF_DEVICE", vrf: { table: 30 } }),
        inA({ name: "p0", type: "DUMMY", master: "vrf0" }),
      ],
    },
    mine: ["p0", "vrf0"],
  },
  {
    what: "a TAP",
    isWhole: true,
    make: [
      "ip tuntap add tap0 mode tap user 1000 multi_queue",
      ...carry("tap0"),
      "tc qdisc add dev tap0 root pfifo limit 33",
    ],
    file: {
      interfaces: [
        inA({
          name: "tap0",
          type: "TAP",
          tun: { multiQueue: true, owner: 1001 },
          mtu: 1400,
          ...ADDRESSES,
          impair: { rate: "1mbit" },
        }),
      ],
    },
  },
  {
    what: "a pair, both ends of which the file has, with qdiscs",
    isWhole: true,
    make: [
      "ip link add e0 type veth peer name e1",
      "ip link set e1 up",
      ...carry("e0"),
      "tc qdisc add dev e0 root handle 5: sfq perturb 10",
      "tc qdisc add dev e1 root handle 6: red limit 100000 min 10000 max 30000 avpkt 1000 burst 20 probability 0.1",
    ],
    file: {
      interfaces: [
        vethEnd("e0", "e1", { namespace: "a", impair: { delay: "3ms" }, ...ADDRESSES }),
        vethEnd("e1", "e0", { namespace: "a", impair: { loss: "2%" }, mtu: 1400 }),
      ],
    },
  },
  {
    what: "a link with classes, which the file impairs",
    isWhole: true,
    make: [
      "ip link add d0 type dummy",
      ...carry("d0"),
      "tc qdisc add dev d0 root handle 1: htb default 10",
      "tc class add dev d0 parent 1: classid 1:10 htb rate 1mbit",
    ],
    file: { interfaces: [inA({ name: "d0", type: "DUMMY", impair: { delay: "10ms" } })] },
    refused: "is not adopted: it could not be made again as it was",
  },
];

/** Whether each scene is tried, or two: a scene takes 20 s in the second kernel. */
const IS_WHOLE = process.env["WHOLE"] === "1";

/** What the kernel refuses after all the others. */
const FAILING: readonly InterfaceInput[] = [
  vethEnd("zz", "yy", { namespace: "a", ipAddresses: ["::1/128"] }),
  vethEnd("yy", "zz", { namespace: "a" }),
];

describe("What somebody made, adopted", () => {
  let shell: Shell;
  after(async () => await shell[Symbol.asyncDispose]()); // before the next one looks
  leavesNothing();
  before(() => void (shell = new Shell()));

  for (const { what, make, file, mine, refused = "" } of SCENES.filter(({ isWhole }) => IS_WHOLE || !isWhole)) {
    it(`comes back as it was, with nothing else touched: ${what}`, async () => {
      using scratch = new Scratch();
      scratch.make("a");
      await shell.run(scratch.name("a"), ...BESIDE, ...make, "sleep 0.2");
      const names = mine ?? (file.interfaces ?? []).map(({ hostIfName, name }) => hostIfName ?? name);
      const all = (): Promise<string[]> => snapshot(shell, scratch.name("a"));
      const beside = (lines: readonly string[]): string[] =>
        lines.filter((line) => !names.some((name) => line.split(" ")[1] === name));
      const initial = await all();
      const problems: string[] = [];
      const compare = (step: string, now: readonly string[], was: readonly string[]): void => {
        const lost = was.filter((one) => !now.includes(one)).map((one) => `  - ${one}`);
        const came = now.filter((one) => !was.includes(one)).map((one) => `  + ${one}`);
        if (lost.length + came.length > 0) problems.push(`${step}:`, ...lost, ...came);
      };
      const expect = (step: string, actual: unknown, expected: unknown): void => {
        if (textOf(actual) !== textOf(expected)) problems.push(`${step}: ${textOf(actual)}`);
      };
      const plan = await scratch.configurator.plan(scratch.config(file));
      const isUsed = file.interfaces?.every(({ type }) => type === "EXISTING") === true;
      expect("plan without adopt", plan.failed.length > 0, !isUsed);
      const failing = { ...file, interfaces: [...file.interfaces ?? [], ...FAILING] };
      const undone = await scratch.apply(failing, { adopt: true, atomic: true });
      const isRefused = ({ reason }: { readonly reason: string }): boolean =>
        refused !== "" && reason.includes(refused);
      const failed = (all: ApplyReport["failed"]): ApplyReport["failed"] => all.filter((one) => !isRefused(one));
      expect("atomic", [undone.done, failed(undone.failed).filter(({ item }) => item !== "interface zz")], [[], []]);
      compare("atomic", await all(), initial);
      const report = await scratch.apply(file, { adopt: true });
      expect("refused", report.failed.some(isRefused), refused !== "");
      expect("adopt", [failed(report.failed), report.pending, report.warnings ?? []], [[], [], []]);
      compare("adopt", beside(await all()), beside(initial));
      expect("adopt again", (await scratch.apply(file, { adopt: true })).lines, []);
      const end = await scratch.destroy(file);
      expect("destroy", [end.failed, end.pending], [[], []]);
      compare("destroy", await all(), initial);
      assertEquals(problems, [], problems.join("\n"));
    });
  }
});
