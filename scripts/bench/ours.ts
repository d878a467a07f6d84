/**
 * The library's side of a measurement; the same program in Deno and in Node. Takes the words that `peer.c` takes, and
 * prints the microseconds that the work took, after a time to warm up, and by how many MiB the process grew.
 */
import { once } from "node:events";
import process from "node:process";
import {
  Configurator,
  createNamedNamespace,
  deleteNamedNamespace,
  MemoryStateStore,
  namedNs,
  type NetworkConfig,
  NsHandle,
  NsHandler,
  parseConfig,
} from "netns";
import { settle } from "./namespaces.ts";
import { topology } from "./topology.ts";

const handler = new NsHandler();
const nothing = (): void => undefined;
const configurator = (): Configurator => new Configurator(handler, { store: new MemoryStateStore() });

/** A work: what is timed, and what is done before. */
interface Work {
  readonly prepare?: (...words: string[]) => Promise<void>;
  readonly run: (...words: string[]) => void | Promise<void>;
  /** What is done first so that what is timed is compiled. @default {the work itself, three times} */
  readonly warmUp?: (...words: string[]) => Promise<void>;
}

/** How often what is wired is wired before: by then all of it is compiled, as in an agent. */
const WARM_UPS = 20;

const WORKS: Readonly<Record<string, Work>> = {
  "switch-name": {
    run(name = "", count): void {
      const ns = namedNs(name);
      for (let i = Number(count); i > 0; i--) handler.withNamespace(ns, nothing);
    },
  },
  "switch-handle": {
    run(name = "", count): void {
      using ns = NsHandle.fromName(name);
      for (let i = Number(count); i > 0; i--) ns.run(nothing);
    },
  },
  "create-delete": {
    run(count): void {
      for (let i = 0; i < Number(count); i++) {
        createNamedNamespace(`ours-${i}`).close();
        deleteNamedNamespace(`ours-${i}`);
      }
    },
    warmUp: async (count) => {
      await WORKS["create-delete"]?.run(count ?? "");
      settle(); // the kernel takes namespaces down later, which is not what is timed
    },
  },
  spawn: {
    async run(name = "", count): Promise<void> {
      using ns = NsHandle.fromName(name);
      for (let i = Number(count); i > 0; i--) await once(ns.spawn("/bin/true", [], { stdio: "ignore" }), "close");
    },
    warmUp: (name = "") => Promise.resolve(WORKS["spawn"]?.run(name, "3")),
  },
  wire: { run: wire, warmUp: () => repeated(WARM_UPS, wireOthers) },
  "wire-first": { run: wire, warmUp: () => Promise.resolve() },
  again: { prepare: wire, run: again, warmUp: () => repeated(WARM_UPS, wireOthers) },
  destroy: { prepare: wire, run: destroy, warmUp: () => repeated(WARM_UPS, wireOthers) },
  parse: {
    run: (count) => void described(count),
    warmUp: () => repeated(10, () => described("400")),
  },
  plan: {
    prepare: (count) => Promise.resolve(void (config = described(count))),
    run: () => planned(config),
    warmUp: () => repeated(10, () => planned(described("400"))),
  },
};

let config: NetworkConfig;

async function wire(hub = "", prefix = "", count?: string): Promise<void> {
  const { failed, pending } = await configurator().apply(parseConfig(topology(hub, prefix, Number(count))));
  if (failed.length + pending.length > 0) throw new Error(JSON.stringify([...failed, ...pending]));
}

async function again(hub = "", prefix = "", count?: string): Promise<void> {
  const { done } = await configurator().apply(parseConfig(topology(hub, prefix, Number(count))));
  if (done.length > 0) throw new Error(`a second apply did ${JSON.stringify(done)}`);
}

async function destroy(hub = "", prefix = "", count?: string): Promise<void> {
  const { failed, pending } = await configurator().destroy(parseConfig(topology(hub, prefix, Number(count))));
  if (failed.length + pending.length > 0) throw new Error(JSON.stringify([...failed, ...pending]));
}

/** A round on namespaces of its own. */
async function wireOthers(): Promise<void> {
  const prefix = "warm-up-";
  const names = [`${prefix}hub`, ...Array.from({ length: 40 }, (_, i) => `${prefix}${i}`)];
  for (const name of names) createNamedNamespace(name).close();
  await wire(`${prefix}hub`, prefix, "40");
  await again(`${prefix}hub`, prefix, "40");
  await destroy(`${prefix}hub`, prefix, "40");
  for (const name of names) deleteNamedNamespace(name);
  settle(); // the kernel takes namespaces down later
}

/** A configuration of so many interfaces, two for each leaf. */
const described = (count = "0"): NetworkConfig =>
  parseConfig(topology("plan-hub", "plan-", Math.ceil(Number(count) / 2)));

async function planned(config: NetworkConfig): Promise<void> {
  const { steps, failed, pending } = await configurator().plan(config);
  if (steps.length === 0 || failed.length + pending.length > 0) {
    throw new Error(JSON.stringify([...failed, ...pending]));
  }
}

async function repeated(count: number, fn: () => unknown): Promise<void> {
  for (let i = 0; i < count; i++) await fn();
}

const [what = "", ...words] = process.argv.slice(2);
const work = WORKS[what];
if (work === undefined) throw new Error(`one of ${Object.keys(WORKS).join(", ")}`);
await (work.warmUp?.(...words) ?? repeated(3, () => work.run(...words)));
await work.prepare?.(...words);
const memory = process.memoryUsage().rss;
const start = performance.now();
await work.run(...words);
const took = (performance.now() - start) * 1000;
console.log(took.toFixed(1), ((process.memoryUsage().rss - memory) / 2 ** 20).toFixed(1));
