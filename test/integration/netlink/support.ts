/** Namespaces with links in them, for the tests of netlink. */
import { assertThrows } from "@std/assert";
import { type Netlink, NetlinkError, NsHandle } from "@netns/netns";

/** A namespace that lives until the end of the block, with a socket in it. */
export interface ScratchNamespace extends Disposable {
  readonly ns: NsHandle;
  readonly netlink: Netlink;
}

/** Makes a namespace and opens a socket in it. */
export function scratch(): ScratchNamespace {
  const ns = NsHandle.create();
  const netlink = ns.netlink();
  return {
    ns,
    netlink,
    [Symbol.dispose](): void {
      netlink.close();
      ns.close();
    },
  };
}

/** A namespace with a pair in it, `left` and `right`, both up, and their indexes. */
export function wired(): ScratchNamespace & { readonly left: number; readonly right: number } {
  const made = scratch();
  made.netlink.addLink({ kind: "veth", name: "left", peer: { name: "right" } });
  const [left, right] = ["left", "right"].map((name) => made.netlink.getLink({ name }).index) as [number, number];
  for (const index of [1, left, right]) made.netlink.setLink({ index }, { up: true });
  return { ...made, left, right };
}

/** How the kernel refuses `call`: the code, and its text. */
export function refusal(call: () => unknown): { readonly code: string; readonly detail: string | undefined } {
  const { code, detail } = assertThrows(call, NetlinkError);
  return { code, detail };
}
