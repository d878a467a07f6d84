/** Which processes run in which namespace. See namespaces(7), proc(5). */
import { readDirectory, statusAt, SyscallError } from "../../ffi/mod.ts";

/** The processes by the inodes of their network namespaces, as `/proc` has them now. Those of others are left out. */
export function processesByNamespace(): Map<bigint, number[]> {
  const processes = new Map<bigint, number[]>();
  for (const name of readDirectory("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const inode = namespaceOf(name);
    if (inode === undefined) continue;
    const others = processes.get(inode);
    if (others === undefined) processes.set(inode, [Number(name)]);
    else others.push(Number(name));
  }
  return processes;
}

function namespaceOf(pid: string): bigint | undefined {
  try {
    return statusAt(`/proc/${pid}/ns/net`).inode;
  } catch (error) {
    if (error instanceof SyscallError) return undefined; // it ended meanwhile, or is not for us to look at
    throw error;
  }
}

/** "process 42 runs in it", or undefined if none does. */
export function describeProcesses(pids: readonly number[] = []): string | undefined {
  const [first, ...others] = pids;
  if (first === undefined) return undefined;
  if (others.length === 0) return `process ${first} runs in it`;
  const shown = [first, ...others].slice(0, 5).join(", ");
  return `${pids.length} processes run in it (${shown}${pids.length > 5 ? ", …" : ""})`;
}
