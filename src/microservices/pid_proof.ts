/**
 * Proves that the process id that a container runtime gives is the container's. The runtime may be on another machine
 * or in another PID namespace, where the number belongs to another process. So what it says is a claim,
 * and no namespace is entered before this machine has proved it.
 */
import { identityOf, isNsfsAt, readText, S_IFLNK, S_IFMT, statusAt, statusOf } from "../../ffi/mod.ts";
import { shown } from "../errors.ts";
import { threadHome } from "../switch/descriptor.ts";
import type { Container } from "./client/replies.ts";

/** Whose network namespace a container has: its own, the host's, another container's, or one that existed before. */
export type ContainerNetwork = "own" | "host" | "shared" | "prepared";

/** The result of a proof. */
export type Proof = { readonly network: ContainerNetwork } | Refusal;

/** Why a namespace is not entered: the end of the sentence `Docker says that "web" is process 42, …`. */
export interface Refusal {
  readonly refused: string;
}

/** Finds a container by its name or id; undefined if there is none. */
export type LookUp = (idOrName: string) => Promise<Container | undefined>;

/** Proves whose namespace `/proc/PID/ns/net` of a container's process is at the time of the call. */
export type Prove = (container: Container, lookUp: LookUp) => Promise<Proof>;

const ELSEWHERE = "is the daemon remote, or in another PID namespace (run with --pid=host)?";

/** There is no process of that number. */
export const NO_PROCESS: Refusal = { refused: `which does not exist on this machine: ${ELSEWHERE}` };
const OTHER_PROCESS: Refusal = { refused: `which on this machine is another process: ${ELSEWHERE}` };

/** How many containers may lead to each other's network. */
const LONGEST_CHAIN = 16;
/** How far a process may have started from the time that the runtime gives, in seconds. */
const SAME_SECOND = 1;
/** What `/proc/PID/stat` counts the time in, for a second: USER_HZ, which is 100 wherever Node and Deno run. */
const TICKS = 100;

/**
 * Proves a claim in two steps.
 *
 * 1. The process is the container's: its namespace is mounted at the container's sandbox path, or its cgroup has the
 *    container's id. If neither says anything, it started when the container did. If one contradicts, the claim is refused.
 * 2. Its namespace is not the host's or this program's, unless the container has the host's network, or joins a container
 *    (which may join another one) that has it; that is proved in the same way.
 *
 * @throws {Error} The runtime does not answer for a container that this one joins.
 */
export async function prove(container: Container, lookUp: LookUp): Promise<Proof> {
  const namespace = namespaceOf(container.pid);
  if (namespace === undefined) return NO_PROCESS;
  if (!isProcessOf(container, namespace)) return OTHER_PROCESS;
  const { networkMode: mode } = container;
  const prepared = preparedPath(mode);
  if (prepared !== undefined && namespaceAt(prepared) === namespace) return { network: "prepared" };
  if (mode !== "host" && isHosts(namespace) && !await leadsToHost(container, lookUp)) {
    return { refused: `which is in the network namespace of the host, with ${shown(mode)} as its network` };
  }
  return { network: networkOf(mode) };
}

/** The kind of network that a proved claim has. */
function networkOf(mode: string): ContainerNetwork {
  if (mode === "host") return "host";
  if (mode.startsWith(CONTAINER)) return "shared";
  return preparedPath(mode) === undefined ? "own" : "prepared";
}

const CONTAINER = "container:";

/** The file of the namespace that `--network ns:PATH` of Podman joins. */
function preparedPath(mode: string): string | undefined {
  return mode.startsWith("ns:/") ? mode.slice("ns:".length) : undefined;
}

/** True if the process of a container, whose namespace is given, is really the container's. */
function isProcessOf({ id, pid, startedAt, sandboxKey }: Container, namespace: string): boolean {
  const sandbox = namespaceAt(sandboxKey);
  if (sandbox !== undefined && sandbox !== namespace) return false;
  const inCgroup = pid === undefined ? undefined : isInCgroup(id, pid);
  if (inCgroup === false) return false;
  // The start time alone never refuses. Docker notes it when everything is set up: on a busy machine that is up to 20 s
  // after the start of the process. And a step of the clock changes the difference.
  return sandbox !== undefined || inCgroup === true || (pid !== undefined && startedWith(startedAt, pid));
}

/** The network namespace of a process, as text that compares; undefined if there is no such process. */
function namespaceOf(pid: number | undefined): string | undefined {
  return pid === undefined ? undefined : ifReadable(() => identityOf(statusAt(`/proc/${pid}/ns/net`)));
}

/**
 * The namespace that is mounted at a path; undefined if there is none. The file is not opened, because opening may have
 * effects. A path below /proc proves nothing: it follows a process.
 */
function namespaceAt(path: string): string | undefined {
  if (!path.startsWith("/") || path.includes("\0") || /^\/+(\.\/+)*proc(\/|$)|\/\.\.(\/|$)/.test(path)) {
    return undefined;
  }
  return ifReadable(() => {
    const status = statusAt(path, false); // a link into /proc is no mount either
    return (status.mode & S_IFMT) !== S_IFLNK && isNsfsAt(path) ? identityOf(status) : undefined;
  });
}

/** The id of a container in the path of a cgroup, alone or as `docker-ID.scope`, `libpod-ID`. */
const ID_IN_PATH = /^(?:[a-z][\w.]*-)*([0-9a-f]{64})(?:\.scope)?$/;

/**
 * True if a process is in the cgroup of this container, false if it is in that of another container; undefined if the
 * cgroup says nothing. The cgroups of this program itself do not count: a runtime without cgroups starts containers there.
 */
function isInCgroup(id: string, pid: number): boolean | undefined {
  if (!/^[0-9a-f]{64}$/.test(id)) return undefined;
  const ids = idsInCgroup(`${pid}`);
  if (ids.has(id)) return true;
  const own = idsInCgroup("self");
  return [...ids].some((one) => !own.has(one)) ? false : undefined;
}

/** The ids of the containers in whose cgroups a process is. See cgroups(7), /proc/PID/cgroup. */
function idsInCgroup(process: string): ReadonlySet<string> {
  const text = ifReadable(() => readText(`/proc/${process}/cgroup`)) ?? "";
  return new Set(text.split(/[\n/]/).flatMap((component) => component.match(ID_IN_PATH)?.[1] ?? []));
}

/** True if a process started within a second of the time that the runtime gives. See proc_pid_stat(5). */
function startedWith(startedAt: string, pid: number): boolean {
  const stat = ifReadable(() => readText(`/proc/${pid}/stat`)) ?? "";
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const uptime = Number(readText("/proc/uptime").split(" ")[0]);
  const started = Date.now() / 1000 - uptime + ticks / TICKS;
  return Math.abs(Date.parse(startedAt) / 1000 - started) <= SAME_SECOND; // false if one is no number
}

/** True if it is the namespace of this program, of the home of this thread, or of the first process. */
function isHosts(namespace: string): boolean {
  const statuses = [
    () => statusOf(threadHome().fd),
    () => statusAt("/proc/self/ns/net"),
    () => statusAt("/proc/1/ns/net"),
  ];
  return statuses.some((read) => ifReadable(() => identityOf(read())) === namespace);
}

/** True if a container joins a container, which may join another one, that is proved to have the host's network. */
async function leadsToHost(container: Container, lookUp: LookUp): Promise<boolean> {
  const passed = new Set([container.id]);
  let { networkMode } = container;
  while (networkMode.startsWith(CONTAINER) && passed.size < LONGEST_CHAIN) {
    const next = await lookUp(networkMode.slice(CONTAINER.length));
    if (next === undefined || passed.has(next.id)) return false;
    const namespace = namespaceOf(next.pid);
    if (namespace === undefined || !isProcessOf(next, namespace)) return false;
    if (next.networkMode === "host") return isHosts(namespace);
    const prepared = preparedPath(next.networkMode);
    if (prepared !== undefined) return namespaceAt(prepared) === namespace && isHosts(namespace);
    passed.add(next.id);
    networkMode = next.networkMode;
  }
  return false;
}

/** The result of reading a file; undefined if it is gone or must not be read. */
function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
