/** Lists of much that there is, beside the tool that prints them, whose text a program must read. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../bundle.ts";
import { output } from "./contenders.ts";
import { HUB, namespaces } from "./namespaces.ts";
import type { Took } from "./results.ts";

/** The tool that the library is compared with, in figures. */
export const TOOL = "tool";

/** A list of the same, by the library and by a tool. */
export interface List {
  /** The first word of `ours.ts`. */
  readonly name: "list-sockets" | "list-measured" | "list-routes" | "list-links";
  /** For people. */
  readonly title: string;
  /** True if the other libraries list it, too. */
  readonly peers: boolean;
  /** The command whose text is read. */
  readonly tool: readonly string[];
  /** The most that ours may take, as a ratio to the tool and the reading of its text. */
  readonly target: number;
  /** How much is listed. */
  readonly size: number;
  /** How many rows the text of the tool has, each read into an object. */
  readonly read: (text: string) => number;
  /** Makes so much in the namespace HUB, until it is disposed of. */
  readonly there: (size: number) => Promise<AsyncDisposable>;
}

const sockets = { peers: false, target: 0.5, size: 10_000, there: connections } as const;
const printed = { peers: true, target: 0.5, read: (text: string): number => JSON.parse(text).length } as const;

/** The lists side by side. */
export const LISTS: readonly List[] = [
  {
    ...{ ...sockets, name: "list-sockets", title: "list 10,000 sockets", tool: ["ss", "-HOtane"] },
    read: (text) => rowsOf(text).length,
  },
  {
    ...{ ...sockets, name: "list-measured", title: "the same, with what TCP measured", tool: ["ss", "-HOtanie"] },
    read: (text) => rowsOf(text).length,
  },
  {
    ...{ ...printed, name: "list-routes", title: "list 10,000 routes", tool: ["ip", "-j", "route"], size: 10_000 },
    there: (size) => ipBatch(size, (i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`),
  },
  {
    ...{ ...printed, name: "list-links", title: "list 1,000 links with their counters", size: 1000 },
    tool: ["ip", "-j", "-d", "-s", "link"],
    there: (size) => ipBatch(Math.ceil(size / 2), (i) => `link add left${i} type veth peer name right${i}`),
  },
];

/** The lines of `ss`: five columns, and behind them words with values. */
function rowsOf(text: string): object[] {
  return text.trim().split("\n").map((line) => {
    const [state, rxQueue, txQueue, local, remote, ...words] = line.trim().split(/\s+/);
    const values = Object.fromEntries(words.map((word) => word.split(/:(.*)/, 2)));
    return { state, rxQueue: Number(rxQueue), txQueue: Number(txQueue), local, remote, ...values };
  });
}

/** What `ip` makes of so many lines; it goes with the namespace HUB. */
function ipBatch(count: number, line: (i: number) => string): Promise<AsyncDisposable> {
  output("ip", ["-n", HUB, "link", "set", "lo", "up"]);
  output("ip", ["-n", HUB, "-batch", "-"], {}, Array.from({ length: count }, (_, i) => `${line(i)}\n`).join(""));
  return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
}

/** Connections of TCP within the namespace HUB: two sockets each. */
async function connections(size: number): Promise<AsyncDisposable> {
  output("ip", ["-n", HUB, "link", "set", "lo", "up"]);
  const limit = ["prlimit", `--nofile=${size + 1000}`];
  const program = [Deno.execPath(), "run", "-q", "-A", join(root, "scripts/bench/hold_sockets.ts"), `${size}`];
  const words = [...limit, "nsenter", `--net=/var/run/netns/${HUB}`, ...program];
  const [command = "", ...args] = words;
  const holder = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(holder, "exit");
  await Promise.race([
    once(holder.stdout, "data"),
    ended.then(() => Promise.reject(new Error("no sockets were made"))),
  ]);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      holder.stdin.end();
      await ended;
    },
  };
}

/** How often a program lists in a round: it is timed warm. */
const TIMES = 10;

/** Has the tool and programs list the same, round by round; gives the microseconds of each. */
export async function measureList(
  { tool, read, there, name }: List,
  size: number,
  rounds: number,
  programs: Readonly<Record<string, readonly string[]>>,
): Promise<Took> {
  using _ = namespaces([HUB]);
  await using _made = await there(size);
  const took: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const rows = read(output("nsenter", [`--net=/var/run/netns/${HUB}`, ...tool]));
    (took[TOOL] ??= []).push((performance.now() - start) * 1000);
    if (rows < size) throw new Error(`${tool.join(" ")} lists ${rows}: expected ${size}`);
    for (const [runtime, [command = "", ...args]] of Object.entries(programs)) {
      const [total = NaN] = output(command, [...args, name, HUB, `${TIMES}`]).split(" ").map(Number);
      (took[runtime] ??= []).push(total / TIMES);
    }
  }
  return took;
}
