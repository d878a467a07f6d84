/**
 * Looks for messages of netlink that the decoders cannot bear, led by coverage: mutates real messages, and those that
 * reached code that no other had reached:
 *
 *     deno run -A scripts/fuzz.ts [--seconds 60] [--seed N] [--only FAMILY]... [--write]
 *
 * `--write` keeps what reached new code in `test/unit/netlink/corpus.ts`, which a unit test reads. Status 1: a message
 * gave something else than a value or a MalformedMessageError, or took too long; it is printed.
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hex } from "../test/unit/netlink/check.ts";
import { CORPUS } from "../test/unit/netlink/corpus.ts";
import {
  checkHostile,
  EDGES,
  mutate,
  type Mutation,
  MUTATIONS,
  type Subject,
  SUBJECTS,
} from "../test/unit/netlink/fuzz.ts";
import { vector } from "../test/unit/netlink/vector.ts";
import { Coverage } from "./fuzz/coverage.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** To ask for the coverage takes as long as thousands of messages. */
const BATCH = 256;
/** The longest message that is kept, in bytes. */
const LONGEST = 2048;
/** The most messages that are kept of a family. */
const MOST_KEPT = 40;

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: `${Date.now() % 2 ** 32}` },
    only: { type: "string", multiple: true, default: [] },
    write: { type: "boolean", default: false },
  },
});
const subjects = SUBJECTS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
const seconds = Number(options.seconds);
const seed = Number(options.seed);
if (subjects.length === 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error(`Usage: scripts/fuzz.ts [--seconds N] [--seed N] [--only FAMILY]... [--write]; families:`);
  console.error(SUBJECTS.map(({ name }) => name).join(", "));
  process.exit(2);
}

/** Random numbers from a seed (mulberry32), so that a run can be repeated. */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) % below;
  };
}

const random = randomFrom(seed);
const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T; // there is one

function mutated(bytes: Bytes): Bytes {
  let changed = bytes;
  for (let left = 1 + random(4); left > 0; left--) {
    const value = random(2) === 0 ? pick(EDGES) : random(256);
    const mutation: Mutation = [pick(MUTATIONS), random(2 ** 31), value, 1 + random(12)];
    changed = mutate(changed, mutation);
  }
  return changed.length > LONGEST ? changed.slice(0, LONGEST) : changed;
}

/** Decodes a message; what is wrong with it ends the run. */
function tryMessage({ name, decode }: Subject, bytes: Bytes): void {
  try {
    checkHostile(decode, bytes);
  } catch (error) {
    console.error(`${name}: ${hex(bytes)} (seed ${seed})`);
    console.error(error);
    process.exit(1);
  }
}

/** Those of the messages that reach new code: halves are tried until one message is left. */
async function reaching(subject: Subject, batch: readonly Bytes[]): Promise<Bytes[]> {
  for (const bytes of batch) tryMessage(subject, bytes);
  const [first] = batch;
  if (first === undefined || !await (batch.length === 1 ? coverage.reached() : coverage.isNew())) return [];
  if (batch.length === 1) return [first];
  const half = batch.length >> 1;
  return [...await reaching(subject, batch.slice(0, half)), ...await reaching(subject, batch.slice(half))];
}

/** Looks for messages of a family until the time is up; gives those that reached new code. */
async function search(subject: Subject, until: number): Promise<Bytes[]> {
  const kept = (CORPUS[subject.name] ?? []).map((message) => vector("kernel", "", message).bytes);
  const known = [...subject.seeds, ...kept];
  for (const bytes of known) tryMessage(subject, bytes);
  await coverage.reached();
  let count = 0;
  while (performance.now() < until) {
    const batch = Array.from({ length: BATCH }, () => mutated(pick(known)));
    for (const bytes of batch) tryMessage(subject, bytes);
    count += BATCH;
    if (!await coverage.isNew()) continue;
    for (const bytes of await reaching(subject, batch)) {
      known.push(bytes);
      if (kept.length < MOST_KEPT) kept.push(bytes);
    }
  }
  console.log(`${subject.name}: ${count} messages, ${kept.length} kept`);
  return kept;
}

console.log(`seed ${seed}`);
const coverage = await Coverage.start("/src/netlink/");
const found: Record<string, readonly string[]> = { ...CORPUS };
const share = seconds * 1000 / subjects.length;
for (const subject of subjects) {
  found[subject.name] = (await search(subject, performance.now() + share)).map(hex);
}
if (options.write) {
  const path = fileURLToPath(new URL("../test/unit/netlink/corpus.ts", import.meta.url));
  const families = SUBJECTS.map(({ name }) => {
    const messages = (found[name] ?? []).map((message) => `    "${message}",\n`);
    return `  ${JSON.stringify(name)}: [${messages.length === 0 ? "" : `\n${messages.join("")}  `}],\n`;
  });
  writeFileSync(
    path,
    `/**
 * Mutated messages of each family that reach code of the decoders which the captured ones do not, in hexadecimal: found by
 * \`deno task fuzz --write\`.
 */
export const CORPUS: Readonly<Record<string, readonly string[]>> = {
${families.join("")}};
`,
  );
}
