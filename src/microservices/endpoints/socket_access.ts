/** Whether this process can use a socket of this machine, before it tries. */
import { quoted, readText, requireWritable, S_IFMT, S_IFSOCK, statusAt } from "../../../ffi/mod.ts";
import { isErrno, reasonOf } from "../../errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpointsBy } from "./endpoints.ts";

/** Why an endpoint cannot be used. */
export interface Obstacle {
  /** `absent`: nothing is there; `denied`: this process may not use it; `unusable`: the address or file is wrong. */
  readonly kind: "absent" | "denied" | "unusable";
  /** What it is. */
  readonly reason: string;
  /** What to do about it, where that is known. */
  readonly remedy?: string;
}

/** The bits of a file's mode that let its group write to it. */
const GROUP_WRITES = 0o020;
/** What stands for a group that this user namespace does not have. See user_namespaces(7), overflowgid. */
const OVERFLOW_GROUP = 65534;

/** Why an endpoint cannot be used; undefined if its socket can be used, or it is not a socket of this machine. */
export function obstacleTo({ transport }: Endpoint): Obstacle | undefined {
  if (transport.type === "unusable") return { kind: "unusable", reason: transport.reason };
  if (transport.type !== "unix") return undefined;
  const { path } = transport;
  try {
    const { mode } = statusAt(path);
    if ((mode & S_IFMT) !== S_IFSOCK) return { kind: "unusable", reason: "it is not a socket" };
    requireWritable(path);
    return undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return { kind: "absent", reason: "there is no such socket" };
    if (isErrno(error, "EACCES", "EPERM")) return { kind: "denied", ...deniedAt(path) };
    return { kind: "unusable", reason: reasonOf(error) };
  }
}

/**
 * True if a runtime may answer: the user chose an endpoint, or one of the usual sockets exists.
 */
export async function isRuntimeThere(): Promise<boolean> {
  const all = await endpointsBy({})();
  return all.length === 1 || all.some((endpoint) => obstacleTo(endpoint)?.kind !== "absent");
}

/** Why this process may not use a socket, and which users may. */
function deniedAt(path: string): { readonly reason: string; readonly remedy: string } {
  const closed = directoryThatIsClosed(path);
  if (closed !== undefined) {
    const remedy = "run as root (sudo), or as the user whose directory it is";
    return { reason: `permission denied: this user may not enter ${closed}`, remedy };
  }
  const { gid, mode } = statusAt(path);
  const mayGroup = gid !== 0 && gid !== OVERFLOW_GROUP && (mode & GROUP_WRITES) !== 0;
  const group = mayGroup ? `, or as a member of the group ${groupName(gid)}, to which ${path} belongs` : "";
  return { reason: `permission denied on ${path}`, remedy: `run as root (sudo)${group}` };
}

/** The first directory on the way to a file that this user may not enter. */
function directoryThatIsClosed(path: string): string | undefined {
  const names = path.split("/").slice(0, -1);
  for (let count = 1; count < names.length; count++) {
    try {
      statusAt(`${names.slice(0, count + 1).join("/")}/.`);
    } catch {
      return names.slice(0, count + 1).join("/");
    }
  }
  return undefined;
}

/** A group as `/etc/group` names it, or its number. See group(5). */
function groupName(gid: number): string {
  try {
    for (const line of readText("/etc/group").split("\n")) {
      const [name = "", , id] = line.split(":");
      if (id === `${gid}`) return quoted(name);
    }
  } catch {
    // the number is enough
  }
  return `${gid}`;
}
