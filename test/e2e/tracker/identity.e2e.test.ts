/** A process id that an API gives is a claim: which namespaces are entered, and what is said of the others. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import {
  type ContainerEvent,
  containerNs,
  createNamedNamespace,
  deleteNamedNamespace,
  type MicroserviceEvent,
  microserviceNs,
  NsHandle,
  NsHandler,
  parseNamespace,
  UnavailableMicroserviceError,
} from "@netns/netns";
import { describeAsRoot, scratchName, traces } from "../../integration/support/traces.ts";
import { eventually } from "../following.ts";
import { HostileRuntime } from "../hostile_runtime.ts";

const id = (digit: string): string => digit.repeat(64);

/** A process that does nothing. */
interface Sleeper extends AsyncDisposable {
  readonly pid: number;
  /** When it started, as a runtime gives it. */
  readonly startedAt: string;
}

async function sleeper(ns?: NsHandle): Promise<Sleeper> {
  const child: ChildProcess = ns === undefined ? spawn("sleep", ["600"]) : ns.spawn("sleep", ["600"]);
  await once(child, "spawn");
  return {
    pid: child.pid ?? 0,
    startedAt: new Date().toISOString(),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      process.kill(child.pid ?? 0, "SIGKILL");
      await ended;
    },
  };
}

/** What the API says of a container. */
interface Said {
  readonly pid: number;
  readonly startedAt?: string;
  readonly network?: string;
  readonly sandbox?: string;
  readonly label?: string;
  readonly name?: string;
}

const LONG_AGO = "2020-01-01T00:00:00Z";

function inspected(containerId: string, said: Said): Record<string, unknown> {
  const { pid, startedAt = LONG_AGO, network = "bridge", sandbox = "", label, name = `name-${containerId[0]}` } = said;
  return {
    Id: containerId,
    Name: `/${name}`,
    State: { Running: true, Pid: pid, StartedAt: startedAt },
    Config: { Image: "busybox", Env: label === undefined ? [] : [`MICROSERVICE_LABEL=${label}`], Labels: { a: "b" } },
    HostConfig: { NetworkMode: network },
    NetworkSettings: { SandboxKey: sandbox },
  };
}

const ELSEWHERE = "is the daemon remote, or in another PID namespace (run with --pid=host)?";

describeAsRoot("the namespace of a container", () => {
  let api: HostileRuntime;
  let ns: NsHandle;
  let other: NsHandle;
  let own: Sleeper;
  let hosts: Sleeper;
  let names: string[];
  let start: unknown;
  before(async () => {
    NsHandle.home().close();
    start = traces()["names"];
    api = await HostileRuntime.open("unix");
    names = [scratchName(), scratchName()];
    [ns, other] = names.map((name) => createNamedNamespace(name)) as [NsHandle, NsHandle];
    [own, hosts] = [await sleeper(ns), await sleeper()];
  });
  after(async () => {
    await own[Symbol.asyncDispose]();
    await hosts[Symbol.asyncDispose]();
    for (const handle of [ns, other]) handle.close();
    for (const name of names) deleteNamedNamespace(name);
    await api[Symbol.asyncDispose]();
    assertEquals(traces()["names"], start);
  });

  const fileOf = (at: number): string => `/var/run/netns/${names[at]}`;
  const socketPath = (): string => api.endpoint.name.slice("unix://".length);

  /** A handler that asked once, of these containers. */
  async function asked(containers: Readonly<Record<string, Said>>): Promise<NsHandler & AsyncDisposable> {
    api.containers.clear();
    for (const [digit, said] of Object.entries(containers)) api.containers.set(id(digit), inspected(id(digit), said));
    const handler = new NsHandler({ docker: { socketPath: socketPath() } });
    await handler.handleMicroservices({});
    return handler;
  }

  /** The namespace of the container with the label "web", and what it is said to be; or why it is not entered. */
  async function web(said: Said, others: Readonly<Record<string, Said>> = {}): Promise<string> {
    await using handler = await asked({ a: { label: "web", ...said }, ...others });
    try {
      using handle = handler.openNamespace(microserviceNs("web"));
      const network = handler.getMicroserviceByLabel().get("web")?.network;
      return `${network} ${handle.equals(ns) ? "its own" : handle.equals(other) ? "another" : "host"}`;
    } catch (error) {
      assert(error instanceof UnavailableMicroserviceError, String(error));
      assertEquals(handler.isNamespaceAvailable({ type: 1, microservice: "web" }), false);
      return error.message;
    }
  }

  const another = (pid: number): string =>
    'The namespace of the container with the microservice label "web" is not entered: ' +
    `Docker says that "web" is process ${pid}, which on this machine is another process: ${ELSEWHERE}`;

  it("is entered if it is the one at the sandbox path", async () => {
    assertEquals(await web({ pid: own.pid, sandbox: fileOf(0) }), "own its own");
  });

  it("is entered if the process started when the container did, to the second", async () => {
    assertEquals(await web({ pid: own.pid, startedAt: own.startedAt }), "own its own");
    const at = (seconds: number): string => new Date(Date.parse(own.startedAt) + seconds * 1000).toISOString();
    for (const seconds of [-3, 3]) assertEquals(await web({ pid: own.pid, startedAt: at(seconds) }), another(own.pid));
  });

  it("is entered if the id of the container is in the cgroup of the process, and not if another's is", async () => {
    for (const component of [id("a"), `docker-${id("a")}.scope`, `libpod-${id("a")}`, `${id("a")}.scope`]) {
      using cgroup = inCgroup(own.pid, component);
      assert(cgroup.path.endsWith(component));
      assertEquals(await web({ pid: own.pid }), "own its own", component);
    }
    for (const component of [id("b"), `docker-${id("b")}.scope`]) {
      using _ = inCgroup(own.pid, component);
      assertEquals(await web({ pid: own.pid, startedAt: own.startedAt, sandbox: fileOf(0) }), another(own.pid));
    }
    for (const component of [`${id("a")}x`, id("a").slice(1), `x${id("a")}`]) {
      using _ = inCgroup(own.pid, component);
      assertEquals(await web({ pid: own.pid }), another(own.pid), component);
    }
  });

  it("is refused if nothing proves it, or the sandbox path is another namespace", async () => {
    assertEquals(await web({ pid: own.pid }), another(own.pid));
    assertEquals(await web({ pid: own.pid, startedAt: own.startedAt, sandbox: fileOf(1) }), another(own.pid));
    for (const startedAt of ["", "yesterday", "0001-01-01T00:00:00Z"]) {
      assertEquals(await web({ pid: own.pid, startedAt }), another(own.pid));
    }
  });

  it("is not proved by a path that follows the process, nor by one that is no namespace", async () => {
    const paths = [`/proc/${own.pid}/ns/net`, `//proc/${own.pid}/ns/net`, `/run/../proc/${own.pid}/ns/net`];
    paths.push(`/proc/${own.pid}/root${fileOf(0)}`, "/etc/passwd", "/nonexistent", "relative", "/run", "/dev/zero");
    for (const sandbox of paths) {
      assertEquals(await web({ pid: own.pid, sandbox }), another(own.pid), sandbox);
      assertEquals(await web({ pid: own.pid, sandbox, startedAt: own.startedAt }), "own its own", sandbox);
    }
  });

  it("is refused if there is no such process, with the same question", async () => {
    const pid = 4_194_304;
    const message = await web({ pid });
    assertStringIncludes(message, `Docker says that "web" is process ${pid}, which does not exist on this machine:`);
    assertStringIncludes(message, ELSEWHERE);
  });

  it("is the host's only for a container that has the host's network", async () => {
    const { pid, startedAt } = hosts;
    for (const network of ["bridge", "none", "", "slirp4netns", `ns:/proc/${pid}/ns/net`, `ns:${fileOf(0)}`]) {
      const message = await web({ pid, startedAt, network });
      assertStringIncludes(
        message,
        `is process ${pid}, which is in the network namespace of the host, with "${network}"`,
      );
    }
    assertEquals(await web({ pid, startedAt, network: "host" }), "host host");
    assertEquals(await web({ pid, network: "host" }), another(pid));
    assertMatch(await web({ pid: process.pid, startedAt, network: "bridge" }), /not entered/);
  });

  it("is the host's by others that lead there, of which that is proved", async () => {
    const { pid, startedAt } = hosts;
    const by = (digit: string, more: Partial<Said> = {}): Said => ({
      pid,
      startedAt,
      network: `container:${digit.length === 1 ? id(digit) : digit}`,
      ...more,
    });
    const host = by("", { network: "host" });
    const refused = /which is in the network namespace of the host, with "container:/;
    assertEquals(await web(by("b"), { b: host }), "shared host");
    assertEquals(await web(by("b"), { b: by("c"), c: host }), "shared host");
    assertEquals(await web(by("infra"), { b: { ...host, name: "infra" } }), "shared host");
    assertMatch(await web(by("b"), { b: { ...host, startedAt: LONG_AGO } }), refused, "it is not proved");
    assertMatch(await web(by("b"), { b: by("c") }), refused, "an open end");
    assertMatch(await web(by("a")), refused, "a ring");
    assertMatch(await web(by("b"), { b: by("c"), c: by("b") }), refused, "a ring that it is not in");
    assertMatch(await web(by("b"), { b: { ...host, network: "bridge" } }), refused);
    assertMatch(await web(by("b"), { b: { ...host, pid: own.pid, startedAt: own.startedAt } }), refused);
    assertEquals(await web({ ...own, network: `container:${id("b")}` }), "shared its own", "of no concern there");
  });

  it("is one that was made before, by its path", async () => {
    assertEquals(await web({ ...own, network: `ns:${fileOf(0)}` }), "prepared its own");
    assertEquals(await web({ ...own, network: "ns:/nonexistent" }), "prepared its own");
  });

  it("is opened by name and id, with a label or without, and each of several with one label", async () => {
    await using handler = await asked({
      a: { ...own, label: "web", name: "one" },
      b: { ...own, label: "web", name: "two", startedAt: new Date(Date.parse(own.startedAt) + 500).toISOString() },
      c: { ...own, name: "unlabelled" },
      d: { pid: own.pid, name: "foreign" },
    });
    assertEquals(handler.getMicroserviceByLabel().get("web")?.id, id("b"));
    for (const text of [id("a"), id("b"), id("c"), id("a").slice(0, 12), "one", "two", "unlabelled"]) {
      using handle = handler.openContainer(text);
      assert(handle.equals(ns));
      using same = handler.openNamespace(parseNamespace(`CONTAINER:${text}`));
      assert(same.equals(ns));
      assertEquals(handler.withNamespace(containerNs(text), () => NsHandle.current()[Symbol.dispose]()), undefined);
    }
    assert(handler.isNamespaceAvailable({ type: 1, microservice: "unlabelled", by: "container" }));
    assertEquals(handler.getMicroserviceByID().size, 2);
    for (const text of ["web", "unlab", id("a").slice(0, 11), "e"]) {
      const error = assertThrows(() => handler.openContainer(text), UnavailableMicroserviceError);
      assertStringIncludes(error.message, `No container of the name or id "${text}" is running`);
    }
    const foreign = assertThrows(() => handler.openContainer("foreign"), UnavailableMicroserviceError);
    assertStringIncludes(
      foreign.message,
      'The namespace of the container of the name or id "foreign" is not entered: ',
    );
    assertThrows(() => handler.openContainer(""), TypeError);
  });

  it("has its container in the events, and in the state why it is refused", async () => {
    api.containers.clear();
    const handler = new NsHandler({ docker: { socketPath: socketPath() }, configNamespace: scratchName() });
    const microservices: MicroserviceEvent[] = [];
    const containers: ContainerEvent[] = [];
    const collected = Promise.all([
      (async () => {
        for await (const event of handler.microserviceEvents()) microservices.push(event);
      })(),
      (async () => {
        for await (const event of handler.containerEvents()) containers.push(event);
      })(),
    ]);
    await handler.init();
    try {
      await eventually(() => handler.containerRuntime.state === "connected");
      assert(!("refused" in handler.containerRuntime));
      const set = (digit: string, said: Said): void => {
        api.containers.set(id(digit), inspected(id(digit), said));
        api.changed(id(digit));
      };
      set("a", { ...own, label: "web" });
      set("b", { ...own });
      await eventually(() => containers.length === 2);
      set("b", { ...own, name: "renamed" });
      await eventually(() => containers.length === 4);
      set("c", { pid: own.pid, label: "db" });
      await eventually(() => handler.getRefusedContainers().size === 1);
      const reason =
        `Docker says that "db" is process ${own.pid}, which on this machine is another process: ${ELSEWHERE}`;
      assertEquals(handler.containerRuntime, {
        state: "connected",
        endpoint: api.endpoint.name,
        refused: [reason],
      });
      assertEquals([...handler.getRefusedContainers().values()], [{
        id: id("c"),
        name: "name-c",
        label: "db",
        reason,
      }]);
      let said = "";
      await handler.waitFor(microserviceNs("db")).catch((error) => said = String(error));
      assertStringIncludes(said, reason);
      set("c", { ...own, label: "db" });
      await eventually(() => handler.getRefusedContainers().size === 0);
      (await handler.waitFor(microserviceNs("db"))).close();
      assertEquals([handler.getRefusedContainers().size, "refused" in handler.containerRuntime], [0, false]);
      const container = { id: id("a"), name: "name-a", image: "busybox", labels: { a: "b" } };
      assertEquals(microservices[0], {
        ...{ eventType: "new-ms", label: "web", pid: own.pid, id: id("a"), network: "own" },
        container,
      });
      assertEquals(microservices.map(({ label }) => label), ["web", "db"]);
      assertEquals(containers[0], { eventType: "new-ms", container, pid: own.pid, network: "own" });
      assertEquals(containers.map(({ eventType, container: { name } }) => `${eventType} ${name}`), [
        ...["new-ms name-a", "new-ms name-b", "term-ms name-b", "new-ms renamed", "new-ms name-c"],
      ]);
    } finally {
      await handler.close();
      await collected;
    }
  });
});

/** Puts a process into a new cgroup below the one of this process, which both leave again. */
function inCgroup(pid: number, component: string): { readonly path: string } & Disposable {
  const roots = ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`)];
  const root = roots.find((path) => {
    try {
      return statSync(`${path}/cgroup.procs`).isFile() && !path.includes("cpuset");
    } catch {
      return false;
    }
  });
  if (root === undefined) throw new Error("no cgroup hierarchy is mounted");
  const path = `${root}/${component}`;
  mkdirSync(path);
  writeFileSync(`${path}/cgroup.procs`, `${pid}`);
  return {
    path,
    [Symbol.dispose]: () => {
      writeFileSync(`${root}/cgroup.procs`, `${pid}`);
      rmdirSync(path);
    },
  };
}
