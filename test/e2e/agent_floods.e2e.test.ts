/** An agent whose container runtime does everything wrong: it stays, stays small, and works once that is right. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createNamedNamespace, deleteNamedNamespace, type NsHandle } from "@netns/netns";
import { scratchName } from "../integration/support/traces.ts";
import { eventually, pause } from "./following.ts";
import { container, FLOODS, isList, larger, MOST_DESCRIPTORS, MOST_GROWTH, type Size, sizeOf } from "./floods.ts";
import { HostileRuntime } from "./hostile_runtime.ts";
import { describeForms, WHOLE } from "./support.ts";

/** How much of the time a flood lasts: all of it with WHOLE=1. */
const SHARE = WHOLE ? 1 : 0.4;
/** What is tried in Node too, where not everything is: that of which memory and descriptors depend on the runtime. */
const IN_NODE = /^(the list has no end|20,000 containers change|events are garbage|every answer is a redirect)/;

describeForms("the agent at a hostile container runtime", ([program = "", ...words], form) => {
  const name = scratchName();
  const dir = mkdtempSync(join(tmpdir(), "netns-flood-"));
  let api: HostileRuntime;
  let agent: ChildProcess;
  let output = "";
  let web: ChildProcess;
  let ns: NsHandle;
  let rest: Size;

  before(async () => {
    api = await HostileRuntime.open("unix");
    ns = createNamedNamespace(name);
    web = ns.spawn("sleep", ["600"]);
    await once(web, "spawn");
    const file = join(dir, "topology.yaml");
    writeFileSync(
      file,
      `name: ${name}
interfaces:
  - { name: left, hostIfName: left0, namespace: "MICROSERVICE:web", veth: { peerIfName: right } }
  - { name: right, hostIfName: right0, namespace: "CONTAINER:web-1", veth: { peerIfName: left } }
`,
    );
    agent = spawn(program, [...words, "agent", file], {
      env: { ...process.env, NO_COLOR: "1", DOCKER_HOST: api.endpoint.name },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [agent.stdout, agent.stderr]) stream?.on("data", (data) => output += data);
    await eventually(() => output.includes("pending"), () => output);
    await pause(500);
    rest = sizeOf(agent.pid ?? 0);
  });
  after(async () => {
    if (agent.exitCode === null && agent.signalCode === null) {
      process.kill(agent.pid ?? 0, "SIGKILL");
      await once(agent, "exit");
    }
    const ended = once(web, "exit");
    process.kill(web.pid ?? 0, "SIGKILL");
    await ended;
    ns.close();
    deleteNamedNamespace(name);
    await api[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
    rmSync(`/run/netns-apply/${name}.json`, { force: true });
  });

  for (const [what, script, whole, isAsked] of FLOODS) {
    if (form === "Node" && !WHOLE && !IN_NODE.test(what)) continue;
    const ms = whole * SHARE;
    it(`stays while ${what}`, async () => {
      api.asked.length = 0;
      api.script = script;
      api.cut();
      await eventually(() => api.asked.some(isAsked), () => output);
      const [lists, length] = [api.asked.filter(isList).length, output.length];
      let most = rest;
      for (const end = performance.now() + ms; performance.now() < end;) {
        await pause(100);
        assertEquals([agent.exitCode, agent.signalCode], [null, null], output);
        most = larger(most, sizeOf(agent.pid ?? 0));
      }
      assert(most.descriptors <= rest.descriptors + MOST_DESCRIPTORS, `${rest.descriptors} → ${most.descriptors}`);
      assert(most.resident <= rest.resident + MOST_GROWTH, `${rest.resident} → ${most.resident} MiB`);
      assert(api.asked.filter(isList).length - lists <= 3 + ms / 100, "one list after another");
      assert(output.length - length < 50_000, "it says the same again and again");
    });
  }

  it("works as soon as the runtime does, and ends at once", async () => {
    api.script = () => "usual";
    const id = "f".repeat(64);
    api.containers.set(id, {
      ...container(id, web.pid ?? 0),
      NetworkSettings: { SandboxKey: `/var/run/netns/${name}` },
    });
    api.cut();
    const links = (): string => spawnSync("ip", ["-n", name, "-br", "link"], { encoding: "utf8" }).stdout;
    await eventually(() => links().includes("right0@left0"), () => links() + output);
    await eventually(() => sizeOf(agent.pid ?? 0).descriptors <= rest.descriptors + 8, () => sizeOf(agent.pid ?? 0));
    process.kill(agent.pid ?? 0, "SIGTERM");
    assertEquals(await once(agent, "exit"), [0, null], output);
    assertMatch(output, /it answered 302, a redirect, and none is followed/);
  });
});
