/** Uplinks with real traffic, beside a firewall of somebody else in the default namespace. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type InterfaceInput, NsHandle } from "@netns/netns";
import { show } from "../../src/configurator/show/show.ts";
import { readConfig } from "../../src/models/config.ts";
import { namedNs } from "../../src/namespace.ts";
import { Scratch } from "../integration/configurator/scratch.ts";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";

const FORWARD = "/proc/sys/net/ipv4/ip_forward";

function run(
  ns: NsHandle,
  command: string,
  ...args: string[]
): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = ns.run(() => spawnSync(command, args, { encoding: "utf8" }));
  return { status, stdout };
}

describeAsRoot("uplinks", () => {
  let start: unknown;
  before(() => {
    NsHandle.home().close();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("lead out through the default namespace, and all of it is put back", async () => {
    using scratch = new Scratch();
    using home = NsHandle.home();
    const forwarded = readFileSync(FORWARD, "utf8");
    home.run(() => writeFileSync(FORWARD, "0"));
    // Somebody's host: a link to a network, and a firewall.
    scratch.make("world");
    using world = NsHandle.fromName(scratch.name("world"));
    const wan = scratch.name("w").slice(-8);
    const directory = `/etc/netns/${scratch.name("blue")}`;
    const table = `other-${wan}`;
    {
      using netlink = home.netlink();
      netlink.addLink({ kind: "veth", name: wan, peer: { name: "eth0", netns: { fd: world.fd } } });
      netlink.addAddress({ name: wan }, "192.0.2.1/24");
      netlink.setLink({ name: wan }, { up: true });
    }
    scratch.in("world", (netlink) => {
      netlink.addAddress({ name: "eth0" }, "192.0.2.2/24");
      netlink.setLink({ name: "eth0" }, { up: true });
    });
    try {
      const chain = "{ type filter hook forward priority 0; policy drop; }";
      const foreign = `add table ip ${table}; add chain ip ${table} FORWARD ${chain}; ` +
        `add rule ip ${table} FORWARD ct mark 77 accept`;
      assertEquals(run(home, "nft", foreign).status, 0);
      const before = run(home, "nft", "list", "ruleset").stdout;
      const file = { uplinks: [{ namespace: "blue", dns: ["9.9.9.9", "2620:fe::fe"] }] };
      const report = await scratch.apply(file);
      assertEquals([report.failed, report.pending], [[], []]);
      const [warning = "", ...others] = report.warnings ?? [];
      assertEquals(others, []);
      assertMatch(
        warning,
        new RegExp(`^uplink .*-blue: the chain FORWARD of the table ip ${table}, which is somebody`),
      );
      using blue = NsHandle.fromName(scratch.name("blue"));
      assertEquals(run(blue, "ping", "-c1", "-W1", "192.0.2.2").status, 1);
      // What the warning names lets it through.
      const link = /iifname (\S+) accept/.exec(warning)?.[1] ?? "";
      for (const key of ["iifname", "oifname"]) {
        assertEquals(run(home, "nft", `insert rule ip ${table} FORWARD ${key} "${link}" accept`).status, 0);
      }
      assertEquals(run(blue, "ping", "-c1", "-W5", "192.0.2.2").status, 0);
      assertEquals(readFileSync(FORWARD, "utf8").trim(), "1");
      const resolver = readFileSync(`${directory}/resolv.conf`, "utf8");
      assertEquals(resolver.split("\n").slice(1), ["nameserver 9.9.9.9", "nameserver 2620:fe::fe", ""]);
      const again = await scratch.apply(file);
      assertEquals([again.lines, again.failed, again.pending, again.warnings], [[], [], [], undefined]);
      const { config, omitted } = await show(scratch.handler, scratch.configurator, [namedNs(scratch.name("blue"))], [
        scratch.config(file).name ?? "",
      ]);
      assertEquals([config.interfaces, config.routes, omitted], [[], [], []]);
      assertEquals((await scratch.configurator.plan(readConfig(config))).steps, []);
      // Somebody changes what it needs.
      writeFileSync(`${directory}/resolv.conf`, "nameserver 192.0.2.9\n");
      writeFileSync(FORWARD, "0");
      const mended = await scratch.apply(file);
      assertEquals([mended.lines.length, mended.failed], [2, []], JSON.stringify(mended.lines));
      assertEquals(readFileSync(`${directory}/resolv.conf`, "utf8"), resolver);
      // The same network on each run, also of another memory.
      const network = (lines: readonly string[]): string | undefined => (
        lines.flatMap((line) => /add (10\.200\.\S+) to up/.exec(line)?.[1] ?? [])[0]
      );
      await scratch.destroy(file);
      assertEquals(network((await scratch.apply(file)).lines), network(report.lines));
      for (let i = 0; i < 2; i++) {
        const { stdout } = run(home, "nft", "-a", "list", "chain", "ip", table, "FORWARD");
        const handle = /ifname.*handle (\d+)/.exec(stdout)?.[1] ?? "";
        assertEquals(run(home, "nft", "delete", "rule", "ip", table, "FORWARD", "handle", handle).status, 0);
      }
      const destroyed = await scratch.destroy(file);
      assertEquals([destroyed.failed, destroyed.pending], [[], []]);
      assertEquals(run(home, "nft", "list", "ruleset").stdout, before);
      assertEquals([readFileSync(FORWARD, "utf8").trim(), existsSync(directory)], ["0", false]);
    } finally {
      run(home, "nft", "delete", "table", "ip", table);
      using netlink = home.netlink();
      netlink.deleteLink({ name: wan });
      writeFileSync(FORWARD, forwarded);
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("are shown as uplinks, and the same in any order", async () => {
    using scratch = new Scratch();
    const file = { uplinks: ["blue", { namespace: "amber", addresses: "10.77.8.0/30", dns: ["9.9.9.9"] }] };
    try {
      assertEquals((await scratch.apply(file)).failed, []);
      const { name = "" } = scratch.config(file);
      const namespaces = ["blue", "amber"].map((short) => namedNs(scratch.name(short)));
      const { config, omitted } = await show(scratch.handler, scratch.configurator, namespaces, [name]);
      assertEquals([config.uplinks?.length, config.interfaces, omitted], [2, [], []]);
      assertEquals((await scratch.configurator.plan(readConfig(config))).steps, []);
      assertEquals((await scratch.apply({ uplinks: [...file.uplinks].reverse() })).lines, []);
    } finally {
      await scratch.destroy(file);
    }
  });

  it("leave a resolv.conf that somebody else wrote, unless they are to adopt it", async () => {
    using scratch = new Scratch();
    const directory = `/etc/netns/${scratch.name("blue")}`;
    mkdirSync(directory, { recursive: true });
    try {
      writeFileSync(`${directory}/resolv.conf`, "nameserver 192.0.2.9\n");
      const file = { uplinks: [{ namespace: "blue", addresses: "10.77.0.0/29", dns: ["9.9.9.9"] }] };
      const report = await scratch.apply(file);
      assertEquals(report.failed.map(({ item, owner }) => [item, owner]), [["uplink blue", null]]);
      assertEquals(scratch.look("blue")["uplink"]?.addresses, ["10.77.0.2/29"]);
      assertEquals((await scratch.apply(file, { adopt: true })).failed, []);
      assertEquals(readFileSync(`${directory}/resolv.conf`, "utf8").split("\n")[1], "nameserver 9.9.9.9");
      assertEquals((await scratch.destroy(file)).failed, []);
      assertEquals(readFileSync(`${directory}/resolv.conf`, "utf8"), "nameserver 192.0.2.9\n");
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("take away the directories that they made, and no other", async () => {
    using scratch = new Scratch();
    const [own, theirs] = ["blue", "green"].map((name) => `/etc/netns/${scratch.name(name)}`);
    const hadAll = existsSync("/etc/netns");
    mkdirSync(`${theirs}`, { recursive: true });
    try {
      const document = { uplinks: ["blue", "green"].map((namespace) => ({ namespace, dns: ["9.9.9.9"] })) };
      assertEquals((await scratch.apply(document)).failed, []);
      assertEquals([own, theirs].map((folder) => existsSync(`${folder}/resolv.conf`)), [true, true]);
      assertEquals((await scratch.destroy(document)).failed, []);
      assertEquals([own, theirs].map((folder) => existsSync(`${folder}`)), [false, true]);
      // The directory of all goes, too, with what made it.
      rmdirSync(`${theirs}`);
      if (hadAll || readdirSync("/etc/netns").length > 0) return;
      rmdirSync("/etc/netns");
      const alone = { uplinks: [{ namespace: "blue", dns: ["9.9.9.9"] }] };
      assertEquals((await scratch.apply(alone)).failed, []);
      assertEquals((await scratch.destroy(alone)).failed, []);
      assertEquals(existsSync("/etc/netns"), false);
    } finally {
      for (const folder of [own, theirs]) rmSync(`${folder}`, { recursive: true, force: true });
    }
  });

  it("take them away also where apply was killed before it wrote the file, or is taken back", async () => {
    using scratch = new Scratch();
    const [own, theirs] = ["blue", "green"].map((name) => `/etc/netns/${scratch.name(name)}`);
    const all = (): readonly (readonly string[] | undefined)[] =>
      [`${own}`, `${theirs}`].map((folder) => existsSync(folder) ? readdirSync(folder) : undefined);
    mkdirSync(`${theirs}`, { recursive: true });
    const initial = all();
    const uplinks = ["blue", "green"].map((namespace) => ({ namespace, dns: ["9.9.9.9"] }));
    try {
      for (const isFinished of [false, true]) {
        await scratch.applyCutShort({ uplinks });
        mkdirSync(`${own}`);
        for (const folder of isFinished ? [own, theirs] : []) {
          writeFileSync(`${folder}/resolv.conf.netns-apply`, "name");
        }
        assertEquals((await scratch.destroy({ uplinks })).failed, []);
        assertEquals(all(), initial, "killed");
        await scratch.applyCutShort({ uplinks });
        mkdirSync(`${own}`);
        assertEquals((await scratch.apply({ uplinks })).failed, []);
        assertEquals((await scratch.destroy({ uplinks })).failed, []);
        assertEquals(all(), initial, "applied after the kill");
      }
      const links = ["p", "q"].map((name): InterfaceInput => ({
        ...{ name, type: "VETH", namespace: "blue", veth: { peerIfName: name === "p" ? "q" : "p" } },
        ...name === "p" ? { ipAddresses: ["::1/128"] } : {}, // which the kernel refuses on a pair
      }));
      const undone = await scratch.apply({ uplinks, interfaces: links }, { atomic: true });
      assertEquals([undone.done, undone.failed.map(({ item }) => item)], [[], ["interface p"]]);
      assertEquals(all(), initial, "taken back");
    } finally {
      for (const folder of [own, theirs]) rmSync(`${folder}`, { recursive: true, force: true });
    }
  });

  it("of two configurations: forwarding stays on for the second, and goes back with it", async () => {
    using scratch = new Scratch();
    using home = NsHandle.home();
    const forwarded = readFileSync(FORWARD, "utf8");
    home.run(() => writeFileSync(FORWARD, "0"));
    const file = (short: string, addresses: string) => ({
      name: scratch.name(short),
      uplinks: [{ namespace: short, addresses, dns: [] }],
    });
    const [first, second] = [file("blue", "10.200.77.0/30"), file("green", "10.200.78.0/30")];
    const forwards = (): string => home.run(() => readFileSync(FORWARD, "utf8")).trim();
    try {
      for (const one of [first, second]) assertEquals((await scratch.apply(one)).failed, []);
      const { failed, pending } = await scratch.destroy(first);
      assertEquals([failed, pending.map(({ owner }) => owner), forwards()], [[], [second.name], "1"]);
      assertEquals((await scratch.apply(second)).lines, []);
      assertEquals((await scratch.destroy(first)).failed.length, 1, "nothing is remembered");
      assertEquals([(await scratch.destroy(second)).failed, forwards()], [[], "0"]);
    } finally {
      writeFileSync(FORWARD, forwarded);
    }
  });

  it("keep the owner and the mode of a resolv.conf that is adopted, and say that it is", async () => {
    using scratch = new Scratch();
    const directory = `/etc/netns/${scratch.name("blue")}`;
    const path = `${directory}/resolv.conf`;
    mkdirSync(directory, { recursive: true });
    try {
      writeFileSync(path, "nameserver 192.0.2.9\n");
      chmodSync(path, 0o640);
      chownSync(path, 7, 8);
      const file = { uplinks: [{ namespace: "blue", addresses: "10.77.0.0/29", dns: ["9.9.9.9"] }] };
      const { lines, failed } = await scratch.apply(file, { adopt: true });
      assertEquals(failed, []);
      assertEquals(lines.filter((line) => line.includes(" adopt ")).length, 1, lines.join("\n"));
      await scratch.destroy(file);
      const { mode, uid, gid } = statSync(path);
      assertEquals([readFileSync(path, "utf8"), mode & 0o777, uid, gid], ["nameserver 192.0.2.9\n", 0o640, 7, 8]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("leave what stands in the place of a resolv.conf and is no file, with --adopt too, and do the rest", async () => {
    for (
      const [what, make] of [
        ["no regular file", (path: string) => mkdirSync(path)],
        ["a symbolic link", (path: string) => symlinkSync("nowhere", path)],
        ["a symbolic link", (path: string) => symlinkSync("/dev/null", path)],
      ] as const
    ) {
      using scratch = new Scratch();
      const directory = `/etc/netns/${scratch.name("blue")}`;
      mkdirSync(directory, { recursive: true });
      try {
        make(`${directory}/resolv.conf`);
        const file = { uplinks: [{ namespace: "blue", addresses: "10.77.0.0/29", dns: ["9.9.9.9"] }] };
        for (const adopt of [false, true]) {
          const report = await scratch.apply(file, { adopt });
          assertEquals(report.failed.map(({ item }) => item), ["uplink blue"]);
          assertMatch(report.failed[0]?.reason ?? "", new RegExp(`resolv.conf is ${what}, which`));
        }
        assertEquals(scratch.look("blue")["uplink"]?.addresses, ["10.77.0.2/29"]);
        assertEquals((await scratch.destroy(file)).failed, []);
        assertEquals(lstatSync(`${directory}/resolv.conf`).isFile(), false);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    }
  });

  it("write nothing where a link leads that stands in the place of the directory", async () => {
    using scratch = new Scratch();
    const directory = `/etc/netns/${scratch.name("blue")}`;
    const theirs = mkdtempSync("/tmp/netns-theirs-");
    mkdirSync("/etc/netns", { recursive: true });
    try {
      symlinkSync(theirs, directory);
      const file = { uplinks: [{ namespace: "blue", addresses: "10.77.0.0/29", dns: ["9.9.9.9"] }] };
      for (const adopt of [false, true]) {
        const { failed } = await scratch.apply(file, { adopt });
        assertEquals(failed.map(({ item, reason }) => [item, reason]), [
          ["uplink blue", "/etc/netns/blue is a symbolic link, which this configuration did not make"],
        ]);
      }
      assertEquals(readdirSync(theirs), []);
      // One that came later: what was written before is in no way any more.
      unlinkSync(directory);
      assertEquals((await scratch.apply(file)).failed, []);
      renameSync(`${directory}/resolv.conf`, `${theirs}/resolv.conf`);
      rmSync(directory, { recursive: true });
      symlinkSync(theirs, directory);
      const { pending } = await scratch.destroy(file);
      assertMatch(pending.map(({ reason }) => reason).join(), /resolv.conf is left: somebody has changed it/);
      assertEquals(readdirSync(theirs), ["resolv.conf"]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
      rmSync(theirs, { recursive: true, force: true });
    }
  });

  it("are warned of the forward drop of another configuration, until that excepts them", async () => {
    using scratch = new Scratch();
    using home = NsHandle.home();
    const name = `other-${scratch.name("o").slice(-8)}`;
    const uplinks = { uplinks: [{ namespace: "blue", addresses: "10.200.77.0/30", dns: [] }] };
    const other = (except: readonly Record<string, string>[]) => ({
      name,
      firewall: [{ name: "f", namespace: "PID:0", forward: "drop" as const, except }],
    });
    try {
      assertEquals((await scratch.apply(other([]))).failed, []);
      const { warnings = [], failed } = await scratch.apply(uplinks);
      assertEquals(failed, []);
      const listed = JSON.parse(run(home, "nft", "-j", "list", "table", "inet", `netns-${name}`).stdout);
      const policies = listed.nftables.flatMap((one: { chain?: { hook?: string; policy?: string } }) =>
        one.chain ?? []
      );
      assertEquals(policies.map((one: { hook: string; policy: string }) => [one.hook, one.policy]), [[
        "forward",
        "drop",
      ]]);
      assertEquals(warnings.length, 1, warnings.join());
      const [warning = ""] = warnings;
      assertMatch(
        warning,
        new RegExp(`the table inet netns-${name}, which the configuration "${name}" has made, drops`),
      );
      const [, link = ""] = warning.match(/the exceptions \{ in: (\S+) \}/) ?? [];
      await scratch.apply(other([{ in: link }, { out: link }]));
      assertEquals((await scratch.apply(uplinks)).warnings, undefined);
    } finally {
      await scratch.destroy(uplinks);
      await scratch.destroy(other([]));
    }
  });
});
