/** A namespace to try things in. */
import type { Netlink } from "../netlink/netlink.ts";
import { NsHandle } from "../netns/handle.ts";
import { reasonOf } from "../errors.ts";
import { type Verdict, warning } from "./check.ts";

/** Why there is no namespace to try things in. */
class NoScratchError extends Error {
  override readonly name = "NoScratchError";
}

/**
 * Calls `use` with a namespace that is gone afterwards, with all that was made in it.
 *
 * @throws {NoScratchError} None can be made.
 */
export function inScratch<T>(use: (netlink: Netlink, namespace: NsHandle) => T): T {
  using namespace = make();
  using netlink = namespace.netlink();
  return use(netlink, namespace);
}

function make(): NsHandle {
  try {
    tryReturn(); // a thread that cannot come back must not leave
    return NsHandle.create();
  } catch (error) {
    throw new NoScratchError(reasonOf(error), { cause: error });
  }
}

/** The verdict on what could not be tried; undefined if `error` has another reason. */
export function notTried(error: unknown): Verdict | undefined {
  return error instanceof NoScratchError ? warning("not tried: there is no namespace to try it in") : undefined;
}

/**
 * Switches the thread to the namespace in which it is, for which it needs what it would need to come back there.
 *
 * @throws {SyscallError} `EPERM`: it could not come back.
 */
export function tryReturn(): void {
  using home = NsHandle.home();
  home.run(() => undefined);
}
