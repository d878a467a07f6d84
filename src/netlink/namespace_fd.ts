/** Other namespaces, as requests name them: by a descriptor of this process. */
import { constants } from "node:os";
import { shown, SyscallError } from "../errors.ts";

/** An open namespace: an NsHandle, or another holder of a descriptor. */
export interface OpenNamespace {
  /** The descriptor. */
  readonly fd: number;
}

/**
 * The descriptor of a namespace.
 *
 * @throws {SyscallError} `EBADF`: it was closed.
 * @throws {TypeError} It has no descriptor.
 */
export function descriptorOf(netns: OpenNamespace): number {
  const fd: unknown = netns?.fd; // untyped code may give anything
  if (typeof fd !== "number" || !Number.isInteger(fd)) {
    throw new TypeError(`Cannot use ${shown(netns)} as a namespace: expected an open NsHandle, or { fd }`);
  }
  if (fd >= 0) return fd;
  throw new SyscallError("send", constants.errno.EBADF, { remedy: "the handle of the namespace is closed" });
}
