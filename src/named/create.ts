/** Creating a named namespace. */
import type { NsHandle } from "../netns/handle.ts";
import { nameOpened } from "../netns/name/mount_point.ts";
import { type NamedOptions, withDefaults } from "./options.ts";

/**
 * Creates an empty network namespace and names it, as `ip netns add` does.
 *
 * The thread is away for three system calls and is back when this returns or throws. If it fails, it leaves neither file
 * nor mount. Needs CAP_SYS_ADMIN. See network_namespaces(7), ip-netns(8).
 *
 * @param name 1 to 255 bytes of UTF-8, without `/` and NUL, not `.` or `..`.
 * @returns The open namespace, which the caller closes; closing it keeps the name.
 * @throws {InvalidNamespaceError} No file can have this name, or every user may replace files in the directory.
 * @throws {SyscallError} `EEXIST`: the name is taken, or its file is stale, which the error says. `EPERM`: no CAP_SYS_ADMIN.
 * @throws {NamespaceSwitchError} The thread could not return from the new namespace.
 *
 * @example Create, look, delete
 * ```ts
 * import { assert } from "@std/assert";
 * import { createNamedNamespace, deleteNamedNamespace, listNamedNamespaces } from "@netns/netns";
 *
 * using blue = createNamedNamespace("blue-example");
 * assert(blue.isOpen && listNamedNamespaces().includes("blue-example"));
 * deleteNamedNamespace("blue-example");
 * ```
 */
export function createNamedNamespace(name: string, options: NamedOptions = {}): NsHandle {
  const { netnsDir, system } = withDefaults(options);
  return nameOpened(name, { netnsDir, system }, (undo) => {
    const namespace = system.newNetworkNamespace();
    undo.add(() => namespace.close());
    namespace.descriptor.name = name;
    return namespace;
  });
}

/**
 * Gives an open namespace a name, as `ip netns attach` does; it may have others.
 *
 * @param options `repairs`: a stale file of this name is the caller's own, and used.
 * @throws As {@linkcode createNamedNamespace}; the handle stays open.
 */
export function nameNamespace(
  namespace: NsHandle,
  name: string,
  options: NamedOptions & { readonly repairs?: boolean } = {},
): void {
  const { repairs, ...named } = options;
  nameOpened(name, { ...withDefaults(named), repairs }, () => namespace);
}
