/** The namespaces of this machine, as a picture names them: the default one, and those of names, containers, files. */
import process from "node:process";
import { readText } from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";
import { SHORT_ID } from "../../microservices/running_containers.ts";
import { type DiscoveredNamespace, discoverNamespaces } from "../../named/discover.ts";
import { inspectNamedNamespaces, isLive } from "../../named/list.ts";
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
import type { PictureProcess } from "../picture.ts";

/** A namespace that was found, open. */
export interface FoundNamespace {
  /** The open namespace. */
  readonly handle: NsHandle;
  /** What it was found as first: the default namespace, a name, a container, a file, a process or a descriptor. */
  readonly namespace: Namespace;
  /** Its other names, or its other files if it has no name. */
  readonly aliases: readonly string[];
  /** The labels of the containers in it, and the names of those without a label. */
  readonly containers: readonly string[];
  /** The processes in it; those of the default namespace are left out. */
  readonly processes: readonly PictureProcess[];
  /** The processes that hold it open by a descriptor, if no process is in it. */
  readonly holders: readonly PictureProcess[];
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
export function findNamespaces(handler: NsHandler): FoundNamespaces {
  const warnings = inspectNamedNamespaces({ netnsDir: handler.netnsDir }).filter((entry) => !isLive(entry))
    .map(({ name, otherType }) => {
      const what = otherType === undefined
        ? "a stale file; netns del removes it"
        : `a namespace of another type, ${otherType}`;
      return `${namespaceToString(namedNs(name))} is ${what}`;
    });
  let hidden = 0;
  const all = discoverNamespaces({
    netnsDir: handler.netnsDir,
    containers: handler.runningContainers(),
    onHidden: () => hidden++,
  });
  const newest = newestContainers(handler);
  const found: FoundNamespace[] = [];
  try {
    const home = NsHandle.home();
    found.push(foundNamespace(home, all.find(({ inode }) => inode === home.inode), newest, true));
    for (const one of all) {
      if (one.inode === home.inode || isHeldHereAlone(one)) continue;
      const handle = opened(one, warnings);
      if (handle !== undefined) found.push(foundNamespace(handle, one, newest, false));
    }
  } catch (error) {
    for (const { handle } of found) handle.close();
    throw error;
  }
  if (hidden > 0) {
    warnings.push(
      `${hidden === 1 ? "1 process" : `${hidden} processes`} cannot be inspected; ` +
        "namespaces without a name that have no other processes are missing",
    );
  }
  const sorted = found.toSorted(({ namespace: a }, { namespace: b }) =>
    rankOf(a) - rankOf(b) || compareNamespaces(a, b)
  );
  return new FoundNamespaces(sorted, warnings);
}

/** The ids of the containers that their labels name: of several with one label, the newest. */
function newestContainers(handler: NsHandler): ReadonlySet<string> {
  return new Set([...handler.getMicroserviceByLabel().values()].map(({ id }) => id));
}

/** True if only descriptors of this process hold it: those are of this program, and not of the picture. */
function isHeldHereAlone({ names, containers, mounts, processes, threads, descriptors }: DiscoveredNamespace): boolean {
  const others = [names, containers, mounts, processes, threads].some((holders) => holders.length > 0);
  return !others && descriptors.every(({ pid }) => pid === process.pid);
}

/** Opens a namespace; undefined if it is gone or may not be opened. */
function opened(one: DiscoveredNamespace, warnings: string[]): NsHandle | undefined {
  try {
    return one.open();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    if (!isErrno(error, "EACCES", "EPERM")) throw error;
    const [first = pidNs(0)] = waysTo(one, new Set());
    warnings.push(`${namespaceToString(first)} cannot be opened: ${error.message}`);
    return undefined;
  }
}

const RANKS = { named: 1, microservice: 2, file: 3, pid: 4 } as const;

const rankOf = (ns: Namespace): number => isDefault(ns) ? 0 : RANKS[ns.type];

const isDefault = (ns: Namespace): boolean => ns.type === "pid" && ns.pid === 0;

/** All ways to name a namespace, in the order in which a picture takes them. */
function waysTo(one: DiscoveredNamespace, newest: ReadonlySet<string>): Namespace[] {
  const { names, containers, mounts, processes, threads, descriptors } = one;
  const labelled = containers.flatMap(({ id, label }) =>
    label !== undefined && newest.has(id) ? [microserviceNs(label)] : []
  );
  const others = containers.filter(({ id, label }) => label === undefined || !newest.has(id))
    .map(({ id, name, label }) => containerNs(label === undefined && name !== "" ? name : id.slice(0, SHORT_ID)));
  const files = mounts.map(({ path, pid }) => fileNs(pid === undefined ? path : `/proc/${pid}/root${path}`));
  const own = [...names.map((name) => namedNs(name)), ...labelled.toSorted(compareNamespaces)]
    .concat(others.toSorted(compareNamespaces));
  if (own.length > 0) return own;
  return [
    ...files.toSorted(compareNamespaces),
    ...processes.slice(0, 1).map((pid) => pidNs(pid)),
    ...threads.slice(0, 1).map(({ pid, tid }) => fileNs(`/proc/${pid}/task/${tid}/ns/net`)),
    ...descriptors.filter(({ pid }) => pid !== process.pid).slice(0, 1).map(({ pid, fd }) =>
      fileNs(`/proc/${pid}/fd/${fd}`)
    ),
  ];
}

function foundNamespace(
  handle: NsHandle,
  one: DiscoveredNamespace | undefined,
  newest: ReadonlySet<string>,
  isDefault: boolean,
): FoundNamespace {
  const ways = [...isDefault ? [pidNs(0)] : [], ...one === undefined ? [] : waysTo(one, newest)];
  const [namespace = pidNs(0), ...more] = ways;
  const isTransient = (ns: Namespace): boolean =>
    ns.type === "pid" || ns.type === "file" && ns.path.startsWith("/proc/");
  const { containers = [], processes = [], threads = [], descriptors = [] } = one ?? {};
  const inside = isDefault ? [] : [...new Set([...processes, ...threads.map(({ pid }) => pid)])];
  const outside = [...new Set(descriptors.map(({ pid }) => pid))].filter((pid) => pid !== process.pid);
  return {
    handle,
    namespace,
    // A name is enough; `containers` has the labels.
    aliases: more.filter((ns) => !isTransient(ns) && !(ns.type === "microservice" && ns.by === undefined))
      .filter((ns) => ns.type !== "file" || !isDefault).map(namespaceToString),
    containers: [...new Set(containers.map(({ id, name, label }) => label ?? (name || id.slice(0, SHORT_ID))))].sort(),
    processes: inside.flatMap(processWithId),
    holders: isDefault || inside.length > 0 ? [] : outside.flatMap(processWithId),
  };
}

function processWithId(pid: number): PictureProcess[] {
  try {
    return [{ pid, command: readText(`/proc/${pid}/comm`).replace(/\n$/, "") }];
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return [];
    throw error;
  }
}
