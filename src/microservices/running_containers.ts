/** Which containers run, by label, id and name, each with its namespace held open; and which of them are refused. */
import { fieldsOf } from "../argument_fields.ts";
import { EventQueue } from "../async/event_queue.ts";
import { interruptible } from "../async/interruptible.ts";
import { shown } from "../errors.ts";
import type { MicroserviceNamespace } from "../namespace.ts";
import type { Run } from "./container_run.ts";
import { type Happened, RunEvents } from "./run_events.ts";
import {
  type ContainerDescription,
  type ContainerEvent,
  type ContainerEventsOptions,
  type Microservice,
  type MicroserviceEvent,
  NewMicroservice,
  type RefusedContainer,
  TerminatedMicroservice,
} from "./microservice.ts";

/** How many events may wait for a reader of them. */
const MOST_WAITING = 4096;
const checkEventsOptions = fieldsOf<ContainerEventsOptions>("the options of container events", {
  signal: "signal",
  queue: true,
});
/** How many containers are kept; each holds a descriptor. */
const MOST_CONTAINERS = 4096;
/** The most text that is kept of all containers, in characters: labels may have any length. */
const MOST_TEXT = 32 * 1024 * 1024;
/** The fewest digits that stand for an id, as many as `docker ps` shows. Fewer could be a mistyped name. */
export const SHORT_ID = 12;

/**
 * The running containers. Of several containers with one label, the label names the newest; when it ends, the next newest.
 */
export class ContainerRegistry {
  readonly #runs = new Map<string, Run>();
  readonly #byName = new Map<string, Run>();
  /** The microservices by id. */
  readonly #byId = new Map<string, Microservice>();
  /** The newest of each label. */
  readonly #byLabel = new Map<string, Microservice>();
  readonly #refused = new Map<string, RefusedContainer>();
  readonly #listeners = new Set<RunEvents>();
  readonly #watchers = new Set<EventQueue<void>>();
  #text = 0;
  /** Called when a container is refused, or is refused no longer. */
  onRefusals: () => void = () => undefined;

  /** The running microservices by container id. */
  get byId(): ReadonlyMap<string, Microservice> {
    return this.#byId;
  }

  /** The running microservices by label. */
  get byLabel(): ReadonlyMap<string, Microservice> {
    return this.#byLabel;
  }

  /** Every running container by id, with or without a label. */
  get runs(): ReadonlyMap<string, Run> {
    return this.#runs;
  }

  /** The containers that run but are not entered, by id. */
  get refused(): ReadonlyMap<string, RefusedContainer> {
    return this.#refused;
  }

  /**
   * Finds a container: the newest with a label; or by its id, its name, or at least 12 digits of its id. Its namespace
   * stays the registry's.
   */
  find({ label, by }: MicroserviceNamespace): Run | undefined {
    if (by !== "container") return this.#runs.get(this.#byLabel.get(label)?.id ?? "");
    return this.#runs.get(label) ?? this.#byName.get(label) ?? this.#beginningWith(label);
  }

  /** Why a container is refused; undefined if it is not refused. */
  whyRefused({ label, by }: MicroserviceNamespace): string | undefined {
    for (const { id, name, label: own, reason } of this.#refused.values()) {
      const isMeant = by === "container" ? label === id || label === name || isShortId(label, id) : label === own;
      if (isMeant) return reason;
    }
    return undefined;
  }

  /** True if there is room for this container. */
  hasRoomFor(container: ContainerDescription): boolean {
    return this.#runs.size < MOST_CONTAINERS && this.#text + textOf(container) <= MOST_TEXT;
  }

  /** Adds a container that started, and takes its namespace over. A known one has restarted. */
  started(run: Run): void {
    const { container: { id, name }, label } = run;
    this.ended(id);
    this.#runs.set(id, run);
    if (name !== "") this.#byName.set(name, run);
    this.#text += textOf(run.container);
    this.#emit(run, NewMicroservice);
    if (label === undefined) return;
    this.#byId.set(id, { label, pid: run.pid, id, network: run.network });
    const newest = this.#newestOf(label) ?? run;
    this.#setNewest(label, newest);
    // An older container was seen late. A reader that follows the events must end with the newest.
    if (newest !== run) this.#emit(newest, NewMicroservice);
  }

  /** Removes a container that ended, and closes its namespace. An unknown one is ignored. */
  ended(id: string): void {
    this.admit(id);
    const run = this.#runs.get(id);
    if (run === undefined) return;
    const { container, label, namespace } = run;
    this.#runs.delete(id);
    this.#byId.delete(id);
    if (this.#byName.get(container.name) === run) this.#byName.delete(container.name);
    this.#text -= textOf(container);
    const next = label !== undefined && this.#byLabel.get(label)?.id === id ? this.#newestOf(label) : undefined;
    if (label !== undefined && this.#byLabel.get(label)?.id === id) this.#setNewest(label, next);
    namespace.close();
    this.#emit(run, TerminatedMicroservice);
    if (next !== undefined) this.#emit(next, NewMicroservice);
  }

  /** Changes the name of a known container. */
  renamed(id: string, name: string): void {
    const before = this.#runs.get(id);
    if (before === undefined) return;
    const run = { ...before, container: { ...before.container, name } };
    this.#runs.set(id, run);
    if (this.#byName.get(before.container.name) === before) this.#byName.delete(before.container.name);
    this.#byName.set(name, run);
    this.#text += textOf(run.container) - textOf(before.container);
    // For readers that go by labels nothing changes.
    this.#emit(before, TerminatedMicroservice, true);
    this.#emit(run, NewMicroservice, true);
  }

  /** Removes a container if it is known, and keeps why it is not entered. */
  refuse(refused: RefusedContainer): void {
    const { id } = refused;
    const before = this.#refused.get(id);
    if (before?.reason === refused.reason && before.label === refused.label && before.name === refused.name) return;
    this.ended(id);
    if (this.#refused.size >= MOST_CONTAINERS) return;
    this.#refused.set(id, refused);
    this.#refusalsChanged();
  }

  /** Forgets that a container was refused. */
  admit(id: string): void {
    if (this.#refused.delete(id)) this.#refusalsChanged();
  }

  /** Removes all containers, closes their namespaces, and ends every loop over the events. */
  clear(): void {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
    for (const queue of this.#watchers) queue.end();
    this.#watchers.clear();
    for (const id of [...this.#runs.keys(), ...this.#refused.keys()]) this.ended(id);
  }

  /** What happens to microservices from the call on, until the signal or {@linkcode ContainerRegistry.clear}. */
  microserviceEvents(options: ContainerEventsOptions = {}): AsyncGenerator<MicroserviceEvent, void, undefined> {
    return this.#listen(({ container, label, pid, network }, eventType, isRenamed) => (
      label === undefined || isRenamed ? undefined : { eventType, label, pid, id: container.id, network, container }
    ), options);
  }

  /** What happens to containers from the call on, until the signal or {@linkcode ContainerRegistry.clear}. */
  containerEvents(options: ContainerEventsOptions = {}): AsyncGenerator<ContainerEvent, void, undefined> {
    return this.#listen(({ container, pid, network }, eventType) => ({ eventType, container, pid, network }), options);
  }

  /** A value for each change of containers and refusals from the call on. */
  changes(signal?: AbortSignal): AsyncGenerator<void, void, undefined> {
    const queue = new EventQueue<void>({ limit: 1, overrun: "drop-oldest" });
    this.#watchers.add(queue);
    return interruptible((end) => queue.values(end), signal, () => this.#watchers.delete(queue));
  }

  #refusalsChanged(): void {
    for (const queue of this.#watchers) queue.push();
    this.onRefusals();
  }

  #listen<T>(
    toEvent: (...happened: Happened) => T | undefined,
    options: ContainerEventsOptions,
  ): AsyncGenerator<T, void, undefined> {
    checkEventsOptions(options);
    const { signal, queue = MOST_WAITING } = options;
    if (!Number.isInteger(queue) || queue < 1) {
      throw new RangeError(`Cannot use ${shown(queue)} as queue: expected a whole number from 1`);
    }
    const events = new RunEvents(queue, () => this.#runs.values());
    this.#listeners.add(events);
    const values = async function* (end: AbortSignal): AsyncGenerator<T, void, undefined> {
      for await (const happened of events.values(end)) {
        const event = toEvent(...happened);
        if (event !== undefined) yield event;
      }
    };
    return interruptible(values, signal, () => this.#listeners.delete(events));
  }

  #beginningWith(digits: string): Run | undefined {
    const found = [...this.#runs.values()].filter(({ container: { id } }) => isShortId(digits, id));
    return found.length === 1 ? found[0] : undefined;
  }

  #newestOf(label: string): Run | undefined {
    let newest: Run | undefined;
    for (const run of this.#runs.values()) {
      if (run.label === label && run.startedAt >= (newest?.startedAt ?? "")) newest = run;
    }
    return newest;
  }

  #setNewest(label: string, newest: Run | undefined): void {
    const microservice = newest === undefined ? undefined : this.#byId.get(newest.container.id);
    if (microservice === undefined) this.#byLabel.delete(label);
    else this.#byLabel.set(label, microservice);
  }

  #emit(run: Run, eventType: MicroserviceEvent["eventType"], isRenamed = false): void {
    for (const events of this.#listeners) events.push(run, eventType, isRenamed);
    for (const queue of this.#watchers) queue.push();
  }
}

const isShortId = (digits: string, id: string): boolean =>
  digits.length >= SHORT_ID && /^[0-9a-f]+$/.test(digits) && id.startsWith(digits);

/** The length of a container's text, in characters. */
function textOf({ name, image, labels }: ContainerDescription): number {
  let length = name.length + image.length;
  for (const [key, value] of Object.entries(labels)) length += key.length + value.length;
  return length;
}
