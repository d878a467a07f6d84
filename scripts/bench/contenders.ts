/** Who does the work: ours, C, and the usual tools, as far as they are installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { nodeOptions, root } from "../bundle.ts";
import { bun } from "../runtimes.ts";
import { BUN, C, ENTRIES, OURS, OWN, TOOL } from "./entries.ts";
import { HUB, LEAF } from "./scene.ts";

/** Where what is built or found by a measurement is kept. */
export const KEPT: string = join(root, "node_modules/.cache/netns-bench");

/** Does a work that often: gives the microseconds of all, and by how many MiB the process grew, if it says so. */
export type Run = (work: string, count: number) => readonly number[];

const source = (name: string): string => join(root, "scripts/bench", name);
const DENO_RUN = [Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", "--v8-flags=--expose-gc"];
const BUNDLE = join(KEPT, "ours.mjs");
const PYTHON = "/usr/bin/python3";
const GO = ["env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", `GOCACHE=${join(KEPT, "go")}`, "go", "build"];

/** The words that start the library's side, in Deno and, bundled as the package is, in Node. */
export const PROGRAMS: Readonly<Record<typeof OURS[number], readonly string[]>> = {
  [OURS[0]]: [...DENO_RUN, source("ours.ts")],
  [OURS[1]]: ["node", "--expose-gc", BUNDLE],
};

const inDeno = (): Run => program(PROGRAMS[OURS[0]]);
const inNode = (): Run => program(PROGRAMS[OURS[1]]);
const inBun = async (): Promise<Run> => program([await bun(), BUNDLE]);
const USUAL = ["switch-name", "switch-handle", "create-delete", "wire", "spawn"];
const TOOLS = new Map(ENTRIES.lists.map(({ name, tool }) => [name, tool]));
const LISTS = [...TOOLS.keys()];
const CALLS = ENTRIES.calls.map(({ name }) => name), BESIDE_CALLS = ENTRIES.calls.flatMap(({ beside }) => beside ?? []);

/** Each with what makes it ready, which throws where it cannot be used, and the works that it does; without, all of ours. */
const CONTENDERS: Readonly<Record<string, readonly [ready: () => Run | Promise<Run>, works?: readonly string[]]>> = {
  [C]: [() => built("peer.c", "cc", "-O2"), USUAL],
  [OURS[0]]: [inDeno],
  [OURS[0] + OWN]: [inDeno, BESIDE_CALLS],
  [OURS[1]]: [inNode],
  [OURS[1] + OWN]: [inNode, BESIDE_CALLS],
  [BUN]: [inBun, [...LISTS, ...CALLS]],
  [BUN + OWN]: [inBun, BESIDE_CALLS],
  [TOOL]: [() => runTool, LISTS],
  Go: [() => built("peer.go", ...GO), [...USUAL, ...LISTS]],
  pyroute2: [
    () => installed([PYTHON, "-c", "import pyroute2"], PYTHON, source("peer.py")),
    [...USUAL, ...LISTS],
  ],
  "ip, ip -batch": [() => installed(["ip", "-V"], "sh", source("peer.sh"), "ip"), ["create-delete", "wire", "spawn"]],
  nsenter: [() => installed(["nsenter", "-V"], "sh", source("peer.sh"), "nsenter"), ["spawn"]],
};

/**
 * Those that can be used here, built; `leftOut` is called with why one cannot.
 *
 * @throws {Error} There is no C compiler: the measure is a C program.
 */
export async function contenders(
  leftOut: (reason: string) => void,
): Promise<readonly (readonly [name: string, does: (work: string) => boolean, run: Run])[]> {
  mkdirSync(KEPT, { recursive: true });
  const alias = { "@netns/netns/lab": join(root, "src/lab/mod.ts"), "@netns/netns": join(root, "mod.ts") };
  await build({ ...nodeOptions(), sourcemap: false, entryPoints: [source("ours.ts")], outfile: BUNDLE, alias });
  const found = [];
  for (const [name, [ready, works]] of Object.entries(CONTENDERS)) {
    try {
      const run = await ready();
      found.push([name, (work: string): boolean => works?.includes(work) ?? true, run] as const);
    } catch (error) {
      if (name === C) throw error;
      leftOut(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  }
  return found;
}

function built(file: string, ...compile: readonly string[]): Run {
  const made = join(KEPT, file.replace(".", "-"));
  output([...compile, "-o", made, source(file)]);
  return program([made]);
}

/** A contender that is there if the command `proof` succeeds. */
function installed(proof: readonly string[], ...words: readonly string[]): Run {
  output(proof);
  return program(words);
}

/** A program that takes the words of `peer.c`, and prints the microseconds of all together. */
function program(before: readonly string[]): Run {
  return (work, count) => output([...before, work, HUB, LEAF, `${count}`]).split(" ").map(Number);
}

/** Runs the tool that prints a list, whose text a program must read. */
function runTool(work: string, count: number): readonly number[] {
  const [words = "", read = () => []] = TOOLS.get(work) ?? [];
  const start = performance.now();
  for (let i = 0; i < count; i++) read(output(["nsenter", `--net=/var/run/netns/${HUB}`, ...words.split(" ")]));
  return [(performance.now() - start) * 1000];
}

/**
 * What a command writes.
 *
 * @throws {Error} It cannot be started or it fails.
 */
export function output([command = "", ...args]: readonly string[]): string {
  const options = { encoding: "utf8", cwd: root, maxBuffer: 2 ** 28 } as const;
  const { error, status, stdout, stderr } = spawnSync(command, args, options);
  if (error !== undefined) throw new Error(`${command} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim() || `status ${status}`}`);
  return stdout;
}
