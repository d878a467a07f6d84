/** What the library does for the rows of the lab and of captures, and what they are compared with. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Capture } from "@netns/netns";
import { Lab } from "@netns/netns/lab";
import { expected } from "./pieces.ts";
import { HUB, hubWithLo, LEAF, settle, SMOKE } from "./scene.ts";

/** What is timed, and what is done before. */
interface Timed {
  readonly act: (...words: string[]) => unknown;
  readonly before?: (...words: string[]) => unknown;
}

/** `peer.c` as it is built, from the root of the repository, in which all programs run. */
const PEER = "node_modules/.cache/netns-bench/peer-c";

const HOSTS = SMOKE ? 2 : 20;
const numbered = <T>(make: (i: number) => T): T[] => Array.from({ length: HOSTS }, (_, i) => make(i));
const name = (i: number): string => `lab-host-${i}`;
const ROUTER = "lab-router";

const topology = `links:
${numbered((i) => `  - ends: [${name(i)} eth0 10.1.${i}.2/24, ${ROUTER} to${i} 10.1.${i}.1/24]\n`).join("")}routes:
${numbered((i) => `  - ${name(i)} default via 10.1.${i}.1\n`).join("")}`;

let lab: Lab | undefined;

/** `ip -batch` once to make all, and once in each namespace. */
function byIp(): void {
  const batch = (lines: readonly string[], ...before: string[]): void => {
    const { status, stderr } = spawnSync("ip", [...before, "-batch", "-"], { input: `${lines.join("\n")}\n` });
    expected(`${status} ${stderr}`, "0 ");
  };
  const up = ["link set lo up", "link set eth0 up"];
  batch([
    ...[ROUTER, ...numbered(name)].map((one) => `netns add ${one}`),
    ...numbered((i) => `link add eth0 netns ${name(i)} type veth peer name to${i} netns ${ROUTER}`),
  ]);
  const routers = numbered((i) => [`address add 10.1.${i}.1/24 dev to${i}`, `link set to${i} up`]).flat();
  batch(["link set lo up", ...routers], "-n", ROUTER);
  for (const i of numbered(Number)) {
    batch([`address add 10.1.${i}.2/24 dev eth0`, ...up, `route add default via 10.1.${i}.1`], "-n", name(i));
  }
}

/** The program that sends so many, 100,000 a second, until it has ended. */
async function sent(count: string): Promise<void> {
  using ns = hubWithLo();
  const [status] = await once(ns.spawn(PEER, ["send", HUB, LEAF, count], { stdio: "ignore" }), "exit");
  expected(status, 0);
}

let capture: Capture | undefined;

/** Takes what is sent, all of it. */
async function taken(count = ""): Promise<void> {
  const packets = capture;
  if (packets === undefined) return;
  let taken = 0;
  const all = (async () => {
    for await (const _ of packets) if (++taken === Number(count)) return;
  })();
  await sent(count);
  const late = setTimeout(() => void packets[Symbol.asyncDispose](), 5000); // what was lost does not come
  await all;
  clearTimeout(late);
  expected(`${taken} taken, ${packets.dropped} dropped`, `${count} taken, 0 dropped`);
}

/** By the words of `entries.ts`. */
export const LABS: Readonly<Record<string, Timed>> = {
  lab: {
    async before(): Promise<void> {
      await lab?.[Symbol.asyncDispose]();
      settle();
    },
    act: async () => lab = await Lab.up(topology),
  },
  "lab-by-ip": {
    before(): void {
      spawnSync("ip", ["-force", "-batch", "-"], {
        input: [ROUTER, ...numbered(String).map((i) => name(Number(i)))].map((one) => `netns delete ${one}\n`).join(""),
      });
      settle();
    },
    act: byIp,
  },
  send: { act: (_hub, _prefix, count = "") => sent(count) },
  capture: {
    async before(): Promise<void> {
      await capture?.[Symbol.asyncDispose]();
      using ns = hubWithLo();
      capture = await ns.capture({ link: "lo", filter: "udp dst port 9", snapLength: 128 });
    },
    act: (_hub, _prefix, count) => taken(count),
  },
};
