/** Identifies a namespace: its numbers, its names, its processes. */
import { InvalidNamespaceError } from "../errors.ts";
import {
  AF_INET,
  close,
  getsockopt,
  makedev,
  SO_NETNS_COOKIE,
  SOCK_DGRAM,
  socket,
  SOL_SOCKET,
  statusOf,
} from "../../ffi/mod.ts";
import { NsHandle } from "../netns/handle.ts";
import { inspectNamedNamespaces } from "./list.ts";
import { checkNamedOptions, type NamedOptions } from "./options.ts";
import { processesByNamespace } from "./processes.ts";

/** The numbers of a namespace, its names and its processes. */
export interface NamespaceIdentity {
  /** The number of its inode on nsfs, as `lsns` shows it. */
  readonly inode: bigint;
  /** The device of nsfs, as `st_dev` has it. */
  readonly dev: bigint;
  /** The kernel's number for it (SO_NETNS_COOKIE), which no other namespace gets until the next boot. */
  readonly cookie: bigint;
  /** Its names, sorted, as `ip netns identify` finds them. */
  readonly names: string[];
  /** The processes in it that this one may inspect, in ascending order, as `ip netns pids` lists them. */
  readonly pids: number[];
}

/**
 * Identifies the network namespace of a process or a handle: `ip netns identify` and `ip netns pids` in one. It leaves
 * out processes that this one may not inspect. Needs CAP_SYS_ADMIN for the cookie. See ip-netns(8),
 * network_namespaces(7), socket(7).
 *
 * @param of A process id (0 is the default namespace), or an open handle.
 * @throws {InvalidNamespaceError} It is no process id.
 * @throws {SyscallError} `ENOENT`: there is no such process. `EACCES`: this one may not inspect it.
 */
export function identifyNamespace(of: number | NsHandle, options: NamedOptions = {}): NamespaceIdentity {
  if (typeof of === "number") {
    using handle = NsHandle.fromPid(of);
    return identifyNamespace(handle, options);
  }
  if (typeof of?.run !== "function") { // untyped code may give anything
    throw new InvalidNamespaceError(of, "a namespace to identify", "a process id or an open NsHandle");
  }
  checkNamedOptions(options);
  const { inode, device } = statusOf(of.fd);
  return {
    inode,
    dev: makedev(device),
    cookie: of.run(namespaceCookie),
    names: namesOf(of, options),
    pids: pidsOf(of),
  };
}

/** The names of an open namespace, sorted. Needs no capability. */
export function namesOf(handle: NsHandle, options: NamedOptions = {}): string[] {
  return inspectNamedNamespaces(options).filter(({ inode }) => inode === handle.inode).map(({ name }) => name);
}

/** The processes in an open namespace that this one may inspect, in ascending order. */
export function pidsOf(handle: NsHandle): number[] {
  return processesByNamespace().get(handle.inode) ?? [];
}

/**
 * The cookie of the namespace in which the calling thread is. See SO_NETNS_COOKIE in socket(7).
 *
 * @throws {SyscallError} `ENOPROTOOPT`: the kernel is older than 5.14.
 */
export function namespaceCookie(): bigint {
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  try {
    const value = new Uint8Array(8);
    getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, value);
    return new DataView(value.buffer).getBigUint64(0, true);
  } finally {
    close(fd);
  }
}
