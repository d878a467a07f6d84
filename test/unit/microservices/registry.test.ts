import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Microservice, type MicroserviceEvent, NewMicroservice, TerminatedMicroservice } from "netns";
import { MicroserviceRegistry } from "../../../src/microservices/registry.ts";

const web = (id: string, pid: number): Microservice => ({ label: "web", id, pid });

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

  it("takes a restart for an end and a start", () => {
    const registry = new MicroserviceRegistry();
    registry.started(web("a", 1));
    registry.started(web("a", 2));
    assertEquals([...registry.byId.values()], [web("a", 2)]);
    assertEquals(registry.byLabel.get("web")?.pid, 2);
  });

  it("tells what happens, also that another takes over, until the signal", async () => {
    const registry = new MicroserviceRegistry();
    const controller = new AbortController();
    const events: MicroserviceEvent[] = [];
    const done = (async () => {
      for await (const event of registry.events(controller.signal)) {
        events.push(event);
        if (events.length === 4) controller.abort();
      }
    })();
    await Promise.resolve();
    registry.started(web("a", 1));
    registry.started(web("b", 2));
    registry.ended("b");
    await done;
    assertEquals(events.map(({ id, eventType }) => [id, eventType]), [
      ["a", NewMicroservice],
      ["b", NewMicroservice],
      ["b", TerminatedMicroservice],
      ["a", NewMicroservice],
    ]);
  });
});
