/** `netns capture` prints the packets of a namespace, and writes files that tcpdump reads. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describeBuilt, Sandbox } from "./support.ts";

describeBuilt("netns capture", (command) => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.open();
    for (const name of ["blue", "green"]) sandbox.output("ip", "netns", "add", name);
    sandbox.output("ip", "-n", "blue", "link", "add", "eth0", "type", "veth", "peer", "eth0", "netns", "green");
    for (const [name, address] of [["blue", "10.8.0.1/24"], ["green", "10.8.0.2/24"]] as const) {
      sandbox.output("ip", "-n", name, "address", "add", address, "dev", "eth0");
      sandbox.output("ip", "-n", name, "link", "set", "eth0", "up");
    }
  });
  after(() => sandbox[Symbol.asyncDispose]());

  /** Starts a capture, and sends echo requests until `isEnough` says so of its output. */
  async function captured(words: string[], isEnough: (child: ChildProcess, output: Uint8Array) => boolean) {
    const [file, args] = sandbox.enter([...command, "capture", "blue", ...words]);
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    const chunks: Uint8Array[] = [];
    child.stdout.on("data", (data: Uint8Array) => chunks.push(data));
    const end = performance.now() + 60_000;
    while (!isEnough(child, join(chunks))) {
      assert(performance.now() < end, `it captured ${join(chunks).length} bytes`);
      sandbox.output("ip", "netns", "exec", "blue", "ping", "-c", "1", "10.8.0.2");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { child, output: () => join(chunks), ended };
  }

  it("prints one line a packet, of those that fit the filter", async () => {
    const words = ["eth0", "-c", "2", "icmp", "and", "host", "10.8.0.2"];
    const { output, ended } = await captured(words, (child) => child.exitCode !== null);
    assertEquals((await ended)[0], 0);
    const [request, reply, rest] = new TextDecoder().decode(output()).split("\n");
    assertMatch(
      request ?? "",
      /^\d\d:\d\d:\d\d\.\d{6} {2}eth0 {2}out {2}ICMP 10.8.0.1 > 10.8.0.2 echo request, 98 bytes$/,
    );
    assertMatch(reply ?? "", / {2}eth0 {2}in {3}ICMP 10.8.0.2 > 10.8.0.1 echo reply, 98 bytes$/);
    assertEquals(rest, "");
  });

  it("writes what tcpdump reads, until SIGTERM", async () => {
    const { child, output, ended } = await captured(["-w", "-", "icmp"], (_, output) => output.length > 400);
    process.kill(child.pid ?? 0, "SIGTERM");
    assertEquals((await ended)[0], 0);
    const { stdout, status } = sandbox.run(["tcpdump", "-n", "-r", "-"], { input: output() });
    assertEquals(status, 0);
    const lines = stdout.trimEnd().split("\n");
    assert(lines.length >= 2);
    for (const line of lines) assertMatch(line, /10\.8\.0\.[12] > 10\.8\.0\.[12]: ICMP echo (request|reply), id \d+/);
  });

  it("says what is wrong with a filter", () => {
    const { status, stderr } = sandbox.run([...command, "capture", "blue", "udp", "prt", "53"]);
    assertEquals(status, 2);
    assertMatch(
      stderr,
      /^error: netns capture: Cannot use "prt" in the filter "udp prt 53": expected and, or, or the end/,
    );
  });
});

function join(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}
