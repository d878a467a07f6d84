/** Runs a check at the end of the current synchronous section. */
import process from "node:process";

/**
 * A check at the end of the section in which it is armed, before other code runs. It is queued twice, because the
 * runtimes drain two queues after a section, in an order that depends on the caller: the first one runs the check. Only
 * callbacks that were queued before can run before it.
 */
export class SectionGuard {
  readonly #check: () => void;
  #armed = false;

  /** `check` has no caller left: what it throws is an uncaught error. */
  constructor(check: () => void) {
    this.#check = check;
  }

  /** Runs the check at the end of this section, once however often it is armed. */
  arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    queueMicrotask(this.#run);
    process.nextTick(this.#run);
  }

  readonly #run = (): void => {
    this.#armed = false;
    this.#check();
  };
}
