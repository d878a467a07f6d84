/** Which containers run, by label and by id, each with its namespace held open. */
import type { NsHandle } from "../netns/handle.ts";
import { EventQueue } from "../async/event_queue.ts";
import { type Microservice, type MicroserviceEvent, NewMicroservice, TerminatedMicroservice } from "./microservice.ts";

/** How many events may wait for a reader of them. */
const MOST_WAITING = 65_536;

/** One start of a container. */
export interface Run {
  readonly microservice: Microservice;
  /** When it started, as text that sorts by time; the runtime's words tell one run of a container from the next. */
  readonly startedAt: string;
  /** Its namespace: open as long as the run is in the registry, which closes it. */
  readonly namespace: NsHandle;
}

/**
 * The running microservices. Of several with one label the newest is the one that the label names; when it ends, the
 * next newest takes over.
 */
export class MicroserviceRegistry {
  readonly #runs = new Map<string, Run>();
  readonly #byId = new Map<string, Microservice>();
  /** The newest of each label. */
  readonly #byLabel = new Map<string, Microservice>();
  readonly #listeners = new Set<EventQueue<MicroserviceEvent>>();

  /** The running ones by container id. */
  get byId(): ReadonlyMap<string, Microservice> {
    return this.#byId;
  }

  /** The running ones by label. */
  get byLabel(): ReadonlyMap<string, Microservice> {
    return this.#byLabel;
  }

  /** What is known of a container that runs. */
  runOf(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  /** The namespace that a label names, held open; it stays the registry's. */
  namespaceOf(label: string): NsHandle | undefined {
    const newest = this.#byLabel.get(label);
    return newest === undefined ? undefined : this.#runs.get(newest.id)?.namespace;
  }

  /** Takes a container in that started, and its namespace over; one that is known has started again. */
  started(run: Run): void {
    const { microservice: { id, label } } = run;
    this.ended(id);
    this.#runs.set(id, run);
    this.#byId.set(id, run.microservice);
    const newest = this.#newestOf(label) ?? run.microservice;
    this.#byLabel.set(label, newest);
    this.#tell(run.microservice, NewMicroservice);
    // It is an old one that was seen late: who goes by the events must end up with the newest.
    if (newest !== run.microservice) this.#tell(newest, NewMicroservice);
  }

  /** Takes a container out that ended, and closes its namespace; one that is not known is none of ours. */
  ended(id: string): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    const { microservice, microservice: { label } } = run;
    this.#runs.delete(id);
    this.#byId.delete(id);
    const next = this.#byLabel.get(label) === microservice ? this.#newestOf(label) : undefined;
    if (next !== undefined) this.#byLabel.set(label, next);
    else if (this.#byLabel.get(label) === microservice) this.#byLabel.delete(label);
    run.namespace.close();
    this.#tell(microservice, TerminatedMicroservice);
    if (next !== undefined) this.#tell(next, NewMicroservice);
  }

  /** Forgets all, closes their namespaces, and ends every loop over the events. */
  clear(): void {
    for (const queue of this.#listeners) queue.end();
    this.#listeners.clear();
    for (const id of [...this.#runs.keys()]) this.ended(id);
  }

  /** What happens from the call on, until `signal` or {@linkcode MicroserviceRegistry.clear}. */
  events(signal?: AbortSignal): AsyncGenerator<MicroserviceEvent, void, undefined> {
    const queue = new EventQueue<MicroserviceEvent>({ limit: MOST_WAITING });
    this.#listeners.add(queue);
    return this.#values(queue, signal);
  }

  async *#values(queue: EventQueue<MicroserviceEvent>, signal?: AbortSignal): AsyncGenerator<MicroserviceEvent, void> {
    try {
      yield* queue.values(signal);
    } finally {
      this.#listeners.delete(queue);
    }
  }

  #newestOf(label: string): Microservice | undefined {
    let newest: Run | undefined;
    for (const run of this.#runs.values()) {
      if (run.microservice.label === label && run.startedAt >= (newest?.startedAt ?? "")) newest = run;
    }
    return newest?.microservice;
  }

  #tell(microservice: Microservice, eventType: MicroserviceEvent["eventType"]): void {
    for (const queue of this.#listeners) queue.push({ ...microservice, eventType });
  }
}
