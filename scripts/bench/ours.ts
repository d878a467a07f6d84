/**
 * The library's side of a measurement, the same program in Deno, Node and Bun. Takes the words that `peer.c` takes, and
 * prints the microseconds that the work took, after a time to warm up, and by how many MiB the process grew. With
 * `endure WORK HUB PREFIX COUNT` it does the same again and again, and prints as JSON what the process uses after a
 * hundredth, a tenth and all.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { pause } from "../../src/async/pause.ts";
import type { Use } from "./report.ts";
import { namesOf, namespaces, settle, SETTLED, SMOKE, type Star } from "./scene.ts";
import { again, type Piece, PIECES, takeAway, WHOLES, wire, type Work } from "./works.ts";

/**
 * How often what is wired is wired before: by then all of it is compiled, as in an agent. V8 compiles the last of it
 * about the tenth to the fifteenth time, during which it takes a third longer than afterwards.
 */
const WARM_UPS = SMOKE ? 1 : 20;
/** How many leaves a star has at that, at most. */
const LEAVES = 100;

/** Calls `act` with another star, whose namespaces are gone afterwards. */
async function onOthers<T>(count: number, act: (...star: Star) => Promise<T>): Promise<T> {
  const words: Star = ["others-hub", "others-", count];
  using _ = namespaces(namesOf(...words));
  const result = await act(...words);
  await takeAway(...words); // of what is destroyed nothing is left to destroy
  return result;
}

async function repeated(count: number, act: Piece): Promise<void> {
  for (let i = 0; i < count; i++) {
    const pending = act(i);
    if (pending instanceof Promise) await pending;
  }
}

/** The microseconds that a work takes, and by how many bytes the process grows. */
type Timed = readonly [took: number, grown: number];

async function timed({ before, act }: Work, ...words: Star): Promise<Timed> {
  await before?.(...words);
  const [memory, start] = [process.memoryUsage().rss, performance.now()];
  await act(...words);
  return [(performance.now() - start) * 1000, process.memoryUsage().rss - memory];
}

/** The same, warm. A star is timed more often: some rounds have to collect garbage and others have not. */
async function timedWarm(work: Work, words: Star): Promise<Timed> {
  const { warm } = work;
  const count = words[2];
  if (warm === undefined) await repeated(SMOKE ? 1 : 10, () => timed(work, "", "", 400));
  if (warm === "itself") await repeated(SMOKE ? 1 : 3, () => timed(work, ...words));
  if (warm === "itself") settle();
  const both = async (...words: Star): Promise<void> => {
    await wire(...words);
    await again(...words);
  };
  if (warm === "others") await repeated(WARM_UPS, () => onOthers(Math.min(count, LEAVES), both));
  await pause(SETTLED);
  const [took, grown] = await timed(work, ...words);
  if (warm !== "others") return [took, grown];
  await takeAway(...words); // the kernel works for what is wired, also later
  // A large one takes long. It was larger than what it was warmed up with, and had to find memory: it does not count.
  const [times, often] = count > LEAVES ? [[], 2] : [[took], SMOKE ? 1 : 5];
  while (times.length < often) times.push((await onOthers(count, (...words) => timed(work, ...words)))[0]);
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
    await pause(SETTLED * 2); // what threads and sockets had is freed a little later
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
const [name = "", hub = "", prefix = "", count = ""] = first === "endure" ? rest : [first, ...rest];
const piece = await PIECES[name]?.();
const work = piece ? { act: () => repeated(Number(count), piece), warm: "itself" as const } : WHOLES[name];
if (first === "endure" && piece !== undefined) console.log(JSON.stringify(await endured(piece, Number(count))));
else {
  if (work === undefined) {
    throw new Error(`${name}: expected one of ${Object.keys({ ...PIECES, ...WHOLES }).join(", ")}`);
  }
  const [took, grown] = await timedWarm(work, [hub, prefix, Number(count)]);
  console.log(took.toFixed(1), (grown / 2 ** 20).toFixed(1));
}
process.exit(0); // what follows containers would go on
