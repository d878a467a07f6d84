/**
 * The library's side of a measurement, the same program in Deno and in Node. Takes the words that `peer.c` takes, and
 * prints the microseconds that the work took, after a time to warm up, and by how many MiB the process grew. With
 * `endure WORK COUNT` it does the same again and again, and prints as JSON what the process uses after a hundredth, a tenth
 * and all.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import {
  type ApplyReport,
  Configurator,
  MemoryStateStore,
  type NetworkConfig,
  NsHandler,
  parseConfig,
} from "@netns/netns";
import { LABS } from "./labs.ts";
import { expected, type Piece, PIECES } from "./pieces.ts";
import type { Use } from "./report.ts";
import { namespaces, settle, SETTLED, SMOKE, star, topology } from "./scene.ts";

/**
 * How often what is wired is wired before: by then all of it is compiled, as in an agent. V8 compiles the last of it
 * about the tenth to the fifteenth time, during which it takes a third longer than afterwards.
 */
const WARM_UPS = SMOKE ? 1 : 20;
/** How many leaves a star has at that, at most. */
const LEAVES = 100;
/** How often a star is timed: some rounds have to collect garbage and others have not. A large one takes long. */
const TIMED = { small: SMOKE ? 1 : 5, large: 3 };

const configurator = new Configurator(new NsHandler(), { store: new MemoryStateStore() });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Act = (...words: string[]) => unknown;

/** What is timed of a file, or of a star that it describes; and what is done before. */
interface OfFile {
  readonly act: Act;
  readonly before?: Act;
  readonly onStar?: "warm" | "cold";
}

let config: NetworkConfig;
const FILES: Readonly<Record<string, OfFile>> = {
  wire: { act: wire, onStar: "warm" },
  "wire-first": { act: wire, onStar: "cold" },
  again: { before: wire, act: again, onStar: "warm" },
  destroy: { before: wire, act: destroy, onStar: "warm" },
  parse: { act: (_hub, _prefix, count) => described(count) },
  plan: { before: (_hub, _prefix, count) => config = described(count), act: planned },
  ...LABS,
};

const starOf = (hub = "", prefix = "", count = ""): NetworkConfig => parseConfig(topology(hub, prefix, Number(count)));

/** A configuration of so many interfaces: two for each leaf. */
function described(count = ""): NetworkConfig {
  return starOf("plan-hub", "plan-", `${Math.ceil(Number(count) / 2)}`);
}

async function wire(...words: string[]): Promise<void> {
  complete(await configurator.apply(starOf(...words)));
}

async function again(...words: string[]): Promise<void> {
  expected((await configurator.apply(starOf(...words))).done.length, 0);
}

async function destroy(...words: string[]): Promise<void> {
  complete(await configurator.destroy(starOf(...words)));
}

async function planned(): Promise<void> {
  const plan = await configurator.plan(config);
  complete(plan);
  expected(plan.steps.length > 0, true);
}

function complete({ failed, pending }: Pick<ApplyReport, "failed" | "pending">): void {
  expected(JSON.stringify([...failed, ...pending]), "[]");
}

/** Calls `act` with the words for a star of other namespaces, which are gone afterwards. */
async function onOthers<T>(count: string, act: (...words: string[]) => Promise<T>): Promise<T> {
  using _ = namespaces(star(Number(count), "others-hub", "others-"));
  const words = ["others-hub", "others-", count];
  const result = await act(...words);
  await configurator.destroy(starOf(...words)); // of what is destroyed nothing is left to destroy
  return result;
}

async function repeated(count: number, act: Piece): Promise<void> {
  for (let i = 0; i < count; i++) {
    const pending = act(i);
    if (pending instanceof Promise) await pending;
  }
}

/** The microseconds that `act` takes, and by how many bytes the process grows. */
async function timed(act: () => unknown): Promise<[took: number, grown: number]> {
  const [memory, start] = [process.memoryUsage().rss, performance.now()];
  await act();
  return [(performance.now() - start) * 1000, process.memoryUsage().rss - memory];
}

/** Has pieces done often enough to be compiled, and times them. */
async function timedPieces(piece: Piece, count: number): Promise<[took: number, grown: number]> {
  for (let i = 0; i < (SMOKE ? 1 : 3); i++) await repeated(count, piece);
  settle();
  await sleep(SETTLED);
  return await timed(() => repeated(count, piece));
}

/** The same of what is done with a file. */
async function timedFile({ act, before, onStar }: OfFile, words: readonly string[]): Promise<[number, number]> {
  const count = words.at(-1) ?? "";
  const prepared = async (...words: string[]): Promise<[took: number, grown: number]> => {
    await before?.(...words);
    return await timed(() => act(...words));
  };
  if (onStar === undefined) await repeated(SMOKE ? 1 : 10, () => prepared("", "", "400"));
  if (onStar === "warm") {
    const both: typeof wire = async (...words) => {
      await wire(...words);
      await again(...words);
    };
    await repeated(WARM_UPS, () => onOthers(`${Math.min(Number(count), LEAVES)}`, both));
  }
  await sleep(SETTLED);
  const [took, grown] = await prepared(...words);
  if (onStar !== "warm") return [took, grown];
  await configurator.destroy(starOf(...words)); // the kernel works for what is wired, also later
  const [times, isLarge] = [[took], Number(count) > LEAVES];
  while (times.length < TIMED[isLarge ? "large" : "small"]) times.push((await onOthers(count, prepared))[0]);
  if (isLarge) times.shift(); // it was larger than what it was warmed up with, and had to find memory
  return [times.reduce((a, b) => a + b) / times.length, grown];
}

/** Does all pieces, and looks at the process three times: the first hundredth is to warm up. */
async function endured(piece: Piece, count: number): Promise<Use[]> {
  const warm = Math.ceil(count / 100);
  const uses: Use[] = [];
  let done = 0;
  for (const end of [warm, Math.max(Math.ceil(count / 10), warm), count]) {
    await repeated(end - done, (i) => piece(done + i));
    done = end;
    settle();
    await sleep(SETTLED * 2); // what threads and sockets had is freed a little later
    for (let i = 0; i < 3; i++) (globalThis as { gc?: () => void }).gc?.(); // given by --expose-gc
    const { heapUsed, rss } = process.memoryUsage();
    uses.push({
      descriptors: readdirSync("/proc/self/fd").length,
      threads: readdirSync("/proc/self/task").length,
      mounts: readFileSync("/proc/self/mountinfo", "utf8").split("\n").length,
      heap: heapUsed / 2 ** 20,
      rss: rss / 2 ** 20,
    });
  }
  return uses;
}

const [first = "", ...rest] = process.argv.slice(2);
const [work = "", ...words] = first === "endure" ? rest : [first, ...rest];
const [count, piece, file] = [Number(words.at(-1)), await PIECES[work]?.(), FILES[work]];
if (first === "endure") console.log(JSON.stringify(await endured(piece ?? none(), count)));
else {
  const [took, grown] = file === undefined ? await timedPieces(piece ?? none(), count) : await timedFile(file, words);
  console.log(took.toFixed(1), (grown / 2 ** 20).toFixed(1));
}
process.exit(0); // what follows containers would go on

function none(): never {
  throw new Error(`${work}: expected one of ${Object.keys({ ...PIECES, ...FILES }).join(", ")}`);
}
