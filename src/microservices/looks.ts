/** Which containers are looked at: never two looks at one container, and few at once. */
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
  /** Looks for who noticed that, if this look ends with a signal that is another caller's. */
  retry: (() => void) | undefined;
  readonly done: Promise<void>;
}

/** Looks at containers of `runtime`; what it throws is the reason of the signal. */
export type LookAt = (runtime: ContainerRuntime, id: string, signal: AbortSignal) => Promise<void>;

/** Looks at containers when something happened to them. */
export class Looks {
  readonly #lookAt: LookAt;
  readonly #turns = new Semaphore(AT_ONCE);
  readonly #looks = new Map<string, Look>();

  /** Looks by calling `lookAt`. */
  constructor(lookAt: LookAt) {
    this.#lookAt = lookAt;
  }

  /**
   * Looks at a container, and once more if a look is under way.
   *
   * @throws The reason of the signal.
   */
  at(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<void> {
    const underWay = this.#looks.get(id);
    if (underWay === undefined) return this.#begin(runtime, id, signal).done;
    underWay.again = true;
    // If it ends with a signal that is another caller's, what happened has still to be looked at.
    return underWay.done.catch((error) => {
      if (signal.aborted) throw error;
      return this.at(runtime, id, signal);
    });
  }

  /**
   * Has a container looked at, and does not wait. However much happens to it meanwhile, it is one look more.
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
    this.at(runtime, id, signal).catch(() => undefined); // it ended with the signal
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
