/** Which containers run, by label and by id. */
import { EventQueue } from "../system/event_queue.ts";
import { type Microservice, type MicroserviceEvent, NewMicroservice, TerminatedMicroservice } from "./microservice.ts";

/**
 * The running microservices. Of several with one label the newest is the one that the label names; when it ends, the
 * next newest takes over.
 */
export class MicroserviceRegistry {
  /** All that run, the oldest first. */
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

  /** Takes a container in that started; one that is known changes its PID when it starts again. */
  started(microservice: Microservice): void {
    this.ended(microservice.id);
    this.#byId.set(microservice.id, microservice);
    this.#byLabel.set(microservice.label, microservice);
    this.#tell({ ...microservice, eventType: NewMicroservice });
  }

  /** Takes a container out that ended; one that is not known is none of ours. */
  ended(id: string): void {
    const microservice = this.#byId.get(id);
    if (microservice === undefined) return;
    this.#byId.delete(id);
    this.#tell({ ...microservice, eventType: TerminatedMicroservice });
    if (this.#byLabel.get(microservice.label) !== microservice) return;
    const next = [...this.#byId.values()].findLast(({ label }) => label === microservice.label);
    if (next === undefined) this.#byLabel.delete(microservice.label);
    else {
      this.#byLabel.set(next.label, next);
      this.#tell({ ...next, eventType: NewMicroservice });
    }
  }

  /** What happens from now on, until `signal`. */
  async *events(signal?: AbortSignal): AsyncGenerator<MicroserviceEvent, void, undefined> {
    const queue = new EventQueue<MicroserviceEvent>();
    this.#listeners.add(queue);
    try {
      yield* queue.values(signal);
    } finally {
      this.#listeners.delete(queue);
    }
  }

  #tell(event: MicroserviceEvent): void {
    for (const queue of this.#listeners) queue.push(event);
  }
}
