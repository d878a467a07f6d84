/** The same again and again: what a process uses must not grow with how often it did something. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../bundle.ts";
import { nodeProgram, output, SPACE } from "./contenders.ts";
import type { Use } from "./enduring.ts";
import { table } from "./table.ts";

/** What is done, and how often. */
export const ENDURANCES: readonly { readonly name: string; readonly title: string; readonly count: number }[] = [
  { name: "switches", title: "switches", count: 1_000_000 },
  { name: "creations", title: "namespaces made and deleted", count: 20_000 },
  { name: "containers", title: "containers started and ended", count: 2000 },
  { name: "threads", title: "calls of runInNamespace", count: 300 },
];

/** What a process used at the start, after a tenth, and at the end. */
export interface Endured {
  readonly title: string;
  readonly uses: readonly Use[];
}

const deno = (program: string): string[] => [
  ...[Deno.execPath(), "run", "-q", "-A", "--node-modules-dir=manual", "--v8-flags=--expose-gc"],
  join(root, "scripts/bench", program),
];

/** Has the library do it in both runtimes. */
export async function endure({ name, title }: { name: string; title: string }, count: number): Promise<Endured[]> {
  const runtimes: [runtime: string, command: readonly string[]][] = [
    ["Deno", deno("enduring.ts")],
    ["Node", nodeProgram("enduring")],
  ];
  const endured: Endured[] = [];
  for (const [runtime, [command = "", ...args]] of runtimes) {
    await using docker = name === "containers" ? await fakeDocker() : undefined;
    const text = output(command, [...args, name, String(count), docker?.socket ?? ""]);
    endured.push({ title: `${count.toLocaleString("en")} ${title}, ${runtime}`, uses: JSON.parse(text) as Use[] }); // as it was written there
  }
  return endured;
}

/** A container runtime that does what it is told, in a process of its own, so that it does not count. */
async function fakeDocker(): Promise<{ readonly socket: string } & AsyncDisposable> {
  const socket = join(SPACE, "docker.sock");
  const [command = "", ...args] = deno("fake_docker.ts");
  output("rm", ["-f", socket]);
  const child = spawn(command, [...args, socket], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), ended]);
  return {
    socket,
    async [Symbol.asyncDispose](): Promise<void> {
      child.stdin.end();
      await ended;
      output("rm", ["-f", socket]);
    },
  };
}

/** The figures. */
export function enduranceTable(all: readonly Endured[]): string {
  const rows = all.map(({ title, uses }) => [
    title,
    ...["descriptors", "threads", "mounts"].map((key) => uses.map((use) => use[key as keyof Use]).join(", ")),
    uses.map(({ heap }) => heap.toFixed(1)).join(", "),
    uses.map(({ rss }) => rss.toFixed(0)).join(", "),
  ]);
  return table(["after 1 %, 10 %, all", "descriptors", "threads", "mounts", "heap, MiB", "RSS, MiB"], rows);
}

/** What grew between the tenth and the end that must not, in words. */
export function grown(all: readonly Endured[]): string[] {
  return all.flatMap(({ title, uses: [, early, late] }) =>
    early === undefined || late === undefined
      ? []
      : (["descriptors", "threads", "mounts"] as const).filter((key) => late[key] > early[key])
        .map((key) => `${title}: ${early[key]} ${key} became ${late[key]}`)
  );
}
