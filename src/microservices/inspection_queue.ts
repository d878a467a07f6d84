/** Schedules inspections of containers: never two of one container at a time, and few at once. */
import { Semaphore } from "../async/semaphore.ts";
import type { ContainerRuntime } from "./client/client.ts";

/** How many containers are inspected at once. */
export const AT_ONCE = 16;
/** How many inspections may wait for their turn. */
const MOST_WAITING = 1024;

/** An inspection that is running or waiting. */
interface Inspection {
  /** The container changed meanwhile. */
  again: boolean;
  /** Schedules the inspection of another caller if this one ends with the signal of its own. */
  retry: (() => void) | undefined;
  readonly done: Promise<void>;
}

/** Inspects one container; throws only the reason of the signal. */
export type Inspect = (runtime: ContainerRuntime, id: string, signal: AbortSignal) => Promise<void>;

/** Runs inspections of containers. */
export class Inspections {
  readonly #inspect: Inspect;
  readonly #turns = new Semaphore(AT_ONCE);
  readonly #inspections = new Map<string, Inspection>();

  /** Inspects by calling `inspect`. */
  constructor(inspect: Inspect) {
    this.#inspect = inspect;
  }

  /**
   * Inspects a container. If an inspection of it is running, another one follows.
   *
   * @throws The reason of the signal.
   */
  run(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<void> {
    const running = this.#inspections.get(id);
    if (running === undefined) return this.#begin(runtime, id, signal).done;
    running.again = true;
    // If that inspection ends with the signal of another caller, this caller still needs one.
    return running.done.catch((error) => {
      if (signal.aborted) throw error;
      return this.run(runtime, id, signal);
    });
  }

  /**
   * Schedules an inspection and does not wait. All calls during an inspection cause one more.
   *
   * @returns False if too many wait already.
   */
  schedule(runtime: ContainerRuntime, id: string, signal: AbortSignal): boolean {
    const running = this.#inspections.get(id);
    if (running !== undefined) {
      running.again = true;
      running.retry = () => void (signal.aborted || this.schedule(runtime, id, signal));
      return true;
    }
    if (this.#inspections.size >= MOST_WAITING) return false;
    this.run(runtime, id, signal).catch(() => undefined); // the signal ended it
    return true;
  }

  /** Resolves when no inspection is running or waiting. */
  async settled(): Promise<void> {
    while (this.#inspections.size > 0) {
      await Promise.allSettled([...this.#inspections.values()].map(({ done }) => done));
    }
  }

  #begin(runtime: ContainerRuntime, id: string, signal: AbortSignal): Inspection {
    const work = Promise.resolve().then(() => this.#turns.run(() => this.#repeat(runtime, id, inspection, signal)));
    const inspection: Inspection = { again: true, retry: undefined, done: work };
    this.#inspections.set(id, inspection);
    return inspection;
  }

  async #repeat(runtime: ContainerRuntime, id: string, inspection: Inspection, signal: AbortSignal): Promise<void> {
    try {
      while (inspection.again) {
        inspection.again = false;
        signal.throwIfAborted();
        await this.#inspect(runtime, id, signal);
      }
      inspection.retry = undefined;
    } finally {
      this.#inspections.delete(id); // nothing runs between this and the last check of `again`
      inspection.retry?.();
    }
  }
}
