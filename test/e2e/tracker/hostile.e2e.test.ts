/** What a container runtime may claim, and how it may answer: nothing that is not proved is entered, nothing is kept twice. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  type ContainerEvent,
  createNamedNamespace,
  deleteNamedNamespace,
  microserviceNs,
  type NsHandle,
  NsHandler,
  UnavailableMicroserviceError,
} from "@netns/netns";
import { describeAsRoot, descriptors, scratchName } from "../../integration/support/traces.ts";
import { eventually } from "../following.ts";
import { HostileRuntime, reply } from "../hostile_runtime.ts";

const id = (digit: string): string => digit.repeat(64);
const namespaces = (): number => descriptors().filter((one) => one.includes("net:[")).length;

describeAsRoot("a container runtime that claims anything", () => {
  let api: HostileRuntime;
  let ns: NsHandle;
  let name: string;
  let child: ChildProcess;
  let pid: number;
  before(async () => {
    api = await HostileRuntime.open("unix");
    name = scratchName();
    ns = createNamedNamespace(name);
    child = ns.spawn("sleep", ["600"], { stdio: "ignore" });
    await once(child, "spawn");
    pid = child.pid ?? 0;
  });
  after(async () => {
    const ended = once(child, "exit");
    process.kill(pid, "SIGKILL");
    await ended;
    ns.close();
    deleteNamedNamespace(name);
    await api[Symbol.asyncDispose]();
  });

  const socketPath = (): string => api.endpoint.name.slice("unix://".length);
  const handlerOf = (path = socketPath()): NsHandler => new NsHandler({ docker: { socketPath: path } });

  /** A container with the label "web" and a namespace of its own, as the API has it. */
  const container = (of: string, more: object = {}, state: object = {}): Record<string, unknown> => ({
    Id: of,
    Name: `/name-${of[0]}`,
    State: { Running: true, Pid: pid, StartedAt: "2020-01-01T00:00:00Z", ...state },
    Config: { Image: "busybox", Env: ["MICROSERVICE_LABEL=web"] },
    HostConfig: { NetworkMode: "bridge" },
    NetworkSettings: { SandboxKey: `/var/run/netns/${name}` },
    ...more,
  });

  /** Why the container with the label "web" is not entered. */
  async function whyNot(said: Record<string, unknown>): Promise<string> {
    api.containers.clear();
    api.containers.set(id("a"), said);
    await using handler = handlerOf();
    await handler.handleMicroservices({});
    const { message } = assertThrows(() => handler.openNamespace(microserviceNs("web")), UnavailableMicroserviceError);
    assert(!/\p{Cc}/u.test(message), JSON.stringify(message));
    return message;
  }

  it("enters no process of a number that is none", async () => {
    const none = [-1, -(2 ** 31), 0.5, 4_194_305, 2 ** 31, 2 ** 32 + pid, 2 ** 53, 1e308, `${pid}`, null, [pid], {}];
    for (const Pid of none) assertMatch(await whyNot(container(id("a"), {}, { Pid })), /^No container .* is running/);
    assertMatch(await whyNot(container(id("a"), {}, { Pid: 0 })), /^No container .* is running/);
  });

  it("enters neither the first process, a thread of the kernel, nor this program", async () => {
    const kernels = spawnSync("pgrep", ["-x", "kthreadd"], { encoding: "utf8" }).stdout.trim();
    for (const Pid of [1, process.pid, ...kernels === "" ? [] : [Number(kernels)]]) {
      const started = spawnSync("stat", ["-c", "%y", `/proc/${Pid}`], { encoding: "utf8" }).stdout;
      const StartedAt = new Date(started).toISOString(); // what may be true of it
      const said = container(id("a"), { NetworkSettings: {} }, { Pid, StartedAt });
      assertMatch(
        await whyNot(said),
        /"web" is process \d+, which (on this machine is another|is in the .* of the host)|cannot be opened/,
      );
    }
  });

  it("has no container whose description is another's, and each once", async () => {
    const before = namespaces();
    api.containers.clear();
    api.containers.set(id("a"), container(id("b")));
    api.containers.set(id("c"), container(id("c")));
    api.script = (path, socket) => {
      if (!path.includes("/containers/json")) return "usual";
      return reply(socket, Array.from({ length: 2000 }, (_, i) => ({ Id: id(i % 2 === 0 ? "a" : "c") })));
    };
    const handler = handlerOf();
    await handler.handleMicroservices({});
    assertEquals([[...handler.getMicroserviceByID().keys()], namespaces()], [[id("c")], before + 1]);
    assertEquals(api.asked.filter((path) => path.includes(id("c"))).length, 2, "before it is opened, and after");
    await handler.close();
    api.script = () => "usual";
    assertEquals(namespaces(), before);
  });

  it("takes nothing in whose process changes between the answers", async () => {
    const before = namespaces();
    let asked = 0;
    api.containers.clear();
    api.containers.set(id("a"), container(id("a")));
    api.script = (path, socket) => {
      if (!path.includes(`/${id("a")}/json`)) return "usual";
      // The number is the same, but it is another start of the container each time.
      return reply(socket, container(id("a"), {}, { StartedAt: new Date(++asked * 1000).toISOString() }));
    };
    const handler = handlerOf();
    await handler.handleMicroservices({});
    assertEquals([handler.getMicroserviceByID().size, namespaces()], [0, before]);
    assert(asked >= 6 && asked <= 20, `${asked}`);
    await handler.close();
    api.script = () => "usual";
  });

  it("prints names and labels without their control characters", async () => {
    const wild = "w\x1b[31m\n\u202e\0b";
    const Env = [`MICROSERVICE_LABEL=${wild}`];
    api.containers.clear();
    api.containers.set(id("a"), container(id("a"), { Name: `/${wild}`, Config: { Env }, NetworkSettings: {} }));
    const handler = handlerOf();
    await handler.handleMicroservices({});
    const [refused] = [...handler.getRefusedContainers().values()];
    assertEquals(refused?.label, wild);
    assertStringIncludes(refused?.reason ?? "", "another process");
    assert(!/\p{C}/u.test(refused?.reason ?? "\0"), JSON.stringify(refused));
    await handler.close();
  });

  it("follows what runs, whatever the events say and in whatever order", async () => {
    api.containers.clear();
    const handler = handlerOf();
    const seen: ContainerEvent[] = [];
    const collected = (async () => {
      for await (const event of handler.containerEvents()) seen.push(event);
    })();
    await handler.init();
    await eventually(() => handler.containerRuntime.state === "connected");
    const tell = (Action: string, of: string): void =>
      api.tell(JSON.stringify({ Type: "container", Action, Actor: { ID: of }, time: -1 }));
    for (const action of ["die", "destroy", "start", "start", "rename", "oom", "x".repeat(5000)]) tell(action, id("a"));
    for (const other of ["../../etc", "", "a b", "%2e%2e", "9".repeat(200)]) tell("start", other);
    api.containers.set(id("a"), container(id("a")));
    for (const action of ["destroy", "start", "die", "start", "die"]) tell(action, id("a")); // it runs at the end
    await eventually(() => handler.getMicroserviceByID().has(id("a")));
    assertEquals(seen.map(({ eventType }) => eventType), ["new-ms"]);
    api.containers.delete(id("a"));
    tell("start", id("a")); // which is not true
    await eventually(() => handler.getMicroserviceByID().size === 0);
    assertEquals(api.asked.filter((path) => /etc|%|\s|9{129}/.test(path) && !/filters=/.test(path)), []);
    await handler.close();
    await collected;
    assertEquals(seen.map(({ eventType }) => eventType), ["new-ms", "term-ms"]);
  });

  it("is waited for while its socket is a FIFO, or a link to nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "netns-socket-"));
    const path = join(folder, "docker.sock");
    symlinkSync(socketPath(), path);
    api.containers.clear();
    api.containers.set(id("a"), container(id("a")));
    const handler = handlerOf(path);
    await handler.init();
    try {
      await eventually(() => handler.getMicroserviceByID().size === 1);
      const obstacles: [put: () => void, reason: RegExp][] = [
        [() => spawnSync("mkfifo", [path]), /it is not a socket/],
        [() => symlinkSync("/nonexistent", path), /there is no such socket/],
      ];
      for (const [put, reason] of obstacles) {
        renameSync(path, join(folder, "away"));
        put();
        api.cut();
        const said = (): string => JSON.stringify(handler.containerRuntime);
        await eventually(() => reason.test(said()), said);
        assertEquals(handler.getMicroserviceByID().size, 1, "what was proved stays");
        rmSync(path, { recursive: true, force: true });
        renameSync(join(folder, "away"), path);
        await eventually(() => handler.containerRuntime.state === "connected", said);
      }
    } finally {
      await handler.close();
      unlinkSync(path);
      rmSync(folder, { recursive: true });
    }
  });
});
