/** What the namespace handler needs of the operating system. Implement it to make calls fail, or to log them. */
import type { LinkRef } from "../netlink/link/ref.ts";
import type { NsHandle } from "../netns/handle.ts";
import type { OperatingSystem, Syscall } from "../netns/name/system_calls.ts";

export type { OperatingSystem, Syscall };

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
