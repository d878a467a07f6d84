import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type MicroserviceEvent, NewMicroservice, NsHandle, TerminatedMicroservice } from "@netns/netns";
import { MicroserviceRegistry, type Run } from "../../../src/microservices/registry.ts";

/** A run of a container that starts in second `second`. */
const web = (id: string, pid: number, second = pid): Run => ({
  microservice: { label: "web", id, pid },
  startedAt: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000000Z`,
  namespace: NsHandle.current(),
});

/** The events while `act` runs. */
async function told(registry: MicroserviceRegistry, act: () => void): Promise<string[]> {
  const events: MicroserviceEvent[] = [];
  const iteration = registry.events();
  act();
  registry.clear();
  for await (const event of iteration) events.push(event);
  return events.map(({ eventType, id, pid }) => `${eventType} ${id} ${pid}`);
}

describe("MicroserviceRegistry", () => {
  it("names the newest of a label, and the next newest when it ends", () => {
    const registry = new MicroserviceRegistry();
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
    const registry = new MicroserviceRegistry();
    const events = await told(registry, () => {
      registry.started(web("new", 1, 20));
      registry.started(web("old", 2, 10));
      assertEquals(registry.byLabel.get("web")?.id, "new");
    });
    assertEquals(events, [`${NewMicroservice} new 1`, `${NewMicroservice} old 2`, `${NewMicroservice} new 1`]);
  });

  it("takes a restart for an end and a start", async () => {
    const registry = new MicroserviceRegistry();
    const events = await told(registry, () => {
      registry.started(web("a", 1));
      registry.started(web("a", 2));
      assertEquals([...registry.byId.values()], [{ label: "web", id: "a", pid: 2 }]);
      assertEquals(registry.byLabel.get("web")?.pid, 2);
    });
    assertEquals(events, [`${NewMicroservice} a 1`, `${TerminatedMicroservice} a 1`, `${NewMicroservice} a 2`]);
  });

  it("tells that another takes over", async () => {
    const registry = new MicroserviceRegistry();
    const events = await told(registry, () => {
      registry.started(web("a", 1));
      registry.started(web("b", 2));
      registry.ended("b");
    });
    assertEquals(events.slice(2), [`${TerminatedMicroservice} b 2`, `${NewMicroservice} a 1`]);
  });

  it("ends the events with the signal", async () => {
    const registry = new MicroserviceRegistry();
    const controller = new AbortController();
    const seen: string[] = [];
    const events = registry.events(controller.signal);
    registry.started(web("a", 1));
    for await (const { id } of events) {
      seen.push(id);
      controller.abort();
    }
    assertEquals(seen, ["a"]);
    registry.clear();
  });

  it("closes the namespace of one that ends, restarts, or is forgotten", () => {
    const registry = new MicroserviceRegistry();
    const runs = [web("a", 1), web("a", 2), web("b", 3)];
    runs.forEach((run) => registry.started(run));
    const open = (): boolean[] => runs.map(({ namespace }) => namespace.isOpen);
    assertEquals(open(), [false, true, true]);
    assert(registry.namespaceOf("web") === runs[2]?.namespace);
    registry.ended("b");
    assertEquals(open(), [false, true, false]);
    registry.clear();
    assertEquals(open(), [false, false, false]);
    assertEquals([registry.namespaceOf("web"), registry.byLabel.size], [undefined, 0]);
  });
});
