/** A namespace to try things in. */
import { reasonOf } from "../errors.ts";
import type { Netlink } from "../netlink/netlink.ts";
import { NsHandle } from "../netns/handle.ts";
import { type Verdict, warning } from "./check.ts";

/** No namespace can be made. */
class NoScratchError extends Error {
  override readonly name = "NoScratchError";
}

/**
 * Calls `use` with a new namespace, which ends afterwards with all that was made in it.
 *
 * @throws {NoScratchError} No namespace can be made.
 */
export function inScratch<T>(use: (netlink: Netlink, namespace: NsHandle) => T): T {
  using namespace = create();
  using netlink = namespace.netlink();
  return use(netlink, namespace);
}

function create(): NsHandle {
  try {
    tryReturn(); // a thread that could not return must not leave
    return NsHandle.create();
  } catch (error) {
    throw new NoScratchError(reasonOf(error), { cause: error });
  }
}

/** The verdict if `error` says that no namespace can be made, otherwise undefined. */
export function notTried(error: unknown): Verdict | undefined {
  return error instanceof NoScratchError ? warning("not tried: there is no namespace to try it in") : undefined;
}

/**
 * Switches the thread to its own namespace. That needs the same privileges as a return to it.
 *
 * @throws {SyscallError} `EPERM`: the thread could not return.
 */
export function tryReturn(): void {
  using home = NsHandle.home();
  home.run(() => undefined);
}
