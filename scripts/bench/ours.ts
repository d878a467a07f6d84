/**
 * The library's side of a measurement; the same program in Deno and in Node. Takes the words that `peer.c` takes, and
 * prints the microseconds that the work took, after a round to warm up.
 */
import { once } from "node:events";
import process from "node:process";
import {
  Configurator,
  createNamedNamespace,
  deleteNamedNamespace,
  MemoryStateStore,
  namedNs,
  NsHandle,
  NsHandler,
  parseConfig,
} from "netns";
import { topology } from "./topology.ts";

const handler = new NsHandler();
const nothing = (): void => undefined;

const WORK: Readonly<Record<string, (...args: string[]) => void | Promise<void>>> = {
  "switch-name"(name = "", count): void {
    const ns = namedNs(name);
    for (let i = Number(count); i > 0; i--) handler.withNamespace(ns, nothing);
  },

  "switch-handle"(name = "", count): void {
    using ns = NsHandle.fromName(name);
    for (let i = Number(count); i > 0; i--) ns.run(nothing);
  },

  "create-delete"(count): void {
    for (let i = 0; i < Number(count); i++) {
      createNamedNamespace(`ours-${i}`).close();
      deleteNamedNamespace(`ours-${i}`);
    }
  },

  async spawn(name = "", count): Promise<void> {
    using ns = NsHandle.fromName(name);
    for (let i = Number(count); i > 0; i--) {
      const child = ns.spawn("/bin/true", [], { stdio: "ignore" });
      await once(child, "close");
    }
  },

  async wire(hub = "", prefix = "", count): Promise<void> {
    const configurator = new Configurator(handler, { store: new MemoryStateStore() });
    const config = parseConfig(topology(hub, prefix, Number(count)));
    const { failed, pending } = await configurator.apply(config);
    if (failed.length + pending.length > 0) throw new Error(JSON.stringify([...failed, ...pending]));
  },

  async again(hub = "", prefix = "", count): Promise<void> {
    const configurator = new Configurator(handler, { store: new MemoryStateStore() });
    const { done } = await configurator.apply(parseConfig(topology(hub, prefix, Number(count))));
    if (done.length > 0) throw new Error(`a second apply did ${JSON.stringify(done)}`);
  },
};

/** What is done once, and not measured, so that what is measured is compiled: a round on namespaces of its own. */
async function warmUp(what: string, args: readonly string[]): Promise<void> {
  if (what !== "wire" && what !== "again") return void await WORK[what]?.(...args);
  const prefix = "warm-up-";
  const names = [`${prefix}hub`, ...Array.from({ length: 40 }, (_, i) => `${prefix}${i}`)];
  for (const name of names) createNamedNamespace(name).close();
  await WORK["wire"]?.(`${prefix}hub`, prefix, "40");
  await WORK["again"]?.(`${prefix}hub`, prefix, "40");
  for (const name of names) deleteNamedNamespace(name);
  await new Promise((resolve) => setTimeout(resolve, 200)); // the kernel takes namespaces down later
}

const [what = "", ...args] = process.argv.slice(2);
const work = WORK[what];
if (work === undefined) throw new Error(`one of ${Object.keys(WORK).join(", ")}`);
await warmUp(what, args);
const memory = process.memoryUsage().rss;
const start = performance.now();
await work(...args);
const took = (performance.now() - start) * 1000;
console.log(took.toFixed(1), ((process.memoryUsage().rss - memory) / 2 ** 20).toFixed(1));
