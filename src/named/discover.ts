/** Finds every network namespace of the machine, and what holds it. See network_namespaces(7), proc(5). */
import { constants } from "node:os";
import { readDirectory, readlink, readText, statusAt, SyscallError } from "../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno, shown } from "../errors.ts";
import { fieldsOf } from "../argument_fields.ts";
import { NsHandle } from "../netns/handle.ts";
import { checkDirectory, namedPath, netnsDirectory, processPath } from "../switch/namespace_file.ts";
import { parseMounts, realPath } from "../proc/mounts.ts";
import { inspectNamedNamespaces } from "./list.ts";

/** How many descriptors of one process are looked at: a program may have millions. */
const MOST_DESCRIPTORS = 65_536;
/** How many mount namespaces are looked at: one may have ten thousands of mounts. */
const MOST_MOUNT_NAMESPACES = 4096;

/** A running container, as {@linkcode NsHandler.runningContainers} gives it. */
export interface ContainerHolder {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its microservice label, if it has one. */
  readonly label?: string | undefined;
  /** The process id of its first process. */
  readonly pid: number;
  /** The number of its namespace's inode. */
  readonly inode: bigint;
}

/** Where {@linkcode discoverNamespaces} looks: everywhere, unless an option says otherwise. */
export interface DiscoverOptions {
  /** The namespaces in which processes and threads are. @default {true} */
  readonly processes?: boolean | undefined;
  /** The namespaces that processes hold open by a descriptor. @default {true} */
  readonly descriptors?: boolean | undefined;
  /** The namespaces that are mounted on a file, in any mount namespace that a process is in. @default {true} */
  readonly mounts?: boolean | undefined;
  /** The named namespaces. @default {true} */
  readonly names?: boolean | undefined;
  /** The namespaces of these containers. @default {none} */
  readonly containers?: Iterable<ContainerHolder> | undefined;
  /** The directory of named namespaces. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
  /** Called with each process that this one may not inspect; what only such a process holds is not found. */
  readonly onHidden?: ((pid: number) => void) | undefined;
}

/** A descriptor of a process. */
export interface HeldDescriptor {
  /** The process. */
  readonly pid: number;
  /** Its descriptor. */
  readonly fd: number;
}

/** A file on which a namespace is mounted. */
export interface HeldMount {
  /** The path of the file, in the mount namespace. */
  readonly path: string;
  /** A process in that mount namespace; absent if this one is in it. */
  readonly pid?: number;
}

/** A thread that is in another namespace than its process. */
export interface HeldThread {
  /** The process. */
  readonly pid: number;
  /** The thread. */
  readonly tid: number;
}

/** A namespace that was found, and everything that was seen to hold it. */
export interface DiscoveredNamespace {
  /** The number of its inode, as `lsns` shows it. */
  readonly inode: bigint;
  /** Its names. */
  readonly names: readonly string[];
  /** The containers in it. */
  readonly containers: readonly ContainerHolder[];
  /** The files on which it is mounted, without those of its names. */
  readonly mounts: readonly HeldMount[];
  /** The processes in it, in ascending order. */
  readonly processes: readonly number[];
  /** The threads in it whose processes are in another. */
  readonly threads: readonly HeldThread[];
  /** The descriptors that hold it. */
  readonly descriptors: readonly HeldDescriptor[];
  /**
   * Opens it, by whichever holder still has it.
   *
   * @returns The open namespace, which the caller closes.
   * @throws {SyscallError} `ENOENT`: no holder has it any more. `EACCES`, `EPERM`: it may not be opened.
   */
  open(): NsHandle;
}

const checkFields = fieldsOf<DiscoverOptions>("the options of a discovery", {
  processes: "boolean",
  descriptors: "boolean",
  mounts: "boolean",
  names: "boolean",
  containers: true,
  netnsDir: "any",
  onHidden: true,
});

/** Checks what untyped code may give. */
function checkOptions(options: DiscoverOptions): void {
  checkFields(options);
  const { containers = [], onHidden } = options;
  if (typeof containers !== "object" || containers === null || !(Symbol.iterator in containers)) {
    throw new TypeError(`Cannot use ${shown(containers)} as containers: expected a list`);
  }
  if (onHidden !== undefined && typeof onHidden !== "function") {
    throw new TypeError(`Cannot use ${shown(onHidden)} as onHidden: expected a function`);
  }
}

/**
 * Finds every network namespace of the machine, how it is held and by whom: by names, mounts, processes, descriptors,
 * containers. Processes that end while they are looked at are left out. Nothing stays open.
 *
 * One that only a socket or a link holds, without a process in it, is not found: the kernel does not list those. Needs
 * CAP_SYS_PTRACE to look at processes of other users.
 *
 * @throws {SyscallError} `/proc` cannot be read.
 *
 * @example Who holds namespaces without a name
 * ```ts
 * import { assert } from "@std/assert";
 * import { discoverNamespaces, NsHandle } from "@netns/netns";
 *
 * using fresh = NsHandle.create();
 * const found = discoverNamespaces().find(({ inode }) => inode === fresh.inode);
 * assert(found !== undefined && found.names.length === 0 && found.descriptors.some(({ fd }) => fd === fresh.fd));
 * ```
 */
export function discoverNamespaces(options: DiscoverOptions = {}): DiscoveredNamespace[] {
  checkOptions(options);
  checkDirectory(options.netnsDir);
  const { processes = true, descriptors = true, mounts = true, names = true, containers = [] } = options;
  const { netnsDir = netnsDirectory(), onHidden = () => {} } = options;
  const discovery = new Discovery(netnsDir);
  if (names) discovery.addNames();
  for (const container of containers) {
    if (typeof container?.inode !== "bigint") { // untyped code may give anything
      throw new TypeError(`Cannot use ${shown(container)} as a container: expected { id, name, pid, inode }`);
    }
    discovery.of(container.inode).containers.push(container);
  }
  if (mounts) discovery.addMounts("/proc/self/mountinfo", undefined);
  if (processes || descriptors || mounts) {
    for (const pid of numbersIn("/proc")) {
      if (processes) discovery.addProcess(pid, onHidden);
      if (descriptors) discovery.addDescriptors(pid, processes ? () => {} : onHidden);
      if (mounts) discovery.addMountsOf(pid);
    }
  }
  return discovery.result();
}

/** A namespace while it is looked for. */
interface Candidate {
  readonly names: string[];
  readonly containers: ContainerHolder[];
  readonly mounts: HeldMount[];
  readonly processes: number[];
  readonly threads: HeldThread[];
  readonly descriptors: HeldDescriptor[];
}

class Discovery {
  readonly #netnsDir: string;
  readonly #found = new Map<bigint, Candidate>();
  /** The mount namespaces that were looked at. */
  readonly #mountNamespaces = new Set<bigint>();
  /** What the files of names begin with, which are not listed again as mounts. */
  #nameFiles: string | undefined;

  constructor(netnsDir: string) {
    this.#netnsDir = netnsDir;
  }

  of(inode: bigint): Candidate {
    let candidate = this.#found.get(inode);
    if (candidate === undefined) {
      candidate = { names: [], containers: [], mounts: [], processes: [], threads: [], descriptors: [] };
      this.#found.set(inode, candidate);
    }
    return candidate;
  }

  addNames(): void {
    for (const { name, inode } of inspectNamedNamespaces({ netnsDir: this.#netnsDir })) {
      if (inode !== undefined) this.of(inode).names.push(name);
    }
    this.#nameFiles = namedPath("", tolerant(() => realPath(this.#netnsDir)) ?? this.#netnsDir);
  }

  /** Adds the mounts that a mountinfo file lists; `pid` is a process that sees them. */
  addMounts(file: string, pid: number | undefined): void {
    if (pid === undefined) this.#mountNamespaces.add(statusAt("/proc/self/ns/mnt").inode);
    const text = pid === undefined ? readText(file) : tolerant(() => readText(file));
    for (const { root, type, point } of parseMounts(text ?? "")) {
      const inode = type === "nsfs" ? inodeIn(root) : undefined;
      // The same path in another mount namespace may be another file.
      const isName = pid === undefined && this.#nameFiles !== undefined && point.startsWith(this.#nameFiles);
      if (inode === undefined || isName) continue;
      const { mounts } = this.of(inode);
      const isKnown = mounts.some((mount) => mount.path === point); // it is propagated to other mount namespaces
      if (!isKnown) mounts.push(pid === undefined ? { path: point } : { path: point, pid });
    }
  }

  /** Adds the mounts of the mount namespace of a process, unless they are known. */
  addMountsOf(pid: number): void {
    const inode = tolerant(() => statusAt(`/proc/${pid}/ns/mnt`).inode);
    const isKnown = inode === undefined || this.#mountNamespaces.has(inode);
    if (isKnown || this.#mountNamespaces.size >= MOST_MOUNT_NAMESPACES) return;
    this.#mountNamespaces.add(inode);
    this.addMounts(`/proc/${pid}/mountinfo`, pid);
  }

  /** Adds the namespace of a process, and those of its threads that are in others. */
  addProcess(pid: number, onHidden: (pid: number) => void): void {
    const inode = tolerant(() => statusAt(processPath(pid)).inode, () => onHidden(pid));
    if (inode === undefined) return;
    this.of(inode).processes.push(pid);
    for (const tid of tolerant(() => numbersIn(`/proc/${pid}/task`)) ?? []) {
      if (tid === pid) continue;
      const other = tolerant(() => statusAt(`/proc/${pid}/task/${tid}/ns/net`).inode);
      if (other !== undefined && other !== inode) this.of(other).threads.push({ pid, tid });
    }
  }

  addDescriptors(pid: number, onHidden: (pid: number) => void): void {
    const fds = tolerant(() => numbersIn(`/proc/${pid}/fd`), () => onHidden(pid)) ?? [];
    for (const fd of fds.slice(0, MOST_DESCRIPTORS)) {
      const inode = inodeIn(tolerant(() => readlink(`/proc/${pid}/fd/${fd}`)) ?? "");
      if (inode !== undefined) this.of(inode).descriptors.push({ pid, fd });
    }
  }

  result(): DiscoveredNamespace[] {
    return [...this.#found].map(([inode, candidate]) => ({
      inode,
      ...candidate,
      open: () => openAny(inode, pathsOf(candidate, this.#netnsDir)),
    }));
  }
}

/** The files by which a namespace can be opened, the most lasting first. */
function* pathsOf(candidate: Candidate, netnsDir: string): Generator<string> {
  for (const name of candidate.names) yield namedPath(name, netnsDir);
  for (const { path, pid } of candidate.mounts) yield pid === undefined ? path : `/proc/${pid}/root${path}`;
  for (const { pid } of candidate.containers) yield processPath(pid);
  for (const pid of candidate.processes) yield processPath(pid);
  for (const { pid, tid } of candidate.threads) yield `/proc/${pid}/task/${tid}/ns/net`;
  for (const { pid, fd } of candidate.descriptors) yield `/proc/${pid}/fd/${fd}`;
}

/** Opens the first file that is still this namespace: a process id may be another process's by now. */
function openAny(inode: bigint, paths: Iterable<string>): NsHandle {
  let refusal: unknown;
  for (const path of paths) {
    try {
      const handle = NsHandle.fromPath(path);
      if (handle.inode === inode) return handle;
      handle.close();
    } catch (error) {
      if (!isErrno(error, ...GONE, ...REFUSED) && !(error instanceof InvalidNamespaceError)) throw error;
      if (isErrno(error, ...REFUSED)) refusal ??= error;
    }
  }
  if (refusal !== undefined) throw refusal;
  const remedy = `nothing holds the namespace net:[${inode}] any more where it was found`;
  throw new SyscallError("open", constants.errno.ENOENT, { remedy });
}

/** What looking fails with if the process is gone, and if this process may not. */
const GONE = ["ENOENT", "ESRCH", "ENOTDIR", "EINVAL"] as const;
const REFUSED = ["EACCES", "EPERM"] as const;

/** What `look` gives; undefined if it is gone, or hidden. */
function tolerant<T>(look: () => T, onHidden: () => void = () => {}): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isErrno(error, ...REFUSED)) onHidden();
    else if (!isErrno(error, ...GONE)) throw error;
    return undefined;
  }
}

/** The names in a directory that are numbers, in ascending order. */
function numbersIn(path: string): number[] {
  return readDirectory(path).filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
}

/** The inode in the text of a link to a network namespace: `net:[4026531840]`. */
function inodeIn(text: string): bigint | undefined {
  const [, digits] = text.match(/^net:\[(\d+)\]$/) ?? [];
  return digits === undefined ? undefined : BigInt(digits);
}
