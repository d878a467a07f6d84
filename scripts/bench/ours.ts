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
} from "@netns/netns";
import { settle, SETTLED } from "./namespaces.ts";
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
  /** The same on other namespaces that it makes, timed by `time`. */
  readonly further?: (time: (...words: string[]) => Promise<number>, count: string) => Promise<number>;
}

/**
 * How often what is wired is wired before: by then all of it is compiled, as in an agent. V8 compiles the last of it
 * about the tenth to the fifteenth time, during which it takes a third longer than afterwards.
 */
const WARM_UPS = 20;
/** How many leaves a star has at that, at most. */
const LEAVES = "100";
/** How often a star is timed: some rounds have to collect garbage and others have not. A large one takes long. */
const TIMED = { small: 5, large: 3 } as const;

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
  wire: { run: wire, warmUp: wireOthers, further: onOthers },
  "wire-first": { run: wire, warmUp: () => Promise.resolve() },
  again: { prepare: wire, run: again, warmUp: wireOthers, further: onOthers },
  destroy: { prepare: wire, run: destroy, warmUp: wireOthers, further: onOthers },
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

/** Waits until the kernel has done what it does later for namespaces that were made or have gone. */
const atRest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLED));

/** Calls `fn` with the words for a star of other namespaces, which are gone afterwards. */
async function onOthers<T>(fn: (...words: string[]) => Promise<T>, count: string): Promise<T> {
  const prefix = "others-";
  const hub = `${prefix}hub`;
  const names = [hub, ...Array.from({ length: Number(count) }, (_, i) => `${prefix}${i}`)];
  for (const name of names) createNamedNamespace(name).close();
  await atRest();
  const result = await fn(hub, prefix, count);
  await destroy(hub, prefix, count);
  for (const name of names) deleteNamedNamespace(name);
  settle(); // the kernel takes namespaces down later
  return result;
}

/** Wires stars until all of that is compiled. */
async function wireOthers(_hub?: string, _prefix?: string, count = LEAVES): Promise<void> {
  const leaves = String(Math.min(Number(count), Number(LEAVES)));
  for (let i = 0; i < WARM_UPS; i++) {
    await onOthers(async (...words) => {
      await wire(...words);
      await again(...words);
    }, leaves);
  }
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
await atRest();
let memory = 0;
const times = [await time(work, ...words)];
const grown = process.memoryUsage().rss - memory;
const [count = ""] = words.slice(-1);
const isLarge = Number(count) > Number(LEAVES);
if (work.further !== undefined) {
  await destroy(...words); // the kernel works for what is wired, also later
  while (times.length < TIMED[isLarge ? "large" : "small"]) {
    times.push(await work.further((...others) => time(work, ...others), count));
  }
}
if (isLarge && times.length > 1) times.shift(); // it was larger than what it was warmed up with, and had to find memory
const took = times.reduce((sum, one) => sum + one, 0) / times.length;
console.log(took.toFixed(1), (grown / 2 ** 20).toFixed(1));

/** The microseconds that a work takes, without its preparation. */
async function time({ prepare, run }: Work, ...words: string[]): Promise<number> {
  await prepare?.(...words);
  memory = process.memoryUsage().rss;
  const start = performance.now();
  await run(...words);
  return (performance.now() - start) * 1000;
}
