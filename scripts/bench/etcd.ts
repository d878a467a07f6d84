/**
 * Measures `netns agent --etcd` with a cluster of three real members: how long a put waits for the kernel to have it, beside
 * few keys and beside 10,000, how long a start takes with those, how long another member takes over, and the memory.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { NsHandle } from "@netns/netns";
import { Member } from "../../src/etcd/member.ts";
import { EtcdMember } from "../../test/e2e/etcd.ts";
import { sizeOf } from "../../test/e2e/floods.ts";

/** How often a put is measured, how many keys there are beside it, and how many of those are links. */
const ROUNDS = 10, KEYS = 10_000, LINKS = 100;
/** The namespaces of the links. */
const NAMESPACES = 4;
const PREFIX = "/vnf-agent/bench/linux/config/v1/";
/** The longest that anything is waited for, in milliseconds. */
const PATIENCE = 300_000;

/** What was measured of one form of the command; times are in milliseconds, those in lists sorted. */
export interface EtcdFigures {
  /** `"Deno"` or `"Node"`. */
  readonly form: string;
  /** From the answer to a put to the address being on its link. */
  readonly put: readonly number[];
  /** The same beside 10,000 keys: a route. */
  readonly putAmongMany: readonly number[];
  /** From the start of an agent, with 10,000 keys that it had applied, to a route being back that was missing. */
  readonly start: number;
  /** From the kill of the member that it follows to a change being there that another one has taken. */
  readonly failOver: number;
  /** Its resident memory with 10,000 keys, in MiB. */
  readonly memory: number;
}

/** Measures each form of the command; `leftOut` is called with why that cannot be. Needs root and etcd. */
export async function benchEtcd(
  forms: Readonly<Record<string, readonly string[]>>,
  leftOut: (reason: string) => void,
): Promise<EtcdFigures[]> {
  const figures: EtcdFigures[] = [];
  if (spawnSync("etcd", ["--version"]).error !== undefined) leftOut("the agent on a cluster (etcd is not installed)");
  else for (const [form, command] of Object.entries(forms)) figures.push({ form, ...await measure(command) });
  return figures;
}

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

async function measure([program = "", ...args]: readonly string[]): Promise<Omit<EtcdFigures, "form">> {
  const dir = mkdtempSync(join(tmpdir(), "netns-bench-"));
  const conf = join(dir, "etcd.conf");
  const names = [0, 1, 2].map((i) => ({ name: `m${i}`, port: 2379 + 10 * i }));
  const cluster = names.map(({ name, port }) => `${name}=http://127.0.0.1:${port + 1}`).join(",");
  const members = names.map((one) =>
    new EtcdMember({ enter: ([word = "", ...words]) => [word, words], cluster, ...one })
  );
  writeFileSync(
    conf,
    JSON.stringify({ "insecure-transport": true, endpoints: members.map(({ endpoint }) => endpoint) }),
  );
  const run = (): ChildProcess =>
    spawn(program, [...args, "agent", "--etcd", conf, "--label", "bench"], { stdio: "ignore" });
  let agent: ChildProcess | undefined;
  try {
    for (const member of members) member.spawn();
    for (const member of members) await member.answers();
    await put(members[1], pair(0));
    agent = run();
    await until(() => hasAddress("10.100.0.1/24"));
    const few: number[] = [];
    for (let i = 2; i < 2 + ROUNDS; i++) {
      const since = await put(members[1], pair(0, i).slice(0, 1));
      await until(() => hasAddress(`10.100.0.${i}/24`));
      few.push(performance.now() - since);
    }
    await put(members[1], Array.from({ length: LINKS / 2 }, (_, i) => pair(i)).flat());
    const count = KEYS - LINKS;
    const many = Array.from({ length: count }, (_, i) => route(`r${i}`, `10.${i >> 8}.${i & 255}.0/24`)).flat();
    await put(members[1], many);
    await until(() => leads(`10.${count - 1 >> 8}.${count - 1 & 255}.1`));
    const amongMany: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      await sleep(1000);
      const since = await put(members[1], route("changed", `172.16.${i}.0/24`));
      await until(() => leads(`172.16.${i}.1`));
      amongMany.push(performance.now() - since);
    }
    const memory = sizeOf(agent.pid ?? 0).resident;
    await end(agent);
    spawnSync("ip", ["-n", "bench-etcd-0", "route", "delete", `172.16.${ROUNDS - 1}.0/24`]);
    const begin = performance.now();
    agent = run();
    await until(() => leads(`172.16.${ROUNDS - 1}.1`));
    const start = performance.now() - begin;
    await sleep(3000);
    const killed = performance.now();
    await members[0]?.kill();
    await put(members[1], route("changed", "172.16.77.0/24"));
    await until(() => leads("172.16.77.1"));
    const failOver = performance.now() - killed;
    for (const list of [few, amongMany]) list.sort((a, b) => a - b);
    return { put: few, putAmongMany: amongMany, start, failOver, memory };
  } finally {
    if (agent !== undefined) await end(agent);
    for (const member of members) await member[Symbol.asyncDispose]();
    spawnSync(program, [...args, "destroy", "--name", "etcd-bench"]);
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Puts values, as soon as there is a leader, and gives when that was answered. Each time it connects anew: etcd ends a
 * connection that pings and has nothing to do.
 */
async function put(etcd: EtcdMember | undefined, keys: Keys): Promise<number> {
  const { signal } = new AbortController();
  const options = { dialTimeout: 5000, operationTimeout: 60_000, tls: undefined, signal, username: undefined };
  const writes = keys.map(([key, value]) => ({ key: PREFIX + key, value: JSON.stringify(value) }));
  for (const last = performance.now() + PATIENCE;;) {
    try {
      using member = await Member.connect(etcd?.endpoint ?? "", { ...options, password: () => Promise.resolve("") });
      await member.write(writes, 0n);
      return performance.now();
    } catch (error) {
      if (performance.now() > last) throw error;
      await sleep(50);
    }
  }
}

function hasAddress(wanted: string): boolean {
  return inFirst((netlink) => netlink.listAddresses().some(({ cidr }) => cidr === wanted)) ?? false;
}

/** Whether a route leads to an address: one question, however many routes there are. */
function leads(address: string): boolean {
  return inFirst((netlink) => {
    netlink.getRoute(address); // without one it throws ENETUNREACH
    return true;
  }) ?? false;
}

/** What a question to the kernel gives in the first namespace; undefined while that is not there. */
function inFirst<T>(ask: (netlink: ReturnType<NsHandle["netlink"]>) => T): T | undefined {
  try {
    using ns = NsHandle.fromName("bench-etcd-0");
    using netlink = ns.netlink();
    return ask(netlink);
  } catch {
    return undefined;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE; !condition(); await sleep(1)) {
    if (performance.now() > end) throw new Error(`It did not come to be: ${condition}`);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function end(agent: ChildProcess): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  const ended = once(agent, "exit");
  process.kill(agent.pid ?? 0, "SIGTERM");
  await ended;
}
