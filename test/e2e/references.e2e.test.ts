/** How a file names its namespaces: by processes that end, by files, in two ways at once; checked with `ip -d -j`. */
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describeBuilt, Sandbox } from "./support.ts";

interface Report {
  readonly done: readonly { readonly kind: string; readonly item: string; readonly description: string }[];
  readonly pending: readonly { readonly item: string; readonly reason: string }[];
  readonly failed: readonly { readonly item: string; readonly reason: string }[];
}

describeBuilt("How a file names a namespace", (command) => {
  let sandbox: Sandbox;
  let start: unknown;
  const processes: ChildProcess[] = [];
  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "any"); // makes the directory what `ip netns` leaves
    sandbox.output("ip", "netns", "del", "any");
    sandbox.output("mkdir", "-p", "/run/netns-apply", "/run/here", "/run/there");
    start = sandbox.traces();
  });
  after(async () => {
    for (const one of processes) await end(one);
    sandbox.output("sh", "-c", "rm -f /run/netns-apply/* /run/netns-apply/.*lock /run/*here/*");
    await sandbox.closeAs(start);
  });

  /** A program that runs until {@linkcode end}, once it has said that it does. */
  const begin = async (...words: string[]): Promise<ChildProcess> => {
    const [program, args] = sandbox.enter([...words, "sh", "-c", "echo ready; read line"]);
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    processes.push(child);
    await once(child.stdout, "data");
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.stdin?.end();
    await ended;
  };
  const netns = (args: readonly string[], input = "") => sandbox.run([...command, ...args], { input });
  const reportOf = (args: readonly string[], input = ""): Report & { readonly status: number | null } => {
    const { status, stdout, stderr } = netns([...args, "--json"], input);
    if (stdout === "") throw new Error(stderr);
    return { status, ...JSON.parse(stdout) };
  };
  const write = (path: string, text: string): void => void sandbox.run(["tee", path], { input: text });
  const links = (name: string): string[] =>
    sandbox.ip<{ ifname: string }[]>("-d", "-n", name, "link").map(({ ifname }) => ifname)
      .filter((one) => one !== "lo");
  const rules = (name: string): number => sandbox.ip<unknown[]>("-d", "-n", name, "rule").length;

  /** A pair, a bridge and a rule in the namespace of a process. */
  const inProcess = (name: string, pid: number | undefined): string => `
name: ${name}
namespaces: [blue]
interfaces:
  - { name: a, hostIfName: eth0, namespace: "PID:${pid}", ipAddresses: [10.1.0.1/24], veth: { peerIfName: b } }
  - { name: b, hostIfName: eth0, namespace: blue, ipAddresses: [10.1.0.2/24], veth: { peerIfName: a } }
  - { name: br, type: BRIDGE, hostIfName: br0, namespace: "PID:${pid}" }
rules: [{ name: u, namespace: "PID:${pid}", from: 10.5.0.0/16, table: 42 }]
`;

  it("a process ends and its namespace lives on by a name: what apply made there waits, and destroy takes it", async () => {
    const held = await begin("unshare", "--net");
    write("/run/here/held.yaml", inProcess("held", held.pid));
    assertEquals(reportOf(["apply", "/run/here/held.yaml"]).status, 0);
    sandbox.output("ip", "netns", "attach", "kept", String(held.pid));
    await end(held);
    const waits = reportOf(["apply", "/run/here/held.yaml"]);
    assertEquals([waits.status, waits.done], [0, []]);
    assertEquals([links("kept"), rules("kept"), links("blue")], [["eth0", "br0"], 4, ["eth0"]]);
    const { status, done, pending, failed } = reportOf(["destroy", "/run/here/held.yaml"]);
    assertEquals([status, pending, failed], [0, [], []]);
    assertEquals(done.map(({ item }) => item), ["rule u", "interface a", "interface br", "namespace blue"]);
    assertEquals([links("kept"), rules("kept"), sandbox.names()], [[], 3, ["kept"]]);
    sandbox.output("ip", "netns", "del", "kept");
  });

  it("a process ends and its namespace lives on by a descriptor: destroy takes what apply made there", async () => {
    const held = await begin("unshare", "--net");
    write("/run/here/held.yaml", inProcess("held", held.pid));
    assertEquals(reportOf(["apply", "/run/here/held.yaml"]).status, 0);
    const holder = await begin("sh", "-c", `exec 7</proc/${held.pid}/ns/net; exec "$@"`, "sh");
    await end(held);
    const { status, done, pending, failed } = reportOf(["destroy", "--name", "held"]);
    assertEquals([status, pending, failed], [0, [], []]);
    assertEquals(done.map(({ item }) => item), ["rule u", "interface a", "interface br", "namespace blue"]);
    const left = sandbox.output("nsenter", `--net=/proc/${holder.pid}/fd/7`, "ip", "-br", "link");
    assertMatch(left, /^lo [^\n]*\n$/);
    await end(holder);
  });

  it("FILE: with a relative path lies beside the file, wherever the command runs; of standard input where it runs", () => {
    const at = (folder: string, args: readonly string[], input = "") =>
      sandbox.run(["sh", "-c", 'cd "$0" && exec "$@"', folder, ...command, ...args], { input });
    for (const name of ["here", "there"]) {
      sandbox.output("ip", "netns", "add", name);
      sandbox.output("sh", "-c", `touch /run/${name}/ns && mount --bind /run/netns/${name} /run/${name}/ns`);
    }
    const text = (name: string): string => `
name: ${name}
namespaces: [{ name: "FILE:./ns", sysctls: { net.ipv4.ip_forward: 1 } }]
links: [{ ends: ["FILE:./ns eth0 10.1.0.1/24", "FILE:ns eth1 10.2.0.1/24"] }]
interfaces: [{ name: br, type: BRIDGE, namespace: { filepath: ns } }]
`;
    write("/run/here/relative.yaml", text("relative"));
    const made = [["eth1", "eth0", "br"], []];
    const there = (): readonly string[][] => ["here", "there"].map((name) => links(name).sort().reverse());
    assertEquals(at("/run/there", ["apply", "../here/relative.yaml"]).status, 0);
    assertEquals(there(), made);
    assertEquals(at("/run/here", ["apply", "relative.yaml"]).stdout, "nothing to do\n");
    assertMatch(at("/run/here", ["show", "FILE:ns"]).stdout, /namespace: FILE:\/run\/here\/ns/);
    assertEquals(at("/", ["destroy", "--name", "relative"]).status, 0);
    assertEquals(there(), [[], []]);
    const outcome = at("/run/there", ["apply", "-"], text("input"));
    assertEquals([outcome.status, outcome.stderr], [0, ""]);
    assertEquals(there(), made.toReversed());
    assertEquals(at("/run/here", ["destroy", "--name", "input"]).status, 0);
    assertEquals(there(), [[], []]);
    for (const name of ["here", "there"]) {
      sandbox.output("umount", `/run/${name}/ns`);
      sandbox.output("ip", "netns", "del", name);
    }
  });

  it("a namespace in two spellings is one for masters, parents, routes, neighbours, filters and peers", async () => {
    write(
      "/run/here/spelled.yaml",
      `
name: spelled
namespaces: [blue]
interfaces:
  - { name: br, type: BRIDGE, hostIfName: br0, namespace: blue, ipAddresses: [10.1.0.1/24] }
  - { name: p, hostIfName: p0, namespace: "FILE:/run/netns/blue", master: br, veth: { peerIfName: q } }
  - { name: q, hostIfName: q0, namespace: blue, ipAddresses: [10.2.0.1/24], veth: { peerIfName: p } }
  - { name: v, type: MACVLAN, hostIfName: v0, namespace: "FILE:/run/netns/blue", macvlan: { parent: br0 } }
routes: [{ name: r, namespace: "FILE:/run/netns/blue", interface: q, dstIpAddr: 10.9.0.0/16, gwAddr: 10.2.0.2 }]
arpEntries: [{ name: n, namespace: "FILE:/run/netns/blue", interface: q, ipAddr: 10.2.0.2, hwAddress: "02:00:00:00:00:09" }]
nat: [{ name: t, namespace: "FILE:/run/netns/blue", out: q }]
`,
    );
    const first = reportOf(["apply", "/run/here/spelled.yaml"]);
    assertEquals([first.status, first.pending, first.failed], [0, [], []]);
    const inBlue = <T>(...args: string[]): T[] => sandbox.ip<T[]>("-d", "-n", "blue", ...args);
    const all = inBlue<{ ifname: string; master?: string; link?: string }>("link");
    const of = (name: string) => all.find(({ ifname }) => ifname === name);
    assertEquals([of("p0")?.master, of("v0")?.link], ["br0", "br0"]);
    assertEquals(inBlue<{ dev: string }>("route", "show", "10.9.0.0/16").map(({ dev }) => dev), ["q0"]);
    assertEquals(inBlue<{ dev: string; lladdr: string }>("neigh", "show", "10.2.0.2").map(({ dev }) => dev), ["q0"]);
    assertMatch(sandbox.output("nsenter", "--net=/run/netns/blue", "nft", "list", "ruleset"), /oifname "q0"/);
    assertEquals(netns(["apply", "/run/here/spelled.yaml"]).stdout, "nothing to do\n");
    const inside = await begin("ip", "netns", "exec", "blue");
    const text = sandbox.output("cat", "/run/here/spelled.yaml");
    assertEquals(
      netns(["apply", "--name", "spelled", "-"], text.replaceAll("FILE:/run/netns/blue", `PID:${inside.pid}`)).stdout,
      "nothing to do\n",
    );
    await end(inside);
    assertEquals(netns(["destroy", "--name", "spelled"]).status, 0);
    assertEquals(sandbox.names(), []);
  });

  it("a master in another namespace, which only the machine knows, fails its item", () => {
    sandbox.output("ip", "netns", "add", "green");
    const file = `
name: elsewhere
interfaces:
  - { name: br, type: BRIDGE, hostIfName: br0, namespace: blue }
  - { name: p, type: BRIDGE, hostIfName: p0, namespace: "FILE:/run/netns/green", master: br }
`;
    const { status, failed } = reportOf(["apply", "-"], file);
    assertEquals(status, 1);
    assertEquals(failed.map(({ item, reason }) => `${item}: ${reason}`), [
      "interface p: its master br is in another namespace, blue",
    ]);
    assertEquals([links("blue"), links("green")], [["br0"], ["p0"]]);
    assertEquals(netns(["destroy", "--name", "elsewhere"]).status, 0);
    sandbox.output("ip", "netns", "del", "green");
  });

  it("two spellings of one namespace with two values of a sysctl, or two forwards of one port, are refused", () => {
    sandbox.output("ip", "netns", "add", "blue");
    const file = `
name: twice
namespaces: [{ name: blue, sysctls: { net.ipv4.ip_forward: 1 } }, { name: "FILE:/run/netns/blue", sysctls: { net.ipv4.ip_forward: 0 } }]
forwards:
  - { name: a, namespace: blue, in: lo, protocol: tcp, port: 80-90, to: 10.0.0.1 }
  - { name: b, namespace: "FILE:/run/netns/blue", in: lo, protocol: tcp, port: 85, to: 10.0.0.2 }
`;
    const forwarding = () => sandbox.output("nsenter", "--net=/run/netns/blue", "sysctl", "-n", "net.ipv4.ip_forward");
    const first = forwarding();
    const { status, stderr } = netns(["apply", "-"], file);
    assertEquals(status, 2);
    assertMatch(stderr, /namespaces\[1\] \(FILE:\/run\/netns\/blue\)\.sysctls\.net\.ipv4\.ip_forward/);
    assertMatch(stderr, /forwards\[1\] \(b\)\.port/);
    assertEquals(forwarding(), first);
    sandbox.output("ip", "netns", "del", "blue");
  });

  it("two references become one namespace: their items fail while that lasts, and the rest is applied", () => {
    const mount = (from: string, to: string) =>
      sandbox.output("sh", "-c", `touch /run/here/${to} && mount --bind /run/netns/${from} /run/here/${to}`);
    for (const name of ["one", "two"]) {
      sandbox.output("ip", "netns", "add", name);
      mount(name, name);
    }
    const text = (more = "") => `
name: become
namespaces: [blue]
interfaces:
  - { name: a, hostIfName: eth0, namespace: "FILE:one", veth: { peerIfName: b } }
  - { name: b, hostIfName: a0, namespace: blue, veth: { peerIfName: a } }
  - { name: c, hostIfName: eth0, namespace: "FILE:two", ipAddresses: [10.3.0.1/24], veth: { peerIfName: d } }
  - { name: d, hostIfName: c0, namespace: blue, veth: { peerIfName: c } }
routes: [{ name: r, interface: c, dstIpAddr: 10.9.0.0/16, gwAddr: 10.3.0.2 }]
${more}
`;
    write("/run/here/become.yaml", text());
    assertEquals(reportOf(["apply", "/run/here/become.yaml"]).status, 0);
    sandbox.output("umount", "/run/here/two");
    mount("one", "two");
    write("/run/here/become.yaml", text(`rules: [{ name: u, namespace: blue, from: 10.5.0.0/16, table: 42 }]`));
    for (const expected of [["rule u"], []]) {
      const { status, done, failed, pending } = reportOf(["apply", "/run/here/become.yaml"]);
      assertEquals([status, done.map(({ item }) => item)], [1, expected]);
      assertEquals(failed.map(({ item }) => item).sort(), ["interface a", "interface b", "interface c", "interface d"]);
      assertEquals(pending.map(({ item }) => item), ["route r"]);
      assertEquals(
        failed.find(({ item }) => item === "interface c")?.reason,
        "FILE:/run/here/two is the same namespace as FILE:/run/here/one now, and interfaces[2] (c) and interfaces[0] (a) would be one",
      );
      assertEquals([links("one"), links("two"), links("blue")], [["eth0"], ["eth0"], ["a0", "c0"]]);
    }
    sandbox.output("umount", "/run/here/two");
    mount("two", "two");
    assertEquals(netns(["apply", "/run/here/become.yaml"]).stdout, "nothing to do\n");
    assertEquals(netns(["destroy", "/run/here/become.yaml"]).status, 0);
    assertEquals([links("one"), links("two"), sandbox.names()], [[], [], ["one", "two"]]);
    for (const name of ["one", "two"]) {
      sandbox.output("umount", `/run/here/${name}`);
      sandbox.output("ip", "netns", "del", name);
    }
  });

  it("two processes in one namespace: their items fail that are one, and the rest is applied", async () => {
    const first = await begin("unshare", "--net");
    const second = await begin("nsenter", `--net=/proc/${first.pid}/ns/net`);
    const { status, done, failed } = reportOf(
      ["apply", "-"],
      `
name: both
interfaces:
  - { name: a, type: BRIDGE, hostIfName: br0, namespace: "PID:${first.pid}" }
  - { name: b, type: BRIDGE, hostIfName: br0, namespace: "PID:${second.pid}" }
  - { name: c, type: BRIDGE, hostIfName: br0, namespace: red }
`,
    );
    assertEquals([status, done.map(({ kind }) => kind)], [1, ["create-namespace", "create-link", "change-link"]]);
    assertEquals(failed.map(({ item }) => item), ["interface a", "interface b"]);
    assertEquals(links("red"), ["br0"]);
    assertEquals(netns(["destroy", "--name", "both"]).status, 0);
    await end(second);
    await end(first);
  });

  it("a namespace that apply made lives on without its name: destroy takes what is in it, and says so", async () => {
    write("/run/here/lost.yaml", `{ name: lost, interfaces: [{ name: br, type: BRIDGE, namespace: red }] }`);
    assertEquals(reportOf(["apply", "/run/here/lost.yaml"]).status, 0);
    const inside = await begin("ip", "netns", "exec", "red");
    sandbox.output("ip", "netns", "del", "red");
    const { status, done, pending } = reportOf(["destroy", "/run/here/lost.yaml"]);
    assertEquals([status, done.map(({ item }) => item)], [0, ["interface br"]]);
    assertEquals(pending.map(({ item }) => item), ["namespace red"]);
    assertMatch(pending[0]?.reason ?? "", /^it is left: it has lost its name, and lives on as PID:\d+$/);
    assertMatch(netns(["destroy", "--name", "lost"]).stdout, /^pending: namespace red: it is left: /);
    await end(inside);
    assertEquals(reportOf(["destroy", "--name", "lost"]).pending, []);
  });
});
