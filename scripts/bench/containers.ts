/**
 * Measures `netns agent` with containers of a Docker of its own: how long a container that was started waits for its
 * address, how long fifty do that are started at once, and what an agent uses that has nothing to do.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { deleteNamedNamespace, namedNamespaceExists, NsHandle } from "@netns/netns";
import { DOCKER, obstacle, Service } from "../../test/e2e/service.ts";
import { root } from "../bundle.ts";

/** How many containers are started one after the other; how many at once, and how often those. */
const ROUNDS = 20, AT_ONCE = 50, ROUNDS_AT_ONCE = 3;
/**
 * How long the agent is left alone before it is looked at, and how long it is looked at, in milliseconds. V8 collects
 * what the starts have left as late as 20 s after them, which takes 100 ms of its threads.
 */
const SETTLING = 30_000, IDLE = 30_000;
/** The longest that anything is waited for, in milliseconds. */
const PATIENCE = 60_000;

/** What was measured of one form of the command; times are in milliseconds, and sorted. */
export interface ContainerFigures {
  /** `"Deno"` or `"Node"`. */
  readonly form: string;
  /** From the answer to the start of a container to its address being up. */
  readonly startToAddress: readonly number[];
  /** From the last answer of fifty starts at once to the last address being up. */
  readonly fiftyAtOnce: readonly number[];
  /** The share of one processor that it uses while nothing happens, from 0 to 1, with fifty containers. */
  readonly idle: number;
  /** Its resident memory then, in MiB. */
  readonly memory: number;
  /** From SIGTERM to its end with status 0. */
  readonly exit: number;
}

/** The forms of the command that can run here; `leftOut` is called with why one cannot. */
export function commandForms(leftOut: (reason: string) => void): Readonly<Record<string, readonly string[]>> {
  const built = join(root, "dist/cli.cjs");
  const source = [Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", join(root, "src/cli/bin.ts")];
  if (existsSync(built)) return { Deno: source, Node: ["node", built] };
  leftOut("the agent in Node (`npm run build` makes dist/cli.cjs)");
  return { Deno: source };
}

/** Measures each form of the command that can run here; `leftOut` is called with why one cannot. Needs root and Docker. */
export async function benchContainers(leftOut: (reason: string) => void): Promise<ContainerFigures[]> {
  const reason = obstacle(DOCKER);
  if (reason !== undefined) leftOut(`containers (${reason})`);
  if (reason !== undefined) return [];
  await using service = await Service.open(DOCKER); // which takes its containers along
  const network = new Network(service);
  await network.create();
  const figures: ContainerFigures[] = [];
  for (const [form, command] of Object.entries(commandForms(leftOut))) {
    figures.push({ form, ...await measure(network, command) });
  }
  return figures;
}

async function measure(
  network: Network,
  [program = "", ...args]: readonly string[],
): Promise<Omit<ContainerFigures, "form">> {
  const dir = mkdtempSync(join(tmpdir(), "netns-bench-"));
  const file = join(dir, "topology.yaml");
  writeFileSync(file, network.topology());
  const env = { ...process.env, DOCKER_HOST: `unix://${network.service.socket}`, NO_COLOR: "1" };
  const agent = spawn(program, [...args, "agent", file], { stdio: ["ignore", "ignore", "inherit"], env });
  try {
    await until(() => namedNamespaceExists(network.hub));
    await sleep(1000);
    const startToAddress = await network.timeStarts(ROUNDS, 1);
    const fiftyAtOnce = await network.timeStarts(ROUNDS_AT_ONCE, AT_ONCE);
    await network.start(AT_ONCE);
    await sleep(SETTLING);
    const [before, since] = [processorTime(agent), performance.now()];
    await sleep(IDLE);
    const idle = (processorTime(agent) - before) / (performance.now() - since);
    const [, kib] = readFileSync(`/proc/${agent.pid}/status`, "latin1").match(/^VmRSS:\s+(\d+) kB$/m) ?? [];
    return { startToAddress, fiftyAtOnce, idle, memory: Number(kib) / 1024, exit: await end(agent, "SIGTERM") };
  } finally {
    if (agent.exitCode === null && agent.signalCode === null) await end(agent, "SIGKILL");
    await network.killAll();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Containers, and the namespace to which an agent wires them. */
class Network {
  readonly hub = `bench-${crypto.randomUUID().slice(0, 8)}`;
  #ids: readonly string[] = [];

  constructor(readonly service: Service) {}

  async create(): Promise<void> {
    const labels = Array.from({ length: AT_ONCE }, (_, i) => ({ MICROSERVICE_LABEL: `${this.hub}-${i}` }));
    this.#ids = await Promise.all(labels.map((env) => this.service.create(env)));
  }

  /** A hub, and a pair from it to each container. */
  topology(): string {
    const interfaces = this.#ids.flatMap((_, i) => [
      {
        name: `hub${i}`,
        hostIfName: `c${i}`,
        namespace: this.hub,
        ipAddresses: [`10.100.${i}.1/24`],
        veth: { peerIfName: `c${i}` },
      },
      {
        name: `c${i}`,
        hostIfName: "eth0",
        namespace: `MICROSERVICE:${this.hub}-${i}`,
        ipAddresses: [`10.100.${i}.2/24`],
        veth: { peerIfName: `hub${i}` },
      },
    ]);
    return JSON.stringify({ name: this.hub, namespaces: [this.hub], interfaces }); // JSON is YAML
  }

  /** Starts so many containers at once, often, and gives the times, sorted; between two rounds none runs. */
  async timeStarts(rounds: number, count: number): Promise<number[]> {
    const times: number[] = [];
    while (times.length < rounds) {
      times.push(await this.start(count));
      await this.#post(this.#ids.slice(0, count), "kill");
      using ns = NsHandle.fromName(this.hub);
      using netlink = ns.netlink();
      await until(() => netlink.listLinks().length === 1);
      await sleep(300); // what the agent does on the end of them is no part of the next start
    }
    return times.sort((a, b) => a - b);
  }

  /** Starts containers at once, and gives how long after the last answer the last address took. */
  async start(count: number): Promise<number> {
    const ids = this.#ids.slice(0, count);
    await this.#post(ids, "start");
    const since = performance.now();
    await Promise.all(ids.map(async (id, i) => {
      const { State } = JSON.parse(await this.service.api("GET", `/containers/${id}/json`)) as {
        State: { Pid: number };
      };
      using ns = NsHandle.fromPid(State.Pid);
      using netlink = ns.netlink();
      await until(() =>
        netlink.listAddresses().some(({ cidr }) => cidr === `10.100.${i}.2/24`) &&
        netlink.listLinks().some(({ name, up }) => name === "eth0" && up)
      );
    }));
    return performance.now() - since;
  }

  /** None runs any more, and the hub is gone. */
  async killAll(): Promise<void> {
    await this.#post(this.#ids, "kill").catch(() => undefined); // some do not run
    if (namedNamespaceExists(this.hub)) deleteNamedNamespace(this.hub);
  }

  async #post(ids: readonly string[], action: string): Promise<void> {
    const answers = await Promise.allSettled(ids.map((id) => this.service.api("POST", `/containers/${id}/${action}`)));
    for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
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

/** The processor time that a process has had, in milliseconds. See proc(5). */
function processorTime({ pid }: ChildProcess): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "").split(" ").slice(11);
  return (Number(user) + Number(system)) * 10;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE; !condition(); await sleep(1)) {
    if (performance.now() > end) throw new Error(`It did not come to be: ${condition}`);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
