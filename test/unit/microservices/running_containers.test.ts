import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  containerNs,
  type MicroserviceEvent,
  microserviceNs,
  NewMicroservice,
  NsHandle,
  TerminatedMicroservice,
} from "@netns/netns";
import { ContainerRegistry } from "../../../src/microservices/running_containers.ts";
import type { Run } from "../../../src/microservices/container_run.ts";

/** A run of a container that starts in second `second`. */
const web = (id: string, pid: number, second = pid): Run => ({
  container: { id, name: `name-of-${id}`, image: "busybox", labels: {} },
  label: "web",
  pid,
  network: "own",
  startedAt: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000000Z`,
  namespace: NsHandle.current(),
});

/** The events while `act` runs. */
async function eventsOf(registry: ContainerRegistry, act: () => void): Promise<string[]> {
  const events: MicroserviceEvent[] = [];
  const iteration = registry.microserviceEvents();
  act();
  registry.clear();
  for await (const event of iteration) events.push(event);
  return events.map(({ eventType, id, pid }) => `${eventType} ${id} ${pid}`);
}

describe("ContainerRegistry", () => {
  it("names the newest of a label, and the next newest when it ends", () => {
    const registry = new ContainerRegistry();
    for (const pid of [1, 2, 3]) registry.started(web(`c${pid}`, pid));
    const current = (): number | undefined => registry.byLabel.get("web")?.pid;
    assertEquals(current(), 3);
    registry.ended("c2");
    assertEquals(current(), 3);
    registry.ended("c3");
    assertEquals(current(), 1);
    registry.ended("c1");
    registry.ended("c1");
    assertEquals([current(), registry.byId.size], [undefined, 0]);
  });

  it("goes by when they started, not by when they were seen", async () => {
    const registry = new ContainerRegistry();
    const events = await eventsOf(registry, () => {
      registry.started(web("new", 1, 20));
      registry.started(web("old", 2, 10));
      assertEquals(registry.byLabel.get("web")?.id, "new");
    });
    assertEquals(events, [`${NewMicroservice} new 1`, `${NewMicroservice} old 2`, `${NewMicroservice} new 1`]);
  });

  it("takes a restart for an end and a start", async () => {
    const registry = new ContainerRegistry();
    const events = await eventsOf(registry, () => {
      registry.started(web("a", 1));
      registry.started(web("a", 2));
      assertEquals([...registry.byId.values()], [{ label: "web", id: "a", pid: 2, network: "own" }]);
      assertEquals(registry.byLabel.get("web")?.pid, 2);
    });
    assertEquals(events, [`${NewMicroservice} a 1`, `${TerminatedMicroservice} a 1`, `${NewMicroservice} a 2`]);
  });

  it("says that another takes over", async () => {
    const registry = new ContainerRegistry();
    const events = await eventsOf(registry, () => {
      registry.started(web("a", 1));
      registry.started(web("b", 2));
      registry.ended("b");
    });
    assertEquals(events.slice(2), [`${TerminatedMicroservice} b 2`, `${NewMicroservice} a 1`]);
  });

  it("ends the events with the signal", async () => {
    const registry = new ContainerRegistry();
    const controller = new AbortController();
    const seen: string[] = [];
    const events = registry.microserviceEvents({ signal: controller.signal });
    registry.started(web("a", 1));
    for await (const { id } of events) {
      seen.push(id);
      controller.abort();
    }
    assertEquals(seen, ["a"]);
    registry.clear();
  });

  it("closes the namespace of one that ends, restarts, or is forgotten", () => {
    const registry = new ContainerRegistry();
    const runs = [web("a", 1), web("a", 2), web("b", 3)];
    runs.forEach((run) => registry.started(run));
    const open = (): boolean[] => runs.map(({ namespace }) => namespace.isOpen);
    assertEquals(open(), [false, true, true]);
    assert(registry.find(microserviceNs("web"))?.namespace === runs[2]?.namespace);
    registry.ended("b");
    assertEquals(open(), [false, true, false]);
    registry.clear();
    assertEquals(open(), [false, false, false]);
    assertEquals([registry.find(microserviceNs("web")), registry.byLabel.size], [undefined, 0]);
  });

  it("finds containers by id, the beginning of an id, and name, with or without a label", () => {
    const registry = new ContainerRegistry();
    const id = "0123456789abcdef".repeat(4);
    const other = { ...web(id, 1), label: undefined };
    registry.started(other);
    registry.started(web("b", 2));
    const found = (text: string): string | undefined => registry.find(containerNs(text))?.container.id;
    assertEquals([id, `name-of-${id}`, id.slice(0, 12), "name-of-b", "b"].map(found), [id, id, id, "b", "b"]);
    // Fewer digits may be a name that somebody mistyped.
    assertEquals([id.slice(0, 11), "web", "name-of", ""].map((text) => text === "" ? undefined : found(text)), [
      ...Array(4).fill(undefined),
    ]);
    assertEquals([registry.byId.size, registry.runs.size], [1, 2]);
    registry.started(web(`${id.slice(0, 32)}${"0".repeat(32)}`, 3));
    assertEquals(found(id.slice(0, 12)), undefined, "it could be either");
    registry.clear();
  });

  it("has a name mean another container once it is renamed, and a label the same", async () => {
    const registry = new ContainerRegistry();
    const all: string[] = [];
    const events = registry.containerEvents();
    const microservices = await eventsOf(registry, () => {
      registry.started(web("a", 1));
      registry.renamed("a", "other");
      const ids = ["name-of-a", "other"].map((name) => registry.find(containerNs(name))?.container.id);
      assertEquals([...ids, registry.find(microserviceNs("web"))?.container.name], [undefined, "a", "other"]);
    });
    for await (const { eventType, container } of events) all.push(`${eventType} ${container.name}`);
    assertEquals(microservices, [`${NewMicroservice} a 1`]);
    assertEquals(all, [
      `${NewMicroservice} name-of-a`,
      `${TerminatedMicroservice} name-of-a`,
      `${NewMicroservice} other`,
    ]);
  });

  it("knows why one is refused, until that starts or ends, and says when that changes", () => {
    const registry = new ContainerRegistry();
    let changes = 0;
    registry.onRefusals = () => changes++;
    const refused = { id: "a", name: "n", label: "web", reason: "it is another process" };
    registry.refuse(refused);
    registry.refuse(refused);
    const whys = () =>
      [microserviceNs("web"), containerNs("n"), containerNs("a"), microserviceNs("n")]
        .map((ns) => registry.whyRefused(ns));
    assertEquals(whys(), [...Array(3).fill("it is another process"), undefined]);
    assertEquals(changes, 1);
    registry.started(web("a", 1));
    assertEquals([registry.refused.size, changes], [0, 2]);
    registry.refuse(refused);
    assertEquals([registry.runs.size, registry.refused.size], [0, 1]);
    registry.ended("a");
    assertEquals([registry.refused.size, changes], [0, 4]);
  });

  it("has room for so much text and so many containers", () => {
    const registry = new ContainerRegistry();
    const large = { id: "x", name: "x", image: "x", labels: { a: "x".repeat(20 * 1024 * 1024) } };
    assert(registry.hasRoomFor(large));
    registry.started({ ...web("x", 1), container: large });
    assert(!registry.hasRoomFor({ ...large, id: "y" }));
    registry.ended("x");
    assert(registry.hasRoomFor(large));
    for (let pid = 1; pid <= 4096; pid++) registry.refuse({ id: `r${pid}`, name: "", reason: "no" });
    registry.refuse({ id: "one more", name: "", reason: "no" });
    assertEquals(registry.refused.size, 4096);
  });
});
