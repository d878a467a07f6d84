/** What the namespace handler needs of the operating system. Implement it to make calls fail, or to log them. */
import type { LinkRef } from "../netlink/link/ref.ts";
import type { NsHandle } from "../netns/handle.ts";

/** Files and directories. */
export interface OperatingSystem {
  /** Opens a file and returns its descriptor, closed on exec. See open(2). */
  openFile(name: string, flag: number, perm: number): number;
  /** Makes a directory and its missing parents. See mkdir(2). */
  mkDirAll(path: string, perm: number): void;
  /** Removes a file or an empty directory. See unlink(2), rmdir(2). */
  remove(name: string): void;
}

/** Mounts. */
export interface Syscall {
  /** Mounts `source` at `target`, or changes the mount there. See mount(2). */
  mount(source: string, target: string, fsType: string, flags: number, data: string): void;
  /** Unmounts the topmost mount at `target`. See umount2(2). */
  unmount(target: string, flags: number): void;
}

/** Network namespaces. */
export interface NetNsNamespace {
  /** Makes a namespace; the thread is back when this returns or throws. See unshare(2). */
  newNetworkNamespace(): NsHandle;
  /** Opens the namespace with this name. The switch checks that the file is a namespace. */
  getNamespaceFromName(name: string): NsHandle;
  /** Puts the calling thread into a namespace and leaves it there. See setns(2). */
  setNamespace(ns: NsHandle): void;
}

/** Links between namespaces. */
export interface NetlinkNamespace {
  /** Moves a link of this thread's namespace into the one behind `fd`. See rtnetlink(7). */
  linkSetNsFd(link: LinkRef, fd: number): void;
}

/** Everything that the namespace handler needs of the operating system. */
export interface SystemAPI extends OperatingSystem, Syscall, NetNsNamespace, NetlinkNamespace {}
