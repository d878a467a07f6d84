/** Other programs for network namespaces, and what this library sees of what they make. */
import { assert, assertEquals } from "@std/assert";
import { after, before } from "@std/testing/bdd";
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe } from "@std/testing/bdd";
import process from "node:process";
import {
  deleteNamedNamespace,
  identifyNamespace,
  listNamedNamespaces,
  namedNamespaceExists,
  Netlink,
  NsHandle,
} from "@netns/netns";
import { assertSameTraces, linkNames, scratchNamespace, traces } from "../integration/support/traces.ts";

/** A suite that needs root and a program: skipped with a notice where either is missing, but never in CI. */
export function describeWith(title: string, [command = "", ...args]: readonly string[], body: () => void): void {
  const reason = process.geteuid?.() !== 0
    ? "this needs root"
    : spawnSync(command, args, { stdio: "ignore" }).status === 0
    ? undefined
    : `${[command, ...args].join(" ")} does not work`;
  const skip = reason !== undefined && process.env["CI"] !== "true";
  if (skip) console.warn(`notice: ${title} is skipped: ${reason}`);
  describe(title, { skip }, () => {
    let start: unknown;
    before(() => {
      scratchNamespace()[Symbol.dispose](); // the shared mount of the directory stays, as `ip netns` leaves it
      NsHandle.home().close(); // and so does the home of the thread
      start = traces();
    });
    after(() => assertSameTraces(start));
    body();
  });
}

/** What a program that must succeed prints. */
export function output(
  words: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): string {
  const [command = "", ...args] = words;
  const env = { ...process.env, ...options.env };
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", ...options, env });
  assertEquals(
    { status, error: error?.message },
    { status: 0, error: undefined },
    `${words.join(" ")}: ${stdout}${stderr}`,
  );
  return stdout.trim();
}

/** What `ip -j …` says. */
export function ip<T>(...args: string[]): T {
  const text = output(["ip", "-j", ...args]);
  return JSON.parse(text === "" ? "[]" : text) as T;
}

/** A process that does nothing in a namespace, until the block ends. */
export async function idle(ns: NsHandle): Promise<{ readonly pid: number } & AsyncDisposable> {
  const child: ChildProcess = ns.spawn("sleep", ["600"], { stdio: "ignore" });
  await once(child, "spawn");
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose](): Promise<void> {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Where the thread is. */
function here(): bigint {
  using ns = NsHandle.current();
  return ns.inode;
}

/**
 * A name that somebody else made is as good as one of ours: it is listed, identified, entered, configured, left, and
 * deleted in the end.
 */
export async function assertUsable(name: string): Promise<void> {
  assert(listNamedNamespaces().includes(name), `${name} is listed`);
  {
    using ns = NsHandle.fromName(name);
    assertEquals(ns.run(here), ns.inode, "entered");
    await using process = await idle(ns);
    const { inode, names, pids } = identifyNamespace(process.pid);
    assertEquals([inode, names, pids], [ns.inode, [name], [process.pid]]);

    using netlink = ns.run(() => Netlink.open());
    netlink.addLink({ kind: "veth", name: "here", peer: { name: "there" } });
    netlink.addAddress({ name: "here" }, "203.0.113.1/24");
    assertEquals(
      output(["nsenter", `--net=/run/netns/${name}`, "ip", "-4", "-br", "address", "show", "here"]).split(/\s+/),
      [
        "here@there",
        "DOWN",
        "203.0.113.1/24",
      ],
    );
    netlink.deleteLink({ name: "here" });
    assert(!linkNames(ns).includes("there"));
  }
  deleteNamedNamespace(name);
  assert(!namedNamespaceExists(name));
  assertEquals(ip<{ name: string }[]>("netns", "list").filter((one) => one.name === name), []);
}
