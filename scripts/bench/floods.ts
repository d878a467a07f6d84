/** Measures what `netns agent` uses while a container runtime does everything wrong: memory, descriptors, time to end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { FLOODS, larger, MOST_DESCRIPTORS, MOST_GROWTH, type Size, sizeOf } from "../../test/e2e/floods.ts";
import { HostileRuntime } from "../../test/e2e/hostile_runtime.ts";

/** What is wrong besides what a runtime answers. */
const RESTARTS = "the runtime ends and comes back, again and again", LOCKED = "a stranger holds the lock";
/** For how many milliseconds each of them. */
const THESE = 3000;
/** What every state directory has. */
const LOCK = "/run/netns-apply/.lock";

/** How long the agent is left alone before it is looked at, in milliseconds. */
const SETTLING = 3000;

/** What was measured of one form of the command. */
export interface FloodFigures {
  /** `"Deno"` or `"Node"`. */
  readonly form: string;
  /** What it had at rest. */
  readonly rest: Size;
  /** The most that it had more during each flood, by what is wrong. */
  readonly most: Readonly<Record<string, Size>>;
  /** From SIGTERM while somebody else holds the lock that it waits for, to its end with status 0, in milliseconds. */
  readonly exit: number;
}

/** Measures the agent of each form. Needs root. */
export async function benchFloods(forms: Readonly<Record<string, readonly string[]>>): Promise<FloodFigures[]> {
  const figures: FloodFigures[] = [];
  for (const [form, command] of Object.entries(forms)) figures.push({ form, ...await measure(command) });
  return figures;
}

/** What of it is more than it may be, in words. */
export function floodFaults(figures: readonly FloodFigures[]): string[] {
  return figures.flatMap(({ form, most }) =>
    Object.entries(most).filter(([, { descriptors, resident }]) => (
      descriptors > MOST_DESCRIPTORS || resident > MOST_GROWTH
    )).map(([what, { descriptors, resident }]) =>
      `${what}, ${form}: ${resident} MiB and ${descriptors} descriptors more`
    )
  );
}

async function measure([program = "", ...args]: readonly string[]): Promise<Omit<FloodFigures, "form">> {
  await using api = await HostileRuntime.open("unix");
  const dir = mkdtempSync(join(tmpdir(), "netns-bench-"));
  const file = join(dir, "floods.yaml");
  writeFileSync(
    file,
    `name: ${basename(dir)}
interfaces:
  - { name: left, namespace: "MICROSERVICE:web", veth: { peerIfName: right } }
  - { name: right, namespace: "CONTAINER:web-1", veth: { peerIfName: left } }
`,
  );
  const env = { ...process.env, DOCKER_HOST: api.endpoint.name, NO_COLOR: "1" };
  const agent = spawn(program, [...args, "agent", file], { stdio: ["ignore", "ignore", "inherit"], env });
  let stranger: ChildProcess | undefined;
  try {
    await sleep(SETTLING);
    const rest = sizeOf(agent.pid ?? 0);
    const most: Record<string, Size> = {};
    const watch = async (what: string, ms: number): Promise<void> => {
      let largest = rest;
      for (const end = performance.now() + ms; performance.now() < end; await sleep(50)) {
        largest = larger(largest, sizeOf(agent.pid ?? 0));
      }
      most[what] = {
        descriptors: largest.descriptors - rest.descriptors,
        resident: largest.resident - rest.resident,
      };
    };
    for (const [what, script, ms] of FLOODS) {
      api.script = script;
      api.cut();
      await watch(what, ms);
    }
    api.script = (_, socket) => void setTimeout(() => socket.destroy(), 20);
    await watch(RESTARTS, THESE);
    stranger = spawn("flock", [LOCK, "sleep", "60"], { stdio: "ignore", detached: true });
    await sleep(500);
    appendFileSync(file, "  - { name: third, namespace: bench, veth: { peerIfName: fourth } }\n"); // which is applied
    await watch(LOCKED, THESE);
    const ended = once(agent, "exit");
    const since = performance.now();
    process.kill(agent.pid ?? 0, "SIGTERM");
    const [status] = await ended;
    if (status !== 0) throw new Error(`The agent ended with status ${status}`);
    return { rest, most, exit: performance.now() - since };
  } finally {
    if (agent.exitCode === null && agent.signalCode === null) process.kill(agent.pid ?? 0, "SIGKILL");
    if (stranger?.pid !== undefined) process.kill(-stranger.pid, "SIGKILL"); // flock, and what it started
    rmSync(dir, { recursive: true });
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
