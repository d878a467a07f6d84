/**
 * Measures `netns agent` in each form of the command, minutes each: with containers of a Docker of its own, while its
 * container runtime does everything wrong, and on a cluster of three real members of etcd.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { deleteNamedNamespace, namedNamespaceExists, type Netlink, NsHandle } from "@netns/netns";
import { Member } from "../../src/etcd/member.ts";
import { EtcdMember } from "../../test/e2e/etcd.ts";
import { FLOODS, larger, MOST_DESCRIPTORS, MOST_GROWTH } from "../../test/e2e/floods.ts";
import { eventually, pause } from "../../test/e2e/following.ts";
import { HostileRuntime } from "../../test/e2e/hostile_runtime.ts";
import { RunningAgent } from "../../test/e2e/running_agent.ts";
import { DOCKER, obstacle, Service } from "../../test/e2e/service.ts";
import { BUILT } from "../../test/e2e/support.ts";
import { root } from "../bundle.ts";

/** What was measured of one form of the command, by what it is, as it is shown; and what is more than it may be, in words. */
export interface AgentFigures {
  readonly cells: Readonly<Record<string, string>>;
  readonly faults?: readonly string[];
}

/** What is measured of an agent. */
export interface AgentWork {
  readonly name: string;
  /** The first column of the table. */
  readonly head: string;
  /** True where each form is a column, and not a row. */
  readonly formsAcross?: boolean;
  /** Why it cannot be measured here. */
  readonly missing?: () => string | undefined;
  readonly measure: (command: readonly string[]) => Promise<AgentFigures>;
}

/** All of it. */
export const AGENTS: readonly AgentWork[] = [
  { name: "containers", head: "`netns agent` in", missing: () => obstacle(DOCKER), measure: withContainers },
  { name: "floods", head: "memory and descriptors of `netns agent` in", formsAcross: true, measure: inFloods },
  { name: "etcd", head: "`netns agent --etcd` in", missing: withoutEtcd, measure: onCluster },
];

/** Measures each form of the command that can run here; `leftOut` is called with why one cannot. Needs root. */
export async function measureAgents(
  { name, missing, measure }: AgentWork,
  leftOut: (reason: string) => void,
): Promise<Record<string, AgentFigures>> {
  const found: Record<string, AgentFigures> = {};
  const source = [Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", join(root, "src/cli/bin.ts")];
  const unbuilt = existsSync(BUILT) ? undefined : `\`npm run build\` makes ${BUILT}`;
  for (const [form, command, missingHere] of [["Deno", source], ["Node", ["node", BUILT], unbuilt]] as const) {
    const reason = missing?.() ?? missingHere;
    if (reason !== undefined) leftOut(`${name}, ${form}: ${reason}`);
    else found[form] = await measure(command);
  }
  return found;
}

/** A file of a measurement, until the end of the block. */
function written(text: string): { readonly path: string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), "netns-bench-"));
  const path = join(dir, "bench.yaml");
  writeFileSync(path, text);
  return { path, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

/** Waits for something, and gives how many milliseconds have passed by then. */
async function timeUntil(condition: () => boolean, since: number = performance.now()): Promise<number> {
  await eventually(condition, undefined, 1);
  return performance.now() - since;
}

/** Ends an agent, and gives how long that took. */
async function ended(agent: RunningAgent): Promise<string> {
  const since = performance.now();
  const status = await agent.end();
  if (status !== 0) throw new Error(`The agent ended with status ${status}: ${agent.output}`);
  return `${(performance.now() - since).toFixed(0)} ms`;
}

/** True if the kernel says so in a named namespace, which may not be there yet. */
function isSo(name: string, ask: (netlink: Netlink) => boolean): boolean {
  try {
    using ns = NsHandle.fromName(name);
    using netlink = ns.netlink();
    return ask(netlink);
  } catch {
    return false;
  }
}

const has = (netlink: Netlink, address: string): boolean =>
  netlink.listAddresses().some(({ cidr }) => cidr === address);

/** Measures something so often, one after the other. */
async function often(count: number, measure: (i: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) times.push(await measure(times.length));
  return times;
}

/** The median of times and, in brackets, another part of them. */
function median(times: readonly number[], part: number = 0.9): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string =>
    `${sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)]?.toFixed(1)} ms`;
  return `${at(0.5)} (${at(part)})`;
}

/** How many containers are started one after the other; how many at once, and how often those. */
const ROUNDS = 20, AT_ONCE = 50, ROUNDS_AT_ONCE = 3;
/** For how long nothing happens. V8 collects what the starts left as late as 20 s after them, which takes it 100 ms. */
const IDLE = 30_000;

/** How long a container waits for its address, how long fifty do, and what an agent uses that has nothing to do. */
async function withContainers(command: readonly string[]): Promise<AgentFigures> {
  await using service = await Service.open(DOCKER); // which takes its containers along
  const hub = "bench-containers";
  const labels = Array.from({ length: AT_ONCE }, (_, i) => `${hub}-${i}`);
  const all = await Promise.all(labels.map((label) => service.create({ MICROSERVICE_LABEL: label })));
  const ends = labels.map((label, i) => `[${hub} c${i} 10.100.${i}.1/24, MICROSERVICE:${label} eth0 10.100.${i}.2/24]`);
  using file = written(
    `name: ${hub}\nnamespaces: [${hub}]\nlinks:\n${ends.map((both) => `  - ends: ${both}\n`).join("")}`,
  );
  const post = async (ids: readonly string[], action: string): Promise<void> =>
    void await Promise.all(ids.map((id) => service.api("POST", `/containers/${id}/${action}`)));
  /** Starts containers at once, and gives how long after the last answer the last address is up. */
  const start = async (ids: readonly string[]): Promise<number> => {
    await post(ids, "start");
    const since = performance.now();
    await Promise.all(ids.map(async (id, i) => {
      const { State } = JSON.parse(await service.api("GET", `/containers/${id}/json`)) as { State: { Pid: number } };
      using ns = NsHandle.fromPid(State.Pid);
      using netlink = ns.netlink();
      const isUp = (): boolean => netlink.listLinks().some(({ name, up }) => name === "eth0" && up);
      await timeUntil(() => has(netlink, `10.100.${i}.2/24`) && isUp());
    }));
    return performance.now() - since;
  };
  const startAndKill = async (ids: readonly string[]): Promise<number> => {
    const took = await start(ids);
    await post(ids, "kill");
    await timeUntil(() => isSo(hub, (netlink) => netlink.listLinks().length === 1));
    await pause(300); // what the agent does on the end of them is no part of the next start
    return took;
  };
  await using agent = new RunningAgent([...command, "agent", file.path], { DOCKER_HOST: `unix://${service.socket}` });
  await timeUntil(() => namedNamespaceExists(hub));
  using _hub = { [Symbol.dispose]: () => deleteNamedNamespace(hub) };
  await pause(1000);
  const one = await often(ROUNDS, () => startAndKill(all.slice(0, 1)));
  const fifty = await often(ROUNDS_AT_ONCE, () => startAndKill(all));
  await start(all);
  await pause(IDLE);
  const [before, since] = [agent.processorTime, performance.now()];
  await pause(IDLE);
  const idle = (agent.processorTime - before) / (performance.now() - since);
  const { resident } = agent.size;
  return {
    cells: {
      "start to address: median (90 %)": median(one),
      "50 at once after the last start: median (longest)": median(fifty, 1),
      "idle: of one CPU": `${(idle * 100).toFixed(2)} %`,
      "memory with 50": `${resident} MiB`,
      "end after SIGTERM": await ended(agent),
    },
  };
}

/** How long the agent is left alone before it is looked at, and how long what no answer says is wrong, in milliseconds. */
const SETTLING = 3000, THESE = 3000;

/** How much more it has than at rest while its runtime does everything wrong, and whether it ends while a lock is held. */
async function inFloods(command: readonly string[]): Promise<AgentFigures> {
  await using api = await HostileRuntime.open("unix");
  using file = written("name: bench-floods\nlinks:\n  - ends: [MICROSERVICE:web left, CONTAINER:web-1 right]\n");
  await using agent = new RunningAgent([...command, "agent", file.path], { DOCKER_HOST: api.endpoint.name });
  await pause(SETTLING);
  const rest = agent.size;
  const cells: Record<string, string> = { "at rest": `${rest.resident} MiB, ${rest.descriptors}` };
  const faults: string[] = [];
  const watch = async (what: string, ms: number): Promise<void> => {
    const most = larger(rest, await agent.most(ms, 50));
    const [resident, descriptors] = [most.resident - rest.resident, most.descriptors - rest.descriptors];
    cells[what] = `+${resident} MiB, +${descriptors}`;
    if (resident > MOST_GROWTH || descriptors > MOST_DESCRIPTORS) faults.push(`${what}: ${cells[what]} descriptors`);
  };
  for (const [what, script, ms] of FLOODS) {
    api.script = script;
    api.cut();
    await watch(what, ms);
  }
  api.script = (_, socket) => void setTimeout(() => socket.destroy(), 20);
  await watch("the runtime ends and comes back, again and again", THESE);
  // The lock that every state directory has.
  const stranger = spawn("flock", ["/run/netns-apply/.lock", "sleep", "60"], { stdio: "ignore", detached: true });
  using _stranger = { [Symbol.dispose]: () => process.kill(-(stranger.pid ?? NaN), "SIGKILL") }; // flock, and its sleep
  await pause(500);
  appendFileSync(file.path, "  - ends: [bench third, bench fourth]\n"); // which is applied
  await watch("a stranger holds the lock", THESE);
  cells["end after SIGTERM"] = await ended(agent);
  return { cells, faults };
}

function withoutEtcd(): string | undefined {
  return spawnSync("etcd", ["--version"]).error && "etcd is not installed";
}

/** How often a put is measured, how many keys there are beside it, how many of those are links, and in which namespaces. */
const PUTS = 10, KEYS = 10_000, LINKS = 100, NAMESPACES = 4, FIRST = "bench-etcd-0";

type Keys = readonly (readonly [name: string, value: object])[];
const link = (name: string, peer: string, ns: number, address: string): object => ({
  ...{ name, enabled: true, ip_addresses: [address], namespace: { type: 2, name: `bench-etcd-${ns % NAMESPACES}` } },
  veth: { peer_if_name: peer },
});
const pair = (i: number, last: number = 1): Keys => [
  [`interface/a${i}`, link(`a${i}`, `b${i}`, i, `10.${100 + i}.0.${last}/24`)],
  [`interface/b${i}`, link(`b${i}`, `a${i}`, i + 1, `10.${100 + i}.0.254/24`)],
];
const route = (name: string, destination: string): Keys => [
  [`route/${name}`, { name, interface: "a0", dst_ip_addr: destination, gw_addr: "10.100.0.254" }],
];

/**
 * How long a put waits for the kernel to have it, also beside many keys, how long a start takes with those, and how long
 * another member takes over.
 */
async function onCluster([program = "", ...args]: readonly string[]): Promise<AgentFigures> {
  // One question, however many routes there are: without one it throws ENETUNREACH.
  const timeUntilLeads = (address: string, since?: number): Promise<number> =>
    timeUntil(() => isSo(FIRST, (netlink) => netlink.getRoute(address) !== undefined), since);
  const names = [0, 1, 2].map((i) => ({ name: `m${i}`, port: 2379 + 10 * i }));
  const cluster = names.map(({ name, port }) => `${name}=http://127.0.0.1:${port + 1}`).join(",");
  await using stack = new AsyncDisposableStack();
  stack.defer(() => void spawnSync(program, [...args, "destroy", "--name", "etcd-bench"]));
  const members = names.map((one) =>
    stack.use(new EtcdMember({ enter: ([word = "", ...words]) => [word, words], cluster, ...one }))
  );
  const endpoints = members.map(({ endpoint }) => endpoint);
  const conf = stack.use(written(JSON.stringify({ "insecure-transport": true, endpoints })));
  const run = (): RunningAgent =>
    stack.use(new RunningAgent([program, ...args, "agent", "--etcd", conf.path, "--label", "bench"]));
  for (const member of members) member.spawn();
  for (const member of members) await member.answers();
  const putKeys = (keys: Keys): Promise<number> => put(endpoints[1] ?? "", keys);
  await putKeys(pair(0));
  const agent = run();
  await timeUntil(() => isSo(FIRST, (netlink) => has(netlink, "10.100.0.1/24")));
  const few = await often(PUTS, async (i) => {
    const since = await putKeys(pair(0, i + 2).slice(0, 1));
    return await timeUntil(() => isSo(FIRST, (netlink) => has(netlink, `10.100.0.${i + 2}/24`)), since);
  });
  await putKeys(Array.from({ length: LINKS / 2 }, (_, i) => pair(i)).flat());
  const many = Array.from({ length: KEYS - LINKS }, (_, i) => `10.${i >> 8}.${i & 255}`);
  await putKeys(many.flatMap((network, i) => route(`r${i}`, `${network}.0/24`)));
  await timeUntilLeads(`${many.at(-1)}.1`);
  const amongMany = await often(PUTS, async (i) => {
    await pause(1000);
    return await timeUntilLeads(`172.16.${i}.1`, await putKeys(route("changed", `172.16.${i}.0/24`)));
  });
  const { resident } = agent.size;
  await ended(agent);
  spawnSync("ip", ["-n", FIRST, "route", "delete", `172.16.${PUTS - 1}.0/24`]);
  run();
  const start = await timeUntilLeads(`172.16.${PUTS - 1}.1`);
  await pause(3000);
  const killed = performance.now();
  await members[0]?.kill();
  await putKeys(route("changed", "172.16.77.0/24"));
  const failOver = await timeUntilLeads("172.16.77.1", killed);
  return {
    cells: {
      "put to configured, median (90 %)": median(few),
      "the same beside 10,000 keys": median(amongMany),
      "start with those": `${(start / 1000).toFixed(1)} s`,
      "fail-over": `${(failOver / 1000).toFixed(1)} s`,
      "memory with those": `${resident} MiB`,
    },
  };
}

/**
 * Puts values, as soon as there is a leader, and gives when that was answered. Each time it connects anew: etcd ends a
 * connection that pings and has nothing to do.
 */
async function put(endpoint: string, keys: Keys): Promise<number> {
  const { signal } = new AbortController();
  const options = { dialTimeout: 5000, operationTimeout: 60_000, tls: undefined, signal, username: undefined };
  const writes = keys.map(([key, value]) => ({
    key: `/vnf-agent/bench/linux/config/v1/${key}`,
    value: JSON.stringify(value),
  }));
  for (const last = performance.now() + 60_000;; await pause(50)) {
    try {
      using member = await Member.connect(endpoint, { ...options, password: () => Promise.resolve("") });
      await member.write(writes, 0n);
      return performance.now();
    } catch (error) {
      if (performance.now() > last) throw error;
    }
  }
}
