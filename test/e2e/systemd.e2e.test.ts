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

describeBuilt("netns agent as a service", () => {
  const folder = mkdtempSync(join(tmpdir(), "netns-service-"));
  const path = join(folder, "notify");
  const file = join(folder, "service.yaml");
  let sandbox: Sandbox;
  let fd: number;
  let agent: ChildProcess;
  const said: string[] = [];

  before(async () => {
    sandbox = await Sandbox.open();
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    bind(fd, Uint8Array.of(AF_UNIX, 0, ...new TextEncoder().encode(path), 0));
    writeFileSync(file, "namespaces: [blue]\n");
    const [program, args] = sandbox.enter([BUILT, "agent", file]);
    const env = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: "100000", DOCKER_HOST: "unix:///nonexistent" };
    agent = spawn(program, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  });
  after(async () => {
    if (agent.exitCode === null && agent.signalCode === null) process.kill(agent.pid ?? 0, "SIGKILL");
    close(fd);
    rmSync(folder, { recursive: true });
    await sandbox[Symbol.asyncDispose]();
  });

  /** Waits until the manager was told `text`, after what it was told before. */
  async function told(text: string): Promise<void> {
    const buffer = new Uint8Array(4096);
    await eventually(() => {
      for (let got = tryRecv(fd, buffer); got !== undefined; got = tryRecv(fd, buffer)) {
        said.push(new TextDecoder().decode(buffer.subarray(0, got)));
      }
      return said.includes(text);
    }, () => said);
    said.splice(0, said.indexOf(text) + 1);
  }

  it("is ready when the file is applied, and gives signs of life", async () => {
    await told("READY=1\nSTATUS=1 done");
    assertEquals(sandbox.names(), ["blue"]);
    await told("WATCHDOG=1");
    await told("WATCHDOG=1");
  });

  it("applies the file again at SIGHUP, and stays if that has faults", async () => {
    sandbox.output("ip", "netns", "del", "blue");
    for (const text of ["namespaces: [blue]\n", "namespaces: 5\n"]) {
      writeFileSync(file, text);
      process.kill(agent.pid ?? 0, "SIGHUP");
      await told("RELOADING=1");
      await told("READY=1");
    }
    await eventually(() => sandbox.names().join() === "blue");
  });

  it("says that it stops", async () => {
    const ended = once(agent, "exit");
    process.kill(agent.pid ?? 0, "SIGTERM");
    assertEquals(await ended, [0, null]);
    await told("STOPPING=1");
  });
});
