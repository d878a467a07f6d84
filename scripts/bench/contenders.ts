/** Who does the work: ours, C, and the usual tools, as far as they are installed. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { nodeOptions, root } from "../bundle.ts";
import { bun } from "../runtimes.ts";
import { BUN, C, ENTRIES, OURS, OWN, TOOL } from "./entries.ts";
import { batch, HUB, LEAF, networkOf, numbered, output } from "./scene.ts";

/** Where what is built or found by a measurement is kept. */
export const KEPT: string = join(root, "node_modules/.cache/netns-bench");

/** Does a work that often: gives the microseconds of all, and by how many MiB the process grew, if it says so. */
type Run = (work: string, count: number) => readonly number[];
/** One that can be used here, and the works that it does; without, all of ours. */
export type Contender = readonly [name: string, run: Run, works: readonly string[] | undefined];

const source = (name: string): string => join(root, "scripts/bench", name);
const BUNDLE = join(KEPT, "ours.mjs"), PYTHON = "/usr/bin/python3";
const DENO = [Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", "--v8-flags=--expose-gc"];
const GO = ["env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", `GOCACHE=${join(KEPT, "go")}`, "go", "build"];

/** The words that start the library's side, in Deno and, bundled as the package is, in Node. */
export const PROGRAMS: Readonly<Record<typeof OURS[number], readonly string[]>> = {
  [OURS[0]]: [...DENO, source("ours.ts")],
  [OURS[1]]: ["node", "--expose-gc", BUNDLE],
};

/** A program that takes the words of `peer.c`, and prints the microseconds of all together. */
const program = (...words: readonly string[]): Run => (work, count) =>
  output([...words, work, HUB, LEAF, `${count}`]).split(" ").map(Number);

function built(file: string, ...compile: readonly string[]): Run {
  const made = join(KEPT, file.replace(".", "-"));
  output([...compile, "-o", made, source(file)]);
  return program(made);
}

/** One that is there if the command `proof` succeeds. */
function installed(run: Run, ...proof: readonly string[]): Run {
  output(proof);
  return run;
}

function timed(act: () => unknown): readonly number[] {
  const start = performance.now();
  act();
  return [(performance.now() - start) * 1000];
}

/** The tools that print a list, whose text a program must read. */
const TOOLS = new Map(ENTRIES.lists.map(({ name, tool }) => [name, tool]));
const runTool: Run = (work, count) => {
  const [words = "", read = () => []] = TOOLS.get(work) ?? [];
  const command = ["nsenter", `--net=/var/run/netns/${HUB}`, ...words.split(" ")];
  return timed(() => numbered(count, () => read(output(command))));
};

/** Commands as people use them: a script of `sh` for each work. */
type Scripts = Readonly<Record<string, (count: number) => string>>;
const NSENTER: Scripts = { spawn: (count) => `nsenter --net=/var/run/netns/${HUB} /bin/true\n`.repeat(count) };
const IP: Scripts = {
  "create-delete": (count) => numbered(count, (i) => `ip netns add ip-${i}\nip netns del ip-${i}\n`).join(""),
  spawn: (count) => `ip netns exec ${HUB} /bin/true\n`.repeat(count),
  wire: (count) =>
    batch(numbered(count, inHub), HUB) + numbered(count, (i) => batch([inLeaf(networkOf(i))], LEAF + i)).join(""),
};
/** A pair is made, then moved. */
const inHub = (i: number): string =>
  `link add leaf${i} type veth peer name eth0
link set eth0 netns ${LEAF}${i}
addr add ${networkOf(i)}.1/24 dev leaf${i}
link set leaf${i} up`;
const inLeaf = (net: string): string =>
  `addr add ${net}.2/24 dev eth0
link set eth0 up
route add 11.0.0.0/8 via ${net}.1 dev eth0
neigh replace ${net}.9 lladdr 02:00:00:00:00:09 dev eth0`;
const inShell = (scripts: Scripts): Run => (work, count) => {
  const input = scripts[work]?.(count) ?? "";
  return timed(() => output(["sh", "-e"], { input }));
};

const USUAL = ["switch-name", "switch-handle", "create-delete", "wire", "spawn"];
const LISTS = [...TOOLS.keys()], CALLS = ENTRIES.calls.map(({ name }) => name);
const OWN_CALLS = ENTRIES.calls.flatMap(({ beside }) => beside ?? []);
const inDeno = program(...PROGRAMS[OURS[0]]), inNode = program(...PROGRAMS[OURS[1]]);
const inBun = async (): Promise<Run> => program(await bun(), BUNDLE);

/** The works of each, and what makes it ready, which throws where it cannot be used. */
const CONTENDERS: Readonly<Record<string, readonly [Contender[2], ready: () => Run | Promise<Run>]>> = {
  [C]: [USUAL, () => built("peer.c", "cc", "-O2")],
  [OURS[0]]: [undefined, () => inDeno],
  [OURS[0] + OWN]: [OWN_CALLS, () => inDeno],
  [OURS[1]]: [undefined, () => inNode],
  [OURS[1] + OWN]: [OWN_CALLS, () => inNode],
  [BUN]: [[...LISTS, ...CALLS], inBun],
  [BUN + OWN]: [OWN_CALLS, inBun],
  [TOOL]: [LISTS, () => runTool],
  Go: [[...USUAL, ...LISTS], () => built("peer.go", ...GO)],
  pyroute2: [
    [...USUAL, ...LISTS],
    () => installed(program(PYTHON, source("peer.py")), PYTHON, "-c", "import pyroute2"),
  ],
  "ip, ip -batch": [Object.keys(IP), () => installed(inShell(IP), "ip", "-V")],
  nsenter: [Object.keys(NSENTER), () => installed(inShell(NSENTER), "nsenter", "-V")],
};

/**
 * Those that can be used here, built; `leftOut` is called with why one cannot.
 *
 * @throws {Error} There is no C compiler: the measure is a C program.
 */
export async function contenders(leftOut: (reason: string) => void): Promise<readonly Contender[]> {
  mkdirSync(KEPT, { recursive: true });
  const alias = { "@netns/netns/lab": join(root, "src/lab/mod.ts"), "@netns/netns": join(root, "mod.ts") };
  await build({ ...nodeOptions(), sourcemap: false, entryPoints: [source("ours.ts")], outfile: BUNDLE, alias });
  const found: Contender[] = [];
  for (const [name, [works, ready]] of Object.entries(CONTENDERS)) {
    try {
      found.push([name, await ready(), works]);
    } catch (error) {
      if (name === C) throw error;
      leftOut(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  }
  return found;
}
