/** Who does the work: ours, C, and the usual tools, as far as they are installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { nodeOptions, root } from "../bundle.ts";
import { HUB, LEAF } from "./scene.ts";
import { C, OURS, OWN, SIDE_BY_SIDE, TOOL } from "./works.ts";

/** Where what is built or found by a measurement is kept. */
export const KEPT: string = join(root, "node_modules/.cache/netns-bench");

/** Does a work that often: gives the microseconds of all, and by how many MiB the process grew, if it says so. */
export type Run = (work: string, count: number) => readonly number[];

/** The works that a contender does, and what makes it ready: an error says why it cannot be used here. */
type Contender = readonly [does: (work: string) => boolean, ready: () => Run | Promise<Run>];

const source = (name: string): string => join(root, "scripts/bench", name);
const oneOf = (...works: string[]) => (work: string): boolean => works.includes(work);
const usual = ["switch-name", "switch-handle", "create-delete", "wire", "spawn"];
const ofLibraries = oneOf(...usual, "list-routes", "list-links");
const ofRuntimes = oneOf(...SIDE_BY_SIDE.calls.flatMap(({ measure }) => measure?.name ?? []));
const tools = new Map(SIDE_BY_SIDE.lists.map(({ name, tool }) => [name, tool]));
const [DENO, NODE] = OURS;

const CONTENDERS: Readonly<Record<string, Contender>> = {
  [C]: [oneOf(...usual), () => built("peer", ["cc", "-O2"], "peer.c")],
  [DENO]: [() => true, inDeno],
  [DENO + OWN]: [ofRuntimes, inDeno],
  [NODE]: [() => true, inNode],
  [NODE + OWN]: [ofRuntimes, inNode],
  [TOOL]: [(work) => tools.has(work), () => tool],
  Go: [ofLibraries, () => {
    const variables = ["GO111MODULE=off", "GOPATH=/usr/share/gocode", `GOCACHE=${join(KEPT, "go")}`];
    return built("peer-go", ["env", ...variables, "go", "build"], "peer.go");
  }],
  pyroute2: [
    ofLibraries,
    () => installed(["/usr/bin/python3", source("peer.py")], "/usr/bin/python3", "-c", "import pyroute2"),
  ],
  "ip, ip -batch": [
    oneOf("create-delete", "wire", "spawn"),
    () => installed(["sh", source("peer.sh"), "ip"], "ip", "-V"),
  ],
  nsenter: [oneOf("spawn"), () => installed(["sh", source("peer.sh"), "nsenter"], "nsenter", "-V")],
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
  for (const [name, [does, ready]] of Object.entries(CONTENDERS)) {
    try {
      found.push([name, does, await ready()] as const);
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
    ...`${Deno.execPath()} run -q -A --node-modules-dir=manual --v8-flags=--expose-gc`.split(" "),
    source("ours.ts"),
  ],
  [NODE]: ["node", "--expose-gc", join(KEPT, "ours.mjs")],
};

function inDeno(): Run {
  return program(PROGRAMS[DENO]);
}

async function inNode(): Promise<Run> {
  const alias = { "@netns/netns": join(root, "mod.ts") };
  const outfile = join(KEPT, "ours.mjs");
  await build({ ...nodeOptions(), sourcemap: false, entryPoints: [source("ours.ts")], outfile, alias });
  return program(PROGRAMS[NODE]);
}

function built(name: string, [command = "", ...args]: readonly string[], file: string): Run {
  output(command, [...args, "-o", join(KEPT, name), source(file)]);
  return program([join(KEPT, name)]);
}

function installed(words: readonly string[], command: string, ...args: string[]): Run {
  output(command, args); // it is there if it says its version
  return program(words);
}

/** A program that takes the words of `peer.c`, and prints the microseconds of all together. */
function program([command = "", ...before]: readonly string[]): Run {
  return (work, count) => output(command, [...before, work, HUB, LEAF, `${count}`]).split(" ").map(Number);
}

/** The tool that prints a list, whose text a program must read. */
function tool(work: string, count: number): readonly number[] {
  const { words, read } = tools.get(work) ?? { words: [], read: () => [] };
  const start = performance.now();
  for (let i = 0; i < count; i++) read(output("nsenter", [`--net=/var/run/netns/${HUB}`, ...words]));
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
