/**
 * Measures `netns agent` in each form of the command, minutes each: with containers of a Docker of its own, while its
 * container runtime does everything wrong, and on a cluster of three real members of etcd.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { deleteNamedNamespace, namedNamespaceExists, type Netlink, NsHandle } from "@netns/netns";
import { pause } from "../../src/async/pause.ts";
import { EtcdMember } from "../../test/e2e/etcd.ts";
import { FLOODS, larger, MOST_DESCRIPTORS, MOST_GROWTH } from "../../test/e2e/floods.ts";
import { eventually } from "../../test/e2e/following.ts";
import { HostileRuntime } from "../../test/e2e/hostile_runtime.ts";
import { RunningAgent } from "../../test/e2e/running_agent.ts";
import { DOCKER, obstacle, Service } from "../../test/e2e/service.ts";
import { BUILT } from "../../test/e2e/support.ts";
import { type AgentFigures, quantile } from "./report.ts";
import { networkOf, numbered, output } from "./scene.ts";

/** What is measured of an agent: its name, the first column of its table, and why it cannot be measured here. */
export interface AgentWork {
  readonly name: string;
  readonly head: string;
  readonly missing?: () => string | undefined;
  readonly measure: (command: readonly string[]) => Promise<AgentFigures>;
}

/** All of it. */
export const AGENTS: readonly AgentWork[] = [
  { name: "containers", head: "`netns agent` in", missing: () => obstacle(DOCKER), measure: withContainers },
  { name: "floods", head: "memory and descriptors of `netns agent` in", measure: inFloods },
  { name: "etcd", head: "`netns agent --etcd` in", missing: withoutEtcd, measure: onCluster },
];

/** Measures each form of the command that can run here; `leftOut` is called with why one cannot. Needs root. */
export async function measureAgent(
  { name, head, missing, measure }: AgentWork,
  leftOut: (reason: string) => void,
): Promise<AgentFigures[]> {
  const found: AgentFigures[] = [];
  const source = [Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", "src/cli/bin.ts"];
  const unbuilt = existsSync(BUILT) ? undefined : `\`npm run build\` makes ${BUILT}`;
  for (const [form, command, missingHere] of [["Deno", source], ["Node", ["node", BUILT], unbuilt]] as const) {
    const reason = missing?.() ?? missingHere;
    if (reason !== undefined) leftOut(`${name}, ${form}: ${reason}`);
    else {
      const { cells, faults = [] } = await measure(command);
      found.push({ cells: { [head]: form, ...cells }, faults: faults.map((fault) => `${form}: ${fault}`) });
    }
  }
  return found;
}

/** The file of the agent, in the `/run` that ends with the measurement. */
const FILE = "/run/netns-bench-agent.yaml";

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
const median = (times: readonly number[], part: number = 0.9): string =>
  `${quantile(times, 0.5).toFixed(1)} ms (${quantile(times, part).toFixed(1)} ms)`;

/** How many containers are started one after the other; how many at once, and how often those. */
const ROUNDS = 20, AT_ONCE = 50, ROUNDS_AT_ONCE = 3;
/** For how long nothing happens. V8 collects what the starts left as late as 20 s after them, which takes it 100 ms. */
const IDLE = 30_000;

/** How long a container waits for its address, how long fifty do, and what an agent uses that has nothing to do. */
async function withContainers(command: readonly string[]): Promise<AgentFigures> {
  await using service = await Service.open(DOCKER); // which takes its containers along
  const hub = "bench-containers";
  const links = numbered(AT_ONCE, (i) => {
    const [near, far] = [1, 2].map((last) => `${networkOf(i)}.${last}/24`);
    return `  - ends: [${hub} c${i} ${near}, MICROSERVICE:${hub}-${i} eth0 ${far}]\n`;
  });
  writeFileSync(FILE, `name: ${hub}\nnamespaces: [${hub}]\nlinks:\n${links.join("")}`);
  const all = await Promise.all(numbered(AT_ONCE, (i) => service.create({ MICROSERVICE_LABEL: `${hub}-${i}` })));
  const post = (ids: readonly string[], action: string): Promise<unknown> =>
    Promise.all(ids.map((id) => service.api("POST", `/containers/${id}/${action}`)));
  /** Starts containers at once, and gives how long after the last answer the last address is up. */
  const start = async (ids: readonly string[]): Promise<number> => {
    await post(ids, "start");
    const since = performance.now();
    await Promise.all(ids.map(async (id, i) => {
      const { State } = JSON.parse(await service.api("GET", `/containers/${id}/json`)) as { State: { Pid: number } };
      using ns = NsHandle.fromPid(State.Pid);
      using netlink = ns.netlink();
      const isUp = (): boolean => netlink.listLinks().some(({ name, up }) => name === "eth0" && up);
      await timeUntil(() => has(netlink, `${networkOf(i)}.2/24`) && isUp());
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
  await using agent = new RunningAgent([...command, "agent", FILE], { DOCKER_HOST: `unix://${service.socket}` });
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
  writeFileSync(FILE, "name: bench-floods\nlinks:\n  - ends: [MICROSERVICE:web left, CONTAINER:web-1 right]\n");
  await using agent = new RunningAgent([...command, "agent", FILE], { DOCKER_HOST: api.endpoint.name });
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
  appendFileSync(FILE, "  - ends: [bench third, bench fourth]\n"); // which is applied
  await watch("a stranger holds the lock", THESE);
  cells["end after SIGTERM"] = await ended(agent);
  return { cells, faults };
}

function withoutEtcd(): string | undefined {
  return spawnSync("etcd", ["--version"]).error && "etcd is not installed";
}

/** How often a put is measured, how many keys there are beside it, how many of those are links, and in which namespaces. */
const PUTS = 10, KEYS = 10_000, LINKS = 100, NAMESPACES = 4, FIRST = "bench-etcd-0";

type Keys = Readonly<Record<string, object>>;
const link = (name: string, peer: string, ns: number, address: string): Keys => ({
  [`interface/${name}`]: {
    ...{ name, enabled: true, ip_addresses: [address], veth: { peer_if_name: peer } },
    namespace: { type: 2, name: `bench-etcd-${ns % NAMESPACES}` },
  },
});
const pair = (i: number): Keys => ({
  ...link(`a${i}`, `b${i}`, i, `${networkOf(i)}.1/24`),
  ...link(`b${i}`, `a${i}`, i + 1, `${networkOf(i)}.254/24`),
});
const route = (name: string, destination: string): Keys => (
  { [`route/${name}`]: { name, interface: "a0", dst_ip_addr: destination, gw_addr: "10.100.0.254" } }
);

/**
 * How long a put waits for the kernel to have it, also beside many keys, how long a start takes with those, and how long
 * another member takes over.
 */
async function onCluster(command: readonly string[]): Promise<AgentFigures> {
  await using stack = new AsyncDisposableStack();
  stack.defer(() => void output([...command, "destroy", "--name", "etcd-bench"]));
  const names = numbered(3, (i) => ({ name: `m${i}`, port: 2379 + 10 * i }));
  const cluster = names.map(({ name, port }) => `${name}=http://127.0.0.1:${port + 1}`).join(",");
  const members = names.map((one) =>
    stack.use(new EtcdMember({ enter: ([word = "", ...words]) => [word, words], cluster, ...one }))
  );
  writeFileSync(
    FILE,
    JSON.stringify({ "insecure-transport": true, endpoints: members.map(({ endpoint }) => endpoint) }),
  );
  const run = (): RunningAgent =>
    stack.use(new RunningAgent([...command, "agent", "--etcd", FILE, "--label", "bench"]));
  for (const member of members) member.spawn();
  for (const member of members) await member.answers();
  /** Puts values, as soon as there is a leader, and gives when that was answered. */
  const put = async (keys: Keys): Promise<number> => {
    for (const last = performance.now() + 60_000;; await pause(50)) {
      try {
        await members[1]?.write("/vnf-agent/bench/linux/config/v1/", keys);
        return performance.now();
      } catch (error) {
        if (performance.now() > last) throw error;
      }
    }
  };
  const timeUntilHas = (address: string, since?: number): Promise<number> =>
    timeUntil(() => isSo(FIRST, (netlink) => has(netlink, address)), since);
  // One question, however many routes there are: without one it throws ENETUNREACH.
  const timeUntilLeads = (address: string, since?: number): Promise<number> =>
    timeUntil(() => isSo(FIRST, (netlink) => netlink.getRoute(address) !== undefined), since);

  await put(pair(0));
  const agent = run();
  await timeUntilHas("10.100.0.1/24");
  const few = await often(PUTS, async (i) => {
    const address = `10.100.0.${i + 2}/24`;
    return await timeUntilHas(address, await put(link("a0", "b0", 0, address)));
  });
  await put(Object.assign({}, ...numbered(LINKS / 2, pair)));
  const many = numbered(KEYS - LINKS, (i) => `10.${i >> 8}.${i & 255}`);
  await put(Object.assign({}, ...many.map((network, i) => route(`r${i}`, `${network}.0/24`))));
  await timeUntilLeads(`${many.at(-1)}.1`);
  const amongMany = await often(PUTS, async (i) => {
    await pause(1000);
    return await timeUntilLeads(`172.16.${i}.1`, await put(route("changed", `172.16.${i}.0/24`)));
  });
  const { resident } = agent.size;
  await ended(agent);
  output(["ip", "-n", FIRST, "route", "delete", `172.16.${PUTS - 1}.0/24`]);
  run();
  const start = await timeUntilLeads(`172.16.${PUTS - 1}.1`);
  await pause(3000);
  const killed = performance.now();
  await members[0]?.kill();
  await put(route("changed", "172.16.77.0/24"));
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
