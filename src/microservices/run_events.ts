/** What happens to containers, for one reader, who may be slower than they are. */
import { EventQueue } from "../async/event_queue.ts";
import { log } from "./log.ts";
import { type MicroserviceEvent, NewMicroservice, TerminatedMicroservice } from "./microservice.ts";
import type { Run } from "./container_run.ts";

/** What happened to a container; `isRenamed`: it only has another name. */
export type Happened = readonly [run: Run, eventType: MicroserviceEvent["eventType"], isRenamed: boolean];

/**
 * What happens to containers, in order. Past `limit` what waits is kept and what comes is lost, until the reader has taken
 * what waits. Then it gets the end of each container that it believes running and is not, and each that runs, as new.
 */
export class RunEvents {
  readonly #running: () => Iterable<Run>;
  /** What the reader believes running, by id. */
  readonly #believed: Map<string, Run>;
  readonly #queue: EventQueue<Happened>;

  /**
   * Begins with what runs at the call.
   *
   * @param running What runs at any time.
   */
  constructor(limit: number, running: () => Iterable<Run>) {
    this.#running = running;
    this.#believed = byId(running());
    this.#queue = new EventQueue({ limit, overrun: () => this.#everything() });
  }

  /** Puts in what happened. */
  push(...happened: Happened): void {
    this.#queue.push(happened);
  }

  /** Ends the values, once those that wait are taken. */
  end(): void {
    this.#queue.end();
  }

  /** What happens, until `signal`. */
  async *values(signal: AbortSignal): AsyncGenerator<Happened, void, undefined> {
    for await (const happened of this.#queue.values(signal)) {
      const [run, eventType] = happened;
      if (eventType === NewMicroservice) this.#believed.set(run.container.id, run);
      else this.#believed.delete(run.container.id);
      yield happened;
    }
  }

  #everything(): Happened[] {
    log().warn("Events of containers were lost, as their reader is too slow: it gets all that run");
    const runs = [...this.#running()].sort((a, b) => a.startedAt < b.startedAt ? -1 : 1); // the newest of a label last
    const now = byId(runs);
    const isOver = (run: Run): boolean => {
      const other = now.get(run.container.id);
      return other?.pid !== run.pid || other.startedAt !== run.startedAt || other.container.name !== run.container.name;
    };
    return [
      ...[...this.#believed.values()].filter(isOver).map((run): Happened => [run, TerminatedMicroservice, false]),
      ...runs.map((run): Happened => [run, NewMicroservice, false]),
    ];
  }
}

function byId(runs: Iterable<Run>): Map<string, Run> {
  return new Map([...runs].map((run) => [run.container.id, run]));
}
