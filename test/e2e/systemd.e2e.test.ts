/** The units for systemd, and what the agent says to a service manager. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { AF_UNIX, bind, close, SOCK_DGRAM, SOCK_NONBLOCK, socket, tryRecv } from "../../ffi/mod.ts";
import { describeEtcd, EtcdMember } from "./etcd.ts";
import { eventually } from "./following.ts";
import { BUILT, describeBuilt, root, Sandbox } from "./support.ts";

const UNITS = `${root}dist/systemd`;

describeBuilt("the units for systemd", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.open();
    // The first place in which systemd looks for a program.
    sandbox.output("mount", "-t", "tmpfs", "t", "/usr/local/sbin");
    sandbox.output("ln", "-s", BUILT, "/usr/local/sbin/netns");
  });
  after(() => sandbox[Symbol.asyncDispose]());

  const skip = process.env["CI"] !== "true" && spawnSync("systemd-analyze", ["--version"]).error !== undefined;
  it("pass systemd-analyze verify", { skip }, () => {
    const [agent, uplink] = readdirSync(UNITS).sort();
    assertEquals([agent, uplink], ["netns-agent.service", "netns-uplink@.service"]);
    for (const unit of [agent, uplink]) {
      const { status, stdout, stderr } = sandbox.run(["systemd-analyze", "verify", join(UNITS, `${unit}`)]);
      assertEquals([status, stdout, stderr], [0, "", ""], unit);
    }
  });

  it("give a namespace a way out, and take it away", () => {
    const text = readFileSync(join(UNITS, "netns-uplink@.service"), "utf8").replaceAll("%i", "blue");
    // systemd takes \" within quotation marks for one.
    const [, start = ""] = text.match(/^ExecStart=sh -c "(.*)"$/m) ?? [];
    const [, stop = ""] = text.match(/^ExecStop=(.*)$/m) ?? [];
    const run = (line: string) => sandbox.run(["sh", "-c", `PATH=/usr/local/sbin:$PATH; ${line}`]);
    sandbox.output(
      "sh",
      "-c",
      "ip link set lo up; ip link add out0 type veth peer out1; ip addr add 192.0.2.1/24 dev out0",
    );
    sandbox.output("sh", "-c", "ip link set out0 up; ip link set out1 up; ip route add default via 192.0.2.2");
    const { status, stderr } = run(start.replaceAll('\\"', '"'));
    assertEquals(status, 0, stderr);
    assertMatch(sandbox.output("ip", "-n", "blue", "route"), /^default via 10\.200\./);
    assertEquals(run(stop).status, 0);
    assertEquals(sandbox.names(), []);
  });
});

/** What a service manager hears: the socket of `NOTIFY_SOCKET`. */
class NotifySocket implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "netns-service-"));
  readonly path: string = join(this.folder, "notify");
  readonly #fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  readonly #said: string[] = [];

  constructor() {
    bind(this.#fd, Uint8Array.of(AF_UNIX, 0, ...new TextEncoder().encode(this.path), 0));
  }

  /** Waits until the manager has `text`, after what it had before. */
  async receives(text: string): Promise<void> {
    const buffer = new Uint8Array(4096);
    await eventually(() => {
      for (let got = tryRecv(this.#fd, buffer); got !== undefined; got = tryRecv(this.#fd, buffer)) {
        this.#said.push(new TextDecoder().decode(buffer.subarray(0, got)));
      }
      return this.#said.includes(text);
    }, () => this.#said);
    this.#said.splice(0, this.#said.indexOf(text) + 1);
  }

  [Symbol.dispose](): void {
    close(this.#fd);
    rmSync(this.folder, { recursive: true });
  }
}

/** An agent that a service manager started. */
function serve(sandbox: Sandbox, manager: NotifySocket, words: readonly string[], more: object = {}): ChildProcess {
  const [program, args] = sandbox.enter([BUILT, "agent", ...words]);
  const env = { ...process.env, NOTIFY_SOCKET: manager.path, DOCKER_HOST: "unix:///nonexistent", ...more };
  return spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
}

describeBuilt("netns agent as a service", () => {
  let manager: NotifySocket;
  let file: string;
  let sandbox: Sandbox;
  let agent: ChildProcess;

  before(async () => {
    sandbox = await Sandbox.open();
    manager = new NotifySocket();
    file = join(manager.folder, "service.yaml");
    writeFileSync(file, "namespaces: [blue]\n");
    agent = serve(sandbox, manager, [file], { WATCHDOG_USEC: "100000" });
    agent.stdout?.resume();
  });
  after(async () => {
    if (agent.exitCode === null && agent.signalCode === null) process.kill(agent.pid ?? 0, "SIGKILL");
    manager[Symbol.dispose]();
    await sandbox[Symbol.asyncDispose]();
  });

  it("is ready when the file is applied, and gives signs of life", async () => {
    await manager.receives("READY=1\nSTATUS=1 done");
    assertEquals(sandbox.names(), ["blue"]);
    await manager.receives("WATCHDOG=1");
    await manager.receives("WATCHDOG=1");
  });

  it("applies the file again at SIGHUP, and stays if that has faults", async () => {
    sandbox.output("ip", "netns", "del", "blue");
    for (const text of ["namespaces: [blue]\n", "namespaces: 5\n"]) {
      writeFileSync(file, text);
      process.kill(agent.pid ?? 0, "SIGHUP");
      await manager.receives("RELOADING=1");
      await manager.receives("READY=1");
    }
    await eventually(() => sandbox.names().join() === "blue");
  });

  it("says that it stops", async () => {
    const ended = once(agent, "exit");
    process.kill(agent.pid ?? 0, "SIGTERM");
    assertEquals(await ended, [0, null]);
    await manager.receives("STOPPING=1");
  });
});

describeEtcd("netns agent --etcd as a service", () => {
  describeBuilt("at SIGHUP", () => {
    it("lists all keys again, stays while the cluster is away, and lists them when it is back", async () => {
      await using sandbox = await Sandbox.open();
      using manager = new NotifySocket();
      sandbox.output("ip", "link", "set", "lo", "up");
      await using etcd = new EtcdMember({ enter: (words) => sandbox.enter(words) });
      await etcd.start();
      const agent = serve(sandbox, manager, ["--etcd", "--label", "vpp1"]);
      let output = "";
      agent.stdout?.on("data", (data) => output += data);
      const lists = (): number => output.split(/keys at revision/).length - 1;
      const reload = async (): Promise<void> => {
        process.kill(agent.pid ?? 0, "SIGHUP");
        await manager.receives("RELOADING=1");
        await manager.receives("READY=1");
      };
      try {
        await eventually(() => lists() === 1, () => output);
        await reload();
        await eventually(() => lists() === 2, () => output);
        await etcd.kill();
        await eventually(() => /etcd: 127\.0\.0\.1:2379: /.test(output), () => output);
        await reload();
        await etcd.start();
        await eventually(() => lists() === 3, () => output);
        const ended = once(agent, "exit");
        process.kill(agent.pid ?? 0, "SIGTERM");
        assertEquals(await ended, [0, null], output);
        await manager.receives("STOPPING=1");
      } finally {
        if (agent.exitCode === null && agent.signalCode === null) process.kill(agent.pid ?? 0, "SIGKILL");
      }
    });
  });
});
