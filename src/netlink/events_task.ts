/** What the thread of events is given, and what it answers. */

/** What the thread is given. */
export interface EventsTask {
  /** The socket; who started the thread closes it after the thread has ended. */
  readonly fd: number;
  /** How many changes may wait for the loop. */
  readonly queue: number;
  /** What both threads know, by {@linkcode STOP}, {@linkcode WAITING} and {@linkcode LOST}. */
  readonly control: Int32Array;
  /** Counts the messages of other programs that were dropped. */
  readonly dropped: Int32Array;
}

/** Not 0: end. */
export const STOP = 0;
/** How many changes wait for the loop. */
export const WAITING = 1;
/** 1 after changes were lost, until everything is about to be read again: later changes need not be kept. */
export const LOST = 2;

/** A message of the thread. */
export type EventsMessage =
  | { readonly kind: "received"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "overrun" }
  | { readonly kind: "failed"; readonly syscall: string; readonly errno: number };
