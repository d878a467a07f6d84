/** The namespaces, mounts and files of a measurement. */
import { mkdirSync } from "node:fs";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  Netlink,
  NetlinkError,
  newSystemHandler,
  NsHandle,
} from "@netns/netns";

/** The namespace that is switched to, and to which all others are wired. */
export const HUB = "bench-hub";
/** What the names of the others begin with. */
export const LEAF = "bench-leaf-";

/** A hub, and `count` leaves. */
export function star(count: number, hub: string = HUB, prefix: string = LEAF): string[] {
  return [hub, ...numbered(count, (i) => prefix + i)];
}

/** After how many milliseconds the kernel has done what it puts off when namespaces are made or go: it frees memory, say. */
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
  using netlink = Netlink.open();
  using ns = NsHandle.create();
  netlink.addLink({ kind: "veth", name: "bench-last", peer: { name: "eth0", netns: ns } });
  ns.close();
  for (;;) {
    try {
      netlink.getLink({ name: "bench-last" });
    } catch (error) {
      if (error instanceof NetlinkError && error.code === "ENODEV") return;
      throw error;
    }
    pause(2);
  }
}

/** Waits, without the event loop. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** `count` mounts in this mount namespace, all below one that takes them away together. */
export function mounts(count: number): Disposable {
  const MS_BIND = 0x1000, MNT_DETACH = 2;
  const system = newSystemHandler();
  const folder = "/run/netns-bench";
  mkdirSync(folder, { recursive: true });
  system.mount("netns-bench", folder, "tmpfs", 0, "");
  for (const name of ["source", ...numbered(count, String)]) {
    mkdirSync(`${folder}/${name}`);
    if (name !== "source") system.mount(`${folder}/source`, `${folder}/${name}`, "none", MS_BIND, "");
  }
  return {
    [Symbol.dispose](): void {
      system.unmount(folder, MNT_DETACH);
      system.remove(folder);
    },
  };
}

/** The topology file of a star: for each leaf a pair, an address at both ends, a route and a neighbour in the leaf. */
export function topology(hub: string, prefix: string, count: number): string {
  const lines = (line: (i: number, net: string) => string): string =>
    numbered(count, (i) => `  - { ${line(i, network(i))} }\n`).join("");
  const hubs = lines((i, net) =>
    `name: hub${i}, type: VETH, namespace: ${hub}, hostIfName: leaf${i}, ipAddresses: [${net}.1/24], ` +
    `veth: { peerIfName: leaf${i} }`
  );
  const leaves = lines((i, net) =>
    `name: leaf${i}, type: VETH, namespace: ${prefix}${i}, hostIfName: eth0, ipAddresses: [${net}.2/24], ` +
    `veth: { peerIfName: hub${i} }`
  );
  const routes = lines((i, net) =>
    `name: route${i}, namespace: ${prefix}${i}, interface: leaf${i}, dstIpAddr: 11.0.0.0/8, gwAddr: ${net}.1`
  );
  const entries = lines((i, net) =>
    `name: arp${i}, namespace: ${prefix}${i}, interface: leaf${i}, ipAddr: ${net}.9, hwAddress: "02:00:00:00:00:09"`
  );
  return `name: ${hub}\ninterfaces:\n${hubs}${leaves}routes:\n${routes}arpEntries:\n${entries}`;
}

/** The input of `ip -batch` for the hub and for each leaf of that star, as most people write it: a pair is made, then moved. */
export function ipBatches(prefix: string, count: number): { hub: string; leaves: string[] } {
  return {
    hub: numbered(count, (i) =>
      `link add leaf${i} type veth peer name eth0\nlink set eth0 netns ${prefix}${i}\n` +
      `addr add ${network(i)}.1/24 dev leaf${i}\nlink set leaf${i} up\n`).join(""),
    leaves: numbered(
      count,
      (i) =>
        `addr add ${network(i)}.2/24 dev eth0\nlink set eth0 up\nroute add 11.0.0.0/8 via ${network(i)}.1 dev eth0\n` +
        `neigh replace ${network(i)}.9 lladdr 02:00:00:00:00:09 dev eth0\n`,
    ),
  };
}

const network = (i: number): string => `10.${100 + (i >> 8)}.${i & 255}`;

const numbered = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
