/** What there is before something is measured: namespaces, mounts, sockets, files; and the programs that are run for it. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import process from "node:process";
import { createNamedNamespace, deleteNamedNamespace, newSystemHandler, NsHandle } from "@netns/netns";

/** Makes so many of something; what it returns takes them away, if the namespaces of the work do not. */
export type There = (size: number) => Disposable | undefined | Promise<AsyncDisposable>;

/** The namespace that is switched to, and to which all others are wired; what the names of the others begin with. */
export const HUB = "bench-hub", LEAF = "bench-leaf-";
/** True in a smoke test, whose figures mean nothing: nothing is warmed up, and nobody waits for the kernel. */
export const SMOKE: boolean = process.env["NETNS_BENCH_SMOKE"] === "1";
/** After how many milliseconds the kernel has done what it puts off when namespaces are made or go: it frees memory, say. */
export const SETTLED: number = SMOKE ? 0 : 150;

/** So many of something. */
export const numbered = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A star of namespaces: the name of its hub, what the names of its leaves begin with, and how many those are. */
export type Star = readonly [hub: string, prefix: string, count: number];
/** The names of a star's namespaces. */
export const namesOf = (...[hub, prefix, count]: Star): string[] => [hub, ...numbered(count, (i) => prefix + i)];
/** The first three bytes of the addresses between the hub of a star and a leaf. */
export const networkOf = (i: number): string => `10.${100 + (i >> 8)}.${i & 255}`;

/** So many namespaces that no work touches. */
export const others = (size: number): Disposable => namespaces(namesOf("bench-other", "bench-other-", size - 1));
/** Opens the namespace HUB. */
export const openHub = (): NsHandle => NsHandle.fromName(HUB);

/**
 * Makes namespaces, and lets the kernel come to rest; at the end of the block they are gone. `lo` is up, as in a namespace
 * in use: an apply sets it up where it is down, and the usual tools do not.
 */
export function namespaces(names: readonly string[]): Disposable {
  for (const name of names) {
    using ns = createNamedNamespace(name);
    using netlink = ns.netlink();
    netlink.setLink({ name: "lo" }, { up: true });
  }
  wait(SETTLED);
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
  for (let i = 0; i < 2 && !SMOKE; i++) {
    using netlink = NsHandle.home().netlink();
    using ns = NsHandle.create();
    // A pair goes when the namespace of either end is taken down.
    netlink.addLink({ kind: "veth", name: "bench-last", peer: { name: "eth0", netns: ns } });
    ns.close();
    while (netlink.listLinks().some(({ name }) => name === "bench-last")) wait(2);
  }
}

/** Waits, without the event loop. */
const wait = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** So many mounts in this mount namespace, all below one that takes them away together. */
export function mounts(count: number): Disposable {
  const MS_BIND = 0x1000, MNT_DETACH = 2;
  const [system, folder] = [newSystemHandler(), "/run/netns-bench"];
  mkdirSync(folder, { recursive: true });
  system.mount("netns-bench", folder, "tmpfs", 0, "");
  for (let i = 0; i < count; i++) {
    mkdirSync(`${folder}/${i}`);
    system.mount(`${folder}/0`, `${folder}/${i}`, "none", MS_BIND, "");
  }
  return { [Symbol.dispose]: () => system.unmount(folder, MNT_DETACH) };
}

/** So many sockets of TCP in the namespace HUB, each connected with another. */
export async function connections(count: number): Promise<AsyncDisposable> {
  using ns = openHub();
  const held: Socket[] = [];
  const server = await ns.listen(createServer((socket) => held.push(socket)), { host: "127.0.0.1", port: 0 });
  const { port } = server.address() as AddressInfo; // it is bound to no path
  while (held.length < count) {
    const accepted = once(server, "connection");
    held.push(await ns.connect({ host: "127.0.0.1", port }));
    await accepted;
  }
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of held) socket.resetAndDestroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** What so many lines of `ip` make in the namespace HUB, with which it goes: each makes `share` of what is counted. */
export const inHub = (share: number, line: (i: number) => string): There => (size) =>
  void output(["sh", "-e"], { input: batch(numbered(Math.ceil(size / share), line), HUB) });

/** A part of a script of `sh`: has `ip` do lines, in a namespace if one is named. */
export const batch = (lines: readonly string[], name?: string): string =>
  [`ip ${name === undefined ? "" : `-n ${name} `}-batch - <<.`, ...lines, ".", ""].join("\n");

/** What a program reads, and its environment. */
interface Given {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * What a program writes.
 *
 * @throws {Error} It cannot be started or it fails.
 */
export function output([command = "", ...args]: readonly string[], given: Given = {}): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    ...given,
  });
  if (error !== undefined) throw new Error(`${command} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim() || `status ${status}`}`);
  return stdout;
}

/** The topology file of a star: for each leaf a pair, an address at both ends, a route and a neighbour in the leaf. */
export function topology(...[hub, prefix, count]: Star): string {
  const list = (item: (i: number, net: string, leaf: string) => string): string[] =>
    numbered(count, (i) => `  - { ${item(i, networkOf(i), prefix + i)} }`);
  const end = (name: string, peer: string, namespace: string, hostIfName: string, address: string): string =>
    `name: ${name}, type: VETH, namespace: ${namespace}, hostIfName: ${hostIfName}, ipAddresses: [${address}/24], ` +
    `veth: { peerIfName: ${peer} }`;
  const inLeaf = (i: number, leaf: string): string => `namespace: ${leaf}, interface: leaf${i}`;
  return [
    `name: ${hub}`,
    "interfaces:",
    ...list((i, net) => end(`hub${i}`, `leaf${i}`, hub, `leaf${i}`, `${net}.1`)),
    ...list((i, net, leaf) => end(`leaf${i}`, `hub${i}`, leaf, "eth0", `${net}.2`)),
    "routes:",
    ...list((i, net, leaf) => `name: route${i}, ${inLeaf(i, leaf)}, dstIpAddr: 11.0.0.0/8, gwAddr: ${net}.1`),
    "arpEntries:",
    ...list((i, net, leaf) => `name: arp${i}, ${inLeaf(i, leaf)}, ipAddr: ${net}.9, hwAddress: "02:00:00:00:00:09"`),
    "",
  ].join("\n");
}
