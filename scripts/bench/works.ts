/** What the library does for each row of `entries.ts`, and what the same runtime or a tool does beside it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import * as netns from "@netns/netns";
import { type Capture, namedNs, NsHandle } from "@netns/netns";
import { Lab } from "@netns/netns/lab";
import { runtimeKind } from "../../ffi/mod.ts";
import { pause } from "../../src/async/pause.ts";
import { HostileRuntime } from "../../test/e2e/hostile_runtime.ts";
import { batch, HUB, LEAF, numbered, openHub, output, settle, SMOKE, type Star, topology } from "./scene.ts";

/** Does a piece of a work, the i-th. */
export type Piece = (i: number) => unknown;

const LOCAL = { host: "127.0.0.1" } as const;
const SAME = `data:text/javascript,${encodeURIComponent("export const same = async (value) => value;")}`;
const BY_NAME = namedNs(HUB);
const handler = new netns.NsHandler();
const idle = (): void => undefined;

/** Prepares the works that are done piece by piece, in the namespace HUB or one that a piece makes. */
export const PIECES: Readonly<Record<string, (hub: NsHandle) => Piece | Promise<Piece>>> = {
  "switch-name": () => () => handler.withNamespace(BY_NAME, idle),
  "switch-handle": (hub) => () => hub.run(idle),
  switches: (hub) => (i) => i % 2 === 0 ? hub.run(idle) : handler.withNamespace(BY_NAME, idle),
  "create-delete": () => (i) => {
    netns.createNamedNamespace(`ours-${i}`).close();
    netns.deleteNamedNamespace(`ours-${i}`);
    if (i % 500 === 499) settle(); // the kernel takes them down later than they are given up
  },
  spawn: (hub) => () => once(hub.spawn("/bin/true", [], { stdio: "ignore" }), "close"),
  connect: (hub) => connecting(hub, (port) => hub.connect({ ...LOCAL, port })),
  "connect-own": () =>
    connecting(NsHandle.home(), async (port) => {
      const socket = connectTcp({ ...LOCAL, port });
      await once(socket, "connect");
      return socket;
    }),
  fetch: (hub) => fetching(hub, (url) => hub.fetch(url)),
  "fetch-own": () => fetching(NsHandle.home(), (url) => fetch(url)),
  "worker-call": async (hub) => {
    const worker = await hub.worker<{ same(value: number): number }>(SAME);
    return async (i) => expected(await worker.call("same", i), i);
  },
  "run-in-namespace": () => async (i) => expected(await netns.runInNamespace(BY_NAME, SAME, "same", i), i),
  "list-sockets": (hub) => listing(hub.sockets(), (sockets) => sockets.list({ protocol: "tcp", tcpInfo: false })),
  "list-measured": (hub) => listing(hub.sockets(), (sockets) => sockets.list({ protocol: "tcp", tcpInfo: true })),
  "list-routes": (hub) => listing(hub.netlink(), (netlink) => netlink.listRoutes({ table: 254 })),
  "list-links": (hub) => listing(hub.netlink(), (netlink) => netlink.listLinks({ stats: true })),
  /** All containers are one process in a namespace of its own. */
  containers: async () => {
    const runtime = await HostileRuntime.open("unix");
    const { pid: Pid } = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
    const StartedAt = new Date().toISOString();
    const handler = new netns.NsHandler({ docker: { host: runtime.endpoint.name } });
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

/** Has a server listen there, on the port that comes back. */
async function served(ns: NsHandle, server: Server): Promise<number> {
  const { port } = (await ns.listen(server, { ...LOCAL, port: 0 })).address() as AddressInfo; // it is bound to no path
  return port;
}

/** Connects to a server, and ends the connection. */
async function connecting(ns: NsHandle, connect: (port: number) => Promise<Socket>): Promise<Piece> {
  const port = await served(ns, createServer((socket) => socket.on("error", idle).resume()));
  return async () => void (await connect(port)).destroy();
}

/** Fetches a small page again and again. */
async function fetching(ns: NsHandle, get: (url: string) => Promise<Response>): Promise<Piece> {
  const url = `http://127.0.0.1:${await served(ns, createHttpServer((_, response) => response.end("page")))}/`;
  return async () => expected(await (await get(url)).text(), "page");
}

/** Lists the same again and again. */
function listing<T>(socket: T, list: (socket: T) => readonly unknown[]): Piece {
  const { length } = list(socket);
  return () => expected(list(socket).length, length);
}

type Act = (...star: Star) => unknown;

/** What is timed of a work, and what comes before it each time, untimed. */
export interface Work {
  readonly before?: Act;
  readonly act: Act;
  /** By what it becomes warm: by itself, by other stars, or by nothing. @default {by itself, with 400 of what it is done with} */
  readonly warm?: "itself" | "others" | "nothing";
}

const configurator = new netns.Configurator(new netns.NsHandler(), { store: new netns.MemoryStateStore() });
const starOf = (...star: Star): netns.NetworkConfig => netns.parseConfig(topology(...star));
const complete = ({ failed, pending }: Pick<netns.ApplyReport, "failed" | "pending">): void =>
  expected(JSON.stringify([...failed, ...pending]), "[]");
/** A file of so many interfaces: two for each leaf. */
const described = (count: number): netns.NetworkConfig => starOf("plan-hub", "plan-", Math.ceil(count / 2));

export const wire = async (...star: Star): Promise<void> => complete(await configurator.apply(starOf(...star)));
export const again = async (...star: Star): Promise<void> =>
  expected((await configurator.apply(starOf(...star))).done.length, 0);
export const takeAway = (...star: Star): Promise<netns.ApplyReport> => configurator.destroy(starOf(...star));

let config: netns.NetworkConfig;
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
  "lab-by-ip": { before: () => clear(LAB), act: () => byIp(LAB) },
  command: { before: () => clear(STAR), act: apply, warm: "nothing" },
  "command-again": {
    before(): void {
      clear(STAR);
      apply();
    },
    act: apply,
    warm: "nothing",
  },
  "command-by-ip": { before: () => clear(STAR), act: () => byIp(STAR), warm: "nothing" },
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

/** Has one script of `sh` make the same: `ip -batch` once, and once in each namespace. */
function byIp([router, hosts]: Routed): void {
  const pair = (host: string, i: number): string =>
    `link add eth0 netns ${host} type veth peer name to${i} netns ${router}`;
  const end = (
    link: string,
    address: string,
  ): string[] => [`address add ${address}/24 dev ${link}`, `link set ${link} up`];
  const input = [
    batch([...[router, ...hosts].map((name) => `netns add ${name}`), ...hosts.map(pair)]),
    batch(["link set lo up", ...hosts.flatMap((_, i) => end(`to${i}`, `10.1.${i}.1`))], router),
    ...hosts.map((host, i) =>
      batch(["link set lo up", ...end("eth0", `10.1.${i}.2`), `route add default via 10.1.${i}.1`], host)
    ),
  ].join("");
  output(["sh", "-e"], { input });
}

/** Takes them away, whoever made them, and what is remembered of them. */
function clear([router, hosts]: Routed): void {
  for (const name of [router, ...hosts]) {
    if (netns.namedNamespaceExists(name)) netns.deleteNamedNamespace(name);
  }
  rmSync("/run/netns-apply/bench-command.json", { force: true });
  settle();
}

/** Has the built command apply the STAR, as this runtime starts it: what is measured runs in the repository's root. */
function apply(): void {
  const command = [process.execPath, ...runtimeKind() === "deno" ? ["run", "-q", "-A"] : [], "dist/cli.cjs"];
  // Tests leave no compiled code on the machine, users have that of the run before.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "" };
  output([...command, "apply", "-", "--name", "bench-command"], { input: routed(STAR), env });
}

/** Has `peer.c` send so many packets, 100,000 a second. */
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
function expected(value: unknown, right: unknown): void {
  if (value !== right) throw new Error(`${JSON.stringify(value)}: expected ${JSON.stringify(right)}`);
}
