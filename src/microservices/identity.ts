/**
 * Whose network namespace it is that a container runtime names by a process id. What a runtime says is a claim: it may
 * be on another machine, or in another PID namespace, where the number belongs to another process. Nobody enters the
 * namespace until the claim is proved on this machine.
 */
import { identityOf, isNsfsAt, readText, S_IFLNK, S_IFMT, statusAt, statusOf } from "../../ffi/mod.ts";
import { shown } from "../errors.ts";
import { threadHome } from "../netns/descriptor.ts";
import type { Container } from "./client/replies.ts";

/** Whose a container's network namespace is: its own, the host's, another container's, or one that was made before. */
export type ContainerNetwork = "own" | "host" | "shared" | "prepared";

/** What came of the proof; a reason ends the sentence `Docker says that "web" is process 42, …`. */
export type Proof = { readonly network: ContainerNetwork } | Refusal;

/** Why a namespace is not entered. */
export interface Refusal {
  readonly refused: string;
}

/** Finds a container by its name or id; undefined if there is none. */
export type LookUp = (idOrName: string) => Promise<Container | undefined>;

/** Proves whose namespace the process of a container has, which is `/proc/PID/ns/net` at the time of the call. */
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
 * 1. The process is the container's: its namespace is the one at the container's sandbox path, or the container's id is
 *    in its cgroup, or, where neither says anything, it started when the container did. One that contradicts refuses.
 * 2. Its namespace is not the one that this program runs in, unless the container is said to have the host's network,
 *    or leads by others to one that has, of which that is proved as well.
 *
 * @throws {Error} The runtime cannot say which container another one leads to.
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

/** What is said of the network, once it is known to be true. */
function networkOf(mode: string): ContainerNetwork {
  if (mode === "host") return "host";
  if (mode.startsWith(CONTAINER)) return "shared";
  return preparedPath(mode) === undefined ? "own" : "prepared";
}

const CONTAINER = "container:";

/** The file of a namespace that Podman was told to join. */
function preparedPath(mode: string): string | undefined {
  return mode.startsWith("ns:/") ? mode.slice("ns:".length) : undefined;
}

/** True if the process of a container, whose namespace is given, is really the container's. */
function isProcessOf({ id, pid, startedAt, sandboxKey }: Container, namespace: string): boolean {
  const sandbox = namespaceAt(sandboxKey);
  if (sandbox !== undefined && sandbox !== namespace) return false;
  const inCgroup = pid === undefined ? undefined : isInCgroup(id, pid);
  if (inCgroup === false) return false;
  // Docker notes the time when all is set up, up to 20 s after the process of a busy machine started; and whoever sets
  // the clock changes the difference. So this proves where it agrees, and refuses nothing that was proved.
  return sandbox !== undefined || inCgroup === true || (pid !== undefined && startedWith(startedAt, pid));
}

/** The network namespace of a process, as text that compares; undefined if there is no such process. */
function namespaceOf(pid: number | undefined): string | undefined {
  return pid === undefined ? undefined : seen(() => identityOf(statusAt(`/proc/${pid}/ns/net`)));
}

/**
 * The namespace that is mounted at a path; undefined if none is to be seen there. The file is not opened, which may
 * have effects. A path below /proc follows a process, and proves nothing of it.
 */
function namespaceAt(path: string): string | undefined {
  if (!path.startsWith("/") || path.includes("\0") || /^\/+(\.\/+)*proc(\/|$)|\/\.\.(\/|$)/.test(path)) {
    return undefined;
  }
  return seen(() => {
    const status = statusAt(path, false); // the files below /proc are links, wherever the path comes from
    return (status.mode & S_IFMT) !== S_IFLNK && isNsfsAt(path) ? identityOf(status) : undefined;
  });
}

/** The id of a container in the path of a cgroup, alone or as `docker-ID.scope`, `libpod-ID`. */
const ID_IN_PATH = /^(?:[a-z][\w.]*-)*([0-9a-f]{64})(?:\.scope)?$/;

/**
 * True if a process is in the cgroup of this container, false if it is in that of another one; undefined if the cgroup
 * says nothing. Those in which this program is itself say nothing: a runtime without cgroups leaves its containers there.
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
  const text = seen(() => readText(`/proc/${process}/cgroup`)) ?? "";
  return new Set(text.split(/[\n/]/).flatMap((component) => component.match(ID_IN_PATH)?.[1] ?? []));
}

/** True if a process started within a second of the time that the runtime gives. See proc_pid_stat(5). */
function startedWith(startedAt: string, pid: number): boolean {
  const stat = seen(() => readText(`/proc/${pid}/stat`)) ?? "";
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const uptime = Number(readText("/proc/uptime").split(" ")[0]);
  const started = Date.now() / 1000 - uptime + ticks / TICKS;
  return Math.abs(Date.parse(startedAt) / 1000 - started) <= SAME_SECOND; // false if one is no number
}

/** True if it is the namespace of this program, of the home of this thread, or of the first process. */
function isHosts(namespace: string): boolean {
  const looks = [
    () => statusOf(threadHome().fd),
    () => statusAt("/proc/self/ns/net"),
    () => statusAt("/proc/1/ns/net"),
  ];
  return looks.some((look) => seen(() => identityOf(look())) === namespace);
}

/** True if the network of a container is that of another one, and so on to one that is proved to have the host's. */
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

/** What a look at a file gives; undefined if it is gone, or may not be looked at. */
function seen<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
