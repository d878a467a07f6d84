/** Hearing that a descriptor can be read, without a thread that waits for it. */
import { constants } from "node:os";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { signalInput } from "../../ffi/mod.ts";

/** By default this signal does nothing, so one that comes late, when nothing handles it any more, does no harm. */
const SIGNAL = "SIGURG";
/** It also polls every 10 s in case a signal is lost. */
const POLL_INTERVAL = 10_000;
/** How often a thread polls that gets no signals, in milliseconds. */
const THREAD_POLL_INTERVAL = 250;

/** Who hears the signal: the process has one handler for all of them, since Node warns of more than ten. */
const listeners = new Set<() => void>();

const callAll = (): void => {
  for (const listener of listeners) listener();
};

/**
 * Calls back when one of any number of descriptors may have something to read: the kernel sends the process a signal. A
 * worker thread of Node gets no signals, so it polls four times a second. It keeps the process running.
 */
export class InputSignal implements Disposable {
  readonly #onInput: () => void;
  readonly #poll: ReturnType<typeof setInterval>;

  /** Calls `onInput` for every signal, whichever descriptor it is for. */
  constructor(onInput: () => void) {
    this.#onInput = () => onInput();
    this.#poll = setInterval(onInput, isMainThread ? POLL_INTERVAL : THREAD_POLL_INTERVAL);
    if (listeners.size === 0) process.on(SIGNAL, callAll);
    listeners.add(this.#onInput);
  }

  /** Has the kernel send the signal for this descriptor, too, until it is closed. */
  follow(fd: number): void {
    signalInput(fd, constants.signals[SIGNAL]);
  }

  /** Ends the calls. Idempotent. */
  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    if (listeners.delete(this.#onInput) && listeners.size === 0) process.off(SIGNAL, callAll);
  }
}
