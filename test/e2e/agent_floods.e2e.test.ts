/** An agent whose container runtime does everything wrong: it stays, stays small, and works once that is right. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createNamedNamespace, deleteNamedNamespace, type NsHandle } from "@netns/netns";
import { scratchName } from "../integration/support/traces.ts";
import { eventually, pause } from "./following.ts";
import { container, FLOODS, isList, MOST_DESCRIPTORS, MOST_GROWTH, type Size } from "./floods.ts";
import { HostileRuntime } from "./hostile_runtime.ts";
import { RunningAgent } from "./running_agent.ts";
import { describeForms, WHOLE } from "./support.ts";

/** How much of the time a flood lasts: all of it with WHOLE=1. */
const SHARE = WHOLE ? 1 : 0.4;
/** What is tried in Node too, where not everything is: that of which memory and descriptors depend on the runtime. */
const IN_NODE = /^(the list has no end|20,000 containers change|events are garbage|every answer is a redirect)/;

describeForms("the agent at a hostile container runtime", (command, form) => {
  const name = scratchName();
  const dir = mkdtempSync(join(tmpdir(), "netns-flood-"));
  let api: HostileRuntime;
  let agent: RunningAgent;
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
    agent = new RunningAgent([...command, "agent", file], { DOCKER_HOST: api.endpoint.name });
    await eventually(() => agent.output.includes("pending"), () => agent.output);
    await pause(500);
    rest = agent.size;
  });
  after(async () => {
    await agent[Symbol.asyncDispose]();
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
      await eventually(() => api.asked.some(isAsked), () => agent.output);
      const [lists, length] = [api.asked.filter(isList).length, agent.output.length];
      const most = await agent.most(ms, 100);
      assert(agent.runs, agent.output);
      assert(most.descriptors <= rest.descriptors + MOST_DESCRIPTORS, `${rest.descriptors} → ${most.descriptors}`);
      assert(most.resident <= rest.resident + MOST_GROWTH, `${rest.resident} → ${most.resident} MiB`);
      assert(api.asked.filter(isList).length - lists <= 3 + ms / 100, "one list after another");
      assert(agent.output.length - length < 50_000, "it says the same again and again");
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
    await eventually(() => links().includes("right0@left0"), () => links() + agent.output);
    await eventually(() => agent.size.descriptors <= rest.descriptors + 8, () => agent.size);
    assertEquals(await agent.end(), 0, agent.output);
    assertMatch(agent.output, /it answered 302, a redirect, and none is followed/);
  });
});
