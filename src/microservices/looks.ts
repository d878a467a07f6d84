/** Schedules looks at containers: never two at one container at a time, and few at once. */
import { Semaphore } from "../async/semaphore.ts";
import type { ContainerRuntime } from "./client/client.ts";

/** How many containers are looked at at once. */
export const AT_ONCE = 16;
/** How many looks may wait for their turn. */
const MOST_WAITING = 1024;

/** A look at a container, under way or waiting. */
interface Look {
  /** Something happened to the container meanwhile. */
  again: boolean;
  /** Starts the look of a caller of `notice()` if this one ends with the signal of another caller. */
  retry: (() => void) | undefined;
  readonly done: Promise<void>;
}

/** Looks at one container; throws only the reason of the signal. */
export type LookAt = (runtime: ContainerRuntime, id: string, signal: AbortSignal) => Promise<void>;

/** Runs looks at containers. */
export class Looks {
  readonly #lookAt: LookAt;
  readonly #turns = new Semaphore(AT_ONCE);
  readonly #looks = new Map<string, Look>();

  /** Looks by calling `lookAt`. */
  constructor(lookAt: LookAt) {
    this.#lookAt = lookAt;
  }

  /**
   * Looks at a container. If a look at it is under way, another one follows.
   *
   * @throws The reason of the signal.
   */
  at(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<void> {
    const underWay = this.#looks.get(id);
    if (underWay === undefined) return this.#begin(runtime, id, signal).done;
    underWay.again = true;
    // If that look ends with the signal of another caller, this caller still needs one.
    return underWay.done.catch((error) => {
      if (signal.aborted) throw error;
      return this.at(runtime, id, signal);
    });
  }

  /**
   * Starts a look at a container and does not wait. All calls during a look cause one further look.
   *
   * @returns False if too many wait already.
   */
  notice(runtime: ContainerRuntime, id: string, signal: AbortSignal): boolean {
    const underWay = this.#looks.get(id);
    if (underWay !== undefined) {
      underWay.again = true;
      underWay.retry = () => void (signal.aborted || this.notice(runtime, id, signal));
      return true;
    }
    if (this.#looks.size >= MOST_WAITING) return false;
    this.at(runtime, id, signal).catch(() => undefined); // the signal ended it
    return true;
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    while (this.#looks.size > 0) await Promise.allSettled([...this.#looks.values()].map(({ done }) => done));
  }

  #begin(runtime: ContainerRuntime, id: string, signal: AbortSignal): Look {
    const work = Promise.resolve().then(() => this.#turns.run(() => this.#follow(runtime, id, look, signal)));
    const look: Look = { again: true, retry: undefined, done: work };
    this.#looks.set(id, look);
    return look;
  }

  async #follow(runtime: ContainerRuntime, id: string, look: Look, signal: AbortSignal): Promise<void> {
    try {
      while (look.again) {
        look.again = false;
        signal.throwIfAborted();
        await this.#lookAt(runtime, id, signal);
      }
      look.retry = undefined;
    } finally {
      this.#looks.delete(id); // in one step with the last look at `again`
      look.retry?.();
    }
  }
}
