/** `netns plan`, `apply` and `destroy`: two hosts and a router, checked with `ip -j` and with a ping. */
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describeForms, type RunOptions, Sandbox, unprivileged } from "./support.ts";

const TOPOLOGY = `
namespaces: [left, router, right]
interfaces:
  - { name: l, type: VETH, enabled: true, hostIfName: eth0, namespace: left, mtu: 1400,
      physAddress: "02:00:00:00:00:01", ipAddresses: [10.1.0.2/24, "fd00:1::2/64"], veth: { peerIfName: rl } }
  - { name: rl, type: VETH, enabled: true, hostIfName: to-left, namespace: router, mtu: 1400,
      ipAddresses: [10.1.0.1/24, "fd00:1::1/64"], veth: { peerIfName: l } }
  - { name: r, type: VETH, enabled: true, hostIfName: eth0, namespace: right,
      ipAddresses: [10.2.0.2/24, "fd00:2::2/64"], veth: { peerIfName: rr } }
  - { name: rr, type: VETH, enabled: true, hostIfName: to-right, namespace: router,
      ipAddresses: [10.2.0.1/24, "fd00:2::1/64"], veth: { peerIfName: r } }
routes:
  - { name: l4, namespace: left, interface: l, dstIpAddr: 10.2.0.0/24, gwAddr: 10.1.0.1, metric: 10 }
  - { name: l6, namespace: left, interface: l, dstIpAddr: "fd00:2::/64", gwAddr: "fd00:1::1" }
  - { name: r4, namespace: right, interface: r, dstIpAddr: 0.0.0.0/0, gwAddr: 10.2.0.1 }
  - { name: r6, namespace: right, interface: r, dstIpAddr: "::/0", gwAddr: "fd00:2::1" }
`;

/** How many items the topology has. */
const ITEMS = 11;

interface IpLink {
  readonly ifname: string;
  readonly ifindex: number;
  readonly mtu: number;
  readonly address: string;
  readonly flags: readonly string[];
  readonly addr_info: readonly { local: string; prefixlen: number; scope: string }[];
}

interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
  readonly metric?: number;
  readonly protocol: string;
}

interface Report {
  readonly version: number;
  readonly done: readonly { kind: string; item: string; description: string }[];
  readonly unchanged: number;
  readonly pending: readonly unknown[];
  readonly failed: readonly unknown[];
}

describeForms("netns plan, apply, destroy", (command, form) => {
  let sandbox: Sandbox;
  let start: unknown;
  const netns = (args: readonly string[], options?: RunOptions) => sandbox.run([...command, ...args], options);
  const write = (path: string, text: string) => void sandbox.run(["tee", path], { input: text });
  const reportOf = (...args: string[]): Report => {
    const { status, stdout, stderr } = netns([...args, "--json"]);
    assertEquals([status, stderr], [0, ""], args.join(" "));
    return JSON.parse(stdout);
  };
  const links = (ns: string) =>
    sandbox.ip<IpLink[]>("-n", ns, "addr").filter(({ ifname }) => ifname !== "lo")
      .map(({ ifname, ifindex, mtu, address, flags, addr_info }) => ({
        ifname,
        ifindex,
        mtu,
        address,
        up: flags.includes("UP"), // operstate follows later
        // the kernel adds fe80::
        addresses: addr_info.filter(({ scope }) => scope === "global")
          .map(({ local, prefixlen }) => `${local}/${prefixlen}`).sort(),
      }));
  const staticRoutes = (ns: string) =>
    ["-4", "-6"].flatMap((family) => sandbox.ip<IpRoute[]>(family, "-n", ns, "route"))
      .filter(({ gateway }) => gateway !== undefined)
      .map(({ dst, gateway, dev, metric }) => ({ dst, gateway, dev, metric }));

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "first");
    sandbox.output("ip", "netns", "del", "first");
    write("/run/topology.yaml", TOPOLOGY);
    reportOf("apply", "/run/topology.yaml"); // creates what stays, such as the directory of states
    reportOf("destroy", "/run/topology.yaml");
    start = sandbox.traces();
  });
  after(() => sandbox.closeAs(start));

  it("plans without changing anything", () => {
    const earlier = sandbox.traces();
    const { status, stdout, stderr } = netns(["plan", "/run/topology.yaml"]);
    assertEquals([status, stderr], [0, ""]);
    assertMatch(stdout, /^left\n {2}create the namespace\n/m);
    assertMatch(stdout, /^ {2}add 10\.1\.0\.2\/24 to eth0$/m);
    assertMatch(stdout, /\n\d+ to do\n$/);
    sandbox.output("cp", "/run/topology.yaml", "/run/netns.yaml");
    assertEquals(sandbox.output("sh", "-c", 'cd /run && exec "$@"', "sh", ...command, "plan"), stdout);
    sandbox.output("rm", "/run/netns.yaml");
    assertEquals(sandbox.traces(), earlier);
  });

  it("makes what the file describes, once, and destroys it", () => {
    const { stdout } = netns(["apply", "/run/topology.yaml"]);
    assertMatch(stdout, /\n\d+ done\n$/);

    assertEquals(sandbox.names(), ["left", "right", "router"]);
    const [left, router, right] = [links("left"), links("router"), links("right")];
    assertEquals(left.map(({ ifindex: _, ...link }) => link), [{
      ifname: "eth0",
      mtu: 1400,
      address: "02:00:00:00:00:01",
      up: true,
      addresses: ["10.1.0.2/24", "fd00:1::2/64"],
    }]);
    assertEquals(right.map(({ addresses }) => addresses), [["10.2.0.2/24", "fd00:2::2/64"]]);
    assertEquals(
      Object.fromEntries(router.map(({ ifname, addresses }) => [ifname, addresses])),
      { "to-left": ["10.1.0.1/24", "fd00:1::1/64"], "to-right": ["10.2.0.1/24", "fd00:2::1/64"] },
    );
    assertEquals(staticRoutes("left"), [
      { dst: "10.2.0.0/24", gateway: "10.1.0.1", dev: "eth0", metric: 10 },
      { dst: "fd00:2::/64", gateway: "fd00:1::1", dev: "eth0", metric: 1024 },
    ]);
    assertEquals(staticRoutes("right").map(({ dst, gateway }) => [dst, gateway]), [
      ["default", "10.2.0.1"],
      ["default", "fd00:2::1"],
    ]);

    const forward = "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding";
    sandbox.output("ip", "netns", "exec", "router", "sh", "-c", forward);
    for (const address of ["10.2.0.2", "fd00:2::2"]) {
      assertMatch(
        sandbox.output("ip", "netns", "exec", "left", "ping", "-n", "-c", "1", "-w", "5", address),
        /^64 bytes from .* ttl=63 /m,
      );
    }

    const again = reportOf("apply", "/run/topology.yaml");
    assertEquals(again, { version: 1, done: [], unchanged: ITEMS, pending: [], failed: [] });
    assertEquals([links("left"), links("router"), links("right")], [left, router, right], "the very same links");
    const nothing = { version: 1, steps: [], unchanged: ITEMS, pending: [], failed: [] };
    assertEquals(JSON.parse(netns(["plan", "/run/topology.yaml", "--json"]).stdout), nothing);

    const { stdout: destroyed } = netns(["destroy", "/run/topology.yaml"]);
    assertMatch(destroyed, /\n\d+ done\n$/);
    assertEquals(sandbox.names(), []);
    const nothingLeft = netns(["destroy", "/run/topology.yaml"]);
    assertEquals(nothingLeft.status, 1, "nothing is remembered");
    assertStringIncludes(nothingLeft.stderr, "destroy --adopt");
  });

  it("reads standard input as -, and changes only what differs", () => {
    const pass = (verb: string, text: string): Report => {
      const { status, stdout, stderr } = netns([verb, "--name", "piped", "--json", "-"], { input: text });
      assertEquals([status, stderr], [0, ""]);
      return JSON.parse(stdout);
    };
    pass("apply", TOPOLOGY);
    const changed = TOPOLOGY.replace("10.1.0.2/24,", "10.1.0.7/24,");
    const { done, failed } = pass("apply", changed);
    assertEquals(failed, []);
    assertEquals(done.map(({ kind }) => kind).filter((kind) => kind.endsWith("-link")), [], "no link is touched");
    assertEquals(links("left")[0]?.addresses, ["10.1.0.7/24", "fd00:1::2/64"]);
    pass("destroy", changed);
    assertEquals(sandbox.names(), []);
  });

  it("reports the item that failed and how to undo the rest, applies the others, and exits with 1", () => {
    sandbox.output("ip", "netns", "add", "left");
    sandbox.output("ip", "-n", "left", "link", "add", "eth0", "type", "veth", "peer", "name", "theirs");
    const before = sandbox.ip("-n", "left", "link");
    const planned = netns(["plan", "--json", "-"], { input: TOPOLOGY });
    const [refused] = (JSON.parse(planned.stdout) as Report).failed as readonly Record<string, unknown>[];
    assertEquals([planned.status, refused?.item, refused?.owner], [1, "interface l", null]);
    assertMatch(
      `${refused?.reason}; ${refused?.hint}`,
      /^eth0 in left is not this configuration's: .*; apply --adopt /,
    );
    const { status, stdout, stderr } = netns(["apply", "--name", "piped", "-"], { input: TOPOLOGY });
    assertEquals(status, 1);
    assertMatch(stderr, /^error: interface l, interface rl: eth0 in left is not this configuration's: .*--adopt/m);
    assertMatch(stderr, /\nTo take back what was done: netns destroy --name piped\n$/);
    assertMatch(stdout, / [1-9]\d* failed\n$/);
    assertEquals(links("right").length, 1);
    assertEquals(netns(["destroy", "--name", "piped"]).status, 0);
    assertEquals(sandbox.ip<IpLink[]>("-n", "left", "link").slice(1), (before as IpLink[]).slice(1));
    sandbox.output("ip", "netns", "del", "left");
    assertEquals(sandbox.names(), []);
  });

  const bad: [why: string, text: string, message: RegExp][] = [
    [
      "a wrong address",
      TOPOLOGY.replace("10.1.0.2/24", "10.1.0.999/24"),
      /interfaces\[0\]\.ipAddresses\[0\]: .*expec/,
    ],
    ["an unknown field", TOPOLOGY.replace("mtu: 1400", "mut: 1400"), /interfaces\[0\]\.mut: .*expected/],
    [
      "a peer with two ends",
      TOPOLOGY.replace("peerIfName: rr", "peerIfName: l"),
      /interfaces\[\d\]\..*expected/,
    ],
    ["a text that is not YAML", "namespaces: [left\n  interfaces: }{", /^error: Cannot use .*expected/],
    ["a list instead of a mapping", "- left\n- right\n", /^error: Cannot use .*expected/],
    ["an empty file", "", /^error: Cannot use .*expected/],
    [
      "two faults, with a line for each",
      TOPOLOGY.replace("mtu: 1400", "mtu: 1").replace("type: VETH", "type: X"),
      /^error: Cannot use .*:\n( .*expected.*\n){2}$/,
    ],
  ];
  for (const [why, text, message] of bad) {
    it(`refuses ${why} with status 2, and changes nothing`, () => {
      write("/run/bad.yaml", text);
      const earlier = sandbox.traces();
      for (const verb of ["plan", "apply", "destroy"]) {
        const { status, stdout, stderr } = netns([verb, "/run/bad.yaml"]);
        assertEquals([status, stdout], [2, ""], stderr);
        assertMatch(stderr, message);
        assertStringIncludes(stderr, "/run/bad.yaml");
      }
      assertEquals(sandbox.traces(), earlier);
      sandbox.output("rm", "/run/bad.yaml");
    });
  }

  it("refuses a missing file, and a directory, with status 2", () => {
    for (const path of ["/run/none.yaml", "/run"]) {
      const { status, stdout, stderr } = netns(["apply", path]);
      assertEquals([status, stdout], [2, ""]);
      assertMatch(stderr, /^error: Cannot read \/run\S*: .*\n$/);
    }
  });

  it("says that the file system of the state is read-only", () => {
    const inside = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o ro none /run && exec "$@"', "sh"];
    const { status, stdout, stderr } = sandbox.run([...inside, ...command, "apply", "--name", "odd", "-"], {
      input: "namespaces: [netns-never]",
    });
    assertEquals([status, stdout, stderr], [
      1,
      "",
      "error: mkdir /run/netns-apply: Read-only file system (EROFS)\n",
    ]);
  });

  it("says what a container needs for a TUN", () => {
    const inside = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /dev/net && exec "$@"', "sh"];
    const { status, stderr } = sandbox.run([...inside, ...command, "apply", "--name", "odd", "-"], {
      input: "interfaces: [{ name: t, type: TUN, namespace: netns-odd }]",
    });
    sandbox.run([...command, "destroy", "--name", "odd"]);
    assertEquals(status, 1);
    assertMatch(stderr, /\/dev\/net\/tun: .*\(ENOENT\); modprobe tun on the host, .*--device \/dev\/net\/tun\n/);
  });

  it("refuses a user without the capabilities, before it changes anything", () => {
    const earlier = sandbox.traces();
    const user = unprivileged(form);
    for (const args of [["apply", "/run/topology.yaml"], ["destroy", "/run/topology.yaml"], ["add", "x"], ["demo"]]) {
      const { status, stdout, stderr } = sandbox.run([...user, ...command, ...args]);
      assertEquals([status, stdout], [1, ""], args.join(" "));
      assertMatch(stderr, /^error: netns \w+ needs CAP_.*: run it as root \(sudo netns .*\n$/);
    }
    assert(JSON.stringify(sandbox.traces()) === JSON.stringify(earlier));
  });
}, "Node");
