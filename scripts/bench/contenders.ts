/** Who does the work: ours, C, and the usual tools, as far as they are installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { nodeOptions, root } from "../bundle.ts";
import { HUB, ipBatches, LEAF } from "./namespaces.ts";
import { WORDS, type WorkName } from "./works.ts";

/** The contender that all others are compared with. */
export const MEASURE = "C";

/** What a work took: the microseconds of each, and by how many MiB the process grew, if it says so. */
export type Figures = { readonly each: number; readonly grown?: number };

/** Does a work that often; gives nothing if it does not do this work. */
export type Run = (work: WorkName, count: number) => Figures | undefined;

/** How each does it, by name. */
export type Contenders = Readonly<Record<string, Run>>;

/** What the library alone knows to do. */
const OURS_ALONE: readonly WorkName[] = ["wire-first", "again", "destroy", "parse", "plan"];

/** Where what is built or found by a measurement is kept. */
export const KEPT: string = join(root, "node_modules/.cache/netns-bench");

const source = (name: string): string => join(root, "scripts/bench", name);

/** The words that start the library's side: in Deno, and in Node, bundled as the package is. */
export async function ours(): Promise<Readonly<Record<string, readonly string[]>>> {
  const outfile = join(KEPT, "ours.mjs");
  const alias = { "@netns/netns": join(root, "mod.ts") };
  await build({ ...nodeOptions(), sourcemap: false, entryPoints: [source("ours.ts")], outfile, alias });
  const deno = `${Deno.execPath()} run -q -A --node-modules-dir=manual --v8-flags=--expose-gc`.split(" ");
  return { "netns in Deno": [...deno, source("ours.ts")], "netns in Node": ["node", "--expose-gc", outfile] };
}

/**
 * Builds what is to be built: C, ours, and of the others those that can be used here; `leftOut` is called with why one cannot.
 *
 * @throws {Error} There is no C compiler: the measure is a C program.
 */
export async function contenders(leftOut: (reason: string) => void): Promise<Contenders> {
  mkdirSync(KEPT, { recursive: true });
  const peer = join(KEPT, "peer");
  output("cc", ["-O2", "-o", peer, source("peer.c")]);
  const found: Record<string, Run> = { [MEASURE]: program([peer], OURS_ALONE) };
  for (const [name, words] of Object.entries(await ours())) found[name] = program(words);
  for (const [name, words] of Object.entries(libraries(leftOut))) found[name] = program(words, OURS_ALONE);
  const tools = { "ip, ip -batch": () => ip(peer), nsenter: () => nsenter(peer) };
  return { ...found, ...usable(tools, leftOut) };
}

/** The words that start the side of other libraries, of those that can be used here. */
export function libraries(leftOut: (reason: string) => void): Readonly<Record<string, readonly string[]>> {
  mkdirSync(KEPT, { recursive: true });
  return usable({ Go: go, pyroute2 }, leftOut);
}

/** What can be made of these; `leftOut` is called with why one cannot. */
function usable<T>(makers: Readonly<Record<string, () => T>>, leftOut: (reason: string) => void): Record<string, T> {
  const found: Record<string, T> = {};
  for (const [name, make] of Object.entries(makers)) {
    try {
      found[name] = make();
    } catch (error) {
      leftOut(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  }
  return found;
}

/** A program that takes the words of `peer.c`, and prints the microseconds of all together. */
function program([command = "", ...before]: readonly string[], unknown: readonly WorkName[] = []): Run {
  return (work, count) => {
    if (unknown.includes(work)) return undefined;
    const [took = NaN, grown] = output(command, [...before, work, ...WORDS[work], `${count}`]).split(" ").map(Number);
    return { each: took / count, ...grown === undefined ? {} : { grown } };
  };
}

function go(): readonly string[] {
  const file = join(KEPT, "peer-go");
  const variables = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(KEPT, "go") };
  output("go", ["build", "-o", file, source("peer.go")], variables);
  return [file];
}

function pyroute2(): readonly string[] {
  output("/usr/bin/python3", ["-c", "import pyroute2"]);
  return ["/usr/bin/python3", source("peer.py")];
}

/** `ip` as people use it: a process for each name, and to wire, a batch for the hub and one for each leaf. */
function ip(peer: string): Run {
  output("ip", ["-V"]);
  return (work, count) => {
    if (work === "spawn") return { each: launched(peer, count, ["ip", "netns", "exec", HUB, "/bin/true"]) };
    const few = Math.ceil(count / 5); // it takes twenty times as long as others: a fifth of the work says as much
    if (work === "create-delete") {
      const once = (verb: string, i: number): number => launched(peer, 1, ["ip", "netns", verb, `ip-${i}`]);
      return {
        each: Array.from({ length: few }, (_, i) => once("add", i) + once("del", i)).reduce((a, b) => a + b) / few,
      };
    }
    if (work !== "wire") return undefined;
    const { hub, leaves } = ipBatches(LEAF, few);
    const start = performance.now();
    output("ip", ["-n", HUB, "-batch", "-"], {}, hub);
    for (const [i, leaf] of leaves.entries()) output("ip", ["-n", `${LEAF}${i}`, "-batch", "-"], {}, leaf);
    return { each: (performance.now() - start) * 1000 / few };
  };
}

function nsenter(peer: string): Run {
  output("nsenter", ["--version"]);
  const words = ["nsenter", `--net=/var/run/netns/${HUB}`, "/bin/true"];
  return (work, count) => work === "spawn" ? { each: launched(peer, count, words) } : undefined;
}

/** The microseconds of each start of a command. C starts it, so that it does not pay for a runtime that it does not need. */
function launched(peer: string, count: number, words: readonly string[]): number {
  return Number.parseFloat(output(peer, ["launch", `${count}`, ...words])) / count;
}

/**
 * What a command writes.
 *
 * @throws {Error} It cannot be started or it fails.
 */
export function output(command: string, args: readonly string[], variables: object = {}, input = ""): string {
  const options = {
    encoding: "utf8",
    cwd: root,
    env: { ...process.env, ...variables },
    input,
    maxBuffer: 2 ** 28,
  } as const;
  const { error, status, stdout, stderr } = spawnSync(command, args, options);
  if (error !== undefined) throw new Error(`${command} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim() || `status ${status}`}`);
  return stdout;
}
