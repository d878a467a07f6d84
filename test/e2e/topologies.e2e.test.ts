/** Topologies of real shapes: applied, checked with `ip -j` and a ping end to end, changed, applied again, destroyed. */
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { describeForms, Sandbox } from "./support.ts";

interface Interface {
  readonly name: string;
  readonly hostIfName: string;
  readonly namespace: string;
  readonly ipAddresses: readonly string[];
  readonly mtu?: number;
  readonly veth: { readonly peerIfName: string };
}

interface Topology {
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly interfaces: readonly Interface[];
  readonly routes: readonly { readonly [field: string]: string | number | boolean }[];
}

interface Report {
  readonly version: number;
  readonly done: readonly { readonly kind: string; readonly item: string }[];
  readonly unchanged: number;
  readonly pending: readonly { readonly item: string; readonly reason: string }[];
  readonly failed: readonly unknown[];
}

interface IpLink {
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
}

/** A hub with `arms` leaves, which reach each other through it. */
function star(arms: readonly number[], mtu: number): Topology {
  return {
    name: "star",
    namespaces: ["hub", ...arms.map((i) => `leaf${i}`)],
    interfaces: arms.flatMap((i): Interface[] => [
      {
        name: `port${i}`,
        hostIfName: `port${i}`,
        namespace: "hub",
        ipAddresses: [`10.50.${i}.1/24`, `fd50:1${i}::1/64`],
        mtu,
        veth: { peerIfName: `leaf${i}` },
      },
      {
        name: `leaf${i}`,
        hostIfName: "eth0",
        namespace: `leaf${i}`,
        ipAddresses: [`10.50.${i}.2/24`, `fd50:1${i}::2/64`],
        mtu,
        veth: { peerIfName: `port${i}` },
      },
    ]),
    routes: arms.flatMap((i) => [
      { name: `four${i}`, interface: `leaf${i}`, default: true, gwAddr: `10.50.${i}.1` },
      { name: `six${i}`, interface: `leaf${i}`, default: true, gwAddr: `fd50:1${i}::1` },
    ]),
  };
}

/** Five in a row, each with static routes to every network that it is not on. `second` numbers the third network. */
function chain(second: number): Topology {
  const networks = [0, 1, second, 3]; // network i lies between hosts i and i + 1
  const four = (network: number, host: number): string => `10.60.${network}.${host}`;
  const six = (network: number, host: number): string => `fd60:1${network}::${host}`;
  const interfaces = networks.flatMap((network, i): Interface[] => [
    {
      name: `right${i}`,
      hostIfName: "right",
      namespace: `host${i}`,
      ipAddresses: [`${four(network, 1)}/30`, `${six(network, 1)}/64`],
      veth: { peerIfName: `left${i + 1}` },
    },
    {
      name: `left${i + 1}`,
      hostIfName: "left",
      namespace: `host${i + 1}`,
      ipAddresses: [`${four(network, 2)}/30`, `${six(network, 2)}/64`],
      veth: { peerIfName: `right${i}` },
    },
  ]);
  const routes = [0, 1, 2, 3, 4].flatMap((host) =>
    networks.flatMap((network, i) => {
      if (i === host || i === host - 1) return [];
      const [way, gateway, by] = i > host
        ? [`right${host}`, 2, networks[host]]
        : [`left${host}`, 1, networks[host - 1]];
      const to = `${host}-${i}`;
      return [
        { name: `four${to}`, interface: way, dstIpAddr: `10.60.${network}.0/30`, gwAddr: four(by ?? 0, gateway) },
        { name: `six${to}`, interface: way, dstIpAddr: `fd60:1${network}::/64`, gwAddr: six(by ?? 0, gateway) },
      ];
    })
  );
  return { name: "chain", namespaces: [0, 1, 2, 3, 4].map((i) => `host${i}`), interfaces, routes };
}

/** A pair between a namespace of the file's own and one that another file has, too. */
function spoke(name: string, network: number): Topology {
  return {
    name,
    namespaces: ["shared", name],
    interfaces: [
      {
        name: "near",
        hostIfName: `to-${name}`,
        namespace: "shared",
        ipAddresses: [`10.70.${network}.1/24`],
        veth: { peerIfName: "far" },
      },
      {
        name: "far",
        hostIfName: "eth0",
        namespace: name,
        ipAddresses: [`10.70.${network}.2/24`],
        veth: { peerIfName: "near" },
      },
    ],
    routes: [{ name: "out", interface: "far", default: true, gwAddr: `10.70.${network}.1` }],
  };
}

describeForms("netns apply of topologies", (command) => {
  let sandbox: Sandbox;
  let start: unknown;

  /** Runs apply or destroy, which must do all that it is asked for. */
  function run(verb: "apply" | "destroy", topology: Topology): Report {
    const { status, stdout, stderr } = sandbox.run([...command, verb, "--json", "-"], {
      input: JSON.stringify(topology),
    });
    assertEquals([status, stderr], [0, ""], `${verb} ${topology.name}: ${stdout}`);
    return JSON.parse(stdout);
  }

  /** Applies, and compares what `ip` says with the file; a second time there is nothing to do. */
  function apply(topology: Topology): Report {
    const report = run("apply", topology);
    assertEquals([report.failed, report.pending], [[], []]);
    for (const ns of new Set(topology.interfaces.map(({ namespace }) => namespace))) {
      const described = topology.interfaces.filter(({ namespace }) => namespace === ns);
      const found = sandbox.ip<IpLink[]>("-n", ns, "address").filter(({ ifname }) =>
        described.some(({ hostIfName }) => hostIfName === ifname)
      );
      assertEquals(
        found.map(({ ifname, mtu, flags, addr_info }) => [
          ifname,
          mtu,
          flags.includes("UP"),
          ...addr_info.filter(({ scope }) => scope === "global").map(({ local, prefixlen }) => `${local}/${prefixlen}`),
        ]).sort(),
        described.map(({ hostIfName, mtu = 1500, ipAddresses }) => [hostIfName, mtu, true, ...ipAddresses]).sort(),
        ns,
      );
    }
    for (const { interface: by, dstIpAddr, gwAddr } of topology.routes) {
      const { namespace = "" } = topology.interfaces.find(({ name }) => name === by) ?? {};
      const family = String(gwAddr).includes(":") ? "-6" : "-4";
      const dst = String(dstIpAddr ?? "default");
      const there = sandbox.ip<IpRoute[]>(family, "-n", namespace, "route", "show", dst);
      assertEquals(there.map(({ gateway }) => gateway), [String(gwAddr)], `${namespace} to ${dst}`);
    }
    const items = topology.namespaces.length + topology.interfaces.length + topology.routes.length;
    assertEquals(run("apply", topology), { version: 1, done: [], unchanged: items, pending: [], failed: [] });
    return report;
  }

  function forward(...names: readonly string[]): void {
    const script = "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding";
    for (const name of names) sandbox.output("ip", "netns", "exec", name, "sh", "-c", script);
  }

  /** A ping that is answered over this many routers. */
  function ping(from: string, address: string, routers: number): void {
    const answer = sandbox.output("ip", "netns", "exec", from, "ping", "-n", "-c", "1", "-w", "10", address);
    assertMatch(answer, new RegExp(`^64 bytes from .* ttl=${64 - routers} `, "m"));
  }

  before(async () => {
    sandbox = await Sandbox.open();
    // What stays: the directory of names, and the one of states.
    run("apply", spoke("first", 1));
    run("destroy", spoke("first", 1));
    start = sandbox.traces();
  });
  after(() => sandbox.closeAs(start));

  it("makes a star of 20, which grows, shrinks and changes", () => {
    const arms = Array.from({ length: 20 }, (_, i) => i);
    apply(star(arms, 1500));
    forward("hub");
    ping("leaf0", "10.50.19.2", 1);
    ping("leaf19", "fd50:17::2", 1);

    const changed = apply(star([...arms.slice(3), 20], 1400));
    assertEquals(sandbox.names().filter((name) => /^leaf[0-2]$/.test(name)), []);
    const kinds = changed.done.map(({ kind }) => kind);
    assertEquals(kinds.filter((kind) => kind === "create-link").length, 1, "the others stay the links they are");
    assertEquals(kinds.filter((kind) => kind === "delete-link").length, 3);
    assertEquals(kinds.filter((kind) => kind === "change-link").length, 2 * 17 + 2, "their MTU, and the new ones up");
    ping("leaf20", "10.50.3.2", 1);

    run("destroy", star([...arms.slice(3), 20], 1400));
    assertEquals(sandbox.names(), []);
  });

  it("makes a chain of 5 with static routes of both families, and gives a network in it another number", () => {
    apply(chain(2));
    forward("host1", "host2", "host3");
    ping("host0", "10.60.3.2", 3);
    ping("host4", "fd60:10::1", 3);

    const { done } = apply(chain(200));
    assertEquals(done.filter(({ kind }) => kind.endsWith("-link")), [], "no link is touched");
    ping("host0", "10.60.3.2", 3);
    ping("host0", "10.60.200.2", 2);
    ping("host4", "fd60:10::1", 3);

    run("destroy", chain(200));
    assertEquals(sandbox.names(), []);
  });

  it("makes what two files describe that share a namespace, which stays for the second", () => {
    const [one, two] = [spoke("one", 1), spoke("two", 2)];
    apply(one);
    apply(two);
    forward("shared");
    ping("one", "10.70.2.2", 1);
    assertEquals(run("apply", one).done, [], "what the other file made is not its own to take away");

    const left = run("destroy", one);
    assertEquals(left.pending.map(({ item }) => item), ["namespace shared"]);
    assertEquals(sandbox.names(), ["shared", "two"]);
    ping("two", "10.70.2.1", 0);
    run("destroy", two);
    assertEquals(sandbox.names(), []);
    const { status, stderr } = sandbox.run([...command, "destroy", "-"], { input: JSON.stringify(one) });
    assertEquals(
      [status, /nothing is remembered of it/.test(stderr)],
      [1, true],
      "what it left was the second's to delete",
    );
  });
}, "Deno");
