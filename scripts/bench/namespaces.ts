/** The namespaces of a measurement. */
import { createNamedNamespace, deleteNamedNamespace, Netlink, NetlinkError, NsHandle } from "@netns/netns";

/** The one that is switched to, and to which all others are wired. */
export const HUB = "bench-hub";
/** What the names of the others begin with. */
export const LEAF = "bench-leaf-";

/** The names of so many leaves. */
export const leaves = (count: number): string[] => Array.from({ length: count }, (_, i) => `${LEAF}${i}`);

/**
 * After how many milliseconds the kernel has done what it does later for namespaces that were made or have gone: it
 * frees memory on another CPU, say.
 */
export const SETTLED = 150;

/** Makes namespaces, and lets the kernel come to rest; at the end of the block they are gone. */
export function namespaces(names: readonly string[]): Disposable {
  for (const name of names) createNamedNamespace(name).close();
  pause(SETTLED);
  return {
    [Symbol.dispose](): void {
      for (const name of names) deleteNamedNamespace(name);
      settle();
    },
  };
}

/**
 * Waits until the kernel has taken down all namespaces that nobody holds. It does so later, and all that have been
 * given up meanwhile in one go: when a second one is gone, what was given up before the first is done with.
 */
export function settle(): void {
  for (let i = 0; i < 2; i++) seeOneGo();
}

/** A pair goes when the namespace of either end is taken down. */
function seeOneGo(): void {
  const name = "bench-last";
  using netlink = Netlink.open();
  using ns = NsHandle.create();
  netlink.addLink({ kind: "veth", name, peer: { name: "eth0", netns: ns } });
  ns.close();
  while (isThere(netlink, name)) pause(2);
}

/** Does nothing for so many milliseconds. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function isThere(netlink: Netlink, name: string): boolean {
  try {
    netlink.getLink({ name });
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "ENODEV") return false;
    throw error;
  }
}
