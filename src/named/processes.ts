/** Which processes are in which namespace. See namespaces(7), proc(5). */
import { readDirectory, statusAt } from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";

/**
 * The processes by the inodes of their network namespaces, each list ascending, as `/proc` has them now. It leaves out
 * processes that this one may not inspect.
 *
 * @param onHidden Called with each process that this one may not inspect.
 * @throws {SyscallError} `/proc` cannot be read.
 */
export function processesByNamespace(onHidden: (pid: number) => void = () => {}): Map<bigint, number[]> {
  const processes = new Map<bigint, number[]>();
  const pids = readDirectory("/proc").filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
  for (const pid of pids) {
    const inode = namespaceOf(pid, onHidden);
    if (inode === undefined) continue;
    const others = processes.get(inode);
    if (others === undefined) processes.set(inode, [pid]);
    else others.push(pid);
  }
  return processes;
}

/** A process may end while its files are read, or belong to another user. */
function namespaceOf(pid: number, onHidden: (pid: number) => void): bigint | undefined {
  try {
    return statusAt(`/proc/${pid}/ns/net`).inode;
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM")) onHidden(pid);
    else if (!isErrno(error, "ENOENT", "ESRCH")) throw error;
    return undefined;
  }
}
