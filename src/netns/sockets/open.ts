/** Sockets that libc opens in a namespace, and their addresses as the kernel takes them. */
import { AF_INET, AF_INET6, bind, close, linkIndexOf, printable, socket } from "../../../ffi/mod.ts";
import { SyscallError } from "../../errors.ts";
import { type IpAddress, parseIp } from "../../ip/address.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { inside } from "../../switch/switch.ts";
import { socketFailure } from "./failure.ts";

/** An address, and the link by which a link-local one is meant. */
export interface ScopedAddress extends IpAddress {
  /** The name or the index of a link: what follows the `%`. */
  readonly scope?: string;
}

/** Reads `10.0.0.1`, `fe80::1%eth0`; undefined for what is a name. */
export function parseHost(host: string): ScopedAddress | undefined {
  const at = host.indexOf("%");
  if (at === -1) return parseIp(host);
  const address = parseIp(host.slice(0, at));
  const scope = host.slice(at + 1);
  return address?.family === 6 && scope !== "" ? { ...address, scope } : undefined;
}

/**
 * Reads an address where a name has no meaning.
 *
 * @throws {TypeError} `ERR_INVALID_IP_ADDRESS`: it is none.
 */
export function parseAddress(text: string): ScopedAddress {
  const address = parseHost(text);
  if (address !== undefined) return address;
  throw Object.assign(new TypeError(`Invalid IP address: ${printable(text)}`), { code: "ERR_INVALID_IP_ADDRESS" });
}

/** The address as text, with its scope. */
export function hostText({ text, scope }: ScopedAddress): string {
  return scope === undefined ? text : `${text}%${scope}`;
}

/** Opens a socket where the thread is. */
export function socketHere(family: 4 | 6, type: number): number {
  return socket(family === 4 ? AF_INET : AF_INET6, type, 0);
}

/**
 * Opens a socket in a namespace, where it stays.
 *
 * @throws {SyscallError} `EPERM`, `EBADF`: the namespace cannot be entered. `EAFNOSUPPORT`: it has no such family.
 */
export function openSocket(ns: Descriptor, family: 4 | 6, type: number): number {
  return inside(ns, () => socketHere(family, type));
}

/**
 * The bytes of a `sockaddr_in` or a `sockaddr_in6`. The index of a scope is that of the link in the namespace of the
 * socket `fd`.
 *
 * @throws {SyscallError} `ENODEV`: the namespace has no such link.
 */
export function socketAddress(fd: number, address: ScopedAddress, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(address.family === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, address.family === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(address.bytes, address.family === 4 ? 4 : 8);
  if (address.scope !== undefined) view.setUint32(24, scopeIndex(fd, address.scope), true);
  return bytes;
}

/** Indexes are of 31 bits: of a higher number the kernel would take the lower 32, another link. */
const scopeIndex = (fd: number, scope: string): number =>
  /^\d+$/.test(scope) && Number(scope) < 2 ** 31 ? Number(scope) : linkIndexOf(fd, scope);

/**
 * Binds a socket.
 *
 * @throws {SocketFailure} The kernel refuses the address or the port, in the name of `syscall`.
 */
export function bindSocket(fd: number, address: ScopedAddress, port: number, syscall: string): void {
  shaped(syscall, address, port, () => bind(fd, socketAddress(fd, address, port)));
}

/** Gives what libc throws the shape that the runtimes give it. */
export function shaped<T>(syscall: string, address: ScopedAddress, port: number, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    throw socketFailure(syscall, error.errno, { address: hostText(address), port });
  }
}

/** Calls `use` with a descriptor, which is closed if that throws. */
export function closedOnFailure<T>(fd: number, use: (fd: number) => T): T {
  try {
    return use(fd);
  } catch (error) {
    close(fd);
    throw error;
  }
}
