/**
 * Measures the library beside what the usual tools do, side by side in one run:
 *
 *     sudo deno task bench [--rounds N] [--only WORK]...
 *
 * The measure is `bench/peer.c`, a C program that makes each request on its own; the figures are ratios to it, the
 * median of all rounds, with the least and the most. A peer that is not installed is left out by name. Everything
 * happens in mount and network namespaces of the run's own, which end with it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ipBatches } from "./bench/topology.ts";
import { root } from "./bundle.ts";
import { apart } from "./isolation.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    only: { type: "string", multiple: true, default: [] },
    inside: { type: "boolean", default: false },
  },
});

if (!options.inside) {
  const [command, args] = apart(Deno.execPath(), [
    "run",
    "-A",
    "--node-modules-dir=manual",
    join(root, "scripts/bench.ts"),
    "--inside",
    ...process.argv.slice(2),
  ]);
  process.exit(spawnSync(command, args, { stdio: "inherit" }).status ?? 1);
}

const SPACE = join(root, "node_modules/.cache/netns/bench");
const HUB = "bench-hub";
const LEAF = "bench-leaf-";

/** One who does the work; gives the microseconds it took, or nothing if it does not do this work. */
interface Contender {
  readonly name: string;
  readonly run: (work: string, args: readonly string[]) => number | undefined;
}

/** Runs a program that prints its microseconds first. */
function printed(command: string, ...before: string[]): Contender["run"] {
  return (work, args) => {
    const { status, stdout, stderr } = spawnSync(command, [...before, work, ...args], { encoding: "utf8", cwd: root });
    if (status !== 0) throw new Error(`${command} ${work}: ${stderr}`);
    return Number.parseFloat(stdout);
  };
}

/** Runs a command and gives how long it took, in microseconds. */
function timed(command: string, args: readonly string[], input?: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8", input });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return (performance.now() - start) * 1000;
}

/** Runs a command many times, and gives how long that took. */
function repeated(count: number, command: string, args: readonly string[]): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += timed(command, args);
  return sum;
}

/** `ip`, as people use it: a batch for the hub, one for each leaf; a process for each name. */
const ip: Contender["run"] = (work, args) => {
  const count = Number(args.at(-1));
  if (work === "create-delete") {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += timed("ip", ["netns", "add", `ip-${i}`]) + timed("ip", ["netns", "del", `ip-${i}`]);
    }
    return sum;
  }
  if (work === "spawn") {
    return Array.from({ length: count }, () => timed("ip", ["netns", "exec", HUB, "/bin/true"])).reduce((a, b) =>
      a + b
    );
  }
  if (work !== "wire") return undefined;
  const { hub, leaves } = ipBatches(LEAF, count);
  return leaves.reduce(
    (sum, batch, i) => sum + timed("ip", ["-n", `${LEAF}${i}`, "-batch", "-"], batch),
    timed("ip", ["-n", HUB, "-batch", "-"], hub),
  );
};

const there = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

function contenders(): Contender[] {
  rmSync(SPACE, { recursive: true, force: true });
  mkdirSync(SPACE, { recursive: true });
  const peer = join(SPACE, "peer");
  const cc = spawnSync("cc", ["-O2", "-o", peer, join(root, "scripts/bench/peer.c")], { encoding: "utf8" });
  if (cc.status !== 0) throw new Error(`The measure is a C program, and there is no C compiler: ${cc.stderr ?? ""}`);
  const ours = join(root, "scripts/bench/ours.ts");
  const node = join(SPACE, "ours.mjs");
  const bundle = spawnSync(Deno.execPath(), [
    "run",
    "-A",
    "--node-modules-dir=manual",
    join(root, "scripts/bench/bundle.ts"),
    node,
  ], { encoding: "utf8" });
  const found: Contender[] = [
    {
      name: "C",
      run: (work, args) =>
        work === "spawn"
          ? repeated(Number(args.at(-1)), peer, ["exec", HUB, "/bin/true"])
          : printed(peer)(work === "switch-handle" ? "switch-name" : work, args),
    },
    { name: "netns in Deno", run: printed(Deno.execPath(), "run", "-q", "-A", ours) },
  ];
  if (bundle.status === 0 && there("node", "--version")) {
    found.push({ name: "netns in Node", run: printed("node", node) });
  } else console.log(`left out: netns in Node (${bundle.stderr.trim() || "no node"})`);
  if (there("ip", "-V")) found.push({ name: "ip, ip -batch", run: ip });
  else console.log("left out: ip");
  if (there("nsenter", "--version")) {
    const args = [`--net=/var/run/netns/${HUB}`, "/bin/true"];
    const run: Contender["run"] = (work, [, count]) =>
      work === "spawn" ? repeated(Number(count), "nsenter", args) : undefined;
    found.push({ name: "nsenter", run });
  }
  return found;
}

/** What is measured: its name, and the words for it. C has no handle: its measure there is a switch by name. */
const WORKS: readonly { readonly work: string; readonly title: string; readonly args: readonly string[] }[] = [
  { work: "switch-name", title: "switch by name and back", args: [HUB, "20000"] },
  { work: "switch-handle", title: "switch with an open handle", args: [HUB, "20000"] },
  { work: "create-delete", title: "create and delete a name", args: ["100"] },
  { work: "wire", title: "wire 100 namespaces", args: [HUB, LEAF, "100"] },
  { work: "spawn", title: "start a process there", args: [HUB, "100"] },
];

/** Namespaces as they are before the work. */
function prepare(work: string, count: number): void {
  const names = work === "wire" ? [HUB, ...Array.from({ length: count }, (_, i) => `${LEAF}${i}`)] : [HUB];
  const lines = names.map((name) => `netns add ${name}`).join("\n");
  timed("ip", ["-batch", "-"], lines);
}

/** Takes them away, and waits until the kernel has done so. */
function clean(): void {
  const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
  const names = stdout.split("\n").flatMap((line) => line.split(" ")[0] || []);
  timed("ip", ["-batch", "-"], names.map((name) => `netns del ${name}`).join("\n"));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 * names.length + 50);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

const ratio = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

const all = contenders();
const rounds = Number(options.rounds);
console.log(`${cpus()[0]?.model ?? "?"}, ${cpus().length} processors, Linux ${spawnSync("uname", ["-r"]).stdout}`);
console.log(`| work | C, µs each | ${all.slice(1).map(({ name }) => name).join(" | ")} |`);
console.log(`| --- | --- | ${all.slice(1).map(() => "---").join(" | ")} |`);
for (const { work, title, args } of WORKS) {
  if (options.only.length > 0 && !options.only.includes(work)) continue;
  const count = Number(args.at(-1));
  const took = all.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run }] of all.entries()) {
      prepare(work, count);
      const time = run(work, args);
      clean();
      if (time !== undefined) took[index]?.push(time);
    }
  }
  const measure = took[0] ?? [];
  const cells = took.slice(1).map((times) => {
    const ratios = times.map((time, round) => time / (measure[round] ?? NaN));
    return times.length === 0
      ? ""
      : `${ratio(median(ratios))} (${ratio(Math.min(...ratios))} to ${ratio(Math.max(...ratios))})`;
  });
  console.log(`| ${title} | ${(median(measure) / count).toFixed(1)} | ${cells.join(" | ")} |`);
}
