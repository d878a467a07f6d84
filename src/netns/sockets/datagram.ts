/** UDP sockets in a namespace. */
import type { Socket, SocketOptions } from "node:dgram";
import process from "node:process";
import { runtimeKind, SOCK_DGRAM, SOCK_NONBLOCK } from "../../../ffi/mod.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { lookup, type LookupOptions } from "../dns/lookup.ts";
import { setNamespace, within } from "../../switch/switch.ts";
import { checkFamily, checkOptions, checkPort, checkText } from "../checks.ts";
import {
  bindSocket,
  closedOnFailure,
  hostText,
  openSocket,
  parseAddress,
  parseHost,
  type ScopedAddress,
} from "./open.ts";

/** Where a socket is bound. */
export interface DatagramOptions {
  /** An address of the namespace, or a name that it resolves. @default {all addresses of the family} */
  readonly host?: string | undefined;
  /** The port. @default {one that is free} */
  readonly port?: number | undefined;
  /** The family of the addresses. @default {that of the host; else 4} */
  readonly family?: 4 | 6 | undefined;
}

type Lookup = NonNullable<SocketOptions["lookup"]>;

/**
 * Opens a UDP socket in a namespace and binds it. The names to which it sends are resolved in the namespace.
 *
 * @param signal Ends the look-up of a name with its reason.
 * @throws As the socket's own `error` event. {@linkcode SyscallError}: the namespace cannot be entered.
 */
export async function datagram(
  ns: Descriptor,
  options: DatagramOptions = {},
  signal?: AbortSignal,
): Promise<Socket> {
  checkOptions(options);
  const { host, port = 0, family } = options;
  if (host !== undefined) checkText(host, "options.host");
  checkFamily(family);
  checkPort(port);
  ns.checkOpen();
  const address = await addressOf(ns, host, { family, signal });
  const { createSocket } = await import("node:dgram");
  const type = address.family === 4 ? "udp4" : "udp6";
  if (runtimeKind() === "deno") {
    return await boundByLookup(ns, address, port, (lookup) => createSocket({ type, lookup }));
  }
  const socket = createSocket({ type, lookup: lookupIn(ns) });
  return await whenListening(socket, () => {
    closedOnFailure(openSocket(ns, address.family, SOCK_DGRAM | SOCK_NONBLOCK), (fd) => {
      bindSocket(fd, address, port, "bind");
      socket.bind({ fd, exclusive: true });
    });
  });
}

async function addressOf(ns: Descriptor, host: string | undefined, options: LookupOptions): Promise<ScopedAddress> {
  const { family } = options;
  if (host === undefined) return parseAddress(family === 6 ? "::" : "0.0.0.0");
  const literal = family === undefined ? parseHost(host) : undefined;
  return literal ?? (await lookup(ns, host, options))[0] ?? parseAddress(host);
}

/** Deno takes no descriptor. It opens the socket right when the look-up of the address calls back: in a section. */
async function boundByLookup(
  ns: Descriptor,
  address: ScopedAddress,
  port: number,
  create: (lookup: Lookup) => Socket,
): Promise<Socket> {
  let isBound = false;
  const later = lookupIn(ns);
  const socket = create((name, options, callback) => {
    if (isBound) return later(name, options, callback);
    isBound = true;
    within(ns, setNamespace, () => callback(null, hostText(address), address.family));
  });
  return await whenListening(socket, () => void socket.bind({ address: hostText(address), port, exclusive: true }));
}

/** Resolves in the namespace, in the form that `node:dgram` asks for. */
function lookupIn(ns: Descriptor): Lookup {
  return (name, options, callback) => {
    const family = [options, options.family].includes(6) ? 6 : 4;
    // An address needs no look-up, and the socket outlives the handle.
    if (parseHost(name) !== undefined) return void process.nextTick(callback, null, name, family);
    lookup(ns, name, { family }).then(
      ([address]) => address && callback(null, hostText(address), family),
      (error) => callback(error, "", family),
    );
  };
}

/** Begins what ends with the event `listening` or `error`; a socket that failed is closed. */
async function whenListening(socket: Socket, begin: () => void): Promise<Socket> {
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("listening", () => {
        socket.off("error", reject);
        resolve();
      }).once("error", reject);
      begin();
    });
    return socket;
  } catch (error) {
    try {
      socket.close();
    } catch {
      // it is not open
    }
    throw error;
  }
}
