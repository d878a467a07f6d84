/** Waiting for what sends no event, by asking again and again. */
import { setImmediate } from "node:timers";
import { pause } from "./pause.ts";

/** How long the question is asked in every turn of the event loop before the first timer, in milliseconds. */
const IMPATIENCE = 1;

/** How long to ask, and how often. */
export interface PollOptions {
  /** The longest time between two questions, in milliseconds. */
  readonly longest: number;
  /** Ends the questions with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** After how many milliseconds nobody asks any more. @default {as long as it takes} */
  readonly timeout?: number | undefined;
}

/**
 * Asks at once, in every turn of the event loop for a millisecond, and then each time after a fourth of the time that it
 * took so far.
 *
 * @returns The first answer that is not undefined; undefined when the time is over.
 * @throws What `ask` throws; the reason of the signal.
 */
export async function poll<T>(ask: () => T | undefined, options: PollOptions): Promise<T | undefined> {
  const { longest, signal, timeout = Infinity } = options;
  let answer = ask();
  if (answer !== undefined) return answer;
  const start = performance.now();
  for (;;) {
    const elapsed = performance.now() - start;
    if (elapsed >= timeout) return undefined;
    if (elapsed < IMPATIENCE) await new Promise<void>((resolve) => void setImmediate(resolve));
    else await pause(Math.min(longest, elapsed / 4, timeout - elapsed), signal);
    signal?.throwIfAborted();
    answer = ask();
    if (answer !== undefined) return answer;
  }
}
