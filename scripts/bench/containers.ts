/**
 * Measures `netns agent` with real containers of a Docker of its own: how long a container that was started waits for
 * its address, how long fifty do that are started at once, and what an agent uses that has nothing to do.
 *
 *     sudo deno run -A --node-modules-dir=manual scripts/bench/containers.ts
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { deleteNamedNamespace, namedNamespaceExists, NsHandle } from "@netns/netns";
import { DOCKER, obstacle, Service } from "../../test/e2e/service.ts";
import { root } from "../bundle.ts";
import { apart } from "../isolation.ts";

/** How many containers are started one after the other; how many at once, and how often those. */
const ROUNDS = 20;
const AT_ONCE = 50;
const ROUNDS_AT_ONCE = 3;
/**
 * How long the agent is left alone before it is looked at, and how long it is looked at, in milliseconds. V8 collects
 * what the starts have left as late as 20 s after them, which takes 100 ms of its threads.
 */
const SETTLING = 30_000;
const IDLE = 30_000;
/** The longest that anything is waited for, in milliseconds. */
const PATIENCE = 60_000;

/** What was measured of one form of the command. */
export interface ContainerFigures {
  /** `"Deno"` or `"Node"`. */
  readonly form: string;
  /** From the answer to the start of a container to its address being up, in milliseconds, sorted. */
  readonly startToAddress: readonly number[];
  /** From the last answer of fifty starts at once to the last address being up, in milliseconds, sorted. */
  readonly fiftyAtOnce: readonly number[];
  /** The share of one processor that it uses while nothing happens, from 0 to 1, with fifty containers. */
  readonly idle: number;
  /** Its resident memory then, in MiB. */
  readonly memory: number;
  /** From SIGTERM to its end with status 0, in milliseconds. */
  readonly exit: number;
}

/** Measures each form of the command that can run here; the rest is left out with a word. Needs root and Docker. */
export async function benchContainers(print: (line: string) => void): Promise<ContainerFigures[]> {
  const reason = obstacle(DOCKER);
  if (reason !== undefined) {
    print(`left out: containers (${reason})`);
    return [];
  }
  const built = join(root, "dist/cli.js");
  const forms: [form: string, command: string[]][] = [
    ["Deno", [Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", join(root, "src/cli/bin.ts")]],
  ];
  if (existsSync(built)) forms.push(["Node", ["node", built]]);
  else print("left out: the agent in Node (`npm run build` makes dist/cli.js)");
  await using service = await Service.open(DOCKER);
  const name = `bench-${randomUUID().slice(0, 8)}`;
  const ids = await many(AT_ONCE, (i) => service.create({ MICROSERVICE_LABEL: `${name}-${i}` }));
  try {
    const figures: ContainerFigures[] = [];
    for (const [form, command] of forms) figures.push({ form, ...await measure(service, name, ids, command) });
    return figures;
  } finally {
    await many(AT_ONCE, (i) => service.remove(ids[i] ?? ""));
  }
}

/** The figures as a table of Markdown. */
export function tableOf(figures: readonly ContainerFigures[]): string[] {
  return [
    "| `netns agent` in | start to address, median (90 %) | 50 at once, after the last start, median (longest) | idle, of one CPU | memory with 50 | end after SIGTERM |",
    "| --- | --- | --- | --- | --- | --- |",
    ...figures.map(({ form, startToAddress: all, fiftyAtOnce: fifty, idle, memory, exit }) =>
      `| ${form} | ${at(all, 0.5)} ms (${at(all, 0.9)} ms) | ${at(fifty, 0.5)} ms (${fifty.at(-1)?.toFixed(1)} ms) | ` +
      `${(idle * 100).toFixed(2)} % | ${memory.toFixed(0)} MiB | ` +
      `${exit.toFixed(0)} ms |`
    ),
  ];
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

const at = (ascending: readonly number[], share: number): string => (
  (ascending[Math.floor(ascending.length * share)] ?? NaN).toFixed(1)
);

async function measure(
  service: Service,
  name: string,
  ids: readonly string[],
  command: readonly string[],
): Promise<Omit<ContainerFigures, "form">> {
  const dir = mkdtempSync(join(tmpdir(), "netns-bench-"));
  const file = join(dir, "topology.yaml");
  writeFileSync(file, topologyOf(name));
  const [program = "", ...args] = command;
  const agent = spawn(program, [...args, "agent", file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DOCKER_HOST: `unix://${service.socket}`, NO_COLOR: "1" },
  });
  agent.stdout.resume();
  try {
    await until(() => namedNamespaceExists(name));
    await sleep(1000);
    const startToAddress: number[] = [];
    for (let round = 0; round < ROUNDS; round++) startToAddress.push(await oneStart(service, ids[0] ?? "", name));
    const fiftyAtOnce = [await allAtOnce(service, ids)];
    while (fiftyAtOnce.length < ROUNDS_AT_ONCE) {
      await endAll(service, ids, name);
      fiftyAtOnce.push(await allAtOnce(service, ids));
    }
    await sleep(SETTLING);
    const [before, since] = [ticks(agent), performance.now()];
    await sleep(IDLE);
    const idle = (ticks(agent) - before) / (performance.now() - since);
    const memory = residentMemory(agent);
    const exit = await end(agent, "SIGTERM");
    return { startToAddress: sorted(startToAddress), fiftyAtOnce: sorted(fiftyAtOnce), idle, memory, exit };
  } finally {
    if (agent.exitCode === null && agent.signalCode === null) await end(agent, "SIGKILL");
    await many(AT_ONCE, (i) => service.api("POST", `/containers/${ids[i]}/kill`).catch(() => undefined)); // none may run
    if (namedNamespaceExists(name)) deleteNamedNamespace(name);
    rmSync(`/run/netns-apply/${name}.json`, { force: true });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Ends the agent, and gives how long that took; by SIGTERM it has to end with status 0. */
async function end(agent: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<number> {
  const ended = once(agent, "exit");
  const since = performance.now();
  process.kill(agent.pid ?? 0, signal); // not agent.kill(): after that, Deno gives the signal as the end of every child
  const [status] = await ended;
  if (signal === "SIGTERM" && status !== 0) throw new Error(`The agent ended with status ${status}`);
  return performance.now() - since;
}

/** A hub, and a pair from it to each container. */
function topologyOf(name: string): string {
  const lines = Array.from({ length: AT_ONCE }, (_, i) => [
    `  - { name: hub${i}, enabled: true, hostIfName: c${i}, namespace: ${name}, ipAddresses: [10.100.${i}.1/24], ` +
    `veth: { peerIfName: c${i} } }`,
    `  - { name: c${i}, enabled: true, hostIfName: eth0, namespace: "MICROSERVICE:${name}-${i}", ` +
    `ipAddresses: [${addressOf(i)}], veth: { peerIfName: hub${i} } }`,
  ]);
  return [`name: ${name}`, `namespaces: [${name}]`, "interfaces:", ...lines.flat(), ""].join("\n");
}

const addressOf = (i: number): string => `10.100.${i}.2/24`;

/** Starts one container, and gives how long its address took; then ends it, and waits until its pair is gone. */
async function oneStart(service: Service, id: string, hub: string): Promise<number> {
  await service.api("POST", `/containers/${id}/start`);
  const since = performance.now();
  await wired(service, id, 0);
  const took = performance.now() - since;
  await endAll(service, [id], hub);
  return took;
}

/** Ends containers, and waits until their pairs are gone. */
async function endAll(service: Service, ids: readonly string[], hub: string): Promise<void> {
  await many(ids.length, (i) => service.api("POST", `/containers/${ids[i]}/kill`));
  using ns = NsHandle.fromName(hub);
  using netlink = ns.netlink();
  await until(() => netlink.listLinks().length === 1);
  await sleep(300); // what the agent does on the end of them is no part of the next start
}

/** Starts all, and gives how long after the last start the last address took. */
async function allAtOnce(service: Service, ids: readonly string[]): Promise<number> {
  const starts = await many(ids.length, async (i) => {
    await service.api("POST", `/containers/${ids[i]}/start`);
    return performance.now();
  }, ids.length);
  await many(ids.length, (i) => wired(service, ids[i] ?? "", i), ids.length);
  return performance.now() - Math.max(...starts);
}

/** Waits until the address of a running container is there and its link up, as the kernel tells it. */
async function wired(service: Service, id: string, i: number): Promise<void> {
  const { State: { Pid } } = JSON.parse(await service.api("GET", `/containers/${id}/json`)) as {
    readonly State: { readonly Pid: number };
  };
  using ns = NsHandle.fromPid(Pid);
  using netlink = ns.netlink();
  await until(() =>
    netlink.listAddresses().some(({ cidr }) => cidr === addressOf(i)) &&
    netlink.listLinks().some(({ name, up }) => name === "eth0" && up)
  );
}

/** Calls `fn` for each number below `count`, a few at a time, and gives what comes of it. */
async function many<T>(count: number, fn: (i: number) => Promise<T>, atOnce = 4): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) results[i] = await fn(i);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

/** The processor time that a process has had, in milliseconds. See proc(5). */
function ticks({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "").split(" ");
  const USER = 11, SYSTEM = 12, MS_PER_TICK = 10;
  return (Number(fields[USER]) + Number(fields[SYSTEM])) * MS_PER_TICK;
}

function residentMemory({ pid }: ChildProcess): number {
  const [, kib] = readFileSync(`/proc/${pid}/status`, "latin1").match(/^VmRSS:\s+(\d+) kB$/m) ?? [];
  return Number(kib) / 1024;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE; !condition();) {
    if (performance.now() > end) throw new Error(`It did not come to be: ${condition}`);
    await sleep(1);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

if (import.meta.main) {
  if (process.argv.includes("--inside")) {
    for (const line of tableOf(await benchContainers(console.log))) console.log(line);
  } else {
    const file = join(root, "scripts/bench/containers.ts");
    const [command, args] = apart(Deno.execPath(), ["run", "-A", "--node-modules-dir=manual", file, "--inside"]);
    process.exit(spawnSync(command, args, { stdio: "inherit" }).status ?? 1);
  }
}
