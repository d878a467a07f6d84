/** Finds the namespaces of this machine: the default one, and those of names, containers, files and processes. */
import { readText } from "../../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno } from "../../errors.ts";
import { inspectNamedNamespaces } from "../../named/list.ts";
import { processesByNamespace } from "../../named/processes.ts";
import {
  compareNamespaces,
  containerNs,
  fileNs,
  microserviceNs,
  namedNs,
  type Namespace,
  namespaceToString,
  pidNs,
} from "../../namespace.ts";
import { NsHandle } from "../../netns/handle.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { readMounts, realPath } from "../../system/mounts.ts";
import type { PictureProcess } from "../picture.ts";

/** A namespace that was found, open. */
export interface FoundNamespace {
  /** The open namespace. */
  readonly handle: NsHandle;
  /** What it was found as first: the default namespace, a name, a container, a file or a process. */
  readonly namespace: Namespace;
  /** Its other names, or its other files if it has no name. */
  readonly aliases: readonly string[];
  /** The labels of the containers in it. */
  readonly containers: readonly string[];
  /** The processes in it; those of the default namespace are left out. */
  readonly processes: readonly PictureProcess[];
}

/** Namespaces that are open until this is disposed. */
export class FoundNamespaces implements Disposable {
  /** The namespaces, in the order default, names, containers, files, processes. */
  readonly namespaces: readonly FoundNamespace[];
  /** What could not be inspected, a line for each. */
  readonly warnings: readonly string[];

  constructor(namespaces: readonly FoundNamespace[], warnings: readonly string[]) {
    this.namespaces = namespaces;
    this.warnings = warnings;
  }

  /** Closes all namespaces. */
  [Symbol.dispose](): void {
    for (const { handle } of this.namespaces) handle.close();
  }
}

/**
 * Opens every namespace that this process finds and may open.
 *
 * @param handler Knows the containers and the directory of names.
 * @throws {SyscallError} `/proc` cannot be read, or no descriptor is left (`EMFILE`).
 */
export function discoverNamespaces(handler: NsHandler): FoundNamespaces {
  const discovery = new Discovery(handler);
  try {
    discovery.addDefault();
    discovery.addNamed();
    discovery.addContainers();
    discovery.addFiles();
    discovery.addProcesses();
    return discovery.result();
  } catch (error) {
    discovery.close();
    throw error;
  }
}

/** A namespace, and what it was found as so far. */
interface Candidate {
  readonly handle: NsHandle;
  readonly isDefault: boolean;
  readonly named: Namespace[];
  readonly labelled: Namespace[];
  /** Containers whose label names a newer one. */
  readonly others: Namespace[];
  readonly labels: Set<string>;
  readonly files: Namespace[];
  pids: readonly number[];
}

/** What opening fails with if the namespace is gone. */
const GONE = ["ENOENT", "ESRCH"] as const;
/** What opening fails with if this process may not. */
const REFUSED = ["EACCES", "EPERM"] as const;

class Discovery {
  readonly #handler: NsHandler;
  readonly #byInode = new Map<bigint, Candidate>();
  readonly #warnings: string[] = [];

  constructor(handler: NsHandler) {
    this.#handler = handler;
  }

  close(): void {
    for (const { handle } of this.#byInode.values()) handle.close();
  }

  addDefault(): void {
    this.#add(NsHandle.home(), true);
  }

  addNamed(): void {
    for (const { name, stale } of inspectNamedNamespaces({ netnsDir: this.#handler.netnsDir })) {
      const ns = namedNs(name);
      if (stale) this.#warnings.push(`${namespaceToString(ns)} is a stale file; netns del removes it`);
      else this.#open(ns)?.named.push(ns);
    }
  }

  addContainers(): void {
    const newest = this.#handler.getMicroserviceByLabel();
    for (const { id, label } of this.#handler.getMicroserviceByID().values()) {
      const candidate = this.#open(containerNs(id));
      candidate?.labels.add(label);
      // Of several containers with one label, the label names the newest.
      if (newest.get(label)?.id === id) candidate?.labelled.push(microserviceNs(label));
      else candidate?.others.push(containerNs(id.slice(0, SHORT_ID)));
    }
  }

  addFiles(): void {
    for (const path of mountedNamespaces(this.#handler.netnsDir)) {
      const ns = fileNs(path);
      this.#open(ns)?.files.push(ns);
    }
  }

  addProcesses(): void {
    let hidden = 0;
    for (const [inode, pids] of processesByNamespace(() => hidden++)) {
      const candidate = this.#byInode.get(inode) ?? this.#openOneOf(pids);
      if (candidate !== undefined && !candidate.isDefault) candidate.pids = pids;
    }
    if (hidden === 0) return;
    this.#warnings.push(
      `${hidden === 1 ? "1 process" : `${hidden} processes`} cannot be inspected; ` +
        "namespaces without a name that have no other processes are missing",
    );
  }

  result(): FoundNamespaces {
    const found = [...this.#byInode.values()].map(foundNamespace);
    const sorted = found.toSorted(({ namespace: a }, { namespace: b }) => (
      rankOf(a) - rankOf(b) || compareNamespaces(a, b)
    ));
    return new FoundNamespaces(sorted, this.#warnings);
  }

  /** Opens a namespace; undefined if it is gone or may not be opened. */
  #open(ns: Namespace): Candidate | undefined {
    try {
      return this.#add(this.#handler.openNamespace(ns));
    } catch (error) {
      if (isErrno(error, ...GONE)) return undefined;
      if (!isErrno(error, ...REFUSED) && !(error instanceof InvalidNamespaceError)) throw error;
      this.#warnings.push(`${namespaceToString(ns)} cannot be opened: ${error.message}`);
      return undefined;
    }
  }

  /** Opens the namespace of processes, of which some may have ended. */
  #openOneOf(pids: readonly number[]): Candidate | undefined {
    for (const pid of pids) {
      const candidate = this.#open(pidNs(pid));
      if (candidate !== undefined) return candidate;
    }
    return undefined;
  }

  #add(handle: NsHandle, isDefault = false): Candidate {
    try {
      const known = this.#byInode.get(handle.inode);
      if (known !== undefined) handle.close();
      const candidate = known ?? emptyCandidate(handle, isDefault);
      this.#byInode.set(candidate.handle.inode, candidate);
      return candidate;
    } catch (error) {
      handle.close();
      throw error;
    }
  }
}

/** How many digits of a container's id `docker ps` prints. */
const SHORT_ID = 12;

const RANKS = { named: 1, microservice: 2, file: 3, pid: 4 } as const;

const rankOf = (ns: Namespace): number => isDefault(ns) ? 0 : RANKS[ns.type];

const isDefault = (ns: Namespace): boolean => ns.type === "pid" && ns.pid === 0;

function emptyCandidate(handle: NsHandle, isDefault: boolean): Candidate {
  return { handle, isDefault, named: [], labelled: [], others: [], labels: new Set(), files: [], pids: [] };
}

function foundNamespace(candidate: Candidate): FoundNamespace {
  const { handle, isDefault, named, labelled, others, labels, files, pids } = candidate;
  const containers = [...labelled.toSorted(compareNamespaces), ...others.toSorted(compareNamespaces)];
  const names = [...isDefault ? [pidNs(0)] : [], ...named, ...containers];
  const [namespace = pidNs(pids[0] ?? 0), ...more] = names.length > 0 ? names : files;
  return {
    handle,
    namespace,
    aliases: more.filter(({ type }) => type !== "microservice").map(namespaceToString), // containers has the labels
    containers: [...labels].sort(),
    processes: pids.flatMap(processWithId),
  };
}

function processWithId(pid: number): PictureProcess[] {
  try {
    return [{ pid, command: readText(`/proc/${pid}/comm`).replace(/\n$/, "") }];
  } catch (error) {
    if (isErrno(error, ...GONE, ...REFUSED)) return [];
    throw error;
  }
}

/** The files on which network namespaces are mounted, except those in the directory of names. */
function mountedNamespaces(netnsDir: string): string[] {
  const directory = directoryPath(netnsDir);
  const paths = readMounts().filter(({ root, type }) => type === "nsfs" && /^net:\[\d+\]$/.test(root))
    .map(({ point }) => point);
  return [...new Set(paths)].filter((path) => !path.startsWith(`${directory}/`)).sort();
}

/** The directory of names as mountinfo has it; it may not exist. */
function directoryPath(netnsDir: string): string {
  try {
    return realPath(netnsDir);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return netnsDir;
    throw error;
  }
}
