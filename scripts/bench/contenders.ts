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

/** What makes a contender ready, and the works that it does. An error says why it cannot be used here. */
type Contender = readonly [ready: () => Run | Promise<Run>, works?: readonly string[]];

const source = (name: string): string => join(root, "scripts/bench", name);
const [DENO, NODE] = OURS;
const USUAL = ["switch-name", "switch-handle", "create-delete", "wire", "spawn"];
const OF_RUNTIMES = ENTRIES.calls.flatMap(({ beside }) => beside ?? []);
const LISTED = new Map(ENTRIES.lists.map(({ name, tool }) => [name, tool]));
const OF_LIBRARIES = [...USUAL, ...LISTED.keys()];
const GO = ["env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", `GOCACHE=${join(KEPT, "go")}`, "go", "build"];

const CONTENDERS: Readonly<Record<string, Contender>> = {
  [C]: [() => built("cc -O2".split(" "), "peer.c"), USUAL],
  [DENO]: [inDeno],
  [DENO + OWN]: [inDeno, OF_RUNTIMES],
  [NODE]: [inNode],
  [NODE + OWN]: [inNode, OF_RUNTIMES],
  [BUN]: [inBun, [...LISTED.keys(), ...ENTRIES.calls.map(({ name }) => name)]],
  [BUN + OWN]: [inBun, OF_RUNTIMES],
  [TOOL]: [() => tool, [...LISTED.keys()]],
  Go: [() => built(GO, "peer.go"), OF_LIBRARIES],
  pyroute2: [
    () => installed("/usr/bin/python3 -c import\tpyroute2", "/usr/bin/python3", source("peer.py")),
    OF_LIBRARIES,
  ],
  "ip, ip -batch": [() => installed("ip -V", "sh", source("peer.sh"), "ip"), ["create-delete", "wire", "spawn"]],
  nsenter: [() => installed("nsenter -V", "sh", source("peer.sh"), "nsenter"), ["spawn"]],
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

/** The words that start the library's side, in Deno and in Node: bundled, as the package is. */
export const PROGRAMS: Readonly<Record<typeof OURS[number], readonly string[]>> = {
  [DENO]: [
    Deno.execPath(),
    "run",
    "-q",
    "-A",
    "--node-modules-dir=manual",
    "--v8-flags=--expose-gc",
    source("ours.ts"),
  ],
  [NODE]: ["node", "--expose-gc", join(KEPT, "ours.mjs")],
};

function inDeno(): Run {
  return program(PROGRAMS[DENO]);
}

async function inBun(): Promise<Run> {
  return program([await bun(), await bundled()]);
}

async function inNode(): Promise<Run> {
  await bundled();
  return program(PROGRAMS[NODE]);
}

/** The library's side in one file, for runtimes that take JavaScript. */
async function bundled(): Promise<string> {
  const alias = { "@netns/netns/lab": join(root, "src/lab/mod.ts"), "@netns/netns": join(root, "mod.ts") };
  const outfile = join(KEPT, "ours.mjs");
  await build({ ...nodeOptions(), sourcemap: false, entryPoints: [source("ours.ts")], outfile, alias });
  return outfile;
}

function built([command = "", ...args]: readonly string[], file: string): Run {
  const made = join(KEPT, file.replace(".", "-"));
  output(command, [...args, "-o", made, source(file)]);
  return program([made]);
}

/** A contender that is there if the command `proof` succeeds. */
function installed(proof: string, ...words: readonly string[]): Run {
  const [command = "", ...args] = proof.split(" ");
  output(command, args);
  return program(words);
}

/** A program that takes the words of `peer.c`, and prints the microseconds of all together. */
function program([command = "", ...before]: readonly string[]): Run {
  return (work, count) => output(command, [...before, work, HUB, LEAF, `${count}`]).split(" ").map(Number);
}

/** The tool that prints a list, whose text a program must read. */
function tool(work: string, count: number): readonly number[] {
  const [words = "", read = () => []] = LISTED.get(work) ?? [];
  const start = performance.now();
  for (let i = 0; i < count; i++) read(output("nsenter", [`--net=/var/run/netns/${HUB}`, ...words.split(" ")]));
  return [(performance.now() - start) * 1000];
}

/**
 * What a command writes.
 *
 * @throws {Error} It cannot be started or it fails.
 */
export function output(command: string, args: readonly string[]): string {
  const options = { encoding: "utf8", cwd: root, maxBuffer: 2 ** 28 } as const;
  const { error, status, stdout, stderr } = spawnSync(command, args, options);
  if (error !== undefined) throw new Error(`${command} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim() || `status ${status}`}`);
  return stdout;
}
