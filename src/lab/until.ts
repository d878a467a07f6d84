/** Waiting for what a test expects. */
import { shown } from "../errors.ts";
import { fieldsOf } from "../argument_fields.ts";
import { Limit, orAborted } from "../async/limit.ts";
import { pause } from "../async/pause.ts";

/** How long to wait. */
export interface UntilOptions {
  /** In milliseconds. A question that is open then has a second more. @default {10000} */
  readonly within?: number | undefined;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
}

const WITHIN = 10_000;
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 50;
/** How long a question may be open at the end, in milliseconds: with no time at all it is asked once, too. */
const GRACE = 1000;

/** Checks what untyped code may give. */
export const checkUntilOptions: (options: UntilOptions) => void = fieldsOf<UntilOptions>("the options of until", {
  within: true,
  signal: "signal",
});

/**
 * Asks again and again until the answer is true, or is a value.
 *
 * @param ask What may throw as long as it is not yet so.
 * @returns The first answer that is not false, null or undefined.
 * @throws {TypeError} `ask` is no function, or an option is none. {@linkcode RangeError}: `within` is no time.
 * @throws {Error} It was not so in time; its `cause` is what `ask` threw last. The reason of the signal.
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  if (typeof ask !== "function") throw new TypeError(`Cannot use ${shown(ask)} as a question: expected a function`);
  checkUntilOptions(options);
  const { within = WITHIN, signal } = options;
  if (!(typeof within === "number" && within >= 0)) { // NaN would never be over
    throw new RangeError(`Cannot use ${shown(within)} as within: expected milliseconds, 0 or more`);
  }
  const end = performance.now() + within;
  const late = (failure?: { readonly cause: unknown }): Error =>
    new Error(`It did not come to be within ${within} ms: ${ask}`, failure);
  using limit = new Limit(signal, within + GRACE, () => late({ cause: new Error("It did not answer") }));
  for (let wait = FIRST_PAUSE;; wait = Math.min(LONGEST_PAUSE, wait * 2)) {
    signal?.throwIfAborted();
    let failure: { readonly cause: unknown } | undefined;
    try {
      const answer = await orAborted(Promise.resolve(ask()), limit.signal);
      if (isAnswer(answer)) return answer;
    } catch (cause) {
      limit.signal?.throwIfAborted();
      failure = { cause };
    }
    if (performance.now() >= end) throw late(failure);
    await pause(wait, signal);
  }
}

function isAnswer<T>(answer: T): answer is Exclude<T, false | null | undefined> {
  return answer !== false && answer !== null && answer !== undefined;
}
