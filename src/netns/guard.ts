/** Runs a check when the synchronous section that is running now ends. */
import process from "node:process";

/**
 * A check that is due at the end of the section in which it is armed, before anything else runs. It is queued twice,
 * because the runtimes drain two queues after a section, in an order that depends on what called it: whichever comes
 * first runs the check. Only callbacks that were queued before can run before it.
 */
export class SectionGuard {
  readonly #check: () => void;
  #armed = false;

  /** Guards by calling `check`; what it throws is an uncaught error, as there is no caller left. */
  constructor(check: () => void) {
    this.#check = check;
  }

  /** Makes the check due. Several times in one section is once. */
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
