/** Whether the container runtime can be reached. */
import { EventQueue } from "../async/event_queue.ts";
import { interruptible } from "../async/interruptible.ts";

/** Whether the container runtime can be reached. */
export type ContainerRuntimeState =
  | {
    /** It is being connected to for the first time. */
    readonly state: "connecting";
  }
  | {
    /** Its containers are known and followed. */
    readonly state: "connected";
    /** Where it was found: `"unix:///var/run/docker.sock"`. */
    readonly endpoint: string;
    /** Why containers that run are not entered, of the first hundred. Absent if there are none. */
    readonly refused?: readonly string[];
  }
  | {
    /** It cannot be reached now; it is tried again until the handler is closed. */
    readonly state: "unavailable";
    /** Why, as text for people. */
    readonly reason: string;
    /** What was tried, each with its result. */
    readonly tried: readonly string[];
  };

/** How many states may wait for a reader of them; past that it gets the newest. */
const MOST_WAITING = 1024;

/** A state that can be read and watched. */
export class WatchedState {
  #state: ContainerRuntimeState;
  readonly #listeners = new Set<EventQueue<ContainerRuntimeState>>();

  constructor(state: ContainerRuntimeState) {
    this.#state = state;
  }

  /** The state now. */
  get value(): ContainerRuntimeState {
    return this.#state;
  }

  /** Sets the state; true if it changed. Watchers get a new one. */
  set(state: ContainerRuntimeState): boolean {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return false;
    this.#state = state;
    for (const queue of this.#listeners) queue.push(state);
    return true;
  }

  /** The state at the call, and from then on each new one, until `signal` or {@linkcode WatchedState.end}. */
  changes(signal?: AbortSignal): AsyncGenerator<ContainerRuntimeState, void, undefined> {
    const queue = new EventQueue<ContainerRuntimeState>({ limit: MOST_WAITING, overrun: "drop-oldest" });
    queue.push(this.#state);
    this.#listeners.add(queue);
    return interruptible((end) => queue.values(end), signal, () => this.#listeners.delete(queue));
  }

  /** Ends every loop over the changes. */
  end(): void {
    for (const queue of this.#listeners) queue.end();
    this.#listeners.clear();
  }
}
