/**
 * The one module in which a thread changes its network namespace, and returns.
 *
 * `setns` changes the calling thread, which in JavaScript is the event loop. Every switch is a frame on a stack of this
 * thread (a Worker loads this module anew and has a stack of its own). A frame returns to the one below it, the lowest
 * to the home of the thread. See setns(2), network_namespaces(7).
 */
import { fillPoolBeforeLeaving, unshareNet } from "../../ffi/mod.ts";
import { isErrno, NamespaceLeakError, NamespaceSwitchError, reasonOf, shown, SyscallError } from "../errors.ts";
import { capabilities, hasCapability, ownStatus } from "../proc/capabilities.ts";
import { type Descriptor, threadHome } from "./descriptor.ts";
import { SectionGuard } from "./guard.ts";

/** Puts the calling thread into a namespace: {@linkcode setNamespace}, or what a caller's SystemAPI has in its place. */
export type SetNamespace = (namespace: Descriptor) => void;

/** Puts the calling thread into a namespace by setns(2). */
export const setNamespace: SetNamespace = (namespace: Descriptor): void => namespace.enter();

/** One open switch of this thread. */
export interface Frame {
  /** The namespace that the thread switched to. */
  readonly target: Descriptor;
  /** The namespace that the thread returns to. */
  readonly origin: Descriptor;
  readonly set: SetNamespace;
  /** False once the thread has left the target. */
  open: boolean;
}

const frames: Frame[] = [];

/** Set after a return failed, to what the next attempt uses. */
let astray: SetNamespace | undefined;

/** The namespace in which this thread should be now. */
const expected = (): Descriptor => frames.at(-1)?.target ?? threadHome();

/**
 * No switch outlives the synchronous section in which it was made, and a thread that could not return tries again
 * before other code runs on it.
 */
const guard = new SectionGuard(() => {
  const left = namesOf(frames);
  if (frames[0] !== undefined) leave(frames[0]);
  else recover();
  if (left.length === 0) return;
  throw new NamespaceLeakError(
    `A synchronous section ended and ${leftOpen(left)}. Call revert() before the section ends and before any ` +
      "await, or use withNamespace(), which always returns",
  );
});

/** {@linkcode enter} for a switch that the caller ends: the guard ends it if the caller does not. */
export function enterGuarded(target: Descriptor, set: SetNamespace): Frame {
  prepareThreads();
  const frame = enter(target, set);
  guard.arm();
  return frame;
}

/**
 * Switches this thread to `target`.
 *
 * @throws {SyscallError} The kernel refused; the thread is where it was.
 * @throws {NamespaceSwitchError} An earlier return failed, and still fails.
 */
function enter(target: Descriptor, set: SetNamespace): Frame {
  recover();
  requireWayBack();
  const origin = expected();
  set(target);
  target.hold();
  origin.hold();
  const frame: Frame = { target, origin, set, open: true };
  frames.push(frame);
  return frame;
}

/**
 * Ends a switch, and those inside it that are still open.
 *
 * @returns The targets of those inside it, as text.
 * @throws {NamespaceSwitchError} The kernel refused the return. The thread is marked: the next switch, or the end of
 * the one around this, tries again.
 */
export function leave(frame: Frame): readonly string[] {
  if (!frame.open) return NONE;
  const abandoned = frames.at(-1) === frame ? NONE : frames.splice(frames.lastIndexOf(frame) + 1);
  frames.pop();
  const left = abandoned.length === 0 ? NONE : namesOf(abandoned); // while their descriptors are open
  try {
    goBack(frame.origin, frame.set);
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

function goBack(origin: Descriptor, set: SetNamespace): void {
  try {
    set(origin);
    astray = undefined;
  } catch (error) {
    astray = set;
    guard.arm();
    throw new NamespaceSwitchError(
      `Cannot return to ${origin}: ${reasonOf(error)}; ` +
        "this thread is in the wrong namespace and refuses further switches until it is back",
      { cause: error },
    );
  }
}

/** Runs `back` after `body` was thrown. The caller gets `body`, and both errors if `back` throws too. */
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
 * @throws {NamespaceSwitchError} Both `fn` and the return failed; it carries both errors.
 * @throws {NamespaceLeakError} `fn` returned a promise, whose rest would run elsewhere, or left a switch open.
 */
export function within<T>(target: Descriptor, set: SetNamespace, fn: () => T): T {
  const frame = enter(target, set);
  let result: T;
  try {
    result = fn();
  } catch (body) {
    backAfter(body, () => leave(frame));
    throw body;
  }
  const abandoned = leave(frame);
  if (isThenable(result)) {
    // The caller learns of the mistake here; a later rejection of the promise is no second error.
    if (result instanceof Promise) result.catch(() => undefined);
    throw new NamespaceLeakError(
      `The function that ran in ${target} returned a promise: what follows an await would run in another namespace; ` +
        "return a plain value, or use runInNamespace() or createWorker() for asynchronous work",
    );
  }
  if (abandoned.length > 0) throw new NamespaceLeakError(`The function that ran in ${target} ${leftOpen(abandoned)}`);
  return result;
}

/** {@linkcode within} for one call of the library, which is made where the thread is if that is there. */
export function inside<T>(target: Descriptor, fn: () => T): T {
  return target.isHere ? fn() : within(target, setNamespace, fn);
}

/**
 * {@linkcode within} for what a caller does there: it may have the runtime start threads, which stay where they are born.
 *
 * @throws As {@linkcode within}.
 */
export function section<T>(target: Descriptor, set: SetNamespace, fn: () => T): T {
  if (typeof fn !== "function") { // untyped code may give anything
    throw new TypeError(`Cannot use ${shown(fn)} as what runs in ${target}: expected a function`);
  }
  prepareThreads();
  return within(target, set, fn);
}

function prepareThreads(): void {
  if (frames.length === 0 && astray === undefined) fillPoolBeforeLeaving();
}

/**
 * Calls `fn` in each of `targets` in turn, and returns to where the thread was once, at the end: half as many switches
 * as {@linkcode within} for each. `fn` must not switch.
 *
 * @throws As {@linkcode within}.
 */
export function withinEach(targets: readonly Descriptor[], set: SetNamespace, fn: () => void): void {
  const [first, ...others] = targets;
  if (first === undefined) return;
  within(first, set, () => {
    fn();
    for (const target of others) {
      set(target);
      fn();
    }
  });
}

/**
 * Makes a namespace, calls `use` in it, and returns: the thread is away for `unshare`, `use` and `setns`.
 *
 * @throws What `use` throws; the errors of {@linkcode within}.
 */
export function inNewNamespace<T>(use: () => T): T {
  recover();
  requireWayBack();
  const origin = expected();
  unshareNet();
  let result: T;
  try {
    result = use();
  } catch (body) {
    backAfter(body, () => goBack(origin, setNamespace));
    throw body;
  }
  goBack(origin, setNamespace);
  return result;
}

/** True once this thread knows that it can enter its home. */
let hasWayBack = false;

/**
 * Before this thread leaves home for the first time: has it enter its home, where it is. The kernel refuses that if the
 * namespace belongs to another user namespace, and would refuse the return. See setns(2), user_namespaces(7).
 *
 * @throws {SyscallError} `EPERM`: there would be no way back.
 */
function requireWayBack(): void {
  if (hasWayBack) return;
  try {
    if (frames.length === 0) threadHome().enter();
    hasWayBack = true;
  } catch (error) {
    if (!isErrno(error, "EPERM")) throw error;
    // Without the capability nothing leaves, and the call that fails says so.
    if (!hasCapability(capabilities(ownStatus()) ?? 0n, "CAP_SYS_ADMIN")) return;
    const remedy = "this process is in a network namespace of another user namespace, and could not return to it; " +
      "give it one of its own: unshare --net, or netns rootless";
    throw new SyscallError(error.syscall, error.errno, { path: error.path, remedy, cause: error });
  }
}

function namesOf(open: readonly Frame[]): readonly string[] {
  return open.map(({ target }) => String(target));
}

/** What an error says of switches that nobody ended. */
export function leftOpen(targets: readonly string[]): string {
  const count = targets.length === 1 ? "a switch" : `${targets.length} switches`;
  return `left ${count} open, to ${targets.join(", ")}; the thread is back`;
}

/**
 * Brings a thread to where it should be, if a return failed before.
 *
 * @throws {NamespaceSwitchError} It still fails.
 */
function recover(): void {
  if (astray === undefined) return;
  const origin = expected();
  try {
    astray(origin);
    astray = undefined;
  } catch (error) {
    throw new NamespaceSwitchError(
      `This thread could not return to ${origin} and still cannot: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
