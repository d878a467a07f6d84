/** What the library does for each row of `entries.ts`, piece by piece, in the namespace HUB or one that a piece makes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  namedNs,
  type Netlink,
  NsHandle,
  NsHandler,
  runInNamespace,
} from "@netns/netns";
import { HostileRuntime } from "../../test/e2e/hostile_runtime.ts";
import { HUB, hubWithLo, settle } from "./scene.ts";

/** Does a piece of a work, the i-th. */
export type Piece = (i: number) => unknown;

const LOCAL = { host: "127.0.0.1" } as const;
const SAME = `data:text/javascript,${encodeURIComponent("export const same = async (value) => value;")}`;
const handler = new NsHandler();
const idle = (): void => undefined;
const hub = (): NsHandle => NsHandle.fromName(HUB);

/** Prepares the works that are done piece by piece. */
export const PIECES: Readonly<Record<string, () => Piece | Promise<Piece>>> = {
  "switch-name"(): Piece {
    const ns = namedNs(HUB);
    return () => handler.withNamespace(ns, idle);
  },
  "switch-handle"(): Piece {
    const ns = hub();
    return () => ns.run(idle);
  },
  switches(): Piece {
    const [ns, name] = [hub(), namedNs(HUB)];
    return (i) => i % 2 === 0 ? ns.run(idle) : handler.withNamespace(name, idle);
  },
  "create-delete": () => (i) => {
    createNamedNamespace(`ours-${i}`).close();
    deleteNamedNamespace(`ours-${i}`);
    if (i % 500 === 499) settle(); // the kernel takes them down later than they are given up
  },
  spawn(): Piece {
    const ns = hub();
    return () => once(ns.spawn("/bin/true", [], { stdio: "ignore" }), "close");
  },
  connect: () => connecting(hubWithLo(), (ns, port) => ns.connect({ ...LOCAL, port })),
  "connect-own": () =>
    connecting(NsHandle.home(), async (_, port) => {
      const socket = connectTcp({ ...LOCAL, port });
      await once(socket, "connect");
      return socket;
    }),
  fetch: () => fetching(hubWithLo(), (ns, url) => ns.fetch(url)),
  "fetch-own": () => fetching(NsHandle.home(), (_, url) => fetch(url)),
  async "worker-call"(): Promise<Piece> {
    const worker = await hubWithLo().worker<{ same(value: number): number }>(SAME);
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
    while (handler.containerRuntime.state !== "connected") await new Promise((resolve) => setTimeout(resolve, 10));
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
  const ns = hub();
  const of = { netlink: ns.netlink(), sockets: ns.sockets() };
  const { length } = list(of);
  return () => expected(list(of).length, length);
}

/** @throws {Error} `value` is not what it has to be. */
export function expected(value: unknown, right: unknown): void {
  if (value !== right) throw new Error(`${JSON.stringify(value)}: expected ${JSON.stringify(right)}`);
}
