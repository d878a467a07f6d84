/** The real system calls. */
import { memoize } from "../../ffi/mod.ts";
import type { LinkRef } from "../netlink/link/ref.ts";
import { Netlink } from "../netlink/netlink.ts";
import { namedNs } from "../namespace.ts";
import { NsHandle, openForSwitch } from "../netns/handle.ts";
import { FILES } from "../netns/name/system_calls.ts";
import { moveLink } from "../netns/move_link.ts";
import { wholeNumber } from "../whole_number.ts";
import { shown } from "../errors.ts";
import { namedPath, NO_SUCH_NAME } from "../switch/namespace_file.ts";
import type { SystemAPI } from "./api.ts";

/** Options of {@linkcode SystemHandler}. */
export interface SystemHandlerOptions {
  /** Where named namespaces have their files. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
}

/** What an int holds. */
const MOST_FLAGS = 0x7fffffff;
/** The bits of a mode: permissions, and the type of a file before them. */
const MOST_MODE = 0o177777;
/** The flags of mount(2) have 32 bits, in an unsigned long. */
const MOST_MOUNT_FLAGS = 0xffffffff;

/** The {@linkcode SystemAPI} that makes the real calls. Every failure is a {@linkcode SyscallError}. */
export class SystemHandler implements SystemAPI {
  /** The file of a named namespace. */
  readonly #pathOf: (name: string) => string;

  /** Makes a handler; nothing is opened yet. */
  constructor(options: SystemHandlerOptions = {}) {
    this.#pathOf = memoize((name) => namedPath(namedNs(name).name, options.netnsDir));
  }

  /** Opens a file and returns its descriptor, closed on exec. See open(2). */
  openFile(name: string, flag: number, perm: number): number {
    wholeNumber(flag, "flag", 0, MOST_FLAGS);
    wholeNumber(perm, "perm", 0, MOST_MODE);
    return FILES.openFile(name, flag, perm);
  }

  /** Makes a directory and its missing parents; one that exists is no error. See mkdir(2). */
  mkDirAll(path: string, perm: number): void {
    wholeNumber(perm, "perm", 0, MOST_MODE);
    if (typeof path !== "string") throw new TypeError(`Cannot use ${shown(path)} as path: expected text`); // untyped code
    FILES.mkDirAll(path, perm);
  }

  /** Removes a file or an empty directory. See unlink(2), rmdir(2). */
  remove(name: string): void {
    FILES.remove(name);
  }

  /** Mounts `source` at `target`, or changes the mount there. Needs CAP_SYS_ADMIN. See mount(2). */
  mount(source: string, target: string, fsType: string, flags: number, data: string): void {
    wholeNumber(flags, "flags", 0, MOST_MOUNT_FLAGS);
    FILES.mount(source, target, fsType, flags, data);
  }

  /** Unmounts the topmost mount at `target`. Needs CAP_SYS_ADMIN. See umount2(2). */
  unmount(target: string, flags: number): void {
    wholeNumber(flags, "flags", 0, MOST_FLAGS);
    FILES.unmount(target, flags);
  }

  /** Makes a namespace, as {@linkcode NsHandle.create}. */
  newNetworkNamespace(): NsHandle {
    return NsHandle.create();
  }

  /**
   * Opens the namespace with this name. The switch checks that the file is a namespace, and says what else it is.
   *
   * @throws {SyscallError} `ENOENT`: there is none of this name.
   */
  getNamespaceFromName(name: string): NsHandle {
    return openForSwitch(this.#pathOf(name), NO_SUCH_NAME);
  }

  /**
   * Puts the calling thread into a namespace and leaves it there: the caller must return. Prefer
   * {@linkcode NsHandle.run}, which always returns. See setns(2).
   */
  setNamespace(ns: NsHandle): void {
    if (!(ns instanceof NsHandle)) { // untyped code may give anything
      throw new TypeError(`Cannot use ${shown(ns)} as a namespace: expected an NsHandle`);
    }
    ns.descriptor.enter();
  }

  /**
   * Moves a link of this thread's namespace into the one behind `fd`. The kernel removes its state, addresses and routes,
   * which are restored. If they cannot be, the link goes back to where it was. Needs CAP_NET_ADMIN in both, and
   * CAP_SYS_ADMIN to enter the other. See rtnetlink(7).
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EEXIST`: one of its name is there. `EINVAL`: it cannot be
   * moved.
   * @throws {InvalidNamespaceError} The descriptor is not a network namespace.
   */
  linkSetNsFd(link: LinkRef, fd: number): void {
    wholeNumber(fd, "fd", 0, MOST_FLAGS);
    using here = NsHandle.current();
    // A second descriptor, as the handle closes its own.
    using there = NsHandle.fromPath(`/proc/self/fd/${fd}`);
    using near = Netlink.open();
    using far = there.netlink();
    moveLink(link, { netns: here, netlink: near }, { netns: there, netlink: far });
  }
}

/** Makes a {@linkcode SystemHandler}. */
export function newSystemHandler(options?: SystemHandlerOptions): SystemHandler {
  return new SystemHandler(options);
}
