/** What a test could leave behind, read through libc: Deno's own calls on `/proc/self` want every permission. */
import { assertEquals } from "@std/assert";
import { before, describe } from "@std/testing/bdd";
import {
  auditThreads,
  createNamedNamespace,
  deleteNamedNamespace,
  inspectNamedNamespaces,
  type NsHandle,
  type ThreadNamespace,
} from "@netns/netns";
import { geteuid, readDirectory, readlink, readText } from "../../../ffi/mod.ts";

/**
 * What the runtimes open for an event loop, and Deno keeps of a worker that was ended from outside; and what glibc has a
 * look at when another thread gives memory back: open for a moment, which may be that of the count.
 */
const RUNTIMES_OWN: ReadonlySet<string> = new Set([
  "anon_inode:[eventpoll]",
  "anon_inode:[eventfd]",
  "/proc/sys/vm/overcommit_memory",
]);

/** The caches of Deno, which its other threads open and close at any time. */
const DENO_CACHE = /\/\w+_cache_v\d+(-\w+)?$/;

/** The open descriptors of this process, with what each is open to. */
export function descriptors(): string[] {
  return readDirectory("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlink(`/proc/self/fd/${fd}`);
      return /^\/proc\/\d+\/fd$/.test(target) || RUNTIMES_OWN.has(target) || DENO_CACHE.test(target)
        ? []
        : [`${fd} -> ${target}`];
    } catch {
      return []; // the one with which the directory was read is closed by now
    }
  }).sort();
}

/** The mounts of this mount namespace. */
export function mounts(): string[] {
  return readText("/proc/self/mountinfo").trimEnd().split("\n")
    .map((line) => line.split(" ").slice(2, 5).join(" ")).sort();
}

/** Threads of Bun's compiler and garbage collector: born at any time, and ended when they had no work for a while. */
const ENGINE_THREADS = /^(JITWorker|JSCWarmUp|HeapHelper|.*ollector Thread)$/;

/** The threads that are not at home and should be. */
export function strayThreads(): readonly ThreadNamespace[] {
  return auditThreads().filter(({ home, name }) => !home && !ENGINE_THREADS.test(name));
}

/** A file beside the links, which is there once the kernel has loaded the module of bonds. */
const BONDING = "bonding_masters";

/** Everything that a test must leave as it found it. */
export function traces(): Readonly<Record<string, readonly string[]>> {
  const away = strayThreads(); // asked first: it opens the home of the thread
  return {
    away: away.map(({ tid, name }) => `${tid} ${name}`),
    descriptors: descriptors(),
    links: readDirectory("/sys/class/net").filter((name) => name !== BONDING).sort(),
    mounts: mounts(),
    names: inspectNamedNamespaces().map(({ name }) => name),
  };
}

/**
 * Asserts that everything is as it was. The runtimes free what a finished worker or process had a little later: at
 * most half a minute is waited for that.
 */
export async function assertSameTraces(before: unknown): Promise<void> {
  let now = traces();
  for (let i = 0; i < 3000 && JSON.stringify(now) !== JSON.stringify(withoutEnded(before, now)); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    now = traces();
  }
  assertEquals(now, withoutEnded(before, now));
}

/**
 * Without what has ended since of what came before the suite: threads, and sockets, by which Bun speaks with a process and
 * which it closes a moment after that has ended. The number of a socket is never another's, so one that is left still shows.
 */
function withoutEnded(before: unknown, now: ReturnType<typeof traces>): unknown {
  if (typeof before !== "object" || before === null) return before;
  const stays = (key: string, one: unknown): boolean =>
    now[key]?.some((other) => other === one) === true || !(key === "away" || /-> socket:/.test(String(one)));
  return Object.fromEntries(
    Object.entries(before).map(([key, all]) => [key, Array.isArray(all) ? all.filter((one) => stays(key, one)) : all]),
  );
}

/**
 * What `look` gives once it is as `wanted`, or after half a minute: the kernel sets the state of a link a moment after what
 * it comes from.
 */
export async function settled<T>(look: () => T, wanted: (value: T) => boolean): Promise<T> {
  for (const end = performance.now() + 30_000; performance.now() < end && !wanted(look());) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return look();
}

/** A name that no other test has. */
export function scratchName(): string {
  return `netns-test-${crypto.randomUUID().slice(0, 8)}`;
}

/** A namespace with a name of its own, which is gone at the end of the block. */
export function scratchNamespace(): { readonly name: string } & Disposable {
  const name = scratchName();
  createNamedNamespace(name).close();
  return { name, [Symbol.dispose]: () => deleteNamedNamespace(name) };
}

/** The names of the links in a namespace. */
export function linkNames(ns: NsHandle): string[] {
  using netlink = ns.netlink();
  return netlink.listLinks().map(({ name }) => name);
}

/** True where the tests may make namespaces. In CI a test that cannot run is a failure, not a skip. */
export function isRoot(): boolean {
  return geteuid() === 0;
}

/** A suite that needs root: skipped elsewhere, but never in CI. */
export function describeAsRoot(name: string, body: () => void): void {
  const inCi = isRoot() || /(^|\0)CI=(true|1)(\0|$)/.test(readText("/proc/self/environ"));
  describe(name, { skip: !inCi }, () => {
    // The shared mount of the directory stays, as `ip netns` leaves it: make it before anything is compared.
    before(() => scratchNamespace()[Symbol.dispose]());
    body();
  });
}
