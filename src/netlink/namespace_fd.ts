/** Other namespaces, as requests name them: by a descriptor of this process. */
import { constants } from "node:os";
import { SyscallError } from "../errors.ts";

/** An open namespace: an NsHandle, or another holder of a descriptor. */
export interface OpenNamespace {
  /** The descriptor. */
  readonly fd: number;
}

/**
 * The descriptor of a namespace.
 *
 * @throws {SyscallError} `EBADF`: it was closed.
 */
export function descriptorOf({ fd }: OpenNamespace): number {
  if (fd >= 0) return fd;
  throw new SyscallError("send", constants.errno.EBADF, { remedy: "the handle of the namespace is closed" });
}
