/**
 * The one place where a thread changes its network namespace, and where it is brought back.
 *
 * `setns` changes the calling thread, which in JavaScript is the event loop, so every switch is a frame on a
 * stack of this thread (a Worker loads this module anew and so has a stack of its own). A frame returns to the
 * one below it, the lowest to the home of the thread. See setns(2), network_namespaces(7).
 */
import { unshareNet } from "../../ffi/mod.ts";
import { NamespaceLeakError, NamespaceSwitchError, reasonOf } from "../errors.ts";
import { SectionGuard } from "./guard.ts";
import type { NsHandle } from "./handle.ts";

/** Puts the calling thread into a namespace: setns(2), or what a caller's SystemAPI has in its place. */
export type SetNamespace = (ns: NsHandle) => void;

/** A namespace that switches can return to: its descriptor stays open while one needs it, also if it is closed. */
export interface Place {
  readonly handle: NsHandle;
  hold(): void;
  release(): void;
}

/** One open switch of this thread. */
export interface Frame {
  /** Where the switch went. */
  readonly target: Place;
  /** Where its end returns to. */
  readonly origin: Place;
  /** Where the lowest switch of this thread returns to. */
  readonly home: Place;
  readonly setNamespace: SetNamespace;
  /** False once the thread has left it. */
  open: boolean;
}

const frames: Frame[] = [];

/** How this thread gets to where its frames say it is, after a way back failed. */
let astray: { readonly home: Place; readonly setNamespace: SetNamespace } | undefined;

/** Where this thread should be now. */
const place = (home: Place): Place => frames.at(-1)?.target ?? home;

/**
 * No switch outlives the synchronous section in which it was made, and a thread that could not return tries again
 * before other code runs on it.
 */
const guard = new SectionGuard(() => {
  const left = namesOf(frames);
  if (frames[0] !== undefined) leave(frames[0]);
  else if (astray !== undefined) recover();
  if (left.length === 0) return;
  throw new NamespaceLeakError(
    `A synchronous section ended and ${leftOpen(left)}. Call revert() before the section ends and before any ` +
      "await, or use withNamespace(), which always returns",
  );
});

/** {@linkcode enter}, for a switch whose end is left to the caller: the guard ends it if the caller does not. */
export function enterGuarded(target: Place, home: Place, setNamespace: SetNamespace): Frame {
  const frame = enter(target, home, setNamespace);
  guard.arm();
  return frame;
}

/**
 * Switches this thread to `target`.
 *
 * @throws {SyscallError} The kernel refused; the thread is where it was.
 * @throws {NamespaceSwitchError} An earlier way back failed, and fails still.
 */
export function enter(target: Place, home: Place, setNamespace: SetNamespace): Frame {
  if (astray !== undefined) recover();
  const origin = place(home);
  setNamespace(target.handle);
  target.hold();
  origin.hold();
  const frame: Frame = { target, origin, home, setNamespace, open: true };
  frames.push(frame);
  return frame;
}

/**
 * Ends a switch, and those that were made inside it and not ended.
 *
 * @returns Where the switches inside it went that were still open.
 * @throws {NamespaceSwitchError} The kernel refused the way back. The thread is marked: the next switch, or the
 * end of the one around this, tries again.
 */
export function leave(frame: Frame): readonly string[] {
  if (!frame.open) return NONE;
  const abandoned = frames.at(-1) === frame ? NONE : frames.splice(frames.lastIndexOf(frame) + 1);
  frames.pop();
  const left = abandoned.length === 0 ? NONE : namesOf(abandoned); // while their descriptors are open
  try {
    goBack(frame.origin, frame.home, frame.setNamespace);
  } finally {
    end(frame);
    for (const inner of abandoned) end(inner);
  }
  return left;
}

const NONE: readonly never[] = [];

function end(frame: Frame): void {
  frame.open = false;
  frame.target.release();
  frame.origin.release();
}

function goBack(origin: Place, home: Place, setNamespace: SetNamespace): void {
  try {
    setNamespace(origin.handle);
    astray = undefined;
  } catch (error) {
    astray = { home, setNamespace };
    guard.arm();
    throw new NamespaceSwitchError(
      `Cannot return to ${origin.handle}: ${reasonOf(error)}; ` +
        "this thread is in the wrong namespace and refuses further switches until it is back",
      { cause: error },
    );
  }
}

/** Runs `back` after `body` was thrown, which is what the caller gets unless the way back fails too. */
function backAfter(body: unknown, back: () => void): void {
  try {
    back();
  } catch (error) {
    throw new NamespaceSwitchError(`${reasonOf(error)}; before that, the section itself failed: ${reasonOf(body)}`, {
      cause: error instanceof NamespaceSwitchError ? error.cause : error,
      body,
    });
  }
}

/**
 * Calls `fn` in `target` and returns to where the thread was, whatever happens.
 *
 * @throws What `fn` throws; the errors of {@linkcode enter} and {@linkcode leave}.
 * @throws {NamespaceSwitchError} Both `fn` and the way back failed; it carries both.
 * @throws {NamespaceLeakError} `fn` returned a promise, whose rest would run elsewhere, or left a switch open.
 */
export function within<T>(target: Place, home: Place, setNamespace: SetNamespace, fn: () => T): T {
  const frame = enter(target, home, setNamespace);
  let result: T;
  try {
    result = fn();
  } catch (body) {
    backAfter(body, () => leave(frame));
    throw body;
  }
  const abandoned = leave(frame);
  if (isThenable(result)) {
    // The caller learns of the mistake here; what the abandoned half does next is no second error of its own.
    if (result instanceof Promise) result.catch(() => undefined);
    throw new NamespaceLeakError(
      `The function that ran in ${target.handle} returned a promise: what follows an await would run in another namespace; ` +
        "return a plain value, or use runInNamespace() or createWorker() for asynchronous work",
    );
  }
  if (abandoned.length > 0) {
    throw new NamespaceLeakError(`The function that ran in ${target.handle} ${leftOpen(abandoned)}`);
  }
  return result;
}

/**
 * Calls `fn` in each of `targets`, one after the other, and returns to where the thread was once, at the end: half as
 * many switches as {@linkcode within} for each would make. `fn` must not switch.
 *
 * @throws As {@linkcode within}.
 */
export function withinEach(
  targets: readonly Place[],
  home: Place,
  setNamespace: SetNamespace,
  fn: () => void,
): void {
  const [first, ...others] = targets;
  if (first === undefined) return;
  within(first, home, setNamespace, () => {
    fn();
    for (const { handle } of others) {
      setNamespace(handle);
      fn();
    }
  });
}

/**
 * Makes a namespace, calls `use` while the thread is in it, and returns: the thread is away for `unshare`, what
 * `use` does, and `setns`.
 */
export function inNewNamespace<T>(home: Place, setNamespace: SetNamespace, use: () => T): T {
  if (astray !== undefined) recover();
  const origin = place(home);
  unshareNet();
  let result: T;
  try {
    result = use();
  } catch (body) {
    backAfter(body, () => goBack(origin, home, setNamespace));
    throw body;
  }
  goBack(origin, home, setNamespace);
  return result;
}

function namesOf(open: readonly Frame[]): readonly string[] {
  return open.map(({ target }) => String(target.handle));
}

/** What is said of switches that nobody ended. */
export function leftOpen(targets: readonly string[]): string {
  const count = targets.length === 1 ? "a switch" : `${targets.length} switches`;
  return `left ${count} open, to ${targets.join(", ")}; the thread is back`;
}

/** Brings a thread to where it should be, after a way back failed. */
function recover(): void {
  if (astray === undefined) return;
  const origin = place(astray.home);
  try {
    astray.setNamespace(origin.handle);
    astray = undefined;
  } catch (error) {
    throw new NamespaceSwitchError(
      `This thread could not return to ${origin.handle} and still cannot: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
