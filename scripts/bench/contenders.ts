/** Who does the work: ours, C, and the usual tools, as far as they are installed. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "../bundle.ts";
import { MEASURE } from "./comparison.ts";
import { HUB, LEAF } from "./namespaces.ts";
import { ipBatches } from "./topology.ts";
import { WORDS, type WorkName } from "./works.ts";

/** One who does the work. */
export interface Contender {
  readonly name: string;
  /** True of the library, for which the targets are. */
  readonly ours: boolean;
  /** Does a work that often; gives what that took, or nothing if it does not do this work. */
  readonly run: (work: WorkName, count: number) => Figures | undefined;
}

/** What a work took. */
export interface Figures {
  /** The microseconds of each. */
  readonly each: number;
  /** By how many MiB the process grew, if it says so. */
  readonly grown?: number;
}

/** Those that can be used here, and why others cannot. */
export interface Contenders {
  /** C first. */
  readonly found: readonly Contender[];
  readonly leftOut: readonly string[];
}

/** What the library alone knows to do. */
const OURS_ALONE: readonly WorkName[] = ["wire-first", "again", "destroy", "parse", "plan"];

/** Where what is built for a measurement is kept. */
export const SPACE: string = join(root, "node_modules/.cache/netns-bench");

/**
 * Builds what is to be built.
 *
 * @throws {Error} There is no C compiler: the measure is a C program.
 */
export function contenders(): Contenders {
  mkdirSync(SPACE, { recursive: true });
  const peer = join(SPACE, "peer");
  output("cc", ["-O2", "-o", peer, source("peer.c")]);
  const found: Contender[] = [program(MEASURE, [peer], OURS_ALONE), { ...inDeno(), ours: true }];
  const leftOut: string[] = [];
  const offer = (name: string, make: () => Contender): void => {
    try {
      found.push(make());
    } catch (error) {
      leftOut.push(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  };
  offer("netns in Node", () => ({ ...inNode(), ours: true }));
  offer("Go", go);
  offer("pyroute2", () => {
    output("/usr/bin/python3", ["-c", "import pyroute2"]);
    return program("pyroute2", ["/usr/bin/python3", source("peer.py")], OURS_ALONE);
  });
  offer("ip, ip -batch", () => {
    output("ip", ["-V"]);
    return ip(peer);
  });
  offer("nsenter", () => {
    output("nsenter", ["--version"]);
    return nsenter(peer);
  });
  return { found, leftOut };
}

const source = (name: string): string => join(root, "scripts/bench", name);

/** The library in Deno, as `scripts/bench/ours.ts`. */
export function inDeno(): Contender {
  return program("netns in Deno", [Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", source("ours.ts")]);
}

/** The same in Node, bundled as the package is. */
export function inNode(): Contender {
  return program("netns in Node", nodeProgram("ours"));
}

/** Bundles a program of this folder for Node, and gives the words that start it. */
export function nodeProgram(name: string): string[] {
  const file = join(SPACE, `${name}.mjs`);
  output("node", ["--version"]);
  output(Deno.execPath(), ["run", "-A", "--node-modules-dir=manual", source("bundle.ts"), source(`${name}.ts`), file]);
  return ["node", "--expose-gc", file];
}

function go(): Contender {
  const file = join(SPACE, "peer-go");
  const variables = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(SPACE, "go") };
  output("go", ["build", "-o", file, source("peer.go")], variables);
  return program("Go", [file], OURS_ALONE);
}

/** A program that takes the words of `peer.c`, and prints the microseconds of all together. */
function program(
  name: string,
  [command = "", ...before]: readonly string[],
  unknown: readonly WorkName[] = [],
): Contender {
  return {
    name,
    ours: false,
    run(work, count): Figures | undefined {
      if (unknown.includes(work)) return undefined;
      const [took, grown] = output(command, [...before, work, ...WORDS[work], `${count}`]).split(" ").map(Number);
      return { each: (took ?? NaN) / count, ...grown === undefined ? {} : { grown } };
    },
  };
}

/** `ip` as people use it: a process for each name, and to wire, a batch for the hub and one for each leaf. */
function ip(peer: string): Contender {
  const create = (count: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      for (const verb of ["add", "del"]) sum += launched(peer, 1, ["ip", "netns", verb, `ip-${i}`]);
    }
    return sum / count;
  };
  const wire = (count: number): number => {
    const { hub, leaves } = ipBatches(LEAF, count);
    const batches = [[HUB, hub] as const, ...leaves.map((batch, i) => [`${LEAF}${i}`, batch] as const)];
    const start = performance.now();
    for (const [name, batch] of batches) output("ip", ["-n", name, "-batch", "-"], {}, batch);
    return (performance.now() - start) * 1000 / count;
  };
  return {
    name: "ip, ip -batch",
    ours: false,
    run(work, count): Figures | undefined {
      if (work === "spawn") return { each: launched(peer, count, ["ip", "netns", "exec", HUB, "/bin/true"]) };
      // It takes twenty times as long as others: a fifth of the work says as much.
      if (work === "create-delete") return { each: create(Math.ceil(count / 5)) };
      return work === "wire" ? { each: wire(Math.ceil(count / 5)) } : undefined;
    },
  };
}

function nsenter(peer: string): Contender {
  const words = ["nsenter", `--net=/var/run/netns/${HUB}`, "/bin/true"];
  return {
    name: "nsenter",
    ours: false,
    run: (work, count) => work === "spawn" ? { each: launched(peer, count, words) } : undefined,
  };
}

/** Commands are started from C, so that nobody pays for a runtime that they do not need. */
function launched(peer: string, count: number, words: readonly string[]): number {
  return Number.parseFloat(output(peer, ["launch", `${count}`, ...words])) / count;
}

/**
 * What a command writes.
 *
 * @throws {Error} It cannot be started or it fails.
 */
export function output(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input = "",
): string {
  const env = { ...process.env, ...variables };
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: root, env, input });
  if (error !== undefined) throw new Error(`${command} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim() || `status ${status}`}`);
  return stdout;
}
