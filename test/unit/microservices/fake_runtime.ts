/** A container runtime that does what a test says. */
import process from "node:process";
import type { ContainerRuntime, RuntimeEvent } from "../../../src/microservices/client/client.ts";
import type { Container } from "../../../src/microservices/client/replies.ts";
import { ContainerRegistry } from "../../../src/microservices/running_containers.ts";
import { MicroserviceTracker, type TrackerParts } from "../../../src/microservices/tracker.ts";
import { EventQueue } from "../../../src/async/event_queue.ts";

/** Of which start of a container it is said that it runs; its process is this one. */
export const running = (id: string, second = 1, change: Partial<Container> = {}): Container => ({
  id,
  name: `name-of-${id}`,
  image: "busybox",
  pid: process.pid,
  startedAt: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000000Z`,
  environment: ["MICROSERVICE_LABEL=web"],
  labels: {},
  networkMode: "none",
  sandboxKey: "",
  ...change,
});

/** A runtime in memory. */
export class FakeRuntime implements ContainerRuntime {
  readonly endpoint = "fake";
  readonly product = "Docker";
  readonly containers: Map<string, Container> = new Map();
  /** What was asked, in order. */
  readonly asked: string[] = [];
  /** What happens when something is asked: it may change the containers, or throw. */
  onAsked: (what: string) => void | Promise<void> = () => undefined;
  #events = new EventQueue<RuntimeEvent>({ limit: Infinity, overrun: "drop-oldest" });

  async subscribe(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>> {
    await this.#ask("subscribe");
    this.#events = new EventQueue({ limit: Infinity, overrun: "drop-oldest" });
    return this.#events.values(signal);
  }

  async running(): Promise<readonly string[]> {
    await this.#ask("list");
    return [...this.containers.values()].filter(({ pid }) => pid !== undefined).map(({ id }) => id);
  }

  async inspect(id: string, _signal?: AbortSignal): Promise<Container | undefined> {
    await this.#ask(`inspect ${id}`);
    return this.containers.get(id);
  }

  /** Changes a container, and sends its event; without one it is removed. */
  set(id: string, container?: Container): void {
    if (container === undefined) this.containers.delete(id);
    else this.containers.set(id, container);
    this.tell({ id, action: "start" });
  }

  /** Sends an event. */
  tell(event: RuntimeEvent): void {
    this.#events.push(event);
  }

  /** Ends the event stream. */
  cut(): void {
    this.#events.end();
  }

  async #ask(what: string): Promise<void> {
    this.asked.push(what);
    await this.onAsked(what);
  }
}

/** A tracker of a fake runtime, which looks so often for what no event said, in milliseconds. */
export function tracked(runtime: FakeRuntime, every?: number, parts: TrackerParts = {}): {
  readonly tracker: MicroserviceTracker;
  readonly registry: ContainerRegistry;
} & AsyncDisposable {
  const registry = new ContainerRegistry();
  const tracker = new MicroserviceTracker(registry, {}, {
    endpoints: () => Promise.resolve([{ name: "fake", transport: { type: "tcp", host: "fake", port: 1 } }]),
    connect: () => Promise.resolve(runtime),
    backoff: () => 1,
    prove: () => Promise.resolve({ network: "own" }),
    every,
    ...parts,
  });
  return { tracker, registry, [Symbol.asyncDispose]: () => tracker.close() };
}

/** Waits until something is so, at most half a minute. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`It did not come to be: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
