/** Which namespaces there are: with a name, with a container, behind a file, of a process; and the default one. */
import { readText } from "../../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno } from "../../errors.ts";
import { inspectNamedNamespaces } from "../../named/list.ts";
import { processesByNamespace } from "../../named/processes.ts";
import { fileNs, microserviceNs, namedNs, type Namespace, namespaceToString, pidNs } from "../../namespace.ts";
import { NsHandle } from "../../netns/handle.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { readMounts, realPath } from "../../system/mounts.ts";
import { DEFAULT_NAMESPACE, type DrawnProcess } from "../picture.ts";

/** A namespace that was found, open. */
export interface Found {
  /** The open namespace. */
  readonly handle: NsHandle;
  /** What it is called, as `parseNamespace` reads it. */
  readonly name: string;
  /** What else it is called. */
  readonly aliases: readonly string[];
  /** The labels of the containers in it. */
  readonly containers: readonly string[];
  /** The processes in it; those of the default namespace are not listed. */
  readonly processes: readonly DrawnProcess[];
}

/** What was found, until it is disposed of. */
export class Findings implements Disposable {
  /** The namespaces: the default one, those with names, with containers, with files, with processes. */
  readonly namespaces: readonly Found[];
  /** What could not be looked at, a line for each. */
  readonly warnings: readonly string[];

  constructor(namespaces: readonly Found[], warnings: readonly string[]) {
    this.namespaces = namespaces;
    this.warnings = warnings;
  }

  /** Closes all namespaces. */
  [Symbol.dispose](): void {
    for (const { handle } of this.namespaces) handle.close();
  }
}

/** A namespace of which more may become known. */
interface Growing {
  readonly handle: NsHandle;
  readonly isDefault: boolean;
  readonly named: string[];
  readonly containers: string[];
  readonly files: string[];
  pids: readonly number[];
}

/**
 * Finds and opens all namespaces that this process may open.
 *
 * @param handler Knows the containers, as far as they are to be found.
 * @throws {SyscallError} `/proc` cannot be read, or no descriptor is left (`EMFILE`).
 */
export function findNamespaces(handler: NsHandler): Findings {
  const search = new Search(handler);
  try {
    search.home();
    search.named();
    search.containers();
    search.files();
    search.processes();
    return search.findings();
  } catch (error) {
    search.close();
    throw error;
  }
}

class Search {
  readonly #handler: NsHandler;
  readonly #found = new Map<bigint, Growing>();
  readonly #warnings: string[] = [];

  constructor(handler: NsHandler) {
    this.#handler = handler;
  }

  close(): void {
    for (const { handle } of this.#found.values()) handle.close();
  }

  home(): void {
    this.#add(NsHandle.home(), true);
  }

  named(): void {
    for (const { name, stale } of inspectNamedNamespaces({ netnsDir: this.#handler.netnsDir })) {
      const ns = namedNs(name);
      if (stale) this.#warnings.push(`${namespaceToString(ns)} is a stale file; netns del takes it away`);
      else this.#open(ns)?.named.push(namespaceToString(ns));
    }
  }

  containers(): void {
    const newest = this.#handler.getMicroserviceByLabel();
    for (const { id, label, pid } of this.#handler.getMicroserviceByID().values()) {
      // The label names the newest of several containers, whose namespace is held open.
      this.#open(newest.get(label)?.id === id ? microserviceNs(label) : pidNs(pid))?.containers.push(label);
    }
  }

  files(): void {
    for (const path of mountedNamespaces(this.#handler.netnsDir)) {
      const ns = fileNs(path);
      this.#open(ns)?.files.push(namespaceToString(ns));
    }
  }

  processes(): void {
    let hidden = 0;
    for (const [inode, pids] of processesByNamespace(() => hidden++)) {
      const found = this.#found.get(inode) ?? this.#openOneOf(pids);
      if (found !== undefined && !found.isDefault) found.pids = pids;
    }
    if (hidden > 0) {
      const processes = hidden === 1 ? "1 process" : `${hidden} processes`;
      this.#warnings.push(`${processes} cannot be looked at, nor namespaces that have no name and only these in them`);
    }
  }

  findings(): Findings {
    const namespaces = [...this.#found.values()].map(describe);
    const rank = ({ name }: Found): number => RANKS.findIndex((prefix) => prefix.test(name));
    const sorted = namespaces.toSorted((a, b) => rank(a) - rank(b) || compare(a.name, b.name));
    return new Findings(sorted, this.#warnings);
  }

  /** Opens a namespace, if it may be opened and is not gone. */
  #open(ns: Namespace): Growing | undefined {
    try {
      return this.#add(this.#handler.openNamespace(ns));
    } catch (error) {
      if (isErrno(error, ...GONE)) return undefined;
      if (!isErrno(error, ...REFUSED) && !(error instanceof InvalidNamespaceError)) throw error;
      this.#warnings.push(`${namespaceToString(ns)} cannot be opened: ${error.message}`);
      return undefined;
    }
  }

  /** Processes end; of those that share a namespace one may be left. */
  #openOneOf(pids: readonly number[]): Growing | undefined {
    for (const pid of pids) {
      const found = this.#open(pidNs(pid));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #add(handle: NsHandle, isDefault = false): Growing {
    try {
      const known = this.#found.get(handle.inode);
      if (known !== undefined) handle.close();
      const found = known ?? { handle, isDefault, named: [], containers: [], files: [], pids: [] };
      this.#found.set(found.handle.inode, found);
      return found;
    } catch (error) {
      handle.close();
      throw error;
    }
  }
}

const GONE = ["ENOENT", "ESRCH"] as const;
const REFUSED = ["EACCES", "EPERM"] as const;

/** The order of the namespaces, by what they are called: the default one, names, containers, files, processes. */
const RANKS: readonly RegExp[] = [/^PID:0$/, /^(?!PID:|MICROSERVICE:|FILE:)/, /^MICROSERVICE:/, /^FILE:/, /^PID:/];

/** PIDs as numbers, everything else as text. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => Number(name.match(/^PID:(\d+)$/)?.[1] ?? 0));
  return (left ?? 0) - (right ?? 0) || (a < b ? -1 : 1);
}

function describe({ handle, isDefault, named, containers, files, pids }: Growing): Found {
  const labels = [...new Set(containers)].sort();
  const names = [
    ...isDefault ? [DEFAULT_NAMESPACE] : [],
    ...named,
    ...labels.map((label) => namespaceToString(microserviceNs(label))),
  ];
  const [name = namespaceToString(pidNs(pids[0] ?? 0)), ...aliases] = names.length > 0 ? names : files;
  const isContainer = (alias: string): boolean => alias.startsWith("MICROSERVICE:"); // told by its label
  return {
    handle,
    name,
    aliases: aliases.filter((alias) => !isContainer(alias)),
    containers: labels,
    processes: pids.flatMap((pid) => processOf(pid)),
  };
}

function processOf(pid: number): DrawnProcess[] {
  try {
    return [{ pid, command: readText(`/proc/${pid}/comm`).replace(/\n$/, "") }];
  } catch (error) {
    if (isErrno(error, ...GONE, ...REFUSED)) return [];
    throw error;
  }
}

/** The files on which network namespaces are mounted, but for those in the directory of names. */
function mountedNamespaces(netnsDir: string): string[] {
  const directory = directoryPath(netnsDir);
  const paths = readMounts().filter(({ root, type }) => type === "nsfs" && /^net:\[\d+\]$/.test(root))
    .map(({ point }) => point);
  return [...new Set(paths)].filter((path) => !path.startsWith(`${directory}/`)).sort();
}

/** The directory of names as mountinfo has it, which may not exist. */
function directoryPath(netnsDir: string): string {
  try {
    return realPath(netnsDir);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return netnsDir;
    throw error;
  }
}
