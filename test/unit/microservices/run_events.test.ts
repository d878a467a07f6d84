import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ContainerEvent, NsHandle } from "@netns/netns";
import { ContainerRegistry } from "../../../src/microservices/running_containers.ts";
import type { Run } from "../../../src/microservices/container_run.ts";

/** A run of a container that starts in second `second`. */
const run = (id: string, second: number): Run => ({
  container: { id, name: `name-of-${id}`, image: "busybox", labels: {} },
  label: "web",
  pid: second,
  network: "own",
  startedAt: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000000Z`,
  namespace: NsHandle.current(),
});

const textOf = ({ eventType, container, pid }: ContainerEvent): string => `${eventType} ${container.id} ${pid}`;

/** The next `count` events. */
async function take(events: AsyncGenerator<ContainerEvent, void, undefined>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value } = await events.next();
    if (value !== undefined) taken.push(textOf(value));
  }
  return taken;
}

describe("events of a reader that is too slow", () => {
  it("are what waited, the end of what it believes running, and all that run, the newest last", async () => {
    const registry = new ContainerRegistry();
    registry.started(run("before", 1));
    registry.started(run("stays", 2));
    const events = registry.containerEvents({ queue: 2 });
    registry.started(run("short", 4));
    registry.started(run("again", 5));
    // From here on nothing is kept.
    registry.ended("before");
    registry.ended("short");
    registry.started(run("again", 6));
    registry.started(run("late", 3));
    registry.started(run("never seen", 7));
    registry.ended("never seen");
    assertEquals(await take(events, 8), [
      "new-ms short 4",
      "new-ms again 5",
      "term-ms before 1",
      "term-ms short 4",
      "term-ms again 5",
      "new-ms stays 2",
      "new-ms late 3",
      "new-ms again 6",
    ]);
    registry.ended("late");
    assertEquals(await take(events, 1), ["term-ms late 3"]);
    await events.return();
    registry.clear();
  });

  it("leave the same running as the registry has, however little it keeps", async () => {
    const registry = new ContainerRegistry();
    const events = registry.microserviceEvents({ queue: 1 });
    for (let i = 0; i < 100; i++) {
      registry.started(run(`c${i % 10}`, i % 60));
      if (i % 3 === 0) registry.ended(`c${(i * 7) % 10}`);
    }
    registry.started(run("last", 59));
    const running = new Map<string, number>();
    let newest = "";
    for await (const { eventType, id, pid } of events) {
      if (eventType === "new-ms") running.set(id, pid);
      else running.delete(id);
      newest = id;
      if (id === "last") break;
    }
    assertEquals([...running].sort(), [...registry.byId.values()].map(({ id, pid }) => [id, pid]).sort());
    assertEquals(newest, registry.byLabel.get("web")?.id);
    registry.clear();
  });

  it("are none for a reader that returned, or whose signal came, before it asked for the first", async () => {
    const registry = new ContainerRegistry();
    const aborter = new AbortController();
    const [returned, aborted] = [registry.microserviceEvents(), registry.microserviceEvents(aborter)];
    await returned.return();
    aborter.abort();
    registry.started(run("a", 1));
    for (const events of [returned, aborted]) assertEquals(await events.next(), { done: true, value: undefined });
    registry.clear();
  });

  it("need room for one", () => {
    const registry = new ContainerRegistry();
    for (const queue of [0, -1, 1.5]) assertThrows(() => registry.microserviceEvents({ queue }), RangeError);
  });
});
