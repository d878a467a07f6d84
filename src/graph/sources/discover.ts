/** Which namespaces there are: with a name, with a container, behind a file, of a process; and the default one. */
import { readText } from "../../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno } from "../../errors.ts";
import { inspectNamedNamespaces } from "../../named/list.ts";
import { processesByNamespace } from "../../named/processes.ts";
import { fileNs, microserviceNs, namedNs, type Namespace, namespaceToString, pidNs } from "../../namespace.ts";
import { NsHandle } from "../../netns/handle.ts";
import { NETNS_DIR } from "../../netns/namespace_file.ts";
import type { NsHandler } from "../../ns_handler.ts";
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
  const search = new Search();
  try {
    search.home();
    search.named();
    search.containers(handler);
    search.files();
    search.processes();
    return search.findings();
  } catch (error) {
    search.close();
    throw error;
  }
}

class Search {
  readonly #found = new Map<bigint, Growing>();
  readonly #warnings: string[] = [];

  close(): void {
    for (const { handle } of this.#found.values()) handle.close();
  }

  home(): void {
    this.#add(NsHandle.home(), true);
  }

  named(): void {
    for (const { name, path, stale } of inspectNamedNamespaces()) {
      const shown = namespaceToString(namedNs(name));
      if (stale) this.#warnings.push(`${shown} is a stale file; netns del takes it away`);
      else this.#open(shown, () => NsHandle.fromPath(path))?.named.push(shown);
    }
  }

  containers(handler: NsHandler): void {
    const newest = handler.getMicroserviceByLabel();
    for (const { id, label, pid } of handler.getMicroserviceByID().values()) {
      const ns: Namespace = microserviceNs(label);
      // The label names the newest of several containers, whose namespace is held open.
      const open = (): NsHandle =>
        newest.get(label)?.id === id ? handler.getOrCreateNamespace(ns) : NsHandle.fromPid(pid);
      this.#open(namespaceToString(ns), open)?.containers.push(label);
    }
  }

  files(): void {
    for (const path of mountedNamespaces()) {
      const shown = namespaceToString(fileNs(path));
      this.#open(shown, () => NsHandle.fromPath(path))?.files.push(shown);
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
  #open(name: string, open: () => NsHandle): Growing | undefined {
    try {
      return this.#add(open());
    } catch (error) {
      if (isErrno(error, ...GONE)) return undefined;
      if (!isErrno(error, ...REFUSED) && !(error instanceof InvalidNamespaceError)) throw error;
      this.#warnings.push(`${name} cannot be opened: ${error.message}`);
      return undefined;
    }
  }

  /** Processes end; of those that share a namespace one may be left. */
  #openOneOf(pids: readonly number[]): Growing | undefined {
    for (const pid of pids) {
      const found = this.#open(namespaceToString(pidNs(pid)), () => NsHandle.fromPid(pid));
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

/**
 * The files on which network namespaces are mounted, but for those of the directory of names. See
 * proc_pid_mountinfo(5).
 */
function mountedNamespaces(): string[] {
  const inDirectory = new RegExp(`^(/var)?${NETNS_DIR.replace(/^\/var/, "")}/`);
  const paths = readText("/proc/self/mountinfo").split("\n").flatMap((line) => {
    const [, , , root = "", path = ""] = line.split(" ");
    return /^net:\[\d+\]$/.test(root) && line.includes(" - nsfs ") ? [unescaped(path)] : [];
  });
  return [...new Set(paths)].filter((path) => !inDirectory.test(path)).sort();
}

/** A path as mountinfo writes it: white space and backslashes as octal numbers. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
