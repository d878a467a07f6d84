/**
 * Asynchronous work in a namespace: it runs on a thread that is born there and has an event loop of its own.
 *
 *     sudo deno run -A test/examples/worker.ts
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { isMainThread } from "node:worker_threads";
import { NsHandle, runInNamespace } from "@netns/netns";

/** Runs in the namespace, before and after each `await`. */
export async function get(url: string): Promise<string> {
  const response = await fetch(url);
  return await response.text();
}

/** Runs at home. */
async function main(): Promise<void> {
  using blue = NsHandle.create();
  using netlink = blue.netlink();
  netlink.setLink({ name: "lo" }, { up: true });

  const server = createServer((_request, response) => response.end("hello from blue"));
  blue.run(() => server.listen(8080));
  await once(server, "listening");

  // The worker imports this module again, so what follows `isMainThread` below does not run there.
  const module = new URL(import.meta.url);
  console.log(await runInNamespace(blue, module, "get", "http://127.0.0.1:8080/")); // hello from blue

  // What the function throws comes back with its message; a signal as the last argument ends the thread.
  try {
    await runInNamespace(blue, module, "get", "http://127.0.0.1:9/", AbortSignal.timeout(5_000));
  } catch (error) {
    console.log(error instanceof Error); // true
  }

  server.close();
  server.closeAllConnections();
}

if (isMainThread) await main();
