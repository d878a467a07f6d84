/**
 * The library's side of a measurement, the same program in Deno and in Node. Takes the words that `peer.c` takes, and
 * prints the microseconds that the work took, after a time to warm up, and by how many MiB the process grew. With
 * `endure WORK COUNT` it does the same again and again, and prints as JSON what the process uses after a hundredth, a tenth
 * and all.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import process from "node:process";
import {
  type ApplyReport,
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
import { HostileRuntime } from "../../test/e2e/hostile_runtime.ts";
import type { Use } from "./results.ts";
import { HUB, hubWithLo, namespaces, settle, SETTLED, SMOKE, star, topology } from "./scene.ts";

/**
 * How often what is wired is wired before: by then all of it is compiled, as in an agent. V8 compiles the last of it
 * about the tenth to the fifteenth time, during which it takes a third longer than afterwards.
 */
const WARM_UPS = SMOKE ? 1 : 20;
/** How many leaves a star has at that, at most. */
const LEAVES = 100;
/** How often a star is timed: some rounds have to collect garbage and others have not. A large one takes long. */
const TIMED = { small: SMOKE ? 1 : 5, large: 3 } as const;

const handler = new NsHandler();
const idle = (): void => undefined;
const configurator = new Configurator(handler, { store: new MemoryStateStore() });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const LOCAL = { host: "127.0.0.1" } as const;
const SAME = `data:text/javascript,${encodeURIComponent("export const same = async (value) => value;")}`;

/** Does a piece of a work, the i-th. */
type Piece = (i: number) => unknown;

/** Prepares the works that are done piece by piece, in the namespace HUB or one that they make. */
const PIECES: Readonly<Record<string, () => Piece | Promise<Piece>>> = {
  "switch-name"(): Piece {
    const ns = namedNs(HUB);
    return () => handler.withNamespace(ns, idle);
  },
  "switch-handle"(): Piece {
    const ns = NsHandle.fromName(HUB);
    return () => ns.run(idle);
  },
  switches(): Piece {
    const [ns, name] = [NsHandle.fromName(HUB), namedNs(HUB)];
    return (i) => i % 2 === 0 ? ns.run(idle) : handler.withNamespace(name, idle);
  },
  "create-delete": () => (i) => {
    createNamedNamespace(`ours-${i}`).close();
    deleteNamedNamespace(`ours-${i}`);
    if (i % 500 === 499) settle(); // the kernel takes them down later than they are given up
  },
  spawn(): Piece {
    const ns = NsHandle.fromName(HUB);
    return () => once(ns.spawn("/bin/true", [], { stdio: "ignore" }), "close");
  },
  async connect(): Promise<Piece> {
    const ns = hubWithLo();
    return await connecting(ns, (port) => ns.connect({ ...LOCAL, port }));
  },
  "connect-own": () =>
    connecting(NsHandle.home(), async (port) => {
      const socket = connectTcp({ ...LOCAL, port });
      await once(socket, "connect");
      return socket;
    }),
  async fetch(): Promise<Piece> {
    const ns = hubWithLo();
    return await fetching(ns, (url) => ns.fetch(url));
  },
  "fetch-own": () => fetching(NsHandle.home(), fetch),
  async "worker-call"(): Promise<Piece> {
    const worker = await hubWithLo().worker<{ same(value: number): number }>(SAME);
    return async (i) => expected(await worker.call("same", i), i);
  },
  "run-in-namespace": () => async (i) => expected(await runInNamespace(namedNs(HUB), SAME, "same", i), i),
  "list-sockets": () => listing(({ sockets }) => sockets.list({ protocol: "tcp" }).length),
  "list-measured": () => listing(({ sockets }) => sockets.list({ protocol: "tcp", tcpInfo: true }).length),
  "list-routes": () => listing(({ netlink }) => netlink.listRoutes({ table: 254 }).length),
  "list-links": () => listing(({ netlink }) => netlink.listLinks({ stats: true }).length),
  /** All containers are one process in a namespace of its own. */
  async containers(): Promise<Piece> {
    const runtime = await HostileRuntime.open("unix");
    const { pid: Pid } = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
    const StartedAt = new Date().toISOString();
    const handler = new NsHandler({ docker: { host: runtime.endpoint.name } });
    await handler.init();
    while (handler.containerRuntime.state !== "connected") await sleep(10);
    const events = handler.microserviceEvents()[Symbol.asyncIterator]();
    return async (i) => {
      const Id = `c${i}`;
      const Config = { Env: [`MICROSERVICE_LABEL=${Id}`] };
      for (const [Running, eventType] of [[true, "new-ms"], [false, "term-ms"]] as const) {
        if (Running) runtime.containers.set(Id, { Id, State: { Running, Pid, StartedAt }, Config });
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
async function connecting(ns: NsHandle, connect: (port: number) => Promise<Socket>): Promise<Piece> {
  const server = await ns.listen(createServer((socket) => socket.on("error", idle).resume()), { ...LOCAL, port: 0 });
  const { port } = server.address() as AddressInfo; // it is bound to no path
  return async () => void (await connect(port)).destroy();
}

/** Fetches a small page again and again. */
async function fetching(ns: NsHandle, fetched: (url: string) => Promise<Response>): Promise<Piece> {
  const server = await ns.listen(createHttpServer((_, response) => response.end("page")), { ...LOCAL, port: 0 });
  const { port } = server.address() as AddressInfo;
  return async () => expected(await (await fetched(`http://127.0.0.1:${port}/`)).text(), "page");
}

/** Lists the same again and again. */
function listing(
  list: (of: { readonly netlink: Netlink; readonly sockets: ReturnType<NsHandle["sockets"]> }) => number,
): Piece {
  const ns = NsHandle.fromName(HUB);
  const of = { netlink: ns.netlink(), sockets: ns.sockets() };
  const count = list(of);
  return () => expected(list(of), count);
}

function expected(value: unknown, right: unknown): void {
  if (value !== right) throw new Error(`${JSON.stringify(value)}: expected ${JSON.stringify(right)}`);
}

type Act = (...words: string[]) => unknown;

/** What is timed of a file, or of a star that it describes; and what is done before. */
interface OfFile {
  readonly act: Act;
  readonly before?: Act;
  readonly onStar?: "warm" | "cold";
}

let config: NetworkConfig;

const FILES: Readonly<Record<string, OfFile>> = {
  wire: { act: wire, onStar: "warm" },
  "wire-first": { act: wire, onStar: "cold" },
  again: { before: wire, act: again, onStar: "warm" },
  destroy: { before: wire, act: destroy, onStar: "warm" },
  parse: { act: (_hub, _prefix, count) => described(count) },
  plan: { before: (_hub, _prefix, count) => config = described(count), act: planned },
};

const starOf = (hub = "", prefix = "", count = ""): NetworkConfig => parseConfig(topology(hub, prefix, Number(count)));

/** A configuration of so many interfaces: two for each leaf. */
function described(count = ""): NetworkConfig {
  return starOf("plan-hub", "plan-", `${Math.ceil(Number(count) / 2)}`);
}

async function wire(...words: string[]): Promise<void> {
  complete(await configurator.apply(starOf(...words)));
}

async function again(...words: string[]): Promise<void> {
  expected((await configurator.apply(starOf(...words))).done.length, 0);
}

async function destroy(...words: string[]): Promise<void> {
  complete(await configurator.destroy(starOf(...words)));
}

async function planned(): Promise<void> {
  const plan = await configurator.plan(config);
  complete(plan);
  expected(plan.steps.length > 0, true);
}

function complete({ failed, pending }: Pick<ApplyReport, "failed" | "pending">): void {
  if (failed.length + pending.length > 0) throw new Error(JSON.stringify([...failed, ...pending]));
}

/** Calls `act` with the words for a star of other namespaces, which are gone afterwards. */
async function onOthers<T>(count: string, act: (...words: string[]) => Promise<T>): Promise<T> {
  using _ = namespaces(star(Number(count), "others-hub", "others-"));
  const words = ["others-hub", "others-", count];
  const result = await act(...words);
  await configurator.destroy(starOf(...words)); // of what is destroyed nothing is left to destroy
  return result;
}

async function repeated(count: number, act: Piece): Promise<void> {
  for (let i = 0; i < count; i++) {
    const pending = act(i);
    if (pending instanceof Promise) await pending;
  }
}

/** The microseconds that `act` takes, and by how many bytes the process grows. */
async function timed(act: () => unknown): Promise<[took: number, grown: number]> {
  const [memory, start] = [process.memoryUsage().rss, performance.now()];
  await act();
  return [(performance.now() - start) * 1000, process.memoryUsage().rss - memory];
}

/** Has a work done often enough to be compiled, and times it. */
async function measured(work: string, words: readonly string[]): Promise<[took: number, grown: number]> {
  const count = words.at(-1) ?? "";
  if (PIECES[work] !== undefined) {
    const piece = await PIECES[work]();
    for (let i = 0; i < (SMOKE ? 1 : 3); i++) await repeated(Number(count), piece);
    settle();
    await sleep(SETTLED);
    return await timed(() => repeated(Number(count), piece));
  }
  const { act, before, onStar } = FILES[work] ?? {};
  if (act === undefined) throw new Error(`one of ${Object.keys({ ...PIECES, ...FILES }).join(", ")}`);
  const prepared = async (...words: string[]): Promise<[took: number, grown: number]> => {
    await before?.(...words);
    return await timed(() => act(...words));
  };
  if (onStar === undefined) await repeated(SMOKE ? 1 : 10, () => prepared("", "", "400"));
  if (onStar === "warm") {
    const both = async (...words: string[]): Promise<void> => {
      await wire(...words);
      await again(...words);
    };
    await repeated(WARM_UPS, () => onOthers(`${Math.min(Number(count), LEAVES)}`, both));
  }
  await sleep(SETTLED);
  const [took, grown] = await prepared(...words);
  if (onStar !== "warm") return [took, grown];
  await configurator.destroy(starOf(...words)); // the kernel works for what is wired, also later
  const [times, isLarge] = [[took], Number(count) > LEAVES];
  while (times.length < TIMED[isLarge ? "large" : "small"]) times.push((await onOthers(count, prepared))[0]);
  if (isLarge) times.shift(); // it was larger than what it was warmed up with, and had to find memory
  return [times.reduce((a, b) => a + b) / times.length, grown];
}

/** Does all pieces, and looks at the process three times: the first hundredth is to warm up. */
async function endured(work: string, count: number): Promise<Use[]> {
  const piece = await PIECES[work]?.() ?? idle;
  const warm = Math.ceil(count / 100);
  const uses: Use[] = [];
  let done = 0;
  for (const end of [warm, Math.max(Math.ceil(count / 10), warm), count]) {
    await repeated(end - done, (i) => piece(done + i));
    done = end;
    settle();
    await sleep(SETTLED * 2); // what threads and sockets had is freed a little later
    for (let i = 0; i < 3; i++) (globalThis as { gc?: () => void }).gc?.(); // given by --expose-gc
    const { heapUsed, rss } = process.memoryUsage();
    uses.push({
      descriptors: readdirSync("/proc/self/fd").length,
      threads: readdirSync("/proc/self/task").length,
      mounts: readFileSync("/proc/self/mountinfo", "utf8").split("\n").length,
      heap: heapUsed / 2 ** 20,
      rss: rss / 2 ** 20,
    });
  }
  return uses;
}

const [work = "", ...words] = process.argv.slice(2);
if (work === "endure") console.log(JSON.stringify(await endured(words[0] ?? "", Number(words[1]))));
else {
  const [took, grown] = await measured(work, words);
  console.log(took.toFixed(1), (grown / 2 ** 20).toFixed(1));
}
process.exit(0); // what follows containers would go on
