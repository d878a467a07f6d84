/**
 * The same again and again, in one process; the same program in Deno and in Node: `enduring.ts WORK COUNT [SOCKET]`.
 * Prints what the process uses at the start, after a tenth, and at the end, as JSON.
 */
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import process from "node:process";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  namedNs,
  NewMicroservice,
  NsHandle,
  NsHandler,
  runInNamespace,
  TerminatedMicroservice,
} from "@netns/netns";
import { HUB, namespaces, settle } from "./namespaces.ts";

/** What a process uses. */
export interface Use {
  readonly descriptors: number;
  readonly threads: number;
  readonly mounts: number;
  /** MiB of JavaScript's heap, after a collection. */
  readonly heap: number;
  /** MiB of memory that the process has, all in all. */
  readonly rss: number;
}

/** Does the first `done` of all pieces of a work; called with more each time. */
type Part = (from: number, to: number) => Promise<void>;

const [what = "", words = "", socketPath = ""] = process.argv.slice(2);
const count = Number(words);
const nothing = (): void => undefined;
/** A module for the threads: it gives what it is given. */
const MODULE = `data:text/javascript,${encodeURIComponent("export const same = (value) => Promise.resolve(value);")}`;

const WORKS: Readonly<Record<string, () => Promise<void>>> = {
  async switches(): Promise<void> {
    using _ = namespaces([HUB]);
    using ns = NsHandle.fromName(HUB);
    const handler = new NsHandler();
    await endure((from, to) => {
      for (let i = from; i < to; i++) {
        if (i % 2 === 0) ns.run(nothing);
        else handler.withNamespace(namedNs(HUB), nothing);
      }
      return Promise.resolve();
    });
  },

  async creations(): Promise<void> {
    await endure((from, to) => {
      for (let i = from; i < to; i++) {
        createNamedNamespace("bench-created").close();
        deleteNamedNamespace("bench-created");
        if (i % 500 === 499) settle(); // the kernel takes them down later than they are given up
      }
      return Promise.resolve();
    });
  },

  async threads(): Promise<void> {
    using _ = namespaces([HUB]);
    await endure(async (from, to) => {
      for (let i = from; i < to; i++) {
        const value = await runInNamespace(namedNs(HUB), MODULE, "same", i);
        if (value !== i) throw new Error(`${value}: expected ${i}`);
      }
    });
  },

  async containers(): Promise<void> {
    await using handler = new NsHandler({ docker: { socketPath } });
    await handler.init();
    while (handler.containerRuntime.state !== "connected") await new Promise((resolve) => setTimeout(resolve, 10));
    const events = handler.microserviceEvents()[Symbol.asyncIterator]();
    const happens = async (id: string, action: string, eventType: string): Promise<void> => {
      await tell(`/${id}/${action}`);
      const { value } = await events.next();
      if (value?.eventType !== eventType || value.id !== id) {
        throw new Error(`${JSON.stringify(value)}: expected ${id}`);
      }
    };
    await endure(async (from, to) => {
      for (let i = from; i < to; i++) {
        await happens(`c${i}`, "start", NewMicroservice);
        await happens(`c${i}`, "die", TerminatedMicroservice);
      }
    });
    await events.return?.();
  },
};

function tell(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, method: "POST", agent: false }, (response) => {
      response.resume().on("end", () => resolve());
    }).on("error", reject).end();
  });
}

/** Does all pieces, and looks at the process three times. The first hundredth is to warm up. */
async function endure(part: Part): Promise<void> {
  const warm = Math.ceil(count / 100);
  const places = [warm, Math.max(Math.ceil(count / 10), warm), count];
  const uses: Use[] = [];
  let from = 0;
  for (const to of places) {
    await part(from, to);
    from = to;
    uses.push(await use());
  }
  console.log(JSON.stringify(uses));
}

async function use(): Promise<Use> {
  settle();
  // What threads and sockets had is freed a little later; what is in the heap without a use, when it is collected.
  await new Promise((resolve) => setTimeout(resolve, 250));
  for (let i = 0; i < 3; i++) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
    mounts: readFileSync("/proc/self/mountinfo", "utf8").split("\n").length,
    heap: heapUsed / 2 ** 20,
    rss: rss / 2 ** 20,
  };
}

await WORKS[what]?.();
