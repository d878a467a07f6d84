/** `netns demo` runs and leaves nothing, also if it is interrupted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, before, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { describeForms, type Outcome, Sandbox } from "./support.ts";

describeForms("netns demo", (command) => {
  let sandbox: Sandbox;
  let start: unknown;
  const demo = (...args: string[]) => sandbox.run([...command, "demo", ...args]);

  before(async () => {
    sandbox = await Sandbox.open();
    assertEquals(demo().status, 0); // creates what stays: the directories of names and of states
    start = sandbox.traces();
  });
  after(() => sandbox.closeAs(start));

  it("prints the topology and the replies across the router, and leaves nothing", () => {
    const { status, stdout, stderr } = demo();
    assertEquals([status, stderr], [0, ""]);
    assertMatch(stdout, /^ +netns-demo-left: 64 bytes from 198\.51\.100\.2: icmp_seq=1 ttl=63 time=/m);
    assertMatch(stdout, /^ +netns-demo-left: 64 bytes from 2001:db8:2::2: icmp_seq=1 ttl=63 time=/m);
    assertMatch(stdout, /Applied a second time:\n +nothing to do\n/);
    assertEquals(sandbox.traces(), start);
  });

  it("prints the result as JSON", () => {
    const { status, stdout, stderr } = demo("--json");
    assertEquals([status, stderr], [0, ""]);
    const { applied, namespaces, pings, again, destroyed } = JSON.parse(stdout);
    assertEquals([applied.failed, again.done, destroyed.failed], [[], [], []]);
    assertEquals([namespaces.length, pings.length], [3, 3]);
  });

  it("sends an echo itself if ping is not installed", () => {
    const script = "mkdir /run/bin && for tool in sh env node deno; do " +
      'found=$(command -v $tool) && ln -s "$found" /run/bin/$tool; done; PATH=/run/bin exec "$@"';
    const { status, stdout, stderr } = sandbox.run(["sh", "-c", script, "sh", ...command, "demo"]);
    sandbox.output("rm", "-r", "/run/bin");
    assertEquals([status, stderr], [0, ""]);
    assertMatch(stdout, /^ +netns-demo-left: echo reply from 198\.51\.100\.2: time=\d+\.\d{3} ms$/m);
    assertMatch(stdout, /^ +netns-demo-left: echo reply from 2001:db8:2::2: time=\d+\.\d{3} ms$/m);
  });

  it("prints its file without privileges, and plan accepts it", () => {
    const { status, stdout } = demo("--print");
    assertEquals(status, 0);
    assertEquals(sandbox.run([...command, "plan", "-"], { input: stdout }).status, 0);
  });

  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    it(`destroys everything on ${signal}`, async () => {
      const [file, args] = sandbox.enter([...command, "demo"]);
      const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "exit");
      await once(child.stdout, "data"); // it has begun
      // Not child.kill(): Deno would report the signal as the end of every child.
      process.kill(child.pid ?? 0, signal);
      assertEquals(await ended, [status, null]);
      assertEquals(sandbox.traces(), start);
    });
  }

  it("waits for a ping that ends slowly", () => {
    const ping = '#!/bin/sh\ntrap "sleep 0.3; exit 1" TERM\nkill -TERM $PPID\nwhile :; do sleep 0.05; done\n';
    const script = 'mkdir /run/bin && printf %s "$0" >/run/bin/ping && chmod +x /run/bin/ping && ' +
      'PATH=/run/bin:$PATH exec "$@"';
    const { status, stderr } = sandbox.run(["sh", "-c", script, ping, ...command, "demo"]);
    sandbox.output("rm", "-r", "/run/bin");
    assertEquals([status, stderr], [143, ""]);
    assertEquals(sandbox.traces(), start);
  });

  /** Starts the demo, and kills it once its topology exists. */
  async function killedDemo(): Promise<void> {
    const [file, args] = sandbox.enter([...command, "demo"]);
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    for await (const chunk of child.stdout) if (String(chunk).includes("netns-demo-right")) break;
    child.kill("SIGKILL");
    await ended;
  }

  /** Runs the demo, by the words before it, after one that was killed, whose ping takes so many seconds to end. */
  async function demoBeside(seconds: number, ...words: string[]): Promise<Outcome> {
    await killedDemo();
    const script =
      'ip netns exec netns-demo-left sleep "$0" & sleep 0.2; "$@"; status=$?; kill $! 2>/dev/null; exit $status';
    return sandbox.run(["sh", "-c", script, `${seconds}`, ...words, ...command, "demo"]);
  }

  it("waits for the ping of a killed demo, and names the process that keeps a namespace", async () => {
    const { status, stderr } = await demoBeside(1.5);
    assertEquals([status, stderr], [0, ""]);
    assertEquals(sandbox.traces(), start);
    const refused = await demoBeside(60);
    assertEquals([refused.status, refused.stdout], [1, ""]);
    assertMatch(
      refused.stderr,
      /^error: The demo could not begin.*netns-demo-left: it is left: process \d+ runs in it$/m,
    );
    assertEquals(demo().status, 0);
    const ended = await demoBeside(60, "timeout", "--preserve-status", "1.5");
    assertEquals([ended.status, ended.stdout, ended.stderr], [143, "", ""]);
    assertEquals(demo().status, 0);
    assertEquals(sandbox.traces(), start);
  });

  it("removes what a killed demo left", async () => {
    await killedDemo();
    const { status, stderr } = demo();
    assertEquals([status, stderr], [0, ""]);
    assertEquals(sandbox.traces(), start);
  });
}, "Node");
