/**
 * A process in a namespace: started by this program, without a shell and without `ip netns exec`.
 *
 *     sudo deno run -A test/examples/spawn.ts
 */
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { createNamedNamespace, deleteNamedNamespace, identifyNamespace, NsHandle } from "@netns/netns";

/** Runs a command in `ns` to its end. */
async function output(ns: NsHandle, command: string, ...args: string[]): Promise<string> {
  const child = ns.spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout === null) throw new Error("stdout is a pipe");
  const ended = once(child, "exit"); // rejects with the `error` event if there is no such command
  const printed = await text(child.stdout);
  const [status] = await ended;
  if (status !== 0) throw new Error(`${command} ended with status ${status}`);
  return printed.trim();
}

using blue = createNamedNamespace("example-spawn");
try {
  // The child inherits the namespace: what it sees under /proc/self/net is that of `blue`.
  const links = await output(blue, "sh", "-c", "tail -n +3 /proc/self/net/dev | cut -d: -f1 | tr -d ' '");
  console.log(links); // lo

  // Which processes are in the namespace, and in which namespace is a process?
  const sleeper = blue.spawn("sleep", ["60"], { stdio: "ignore" });
  await once(sleeper, "spawn");
  console.log(identifyNamespace(blue).pids.join() === String(sleeper.pid)); // true
  console.log(identifyNamespace(sleeper.pid ?? 0).names.join()); // example-spawn
  const ended = once(sleeper, "exit");
  sleeper.kill();
  await ended;

  // The parent never left: its own namespace has another inode.
  using here = NsHandle.current();
  console.log(here.equals(blue)); // false
} finally {
  deleteNamedNamespace("example-spawn");
}
