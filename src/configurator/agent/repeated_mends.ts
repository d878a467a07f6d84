/** Slows down where somebody changes the same again and again, so that two that disagree do not keep a machine busy. */
import { backoff } from "../../async/backoff.ts";
import type { Step } from "../report.ts";

/**
 * How often the same is mended at once, one time soon after the other, before the pauses begin: who tries out by hand, or in
 * a test, what the agent does comes to an end before that.
 */
const AT_ONCE = 30;
/** The pauses after that, in milliseconds. */
const PAUSE = { first: 500, longest: 30_000, chance: 0 };
/** The longest of them, in seconds. */
const LONGEST = PAUSE.longest / 1000;
/** After so long without a change, and twice its pause, what was mended again and again counts as new, in milliseconds. */
const QUIET = 10_000;

/** What was mended because of one source of changes. */
interface Mend {
  /** How many times, each soon after the one before. */
  readonly count: number;
  /** When it was done last, in milliseconds. */
  readonly at: number;
  /** What was done the first time, as a line for people. */
  readonly description: string;
}

/**
 * Wakes the agent when a source of changes, such as a namespace, reports one: at once, or after a pause if what the
 * agent does then is what it did because of that source again and again. Each such time the pause grows. The other
 * sources are answered as soon as ever, so that one fight holds up nothing else.
 */
export class RepeatedMends implements Disposable {
  readonly #wake: () => void;
  readonly #now: () => number;
  /** What was mended because of each source, by kind and item. */
  readonly #mends = new Map<string, Map<string, Mend>>();
  /** The sources of changes that no apply has seen yet. */
  #changed = new Set<string>();
  /** The sources that the apply now under way answers. */
  #answered: ReadonlySet<string> = new Set();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /**
   * Calls `wake` when it is time for an apply.
   *
   * @param now The time, in milliseconds. @default {performance.now}
   */
  constructor(wake: () => void, now: () => number = () => performance.now()) {
    this.#wake = wake;
    this.#now = now;
  }

  /** Takes a change that `source` reports. */
  changed(source: string): void {
    this.#changed.add(source);
    const rest = this.restOf(source);
    if (rest <= 0) return this.#wake();
    if (this.#timers.has(source)) return;
    this.#timers.set(source, setTimeout(() => this.#wake(), rest));
  }

  /** Begins an apply, which answers every change until now, also those whose pause is not over. */
  begin(): void {
    this.#answered = this.#changed;
    this.#changed = new Set();
    this[Symbol.dispose]();
  }

  /** Takes what an apply did that mends: its configuration is that of the apply before. */
  mended(steps: readonly Step[]): void {
    const now = this.#now();
    for (const source of this.#answered) {
      const mends = this.#mends.get(source) ?? new Map<string, Mend>();
      for (const [key, description] of new Map(steps.map((one) => [`${one.kind} ${one.item}`, one.description]))) {
        const before = mends.get(key);
        const isAgain = before !== undefined && !isQuiet(before, now);
        mends.set(key, isAgain ? { ...before, count: before.count + 1, at: now } : { count: 1, at: now, description });
      }
      if (mends.size > 0) this.#mends.set(source, mends);
    }
    for (const [source, mends] of this.#mends) {
      for (const [key, mend] of mends) if (isQuiet(mend, now)) mends.delete(key);
      if (mends.size === 0) this.#mends.delete(source);
    }
  }

  /** A line for each thing that is mended after pauses, the same for as long as that lasts. */
  warnings(): string[] {
    const now = this.#now();
    const slow = [...this.#mends.values()].flatMap((mends) => (
      [...mends].filter(([, mend]) => pauseOf(mend) > 0 && !isQuiet(mend, now))
    ));
    return [...new Map(slow).values()].map(({ description }) => ( // one thing may have several sources
      `somebody undoes "${description}" again and again: it is done after pauses that grow up to ${LONGEST} s`
    ));
  }

  /** How long a change of `source` has to wait, in milliseconds; none: 0 or less. */
  restOf(source: string): number {
    const mends = [...this.#mends.get(source)?.values() ?? []];
    return Math.max(0, ...mends.map((one) => one.at + pauseOf(one) - this.#now()));
  }

  /** Wakes no more for the changes until now. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** How long after a mend the next one waits, in milliseconds. */
const pauseOf = ({ count }: Mend): number => count < AT_ONCE ? 0 : backoff(count - AT_ONCE + 1, PAUSE);

/** True if it is so long ago that the next time is not again and again. */
const isQuiet = (mend: Mend, now: number): boolean => now - mend.at > Math.max(QUIET, 2 * pauseOf(mend));
