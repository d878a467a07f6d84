/**
 * The library's side of a measurement, the same program in Deno, Node and Bun. Takes the words that `peer.c` takes, and
 * prints the microseconds that the work took, after a time to warm up, and by how many MiB the process grew. With a fifth
 * word it does the same again and again, and prints as JSON what the process uses after a hundredth, a tenth and all.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { pause } from "../../src/async/pause.ts";
import type { Use } from "./report.ts";
import { namesOf, namespaces, openHub, settle, SETTLED, SMOKE, type Star } from "./scene.ts";
import { again, type Piece, PIECES, takeAway, WHOLES, wire, type Work } from "./works.ts";

/** How many leaves a star has that something is warmed up with, at most. */
const LEAVES = 100;
const usually = (times: number): number => SMOKE ? 1 : times;

/** Calls `act` with another star, whose namespaces are gone afterwards. */
async function onOthers<T>(count: number, act: (...star: Star) => Promise<T>): Promise<T> {
  const star: Star = ["others-hub", "others-", count];
  using _ = namespaces(namesOf(...star));
  const result = await act(...star);
  await takeAway(...star); // of what is destroyed nothing is left to destroy
  return result;
}

async function repeated(count: number, act: Piece): Promise<void> {
  for (let i = 0; i < count; i++) {
    const pending = act(i);
    if (pending instanceof Promise) await pending;
  }
}

/** The microseconds that a work takes, and by how many bytes the process grows. */
async function timed({ before, act }: Work, ...star: Star): Promise<readonly [took: number, grown: number]> {
  await before?.(...star);
  const [memory, start] = [process.memoryUsage().rss, performance.now()];
  await act(...star);
  return [(performance.now() - start) * 1000, process.memoryUsage().rss - memory];
}

/** The same, warm. A star is timed more often: some rounds have to collect garbage and others have not. */
async function timedWarm(work: Work, ...star: Star): ReturnType<typeof timed> {
  const [, , count] = star;
  if (work.warm === undefined) await repeated(usually(10), () => timed(work, "", "", 400));
  if (work.warm === "itself") {
    await repeated(usually(3), () => timed(work, ...star));
    settle();
  }
  if (work.warm === "others") {
    // By then all of it is compiled, as in an agent. V8 compiles the last of it about the tenth to the fifteenth time,
    // during which it takes a third longer than afterwards.
    const wiredAgain = async (...star: Star): Promise<void> => {
      await wire(...star);
      await again(...star);
    };
    await repeated(usually(20), () => onOthers(Math.min(count, LEAVES), wiredAgain));
  }
  await pause(SETTLED);
  const [took, grown] = await timed(work, ...star);
  if (work.warm !== "others") return [took, grown];
  await takeAway(...star); // the kernel works for what is wired, also later
  // A large one takes long. It was larger than what it was warmed up with, and had to find memory: it does not count.
  const [times, often] = count > LEAVES ? [[], 2] : [[took], usually(5)];
  while (times.length < often) times.push((await onOthers(count, (...star) => timed(work, ...star)))[0]);
  return [times.reduce((a, b) => a + b) / times.length, grown];
}

/** Does all pieces, and looks at the process three times: the first hundredth is to warm up. */
async function endured(piece: Piece, count: number): Promise<Use[]> {
  const uses: Use[] = [];
  let done = 0;
  for (const share of [0.01, 0.1, 1]) {
    const end = Math.ceil(count * share);
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

const [name = "", hub = "", prefix = "", count = "", endures] = process.argv.slice(2);
const piece = await PIECES[name]?.(openHub());
const work = piece ? { act: () => repeated(Number(count), piece), warm: "itself" as const } : WHOLES[name];
if (work === undefined) throw new Error(`${name}: expected one of ${Object.keys({ ...PIECES, ...WHOLES }).join(", ")}`);
if (endures !== undefined && piece) console.log(JSON.stringify(await endured(piece, Number(count))));
else {
  const [took, grown] = await timedWarm(work, hub, prefix, Number(count));
  console.log(took.toFixed(1), (grown / 2 ** 20).toFixed(1));
}
process.exit(0); // what follows containers would go on
