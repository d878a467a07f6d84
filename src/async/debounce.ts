/** Answers wake-ups that come together once. */
import { EventQueue } from "./event_queue.ts";
import { pause } from "./pause.ts";

/**
 * Wake-ups that anybody asks for and one `for await` loop answers: at once when nothing is under way, and otherwise
 * after the loop has done its work and rested. All that are asked for meanwhile are answered together.
 */
export class Debounce {
  readonly #rest: (took: number) => number;
  readonly #queue = new EventQueue<void>({ limit: 1, overrun: "drop-oldest" });

  /** `rest` gives how long the loop rests after its work, from how long that took; both in milliseconds. */
  constructor(rest: (took: number) => number) {
    this.#rest = rest;
  }

  /** Asks for a wake-up. */
  readonly wake = (): void => this.#queue.push();

  /** Ends the loop after a wake-up that is due; with a reason, it then throws that. */
  end(...reason: [unknown?]): void {
    this.#queue.end(...reason);
  }

  /**
   * The wake-ups.
   *
   * @param signal Ends the loop at once, without an error.
   * @throws The reason of {@linkcode Debounce.end}.
   */
  async *wakeUps(signal?: AbortSignal): AsyncGenerator<void, void, undefined> {
    for await (const _ of this.#queue.values(signal)) {
      const begin = performance.now();
      yield;
      await pause(this.#rest(performance.now() - begin), signal);
    }
  }
}
