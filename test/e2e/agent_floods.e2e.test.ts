/** An agent whose container runtime does everything wrong: it stays, stays small, and works once that is right. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createNamedNamespace, deleteNamedNamespace, type NsHandle } from "@netns/netns";
import { scratchName } from "../integration/support/traces.ts";
import { eventually, pause } from "./following.ts";
import { beginStream, chunk, HostileRuntime, reply, type Script, writeForEver } from "./hostile_runtime.ts";
import { describeForms } from "./support.ts";

/** How much an agent may grow by all of it, in MiB; V8 gives back late what it took. */
const MOST_GROWTH = 200;
/** How many descriptors it may have more than at rest: sixteen looks, the events, and a pass. */
const MOST_DESCRIPTORS = 24;
/** How many containers change at once. */
const EVENTS = 20_000;

const isList = (path: string): boolean => path.includes("/containers/json");
const isEvents = (path: string): boolean => path.includes("/events");
const isInspect = (path: string): boolean => /[/]containers[/][0-9a-f]+[/]json/.test(path);

/** What is wrong, what that looks like, for how long, and from which request on. */
const WRONG: readonly [what: string, script: Script, ms: number, asked: (path: string) => boolean][] = [
  ["every answer is a redirect", (_, socket) => redirect(socket), 1500, () => true],
  ["events are a redirect", (path, socket) => isEvents(path) ? redirect(socket) : "usual", 1500, isEvents],
  ["it says nothing", () => undefined, 2000, () => true],
  [
    "the list has no end",
    (path, socket) => {
      if (!isList(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, chunk(`{"Id":"${"0".repeat(64)}"},`.repeat(1000)));
    },
    4000,
    isList,
  ],
  [
    "20,000 containers change, and none can be looked at",
    (path, socket) => {
      if (isInspect(path)) return undefined;
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      for (let i = 0; i < EVENTS; i++) socket.write(event(i.toString(16).padStart(64, "0")));
    },
    4000,
    isInspect,
  ],
  [
    "one container changes again and again",
    (path, socket) => {
      if (isInspect(path)) return undefined;
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, event("1".repeat(64)));
    },
    3000,
    isInspect,
  ],
  [
    "events are garbage without end",
    (path, socket) => {
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, chunk("garbage\n".repeat(2000)));
    },
    4000,
    isEvents,
  ],
  [
    "a line of events has no end",
    (path, socket) => {
      if (!isEvents(path)) return "usual";
      beginStream(socket);
      writeForEver(socket, chunk("x".repeat(60_000)));
    },
    3000,
    isEvents,
  ],
  [
    "containers run that no process is",
    (path, socket) => {
      if (isList(path)) {
        reply(socket, Array.from({ length: 5000 }, (_, i) => ({ Id: i.toString(16).padStart(64, "0") })));
      } else if (isInspect(path)) reply(socket, container(path.match(/[0-9a-f]{64}/)?.[0] ?? "", 4_194_304));
      else return "usual";
    },
    4000,
    isInspect,
  ],
];

describeForms("the agent at a hostile container runtime", ([program = "", ...words]) => {
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

  for (const [what, script, ms, isAsked] of WRONG) {
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
}, "Deno");

function redirect(socket: Socket): void {
  socket.end("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
}

const event = (id: string): Uint8Array => chunk(`{"Type":"container","Action":"start","Actor":{"ID":"${id}"}}\n`);

const container = (id: string, pid: number): Record<string, unknown> => ({
  Id: id,
  Name: "/web-1",
  State: { Running: true, Pid: pid, StartedAt: "2026-01-01T00:00:00Z" },
  Config: { Env: ["MICROSERVICE_LABEL=web"] },
  HostConfig: { NetworkMode: "bridge" },
});

/** What a process has of the machine. */
interface Size {
  readonly descriptors: number;
  /** In MiB. */
  readonly resident: number;
}

function sizeOf(pid: number): Size {
  const kib = Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)?.[1]);
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, resident: Math.round(kib / 1024) };
}

const larger = (a: Size, b: Size): Size => ({
  descriptors: Math.max(a.descriptors, b.descriptors),
  resident: Math.max(a.resident, b.resident),
});
