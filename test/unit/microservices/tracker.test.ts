import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { type ContainerRuntimeState, type MicroserviceEvent, microserviceNs, type NsHandle } from "@netns/netns";
import { interceptLibc } from "../../../ffi/mod.ts";
import { type Container, MalformedReplyError } from "../../../src/microservices/client/replies.ts";
import { FakeRuntime, running, tracked, until } from "./fake_runtime.ts";

/** Counts the namespaces that are open: those of this thread, as the tests beside this one have theirs in the same process. */
class Held implements Disposable {
  readonly #fds = new Set<unknown>();
  readonly #door = interceptLibc((name, args, proceed) => {
    const result = proceed();
    const [first] = args;
    const opensNamespace = name === "open" && first instanceof Uint8Array &&
      NAMESPACE.test(new TextDecoder().decode(first));
    if (result === -1) return result;
    if (opensNamespace || (name === "fcntl" && this.#fds.has(first))) this.#fds.add(result);
    if (name === "close") this.#fds.delete(first);
    return result;
  });

  get count(): number {
    return this.#fds.size;
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
  }
}

/** The file of a process's namespace, as libc takes its path. */
const NAMESPACE = /^\/proc\/.*\/ns\/net\0?$/;

/** No process has it: the kernel's limit. */
const NOBODY = 4_194_304;

describe("MicroserviceTracker", () => {
  it("subscribes, then lists, then looks twice, with the opening of the namespace between", async () => {
    const runtime = new FakeRuntime();
    runtime.containers.set("a", running("a"));
    using held = new Held();
    const openAt: number[] = [];
    runtime.onAsked = (what) => void (what === "inspect a" && openAt.push(held.count));
    {
      await using it = tracked(runtime);
      it.tracker.start();
      await until(() => it.tracker.state.state === "connected");
      assertEquals(runtime.asked, ["subscribe", "list", "inspect a", "inspect a"]);
      assertEquals(openAt, [0, 1]);
      assertEquals(it.registry.byLabel.get("web"), { label: "web", id: "a", pid: process.pid, network: "own" });
    }
    assertEquals(held.count, 0);
  });

  it("sees what happens while it lists", async () => {
    const runtime = new FakeRuntime();
    let first = true;
    runtime.onAsked = (what) => {
      if (what !== "list" || !first) return;
      first = false;
      queueMicrotask(() => runtime.set("late", running("late"))); // after the answer was made
    };
    await using it = tracked(runtime);
    it.tracker.start();
    await until(() => it.registry.byId.has("late"));
  });

  it("takes nothing in that changed while it was opened", async () => {
    const runtime = new FakeRuntime();
    using held = new Held();
    await using it = tracked(runtime);
    it.tracker.start();
    await until(() => it.tracker.state.state === "connected");
    let looks = 0;
    runtime.onAsked = () => {
      looks++;
      // Between the first pair of looks it is started again, between the second it is removed.
      if (looks === 2) runtime.containers.set("a", running("a", 2));
      if (looks === 4) runtime.containers.delete("a");
    };
    const events: MicroserviceEvent[] = [];
    const iteration = it.registry.microserviceEvents();
    runtime.set("a", running("a", 1));
    await until(() => looks === 5);
    await it.tracker.pass();
    assertEquals([it.registry.byId.size, held.count], [0, 0]);
    await it.tracker.close();
    for await (const event of iteration) events.push(event);
    assertEquals(events, []);
  });

  it("never opens a PID that is no process, and forgets one whose process is gone", async () => {
    const runtime = new FakeRuntime();
    await using it = tracked(runtime);
    it.tracker.start();
    await until(() => it.tracker.state.state === "connected");
    runtime.set("gone", running("gone", 1, { pid: NOBODY }));
    await it.tracker.pass();
    assertEquals(it.registry.byId.size, 0);
  });

  it("knows one that is started again by its time, also with the same PID", async () => {
    const runtime = new FakeRuntime();
    await using it = tracked(runtime);
    it.tracker.start();
    await until(() => it.tracker.state.state === "connected");
    runtime.set("a", running("a", 1));
    await until(() => it.registry.byId.has("a"));
    const namespace = (): NsHandle | undefined => it.registry.find(microserviceNs("web"))?.namespace;
    const first = namespace();
    runtime.set("a", running("a", 2));
    await until(() => namespace() !== first && namespace() !== undefined);
    assert(first?.isOpen === false);
  });

  it("goes over all again when the stream ends, and when a line of it is broken", async () => {
    const runtime = new FakeRuntime();
    await using it = tracked(runtime);
    it.tracker.start();
    await until(() => it.tracker.state.state === "connected");
    runtime.containers.set("a", running("a")); // without an event
    runtime.cut();
    await until(() => it.registry.byId.has("a") && it.tracker.state.state === "connected");
    assertEquals(runtime.asked.filter((what) => what === "subscribe").length, 2);
    runtime.containers.set("b", running("b"));
    runtime.tell({ unreadable: new MalformedReplyError("a line of events", "{", "a JSON document") });
    await until(() => it.registry.byId.has("b"));
    assertEquals(runtime.asked.filter((what) => what === "subscribe").length, 2);
  });

  it("gives up a stream of nothing but garbage, and follows it again", async () => {
    const runtime = new FakeRuntime();
    await using it = tracked(runtime);
    it.tracker.start();
    await until(() => it.tracker.state.state === "connected");
    const subscriptions = () => runtime.asked.filter((what) => what === "subscribe").length;
    for (let i = 0; i <= 1000; i++) runtime.tell({ unreadable: new Error("garbage") });
    await until(() => subscriptions() === 2 && it.tracker.state.state === "connected");
    for (let i = 0; i <= 1000; i++) {
      runtime.tell(i === 500 ? { id: "a", action: "start" } : { unreadable: new Error("garbage") });
    }
    runtime.set("a", running("a"));
    await until(() => it.registry.byId.has("a"));
    assertEquals(subscriptions(), 2, "garbage that is not all of it is passed over");
  });

  it("finds what no event said, and asks no more than it must for that", async () => {
    const runtime = new FakeRuntime();
    await using it = tracked(runtime, 1);
    it.tracker.start();
    await until(() => it.tracker.state.state === "connected");
    runtime.containers.set("other", running("other", 1, { environment: [] }));
    runtime.containers.set("a", running("a"));
    await until(() => it.registry.byId.has("a"));
    const inspections = (): number => runtime.asked.filter((what) => what.startsWith("inspect")).length;
    const lists = (): number => runtime.asked.length - inspections();
    const [before, until10] = [inspections(), lists() + 10];
    await until(() => lists() > until10);
    assertEquals([before, inspections()], [4, 4]);
    runtime.onAsked = (what) => { // one that fails is not the last
      runtime.onAsked = () => undefined;
      if (what === "list") throw new Error("(HTTP code 500) server error");
    };
    runtime.containers.delete("a");
    await until(() => !it.registry.byId.has("a"));
    assertEquals(it.tracker.state.state, "connected");
  });

  it("goes on after a reply that is malformed, and after an error that does not last", async () => {
    const runtime = new FakeRuntime();
    await using it = tracked(runtime);
    it.tracker.start();
    await until(() => it.tracker.state.state === "connected");
    let errors = 0;
    runtime.onAsked = (what) => {
      if (what === "inspect bad") throw new MalformedReplyError("a description of a container", {}, "Id");
      if (what === "inspect slow" && errors++ < 2) throw new Error("(HTTP code 500) server error");
    };
    runtime.set("bad", running("bad"));
    runtime.set("slow", running("slow"));
    await until(() => it.registry.byId.has("slow"));
    assertEquals([it.registry.byId.size, it.tracker.state.state, errors], [1, "connected", 4]);
  });

  it("says why it is unavailable, and connects when the runtime appears", async () => {
    const runtime = new FakeRuntime();
    let refuse = true;
    runtime.onAsked = () => {
      if (refuse) throw new Error("connect ECONNREFUSED");
    };
    await using it = tracked(runtime);
    const states: ContainerRuntimeState[] = [];
    const watching = (async () => {
      for await (const state of it.tracker.states()) states.push(state);
    })();
    it.tracker.start();
    await until(() => runtime.asked.length > 3);
    refuse = false;
    await until(() => it.tracker.state.state === "connected");
    await it.tracker.close();
    await watching;
    const reason = "no container runtime can be reached (fake: connect ECONNREFUSED)";
    assertEquals(states.map(({ state }) => state), [
      "unavailable",
      "connecting",
      "unavailable",
      "connected",
      "unavailable",
    ]);
    assertEquals(states[2], { state: "unavailable", reason, tried: ["fake: connect ECONNREFUSED"] });
  });

  it("passes over all without following them, and ends with the signal", async () => {
    const runtime = new FakeRuntime();
    runtime.containers.set("a", running("a"));
    await using it = tracked(runtime);
    await it.tracker.pass();
    assertEquals([it.registry.byId.size, runtime.asked.includes("subscribe")], [1, false]);
    runtime.onAsked = () => Promise.reject(new Error("away"));
    await it.tracker.pass();
    assert(it.tracker.state.state === "unavailable" && it.tracker.state.tried.length === 1);
    await assertRejects(() => it.tracker.pass(AbortSignal.abort(new RangeError("enough"))), RangeError, "enough");
  });

  it("has as many listen to its signals as there are containers: that is no leak", async () => {
    class Listening extends FakeRuntime {
      override inspect(id: string, signal?: AbortSignal): Promise<Container | undefined> {
        signal?.addEventListener("abort", () => undefined);
        return super.inspect(id);
      }
    }
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    try {
      const runtime = new Listening();
      for (let i = 0; i < 20; i++) runtime.containers.set(`c${i}`, running(`c${i}`));
      await using it = tracked(runtime);
      await it.tracker.pass();
      it.tracker.start();
      await until(() => it.tracker.state.state === "connected" && it.registry.byId.size === 20);
      await new Promise((resolve) => setTimeout(resolve)); // a warning comes a little later
      assertEquals(warnings, []);
    } finally {
      process.off("warning", onWarning);
    }
  });

  it("can be closed at any moment, and started again", async () => {
    const runtime = new FakeRuntime();
    runtime.containers.set("a", running("a"));
    using held = new Held();
    const { tracker, registry } = tracked(runtime);
    for (let ticks = 0; ticks < 40; ticks++) {
      tracker.start();
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      await tracker.close();
      assertEquals([registry.byId.size, held.count], [0, 0], `closed after ${ticks} ticks`);
    }
    await tracker.close();
  });
});
