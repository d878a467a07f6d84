/** What the library does for each row of `entries.ts`, and what the same runtime or a tool does beside it. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import process from "node:process";
import {
  type ApplyReport,
  type Capture,
  Configurator,
  createNamedNamespace,
  deleteNamedNamespace,
  MemoryStateStore,
  namedNs,
  type Netlink,
  type NetworkConfig,
  NsHandle,
  NsHandler,
  parseConfig,
  runInNamespace,
} from "@netns/netns";
import { Lab } from "@netns/netns/lab";
import { runtimeKind } from "../../ffi/mod.ts";
import { pause } from "../../src/async/pause.ts";
import { HostileRuntime } from "../../test/e2e/hostile_runtime.ts";
import { HUB, LEAF, numbered, openHub, settle, SMOKE, type Star, topology } from "./scene.ts";

/** Does a piece of a work, the i-th. */
export type Piece = (i: number) => unknown;

const LOCAL = { host: "127.0.0.1" } as const;
const SAME = `data:text/javascript,${encodeURIComponent("export const same = async (value) => value;")}`;
const handler = new NsHandler();
const idle = (): void => undefined;

/** Prepares the works that are done piece by piece, in the namespace HUB or one that a piece makes. */
export const PIECES: Readonly<Record<string, () => Piece | Promise<Piece>>> = {
  "switch-name"(): Piece {
    const ns = namedNs(HUB);
    return () => handler.withNamespace(ns, idle);
  },
  "switch-handle"(): Piece {
    const ns = openHub();
    return () => ns.run(idle);
  },
  switches(): Piece {
    const [ns, name] = [openHub(), namedNs(HUB)];
    return (i) => i % 2 === 0 ? ns.run(idle) : handler.withNamespace(name, idle);
  },
  "create-delete": () => (i) => {
    createNamedNamespace(`ours-${i}`).close();
    deleteNamedNamespace(`ours-${i}`);
    if (i % 500 === 499) settle(); // the kernel takes them down later than they are given up
  },
  spawn(): Piece {
    const ns = openHub();
    return () => once(ns.spawn("/bin/true", [], { stdio: "ignore" }), "close");
  },
  connect: () => connecting(openHub(), (ns, port) => ns.connect({ ...LOCAL, port })),
  "connect-own": () =>
    connecting(NsHandle.home(), async (_, port) => {
      const socket = connectTcp({ ...LOCAL, port });
      await once(socket, "connect");
      return socket;
    }),
  fetch: () => fetching(openHub(), (ns, url) => ns.fetch(url)),
  "fetch-own": () => fetching(NsHandle.home(), (_, url) => fetch(url)),
  async "worker-call"(): Promise<Piece> {
    const worker = await openHub().worker<{ same(value: number): number }>(SAME);
    return async (i) => expected(await worker.call("same", i), i);
  },
  "run-in-namespace": () => async (i) => expected(await runInNamespace(namedNs(HUB), SAME, "same", i), i),
  "list-sockets": () => listing(({ sockets }) => sockets.list({ protocol: "tcp", tcpInfo: false })),
  "list-measured": () => listing(({ sockets }) => sockets.list({ protocol: "tcp", tcpInfo: true })),
  "list-routes": () => listing(({ netlink }) => netlink.listRoutes({ table: 254 })),
  "list-links": () => listing(({ netlink }) => netlink.listLinks({ stats: true })),
  /** All containers are one process in a namespace of its own. */
  async containers(): Promise<Piece> {
    const runtime = await HostileRuntime.open("unix");
    const { pid: Pid } = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
    const StartedAt = new Date().toISOString();
    const handler = new NsHandler({ docker: { host: runtime.endpoint.name } });
    await handler.init();
    while (handler.containerRuntime.state !== "connected") await pause(10);
    const events = handler.microserviceEvents()[Symbol.asyncIterator]();
    return async (i) => {
      const Id = `c${i}`;
      for (const [Running, eventType] of [[true, "new-ms"], [false, "term-ms"]] as const) {
        const container = { Id, State: { Running, Pid, StartedAt }, Config: { Env: [`MICROSERVICE_LABEL=${Id}`] } };
        if (Running) runtime.containers.set(Id, container);
        else runtime.containers.delete(Id);
        runtime.changed(Id);
        const { value } = await events.next();
        expected(`${value?.eventType} ${value?.id}`, `${eventType} ${Id}`);
      }
      runtime.asked.length = 0;
    };
  },
};

/** Connects to a server, and ends the connection. */
async function connecting(ns: NsHandle, connect: (ns: NsHandle, port: number) => Promise<Socket>): Promise<Piece> {
  const server = await ns.listen(createServer((socket) => socket.on("error", idle).resume()), { ...LOCAL, port: 0 });
  const { port } = server.address() as AddressInfo; // it is bound to no path
  return async () => void (await connect(ns, port)).destroy();
}

/** Fetches a small page again and again. */
async function fetching(ns: NsHandle, get: (ns: NsHandle, url: string) => Promise<Response>): Promise<Piece> {
  const server = await ns.listen(createHttpServer((_, response) => response.end("page")), { ...LOCAL, port: 0 });
  const { port } = server.address() as AddressInfo;
  return async () => expected(await (await get(ns, `http://127.0.0.1:${port}/`)).text(), "page");
}

/** Lists the same again and again. */
function listing(
  list: (of: { netlink: Netlink; sockets: ReturnType<NsHandle["sockets"]> }) => readonly unknown[],
): Piece {
  const ns = openHub();
  const of = { netlink: ns.netlink(), sockets: ns.sockets() };
  const { length } = list(of);
  return () => expected(list(of).length, length);
}

type Act = (...star: Star) => unknown;

/** What is timed of a work, and what comes before it each time, untimed. */
export interface Work {
  readonly before?: Act;
  readonly act: Act;
  /** By what it becomes warm: by itself, by other stars, or by nothing. @default {by itself, with 400 of what it is done with} */
  readonly warm?: "itself" | "others" | "nothing";
}

const configurator = new Configurator(new NsHandler(), { store: new MemoryStateStore() });
const starOf = (...star: Star): NetworkConfig => parseConfig(topology(...star));
const complete = ({ failed, pending }: Pick<ApplyReport, "failed" | "pending">): void =>
  expected(JSON.stringify([...failed, ...pending]), "[]");
/** A file of so many interfaces: two for each leaf. */
const described = (count: number): NetworkConfig => starOf("plan-hub", "plan-", Math.ceil(count / 2));

export const wire = async (...star: Star): Promise<void> => complete(await configurator.apply(starOf(...star)));
export const again = async (...star: Star): Promise<void> =>
  expected((await configurator.apply(starOf(...star))).done.length, 0);
export const takeAway = (...star: Star): Promise<ApplyReport> => configurator.destroy(starOf(...star));

let config: NetworkConfig;
let lab: Lab | undefined;
let capture: Capture | undefined;

/** The works that are done as a whole. */
export const WHOLES: Readonly<Record<string, Work>> = {
  wire: { act: wire, warm: "others" },
  "wire-first": { act: wire, warm: "nothing" },
  again: { before: wire, act: again, warm: "others" },
  destroy: { before: wire, act: async (...star) => complete(await takeAway(...star)), warm: "others" },
  parse: { act: (_hub, _prefix, count) => described(count) },
  plan: {
    before: (_hub, _prefix, count) => config = described(count),
    async act(): Promise<void> {
      const plan = await configurator.plan(config);
      complete(plan);
      expected(plan.steps.length > 0, true);
    },
  },
  lab: {
    async before(): Promise<void> {
      await lab?.[Symbol.asyncDispose]();
      settle();
    },
    act: async () => lab = await Lab.up(routed(LAB)),
  },
  "lab-by-ip": { before: () => withoutNames(LAB), act: () => byIp(LAB) },
  command: { before: () => netns("destroy"), act: () => netns("apply"), warm: "nothing" },
  "command-again": { before: () => netns("apply"), act: () => netns("apply"), warm: "nothing" },
  "command-by-ip": {
    before(): void {
      netns("destroy");
      withoutNames(STAR);
    },
    act: () => byIp(STAR),
    warm: "nothing",
  },
  send: { act: (_hub, _prefix, count) => sent(count) },
  capture: {
    async before(): Promise<void> {
      await capture?.[Symbol.asyncDispose]();
      using ns = openHub();
      capture = await ns.capture({ link: "lo", filter: "udp dst port 9", snapLength: 128 });
    },
    act: (_hub, _prefix, count) => capture && taken(capture, count),
  },
};

/** A router, and the hosts around it. */
type Routed = readonly [router: string, hosts: readonly string[]];
const LAB: Routed = ["lab-router", numbered(SMOKE ? 2 : 20, (i) => `lab-host-${i}`)];
const STAR: Routed = ["star-router", numbered(SMOKE ? 2 : 100, (i) => `star-host-${i}`)];

/** They in the short form of the topology file. */
const routed = ([router, hosts]: Routed): string =>
  `links:
${hosts.map((host, i) => `  - ends: [${host} eth0 10.1.${i}.2/24, ${router} to${i} 10.1.${i}.1/24]\n`).join("")}routes:
${hosts.map((host, i) => `  - ${host} default via 10.1.${i}.1\n`).join("")}`;

/** A script of `sh` that makes the same: `ip -batch` once, and once in each namespace. */
function byIp([router, hosts]: Routed): void {
  const script: string[] = [];
  const add = (words: string, lines: readonly string[]): unknown => script.push(`ip ${words} <<.`, ...lines, ".");
  add("-batch -", [
    ...[router, ...hosts].map((name) => `netns add ${name}`),
    ...hosts.map((host, i) => `link add eth0 netns ${host} type veth peer name to${i} netns ${router}`),
  ]);
  const ends = hosts.flatMap((_, i) => [`address add 10.1.${i}.1/24 dev to${i}`, `link set to${i} up`]);
  add(`-n ${router} -batch -`, ["link set lo up", ...ends]);
  for (const [i, host] of hosts.entries()) {
    const own = [`address add 10.1.${i}.2/24 dev eth0`, "link set lo up", "link set eth0 up"];
    add(`-n ${host} -batch -`, [...own, `route add default via 10.1.${i}.1`]);
  }
  const { status, stderr } = spawnSync("sh", ["-e"], { input: `${script.join("\n")}\n`, encoding: "utf8" });
  expected(`${status} ${stderr}`, "0 ");
}

function withoutNames([router, hosts]: Routed): void {
  const input = [router, ...hosts].map((name) => `netns delete ${name}\n`).join("");
  spawnSync("ip", ["-force", "-batch", "-"], { input });
  settle();
}

/** How this runtime starts the command, from the root of the repository. */
const COMMAND = runtimeKind() === "deno"
  ? ["run", "-q", "-A", "--node-modules-dir=manual", "src/cli/bin.ts"]
  : ["dist/cli.cjs"];

/** Has the command apply or destroy the STAR. */
function netns(command: "apply" | "destroy"): void {
  const words = [...COMMAND, command, "-", "--name", "bench-command"];
  // Tests leave no compiled code on the machine, users have that of the run before.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "" };
  const { status, stderr } = spawnSync(process.execPath, words, { input: routed(STAR), encoding: "utf8", env });
  if (command === "destroy") settle(); // the first has nothing to destroy
  else expected(`${status} ${stderr}`, "0 ");
}

/** Has `peer.c` send so many packets, 100,000 a second. All programs of a measurement run in the root of the repository. */
async function sent(count: number): Promise<void> {
  using ns = openHub();
  const words = ["send", HUB, LEAF, `${count}`];
  const [status] = await once(ns.spawn("node_modules/.cache/netns-bench/peer-c", words, { stdio: "ignore" }), "exit");
  expected(status, 0);
}

/** Takes what is sent, all of it. */
async function taken(packets: Capture, count: number): Promise<void> {
  let taken = 0;
  const all = (async () => {
    for await (const _ of packets) if (++taken === count) return;
  })();
  await sent(count);
  const late = setTimeout(() => void packets[Symbol.asyncDispose](), 5000); // what was lost does not come
  await all;
  clearTimeout(late);
  expected(`${taken} taken, ${packets.dropped} dropped`, `${count} taken, 0 dropped`);
}

/** @throws {Error} `value` is not what it has to be. */
export function expected(value: unknown, right: unknown): void {
  if (value !== right) throw new Error(`${JSON.stringify(value)}: expected ${JSON.stringify(right)}`);
}
