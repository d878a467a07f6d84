/** Opening a named namespace that may not exist. */
import { isNetworkNamespace } from "../../ffi/mod.ts";
import type { NsHandle } from "../netns/handle.ts";
import type { SystemAPI } from "../system/api.ts";
import { createNamedNamespace } from "./create.ts";
import { isErrno } from "../errors.ts";

/** Where the names are, and through what they are opened. */
interface Place {
  readonly netnsDir: string;
  readonly system: SystemAPI;
}

/**
 * Opens a named namespace, and makes one that is missing. Whether its file is a namespace, the switch finds out.
 *
 * @throws {SyscallError} It can neither be opened nor made.
 */
export function openOrCreate(name: string, place: Place): NsHandle {
  return openFile(name, place.system) ?? createOr(() => openFile(name, place.system), name, place);
}

/**
 * {@linkcode openOrCreate}, for who gives the namespace away: a stale file is replaced.
 *
 * @throws {SyscallError} It can neither be opened nor made.
 */
export function openCheckedOrCreate(name: string, place: Place): NsHandle {
  return openIfNamed(name, place) ?? createOr(() => openIfNamed(name, place), name, place);
}

/**
 * Opens a named namespace that exists. One whose file is there but not the namespace may be about to come: the file is
 * made before the namespace is mounted on it.
 */
export function openIfNamed(name: string, { system }: Place): NsHandle | undefined {
  const handle = openFile(name, system);
  if (handle === undefined) return undefined;
  try {
    if (isNetworkNamespace(handle.fd)) return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
  handle.close();
  return undefined;
}

/** True if there is a file of this name. */
export function isNamed(name: string, { system }: Place): boolean {
  using handle = openFile(name, system);
  return handle !== undefined;
}

/** Makes a namespace, or opens the one of another process that was faster. */
function createOr(open: () => NsHandle | undefined, name: string, place: Place): NsHandle {
  try {
    return createNamedNamespace(name, place);
  } catch (error) {
    const other = isErrno(error, "EEXIST") ? open() : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

function openFile(name: string, system: SystemAPI): NsHandle | undefined {
  try {
    return system.getNamespaceFromName(name);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
