/** Opens the namespace that a caller names in any of the four ways. All code that opens one does it through here. */
import { match } from "npm:ts-pattern@5.9.2";
import { InvalidNamespaceError, isErrno, UnavailableMicroserviceError } from "../errors.ts";
import {
  checkedContainer,
  fileNs,
  type MicroserviceNamespace,
  namedNs,
  type Namespace,
  pidNs,
  refuseOther,
} from "../namespace.ts";
import { NsHandle, openChecked, openForSwitch } from "./handle.ts";
import { namedPath, netnsDirectory, NO_SUCH_NAME, processPath } from "../switch/namespace_file.ts";

/** Where {@linkcode resolve} looks, and what it may do. */
export interface ResolveOptions {
  /** The directory of named namespaces. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
  /** Opens a named namespace, without a check, in place of its file in `netnsDir`. */
  readonly openNamed?: ((name: string) => NsHandle) | undefined;
  /** Makes a named namespace that does not exist; it refuses a stale file. Without it, that is an error. */
  readonly create?: ((name: string) => NsHandle) | undefined;
  /** Opens the namespace of a running container. Without it, none can be resolved. */
  readonly containers?: ((ns: MicroserviceNamespace) => NsHandle) | undefined;
  /** Leaves it to the switch that follows to find out whether a file is a network namespace: two system calls less. */
  readonly unchecked?: boolean | undefined;
}

/**
 * Opens a namespace; `undefined` and PID 0 are the default one.
 *
 * @returns The open namespace, which the caller closes.
 * @throws {InvalidNamespaceError} It cannot be a namespace, or its file is of another kind or stale.
 * @throws {SyscallError} `ENOENT`: there is no such name, process or file. `EACCES`: it may not be opened.
 * @throws {UnavailableMicroserviceError} No container with the label runs, or the options do not resolve labels.
 */
export function resolve(ns: Namespace | undefined, options: ResolveOptions = {}): NsHandle {
  if (ns?.type === "named") return named(namedNs(ns.name).name, options); // as nearly all are
  return match(ns)
    .with(undefined, () => NsHandle.home())
    .with({ type: "pid" }, ({ pid }) => pidNs(pid).pid === 0 ? NsHandle.home() : openFile(processPath(pid), options))
    .with({ type: "file" }, ({ path }) => openFile(fileNs(path).path, options))
    .with({ type: "microservice" }, (ns) => container(checkedContainer(ns), options))
    .exhaustive(refuseOther);
}

/**
 * {@linkcode resolve}, or `undefined` where the namespace may yet come to exist: there is no such name, process or
 * file, the file of the name is stale (it exists before the namespace is mounted on it), or no container with the
 * label runs.
 *
 * @throws As {@linkcode resolve}, for every other reason.
 */
export function resolveIfThere(ns: Namespace | undefined, options: ResolveOptions = {}): NsHandle | undefined {
  if (ns?.type === "named") return namedIfThere(namedNs(ns.name).name, options);
  try {
    return resolve(ns, options);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH") || error instanceof UnavailableMicroserviceError) return undefined;
    throw error;
  }
}

function openFile(path: string, { unchecked }: ResolveOptions, remedy?: string): NsHandle {
  return unchecked ? openForSwitch(path, remedy) : openChecked(path, remedy);
}

function container(ns: MicroserviceNamespace, { containers }: ResolveOptions): NsHandle {
  if (containers !== undefined) return containers(ns);
  const reason = "only an NsHandler knows containers: give a handle that it opened";
  throw new UnavailableMicroserviceError(ns.label, { reason, by: ns.by });
}

function named(name: string, options: ResolveOptions): NsHandle {
  const { create } = options;
  if (create === undefined) return openNamed(name, options);
  return namedIfThere(name, options) ?? createOrOpen(name, create, options);
}

/** Makes a namespace, or opens the one of another process that was faster. */
function createOrOpen(name: string, create: (name: string) => NsHandle, options: ResolveOptions): NsHandle {
  try {
    return create(name);
  } catch (error) {
    const other = isErrno(error, "EEXIST") ? namedIfThere(name, options) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

function namedIfThere(name: string, options: ResolveOptions): NsHandle | undefined {
  try {
    return openNamed(name, options);
  } catch (error) {
    if (isErrno(error, "ENOENT") || error instanceof InvalidNamespaceError) return undefined;
    throw error;
  }
}

function openNamed(name: string, options: ResolveOptions): NsHandle {
  const handle = openNamedFile(name, options);
  handle.descriptor.name = name;
  return handle;
}

function openNamedFile(name: string, options: ResolveOptions): NsHandle {
  const { netnsDir = netnsDirectory(), openNamed, unchecked } = options;
  if (openNamed === undefined) return openFile(namedPath(name, netnsDir), options, NO_SUCH_NAME);
  const handle = openNamed(name);
  try {
    if (!unchecked) handle.descriptor.check();
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}
