import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn, spawnSync } from "node:child_process";
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import {
  ConfigError,
  type ConfigurationState,
  Configurator,
  FileStateStore,
  NsHandle,
  NsHandler,
  parseConfig,
  StateFileError,
  SyscallError,
} from "@netns/netns";
import TOPOLOGY from "../../src/cli/demo/demo.yaml" with { type: "text" };
import { lockFile } from "../../src/configurator/store/lock.ts";
import { describeAsRoot } from "../integration/support/traces.ts";

/** A directory that is gone at the end of the block. */
function directory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(`${tmpdir()}/netns-test-`);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** What `ip -j` prints. */
function ip(...args: string[]): Record<string, unknown>[] {
  const { status, stdout, stderr } = spawnSync("ip", ["-j", ...args], { encoding: "utf8" });
  assertEquals(status, 0, `ip ${args.join(" ")}: ${stderr}`);
  return stdout.trim() === "" ? [] : JSON.parse(stdout);
}

const random = (): string => crypto.randomUUID().slice(0, 6);

describe("FileStateStore", () => {
  const state: ConfigurationState = {
    path: "/etc/lab.yaml",
    uses: ["a"],
    namespaces: [{ cookie: "7", reference: "a", inode: "4026532000", made: true }],
    records: [
      {
        kind: "link",
        link: "veth",
        ends: [
          { item: "interface l", namespace: "7", index: 2, name: "l", address: "02:00:00:00:00:01" },
          { item: "interface p", namespace: "7", index: 3, name: "p", described: ["10.0.0.1/24"] },
        ],
      },
      {
        kind: "route",
        item: "route r",
        namespace: "7",
        destination: "10.0.0.0/8",
        table: 254,
        metric: 0,
        protocol: 110,
        before: { link: 4, scope: "link", type: "unicast", protocol: 3 },
      },
      { kind: "neighbour", item: "ARP entry n", namespace: "7", link: 2, ip: "10.0.0.9" },
    ],
  };

  it("gives back what it was given, and nothing once that is removed", async () => {
    using folder = directory();
    const store = new FileStateStore(`${folder.path}/below`);
    assertEquals([await store.load("lab"), await store.names()], [undefined, []]);
    await store.save("lab", state);
    assertEquals([await store.load("lab"), await store.names()], [state, ["lab"]]);
    await store.save("lab", { ...state, records: [] });
    assertEquals((await store.load("lab"))?.records, []);
    assertEquals(readdirSync(store.directory), ["lab.json"], "nothing else is left");
    assertEquals([statSync(store.directory).mode & 0o777, statSync(`${store.directory}/lab.json`).mode & 0o777], [
      0o700,
      0o600,
    ]);
    await store.remove("lab");
    await store.remove("lab");
    assertEquals(readdirSync(store.directory), []);
  });

  it("takes away what a process left that ended while it wrote", async () => {
    using folder = directory();
    const store = new FileStateStore(folder.path);
    await store.save("lab", state);
    writeFileSync(`${folder.path}/lab.json.${random()}.tmp`, "{");
    (await store.lock())[Symbol.dispose]();
    assertEquals(readdirSync(store.directory).sort(), [".lock", "lab.json"]);
  });

  it("says which file is damaged", async () => {
    using folder = directory();
    const store = new FileStateStore(folder.path);
    await store.save("lab", state);
    const whole = readFileSync(`${folder.path}/lab.json`, "utf8");
    const damages = [
      "",
      "{",
      whole.slice(0, 80),
      "[]",
      whole.replace('"version":2', '"version":3'),
      whole.replace('"cookie":"7"', '"cookie":"x"'),
      whole.replace('"table":254', '"table":-1'),
    ];
    for (const damaged of damages) {
      writeFileSync(`${folder.path}/lab.json`, damaged);
      const error = await assertRejects(() => store.load("lab"), StateFileError, undefined, damaged);
      assertEquals(error.path, `${folder.path}/lab.json`);
    }
  });

  it("believes no file that is a link, a FIFO, another user's, or longer than 64 MiB", async () => {
    using folder = directory();
    const store = new FileStateStore(folder.path);
    const path = `${folder.path}/lab.json`;
    await store.save("other", state);
    const refused = async (why: string): Promise<void> => {
      const { message } = await assertRejects(() => store.load("lab"), StateFileError);
      assertStringIncludes(message, why);
      rmSync(path);
    };
    symlinkSync(`${folder.path}/other.json`, path);
    await refused("it is a symbolic link");
    assertEquals(spawnSync("mkfifo", [path]).status, 0);
    await refused("it is not a regular file");
    writeFileSync(path, readFileSync(`${folder.path}/other.json`));
    chownSync(path, 65534, 65534);
    await refused("it belongs to the user 65534");
    writeFileSync(path, "");
    truncateSync(path, 64 * 1024 * 1024 + 1);
    await refused("it has 67108865 bytes; the most is 67108864");
  });

  it("takes no lock that is a FIFO, or another user's", async () => {
    using folder = directory();
    const path = `${folder.path}/lock`;
    assertEquals(spawnSync("mkfifo", [path]).status, 0);
    await assertRejects(() => lockFile(path), StateFileError, "it is not a regular file");
    rmSync(path);
    writeFileSync(path, "");
    chownSync(path, 65534, 65534);
    await assertRejects(() => lockFile(path), StateFileError, "it belongs to the user 65534");
  });

  it("names the file that cannot be read or written, and leaves nothing half written", async () => {
    using folder = directory();
    const store = new FileStateStore(folder.path);
    const path = `${folder.path}/lab.json`;
    mkdirSync(path);
    await assertRejects(() => store.load("lab"), StateFileError, path);
    for (const work of [() => store.save("lab", state), () => store.remove("lab")]) {
      const error = await assertRejects(work, SyscallError);
      assertEquals(error.path, path);
      assertStringIncludes(error.message, `${error.syscall} ${path}: `);
    }
    assertEquals(readdirSync(folder.path), ["lab.json"]);
    writeFileSync(`${folder.path}/file`, "");
    const { path: where } = await assertRejects(() => new FileStateStore(`${folder.path}/file`).lock(), SyscallError);
    assertEquals(where, `${folder.path}/file`);
  });

  it("refuses names that lead elsewhere", async () => {
    using folder = directory();
    const store = new FileStateStore(folder.path);
    for (const name of ["../x", "a/b", "", ".", "..", "a\0"]) await assertRejects(() => store.load(name), ConfigError);
  });
});

describeAsRoot("Configurator", () => {
  it("takes a TAP where the file wants it, and gives it back", async () => {
    using folder = directory();
    const [name, tap] = [`netns-test-${random()}`, `tap${random()}`];
    const configurator = new Configurator(new NsHandler(), { store: new FileStateStore(folder.path) });
    const config = parseConfig(
      `interfaces: [{ name: t, type: AUTO_TAP, hostIfName: eth0, namespace: ${name}, mtu: 1400, tap: { tempIfName: ${tap} } }]`,
      { source: "tap.yaml" },
    );
    const waiting = await configurator.apply(config);
    assertEquals([waiting.done, waiting.pending.length], [[], 1]);
    ip("tuntap", "add", tap, "mode", "tap");
    try {
      ip("link", "set", tap, "up");
      ip("address", "add", "10.55.0.1/24", "dev", tap);
      ip("route", "add", "10.56.0.0/16", "via", "10.55.0.9", "dev", tap);
      const report = await configurator.apply(config);
      assertEquals([report.failed, report.pending], [[], []]);
      const [link] = ip("-n", name, "address", "show", "eth0");
      assertEquals(link?.["mtu"], 1400);
      assert(JSON.stringify(link).includes('"local":"10.55.0.1"'), JSON.stringify(link));
      assert(Array.isArray(link?.["flags"]) && link["flags"].includes("UP"));
      assertEquals(ip("-n", name, "route", "show", "10.56.0.0/16").map(({ gateway }) => gateway), ["10.55.0.9"]);
      const again = await configurator.apply(config);
      assertEquals([again.done, again.unchanged], [[], 1]);
      const last = await configurator.destroy(config);
      assertEquals([last.failed, last.pending], [[], []]);
      assertEquals(ip("link", "show", tap).length, 1);
      const given = JSON.stringify(ip("address", "show", tap)[0]?.["addr_info"]);
      assert(given.includes('"local":"10.55.0.1"'), "it has what it had");
      assertEquals(ip("route", "show", "10.56.0.0/16").map(({ gateway }) => gateway), ["10.55.0.9"]);
      assertEquals(ip("netns", "list").some((one) => one["name"] === name), false);
      assertEquals(readdirSync(folder.path), [".lock"]);
    } finally {
      ip("tuntap", "del", tap, "mode", "tap");
    }
  });

  it("lets one apply wait for another, also of another process, and not for one that has died", async () => {
    using folder = directory();
    const prefix = `netns-test-${random()}`;
    const configurators = [1, 2].map(() =>
      new Configurator(new NsHandler(), { store: new FileStateStore(folder.path) })
    );
    const config = parseConfig(TOPOLOGY.replaceAll("netns-demo", prefix), { source: "twice.yaml" });
    const other = spawn("flock", ["-o", `${folder.path}/.lock`, "cat"], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(other, "exit");
    other.stdin.write("the lock is held\n");
    await once(other.stdout, "data");
    const reports = Promise.all(configurators.map((configurator) => configurator.apply(config)));
    try {
      await new Promise((resolve) => setTimeout(resolve, 100));
      assertEquals(readdirSync(folder.path), [".lock"], "both wait");
      const [configurator] = configurators;
      const apply = () => configurator?.apply(config, { signal: AbortSignal.abort(new RangeError("enough")) });
      await assertRejects(async () => await apply(), RangeError, "enough");
      const configs = async function* (): AsyncGenerator<typeof config> {
        yield await Promise.resolve(config);
      };
      for await (const _ of configurator?.agent(configs(), { signal: AbortSignal.timeout(50) }) ?? []);
      other.kill("SIGKILL");
      await ended;
      const done = (await reports).map(({ done, failed }) => [done.length > 0, failed]);
      assertEquals(done.sort(), [[false, []], [true, []]]);
    } finally {
      other.kill("SIGKILL");
      other.stdin.destroy();
      await reports;
      for (const configurator of configurators) await configurator.destroy(config);
    }
  });

  it("answers at once across a router over IPv6", async () => {
    using folder = directory();
    const prefix = `netns-test-${random()}`;
    const configurator = new Configurator(new NsHandler(), { store: new FileStateStore(folder.path) });
    const config = parseConfig(TOPOLOGY.replaceAll("netns-demo", prefix), { source: "router.yaml" });
    try {
      assertEquals((await configurator.apply(config)).failed, []);
      using router = NsHandle.fromName(`${prefix}-router`);
      router.run(() => writeFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "1"));
      using host = NsHandle.fromName(`${prefix}-left`);
      const [link] = ip("-n", `${prefix}-left`, "link", "show", "eth0");
      assertNotEquals(link?.["ifindex"], link?.["link_index"], "the kernel may take a second for the carrier of such");
      // In less time than the kernel would ask for the router's own addresses.
      const { status, stdout } = host.run(() =>
        spawnSync("ping", ["-n", "-c", "1", "-W", "0.5", "2001:db8:2::2"], { encoding: "utf8" })
      );
      assertEquals(status, 0, stdout);
    } finally {
      assertEquals((await configurator.destroy(config)).failed, []);
    }
  });

  it("leaves a namespace in which a process runs, and takes it away once that has ended", async () => {
    using folder = directory();
    const name = `netns-test-${random()}`;
    const configurator = new Configurator(new NsHandler(), { store: new FileStateStore(folder.path) });
    const config = parseConfig(`namespaces: [${name}]`, { source: "busy.yaml" });
    await configurator.apply(config);
    const child = spawn("ip", ["netns", "exec", name, "sleep", "60"], { stdio: "ignore" });
    await once(child, "spawn");
    // It is in the namespace a little after it was started.
    for (let i = 0; i < 1000 && spawnSync("ip", ["netns", "pids", name]).stdout.length === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    try {
      const report = await configurator.destroy(config);
      assertEquals(report.done, []);
      assertEquals(report.pending, [
        { item: `namespace ${name}`, reason: `it is left: process ${child.pid} runs in it` },
      ]);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    // What was left is remembered: also a file that says nothing any more takes it away.
    const nothing = parseConfig("name: busy");
    assertEquals((await configurator.apply(nothing)).done.map(({ kind }) => kind), ["delete-namespace"]);
    assertEquals(readdirSync(folder.path), [".lock"]);
  });
});
