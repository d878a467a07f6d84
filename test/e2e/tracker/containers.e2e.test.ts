import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { writeFileSync } from "node:fs";
import process from "node:process";
import {
  type ContainerEvent,
  containerNs,
  microserviceNs,
  NsHandle,
  NsHandler,
  UnavailableMicroserviceError,
} from "@netns/netns";
import { descriptors, mounts, scratchName, scratchNamespace, traces } from "../../integration/support/traces.ts";
import { describeServices, type Service } from "../docker.ts";
import { eventually, eventuallyEquals, following, pause } from "../following.ts";

/** What must be the same after as before; the runtimes of JavaScript open this and that for themselves. */
const left = () => ({ mounts: mounts(), names: traces()["names"], away: traces()["away"], held: namespaces() });

/** How many namespaces this process holds open. */
const namespaces = (): number => descriptors().filter((one) => one.includes("net:[")).length;

/** Where the thread is. */
function here(): bigint {
  using ns = NsHandle.current();
  return ns.inode;
}

const label = (): string => `web-${crypto.randomUUID().slice(0, 8)}`;

describeServices("containers", (open, name) => {
  let service: Service;
  let start: unknown;
  let held: number;
  before(async () => {
    scratchNamespace()[Symbol.dispose](); // the shared mount of the directory stays
    NsHandle.home().close(); // and so does the home of the thread
    start = left();
    service = await open();
    held = namespaces();
  });
  after(async () => {
    const still = namespaces();
    await service[Symbol.asyncDispose]();
    assertEquals(still, held, "namespaces that are still open");
    assertEquals(left(), start);
  });

  /** A handler that follows the service, and a container with a label of its own. */
  async function one(options: readonly string[] = [], ...command: string[]) {
    const { handler, seen, ...rest } = await following({ socketPath: service.socket });
    const web = label();
    const id = await service.run({ MICROSERVICE_LABEL: web }, options, ...command);
    const dispose = rest[Symbol.asyncDispose];
    return {
      ...{ handler, web, id },
      seen: () => seen(web),
      [Symbol.asyncDispose]: async () => {
        await service.remove(id);
        await dispose();
      },
    };
  }

  it("are found when they start, and their namespaces are switched to", async () => {
    await using it = await one();
    const { handler, web, id } = it;
    using ns = await handler.waitFor(microserviceNs(web), { signal: AbortSignal.timeout(60_000) });
    const pid = await service.pid(id);
    using real = NsHandle.fromPid(pid);
    assert(ns.equals(real));
    assertEquals(handler.withNamespace(microserviceNs(web), here), real.inode);
    assert(handler.isNamespaceAvailable({ type: 1, microservice: web }));
    assertEquals(handler.convertMicroserviceNsToPidNs(web), { type: "pid", pid });
    assertEquals(handler.getMicroserviceByLabel().get(web), { label: web, pid, id, network: "own" });
    assertEquals(handler.getMicroserviceByID().get(id), { label: web, pid, id, network: "own" });
    assertEquals(it.seen(), [`new-ms ${web} ${pid}`]);
  });

  it("that ran before are found", async () => {
    await using it = await one();
    await using later = await following({ socketPath: service.socket });
    assertEquals(later.handler.getMicroserviceByLabel().get(it.web)?.id, it.id);
  });

  it("are found by one pass without init()", async () => {
    await using it = await one();
    const handler = new NsHandler({ docker: { socketPath: service.socket } });
    await handler.handleMicroservices({});
    assertEquals(handler.getMicroserviceByLabel().get(it.web)?.id, it.id);
    handler.withNamespace(microserviceNs(it.web), () => undefined);
    await handler.close();
  });

  it("that end by themselves are gone, and so is their namespace", async () => {
    await using it = await one([], "/bin/sh", "-c", "while [ ! -e /end ]; do sleep 0.1; done");
    const { handler, web } = it;
    (await handler.waitFor(microserviceNs(web), { signal: AbortSignal.timeout(60_000) })).close();
    const pid = handler.getMicroserviceByLabel().get(web)?.pid;
    writeFileSync(`/proc/${pid}/root/end`, "");
    await eventually(() => !handler.getMicroserviceByLabel().has(web));
    assertEquals(it.seen(), [`new-ms ${web} ${pid}`, `term-ms ${web} ${pid}`]);
    assertThrows(() => handler.getOrCreateNamespace(microserviceNs(web)), UnavailableMicroserviceError, web);
    assert(!handler.isNamespaceAvailable({ type: 1, microservice: web }));
    assertEquals(handler.convertMicroserviceNsToPidNs(web), undefined);
  });

  it("that are killed are gone, whoever kills them", async () => {
    for (
      const kill of [
        (id: string) => service.cli("kill", id),
        async (id: string) => process.kill(await service.pid(id), "SIGKILL"),
      ]
    ) {
      await using it = await one();
      const { handler, web, id } = it;
      (await handler.waitFor(microserviceNs(web), { signal: AbortSignal.timeout(60_000) })).close();
      await kill(id);
      await eventually(() => !handler.getMicroserviceByLabel().has(web));
    }
  });

  it("that are paused or renamed stay", async () => {
    await using it = await one();
    const { handler, web, id } = it;
    using ns = await handler.waitFor(microserviceNs(web), { signal: AbortSignal.timeout(60_000) });
    const same = (): void => assertEquals(handler.withNamespace(microserviceNs(web), here), ns.inode);
    await service.cli("pause", id);
    await handler.handleMicroservices({});
    same();
    await using later = await following({ socketPath: service.socket });
    assert(later.handler.getMicroserviceByLabel().has(web), "a paused one is found");
    await service.cli("unpause", id);
    await service.cli("rename", id, scratchName());
    await handler.handleMicroservices({});
    same();
    assertEquals(it.seen().length, 1);
  });

  it("that are started again have another PID and another namespace", async () => {
    await using it = await one();
    const { handler, web, id } = it;
    using first = await handler.waitFor(microserviceNs(web), { signal: AbortSignal.timeout(60_000) });
    const before = await service.pid(id);
    await service.cli("restart", "-t", "0", id);
    const now = await service.pid(id);
    await eventually(() => handler.convertMicroserviceNsToPidNs(web)?.pid === now);
    using second = handler.getOrCreateNamespace(microserviceNs(web));
    assert(before !== now && !second.equals(first));
    assertEquals(it.seen(), [`new-ms ${web} ${before}`, `term-ms ${web} ${before}`, `new-ms ${web} ${now}`]);
  });

  it("with one label: the newest has it, then the next newest", async () => {
    await using it = await one();
    const { handler, web } = it;
    const others = [await service.run({ MICROSERVICE_LABEL: web }), await service.run({ MICROSERVICE_LABEL: web })];
    const has = (id?: string) =>
      eventually(
        () => handler.getMicroserviceByLabel().get(web)?.id === id,
        () => [id, handler.getMicroserviceByLabel().get(web)],
      );
    await has(others[1]);
    await using later = await following({ socketPath: service.socket });
    assertEquals(later.handler.getMicroserviceByLabel().get(web)?.id, others[1]);
    await service.remove(others[1] ?? "");
    await has(others[0]);
    await service.cli("kill", it.id);
    await eventually(() => !handler.getMicroserviceByID().has(it.id));
    await has(others[0]);
    await service.remove(others[0] ?? "");
    await has(undefined);
  });

  it("without the variable or with an empty one are none; a container label may be chosen", async () => {
    const other = label();
    await using plain = await following({ socketPath: service.socket });
    await using chosen = await following({ socketPath: service.socket, containerLabel: "org.example.service" });
    const ids = [
      await service.run({}),
      await service.run({ MICROSERVICE_LABEL: "" }),
      await service.run({}, ["--label", `org.example.service=${other}`]),
    ];
    await eventually(() => chosen.handler.getMicroserviceByLabel().has(other));
    await plain.handler.handleMicroservices({});
    assertEquals([plain.handler.getMicroserviceByID().size, chosen.handler.getMicroserviceByID().size], [0, 1]);
    await service.remove(...ids);
  });

  it("in the host's namespace, or in another container's, are said to be", async () => {
    await using it = await one();
    const { handler, web, id } = it;
    const [host, guest] = [label(), label()];
    const ids = [
      await service.run({ MICROSERVICE_LABEL: host }, ["--network", "host"]),
      await service.run({ MICROSERVICE_LABEL: guest }, ["--network", `container:${id}`]),
    ];
    await eventually(() => handler.getMicroserviceByLabel().has(host) && handler.getMicroserviceByLabel().has(guest));
    const network = (of: string) => handler.getMicroserviceByLabel().get(of)?.network;
    assertEquals([network(web), network(host), network(guest)], ["own", "host", "shared"]);
    using own = handler.getOrCreateNamespace(microserviceNs(web));
    using shared = handler.getOrCreateNamespace(microserviceNs(guest));
    using home = NsHandle.home();
    using hosts = handler.getOrCreateNamespace(microserviceNs(host));
    assert(own.equals(shared) && hosts.equals(home));
    await service.remove(...ids);
  });

  it("in a namespace that was made before are said to be, by the runtime that can", async () => {
    if (name === "Docker") return; // which joins none by its path
    using before = scratchNamespace();
    await using it = await one(["--network", `ns:/var/run/netns/${before.name}`]);
    const { handler, web } = it;
    using ns = await handler.waitFor(microserviceNs(web), { signal: AbortSignal.timeout(60_000) });
    using same = NsHandle.fromName(before.name);
    assert(ns.equals(same));
    assertEquals(handler.getMicroserviceByLabel().get(web)?.network, "prepared");
  });

  it("are opened by name and id, with a label or without, also after they are renamed", async () => {
    await using it = await one();
    const { handler } = it;
    const [first, second] = [scratchName(), scratchName()];
    const started: ContainerEvent[] = [];
    const collected = (async () => {
      for await (const event of handler.containerEvents()) {
        if ([first, second].includes(event.container.name)) started.push(event);
      }
    })();
    const id = await service.run({}, ["--name", first, "--label", "org.example=x"]);
    using ns = await handler.waitFor(containerNs(first), { signal: AbortSignal.timeout(60_000) });
    using real = NsHandle.fromPid(await service.pid(id));
    assert(ns.equals(real));
    for (const text of [first, id, id.slice(0, 12)]) {
      using handle = handler.openContainer(text);
      assert(handle.equals(real));
    }
    await service.cli("rename", id, second);
    using renamed = await handler.waitFor(containerNs(second), { signal: AbortSignal.timeout(60_000) });
    assert(renamed.equals(real));
    assertThrows(() => handler.openContainer(first), UnavailableMicroserviceError, first);
    await service.remove(id);
    await eventually(() => !handler.isNamespaceAvailable({ type: 1, microservice: second, by: "container" }));
    await handler.close();
    await collected;
    assertEquals(started.map(({ eventType, container: { name } }) => `${eventType} ${name}`), [
      ...[`new-ms ${first}`, `term-ms ${first}`, `new-ms ${second}`, `term-ms ${second}`],
    ]);
    assertEquals(started[0]?.container.labels["org.example"], "x");
    assertStringIncludes(started[0]?.container.image ?? "", "test-busybox");
  });

  it("that are removed while they are looked at leave nothing", async () => {
    await using it = await following({ socketPath: service.socket });
    const { handler } = it;
    const before = namespaces(); // with that of the configuration
    await Promise.all(Array.from({ length: 4 }, async () => {
      const id = await service.run({ MICROSERVICE_LABEL: label() });
      await service.remove(id);
    }));
    await handler.handleMicroservices({});
    await eventuallyEquals(() => handler.getMicroserviceByID().size, 0);
    await eventuallyEquals(namespaces, before); // a look may still be under way
  });

  it("go on while the service is away, and what changed meanwhile is seen when it is back", async () => {
    await using it = await one();
    const { handler, web, id } = it;
    const [ends, stays] = [label(), label()];
    const ids = [await service.run({ MICROSERVICE_LABEL: ends }), await service.run({ MICROSERVICE_LABEL: stays })];
    await eventually(() => handler.getMicroserviceByLabel().has(ends) && handler.getMicroserviceByLabel().has(stays));
    const pid = await service.pid(ids[0] ?? "");
    await service.stop();
    await eventually(() => handler.containerRuntime.state === "unavailable");
    handler.withNamespace(microserviceNs(web), () => undefined);
    process.kill(pid, "SIGKILL");
    await eventually(() => !handler.getMicroserviceByLabel().has(ends)); // without a word from the service
    await pause(1000);
    await service.start();
    await eventually(() => handler.containerRuntime.state === "connected", () => handler.containerRuntime);
    await handler.handleMicroservices({});
    assertEquals(handler.getMicroserviceByLabel().get(web)?.id, id);
    assertEquals(handler.getMicroserviceByLabel().get(stays)?.id, ids[1]);
    assertEquals(it.seen().length, 1, `${name}: its container was not touched`);
    await service.remove(...ids);
    await eventually(() => !handler.getMicroserviceByLabel().has(stays));
  });
});
