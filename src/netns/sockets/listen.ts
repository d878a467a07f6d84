/** Servers that listen in a namespace. */
import { Server as HttpServer } from "node:http";
import type { Server } from "node:net";
import {
  getsockname,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  listen as listenOn,
  runtimeKind,
  setsockoptInt,
  SO_REUSEADDR,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { lookup } from "../dns/lookup.ts";
import { setNamespace, within } from "../../switch/switch.ts";
import { checkBacklog, checkOptions, checkPort, checkServer, checkText } from "../checks.ts";
import {
  bindSocket,
  closedOnFailure,
  hostText,
  openSocket,
  parseAddress,
  parseHost,
  type ScopedAddress,
  shaped,
  socketHere,
} from "./open.ts";

/** Where a server listens. */
export interface ListenOptions {
  /** An address of the namespace, or a name that it resolves. @default {all addresses of both families} */
  readonly host?: string | undefined;
  /** The port; 0 for one that is free. */
  readonly port: number;
  /** How many connections may wait to be accepted. @default {511, as Node has it} */
  readonly backlog?: number | undefined;
}

/** As Node has it. */
const BACKLOG = 511;

/**
 * Has a server listen in a namespace.
 *
 * @param signal Ends the look-up of a name with its reason.
 * @throws {SocketFailure} As the server's own `error` event. {@linkcode SyscallError}: the namespace cannot be entered.
 * @throws {Error} `ERR_SERVER_NOT_RUNNING`: the server was closed meanwhile.
 */
export async function listen<S extends Server>(
  ns: Descriptor,
  server: S,
  options: ListenOptions,
  signal?: AbortSignal,
): Promise<S> {
  checkServer(server);
  checkOptions(options);
  const { host, port, backlog = BACKLOG } = options;
  if (host !== undefined) checkText(host, "options.host");
  checkBacklog(backlog);
  checkPort(port);
  ns.checkOpen();
  const address = host === undefined ? undefined : parseHost(host) ?? (await lookup(ns, host, { signal }))[0];
  await new Promise<void>((resolve, reject) => {
    const forget = (): void => void server.off("listening", listening).off("error", failed).off("close", closed);
    const listening = (): void => {
      forget();
      resolve();
    };
    const failed = (error: unknown): void => {
      forget();
      reject(error);
    };
    const closed = (): void => failed(closedMeanwhile());
    server.once("listening", listening).once("error", failed).once("close", closed);
    try {
      begin(ns, server, address, port, backlog);
    } catch (error) {
      failed(error);
    }
  });
  return server;
}

/** As Node has it where a server is closed that does not listen. */
const closedMeanwhile = (): Error =>
  Object.assign(new Error("The server was closed before it listened"), { code: "ERR_SERVER_NOT_RUNNING" });

function begin(
  ns: Descriptor,
  server: Server,
  address: ScopedAddress | undefined,
  port: number,
  backlog: number,
): void {
  if (runtimeKind() === "bun" && server instanceof HttpServer) {
    // Bun's own HTTP ignores a descriptor and opens the port at home. In a section it opens the port there, at once.
    const host = address === undefined ? {} : { host: hostText(address) };
    within(ns, setNamespace, () => void server.listen({ port, backlog, ...host }));
    return;
  }
  const fd = openListening(ns, address, port, backlog);
  closedOnFailure(fd, () => server.listen({ fd, backlog, exclusive: true }));
}

/** Opens a socket that listens where the thread is, to pass it to another process. */
export function listeningDescriptor(host: string, port: number): number {
  const address = parseAddress(host);
  return listeningAt(socketHere(address.family, SOCK_STREAM | SOCK_NONBLOCK), address, port, BACKLOG);
}

/** The port to which a socket is bound. */
export function localPortOf(fd: number): number {
  const address = new Uint8Array(28);
  getsockname(fd, address);
  return new DataView(address.buffer).getUint16(2);
}

/** Opens a socket that listens; without an address, at all of them. */
function openListening(ns: Descriptor, address: ScopedAddress | undefined, port: number, backlog: number): number {
  if (address !== undefined) return openAt(ns, address, port, backlog);
  try {
    return openAt(ns, parseAddress("::"), port, backlog);
  } catch (error) {
    if (!isWithoutIpv6(error)) throw error;
    return openAt(ns, parseAddress("0.0.0.0"), port, backlog);
  }
}

/** True of the errors of a kernel without IPv6, and of a namespace in which it is switched off. */
function isWithoutIpv6(error: unknown): boolean {
  return isErrno(error, "EAFNOSUPPORT") || error instanceof Error && "code" in error && error.code === "EADDRNOTAVAIL";
}

function openAt(ns: Descriptor, address: ScopedAddress, port: number, backlog: number): number {
  return listeningAt(openSocket(ns, address.family, SOCK_STREAM | SOCK_NONBLOCK), address, port, backlog);
}

function listeningAt(socket: number, address: ScopedAddress, port: number, backlog: number): number {
  return closedOnFailure(socket, (fd) => {
    setsockoptInt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    // As Node does: a namespace may have net.ipv6.bindv6only.
    if (address.family === 6) setsockoptInt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    bindSocket(fd, address, port, "listen");
    shaped("listen", address, port, () => listenOn(fd, backlog));
    return fd;
  });
}
