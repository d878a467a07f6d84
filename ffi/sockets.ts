/** Sockets. */
import { constants } from "node:os";
import process from "node:process";
import { checked, checkedRetry, SyscallError, throwUnlessInterrupted } from "./errors.ts";
import { libc } from "./library.ts";
import {
  AF_UNIX,
  F_GETFL,
  F_SETFL,
  F_SETOWN,
  F_SETSIG,
  IFNAMSIZ,
  IFREQ,
  O_ASYNC,
  SO_ATTACH_FILTER,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./constants.ts";
import { close } from "./files.ts";
import { mapAnonymous } from "./memory.ts";
import { nameOfBytes } from "./raw_names.ts";
import { cpath, cstring } from "./text.ts";

/** Opens a socket in the namespace of the calling thread, where it stays. See socket(2). */
export function socket(domain: number, type: number, protocol: number): number {
  const { functions, errno } = libc();
  return checked("socket", functions.socket(domain, type | SOCK_CLOEXEC, protocol), errno[0]);
}

/** Binds a socket to an address, given as its bytes. See bind(2). */
export function bind(fd: number, address: Uint8Array<ArrayBuffer>): void {
  const { functions, errno } = libc();
  checked("bind", functions.bind(fd, address, address.length), errno[0]);
}

/** Connects a socket to an address, given as its bytes. See connect(2). */
export function connect(fd: number, address: Uint8Array<ArrayBuffer>): void {
  checkedRetry("connect", () => libc().functions.connect(fd, address, address.length));
}

/**
 * Begins to connect a non-blocking socket. What becomes of it, {@linkcode isWritable} and {@linkcode socketError} say.
 *
 * @throws {SyscallError} It failed at once, such as by `ENETUNREACH`.
 */
export function beginConnecting(fd: number, address: Uint8Array<ArrayBuffer>): void {
  const { functions, errno } = libc();
  const result = functions.connect(fd, address, address.length);
  const why = errno[0];
  if (result === -1 && why !== constants.errno.EINPROGRESS && why !== constants.errno.EINTR) {
    throw new SyscallError("connect", why ?? 0);
  }
}

/** Has a bound socket listen. See listen(2). */
export function listen(fd: number, backlog: number): void {
  const { functions, errno } = libc();
  checked("listen", functions.listen(fd, backlog), errno[0]);
}

/**
 * Connects to the unix socket at `path`, and does not wait for a server that is slow to accept. See unix(7).
 *
 * @returns The descriptor, non-blocking.
 * @throws {SyscallError} `ENOENT`: there is none. `ECONNREFUSED`: nobody listens. `EACCES`: it may not be written to.
 * `EAGAIN`: the queue of the server is full.
 */
export function connectUnix(path: string): number {
  const name = cstring(path);
  if (name.length > UNIX_PATH_MAX) throw new SyscallError("connect", constants.errno.ENAMETOOLONG, { path });
  const address = new Uint8Array(2 + name.length); // struct sockaddr_un: family 2, path
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  try {
    checkedRetry("connect", () => libc().functions.connect(fd, address, address.length), path);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Connects as {@linkcode connectUnix} and closes at once, to find out whether a server listens. */
export function tryUnixSocket(path: string): void {
  close(connectUnix(path));
}

/** The longest path of a unix socket with its NUL, in bytes. See linux/un.h. */
const UNIX_PATH_MAX = 108;

/** Sends `bytes` as one message. See send(2). */
export function send(fd: number, bytes: Uint8Array<ArrayBuffer>, flags = 0): void {
  const { functions, errno } = libc();
  for (;;) {
    const sent = functions.send(fd, bytes, bytes.length, flags);
    if (sent === bytes.length) return;
    if (sent !== -1) throw new SyscallError("send", constants.errno.EMSGSIZE);
    throwUnlessInterrupted("send", errno[0]);
  }
}

/** Receives one message and returns its length; with MSG_TRUNC, its full length, even if the buffer is shorter. See recv(2). */
export function recv(fd: number, buffer: Uint8Array<ArrayBuffer>, flags = 0): number {
  const length = tryRecv(fd, buffer, flags);
  if (length === undefined) throw new SyscallError("recv", constants.errno.EAGAIN);
  return length;
}

/** {@linkcode recv}, or undefined if there is nothing to receive (`EAGAIN`). */
export function tryRecv(fd: number, buffer: Uint8Array<ArrayBuffer>, flags = 0): number | undefined {
  const { functions, errno } = libc();
  for (;;) {
    const length = functions.recv(fd, buffer, buffer.length, flags);
    const why = errno[0];
    if (length !== -1) return length;
    if (why === constants.errno.EAGAIN) return undefined;
    throwUnlessInterrupted("recv", why);
  }
}

/**
 * Receives one message as {@linkcode recv}, and the address of its sender.
 *
 * @param sender Filled with the address; what is longer is cut short.
 * @returns The length of the message, or undefined if there is nothing to receive (`EAGAIN`). See recvfrom(2).
 */
export function tryRecvFrom(
  fd: number,
  buffer: Uint8Array<ArrayBuffer>,
  flags: number,
  sender: Uint8Array<ArrayBuffer>,
): number | undefined {
  const { functions, errno } = libc();
  for (;;) {
    LENGTH[0] = sender.length;
    const length = functions.recvfrom(fd, buffer, buffer.length, flags, sender, LENGTH_BYTES);
    const why = errno[0];
    if (length !== -1) return length;
    if (why === constants.errno.EAGAIN) return undefined;
    throwUnlessInterrupted("recvfrom", why);
  }
}

/** The `socklen_t *` of a call that fills a buffer: one for all calls, since each message of a dump has one. */
const LENGTH = new Uint32Array(1);
const LENGTH_BYTES = new Uint8Array(LENGTH.buffer);

/** The descriptors among `fds` that can be read now, or have an error. It does not wait. See poll(2). */
export function readable(fds: readonly number[]): number[] {
  const entries = new Uint8Array(fds.length * 8); // struct pollfd: int fd; short events; short revents
  const view = new DataView(entries.buffer);
  fds.forEach((fd, index) => {
    view.setInt32(index * 8, fd, true);
    view.setInt16(index * 8 + 4, POLLIN, true);
  });
  checkedRetry("poll", () => libc().functions.poll(entries, fds.length, 0));
  return fds.filter((_, index) => view.getInt16(index * 8 + 6, true) !== 0);
}

/** One entry of poll(2), filled and read at once: int fd; short events; short revents. */
const entry = new Uint8Array(8);
const entryView = new DataView(entry.buffer);

/** True if `fd` can be written to now, or has an error: an attempt to connect has ended. It does not wait. See poll(2). */
export function isWritable(fd: number): boolean {
  entryView.setInt32(0, fd, true);
  entryView.setInt16(4, POLLOUT, true);
  return checkedRetry("poll", () => libc().functions.poll(entry, 1, 0)) > 0;
}

// poll.h
const POLLIN = 1;
const POLLOUT = 4;

/** Has the kernel send `signal` to this process whenever something can be read. See O_ASYNC and F_SETSIG in fcntl(2). */
export function signalInput(fd: number, signal: number): void {
  const { functions, errno } = libc();
  checked("fcntl", functions.fcntl(fd, F_SETOWN, process.pid), errno[0]);
  checked("fcntl", functions.fcntl(fd, F_SETSIG, signal), errno[0]);
  const flags = checked("fcntl", functions.fcntl(fd, F_GETFL, 0), errno[0]);
  checked("fcntl", functions.fcntl(fd, F_SETFL, flags | O_ASYNC), errno[0]);
}

/** Sets a socket option to a value, given as its bytes. See setsockopt(2). */
export function setsockopt(fd: number, level: number, option: number, value: Uint8Array<ArrayBuffer>): void {
  const { functions, errno } = libc();
  checked("setsockopt", functions.setsockopt(fd, level, option, value, value.length), errno[0]);
}

/** Sets a socket option whose value is a C int. */
export function setsockoptInt(fd: number, level: number, option: number, value: number): void {
  INT[0] = value;
  setsockopt(fd, level, option, INT_BYTES);
}

/** A C int on its way to the kernel, which is done with it when the call returns: one for all calls. */
const INT = new Int32Array(1);
const INT_BYTES = new Uint8Array(INT.buffer);

/** Reads a socket option into `value`, and returns its length in bytes. See getsockopt(2). */
export function getsockopt(fd: number, level: number, option: number, value: Uint8Array<ArrayBuffer>): number {
  LENGTH[0] = value.length;
  const { functions, errno } = libc();
  checked("getsockopt", functions.getsockopt(fd, level, option, value, LENGTH_BYTES), errno[0]);
  return LENGTH[0] ?? 0;
}

/** Reads the address to which a socket is bound, and returns its length in bytes. See getsockname(2). */
export function getsockname(fd: number, address: Uint8Array<ArrayBuffer>): number {
  LENGTH[0] = address.length;
  const { functions, errno } = libc();
  checked("getsockname", functions.getsockname(fd, address, LENGTH_BYTES), errno[0]);
  return LENGTH[0] ?? 0;
}

/** The error that a socket waits to report, and 0 for none; asking takes it away. See SO_ERROR in socket(7). */
export function socketError(fd: number): number {
  const value = new Uint8Array(4);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, value);
  return new DataView(value.buffer).getInt32(0, true);
}

/** The longest classic BPF program. See BPF_MAXINSNS in linux/bpf_common.h. */
const MOST_INSTRUCTIONS = 4096;
const INSTRUCTION = 8;

/**
 * Has a socket take only the packets that a classic BPF program lets through. See SO_ATTACH_FILTER in socket(7).
 *
 * @param program Its instructions, each a `struct sock_filter` of 8 bytes.
 * @throws {SyscallError} `EINVAL`: it is no valid program. `ENOMEM`: it is longer than this machine permits.
 */
export function attachFilter(fd: number, program: Uint8Array): void {
  const count = program.length / INSTRUCTION;
  if (!Number.isInteger(count) || count < 1 || count > MOST_INSTRUCTIONS) {
    throw new SyscallError("setsockopt", constants.errno.EINVAL, {
      remedy: `a filter is 1 to ${MOST_INSTRUCTIONS} instructions of classic BPF, of ${INSTRUCTION} bytes each`,
    });
  }
  using copy = mapAnonymous(program.length); // at an address that the kernel can be given
  new Uint8Array(copy.buffer).set(program);
  const value = new Uint8Array(16); // struct sock_fprog: unsigned short len, struct sock_filter *filter
  const view = new DataView(value.buffer);
  view.setUint16(0, count, true);
  view.setBigUint64(8, copy.address, true);
  try {
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, value);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.code !== "ENOMEM") throw error;
    const remedy =
      `a filter of ${count} instructions is longer than net.core.optmem_max permits: raise that, or filter less`;
    throw new SyscallError(error.syscall, error.errno, { remedy, cause: error });
  }
}

// linux/sockios.h
const SIOCGIFNAME = 0x8910;
const SIOCGIFINDEX = 0x8933;
const SIOCGSKNS = 0x894c;

/**
 * The index of a link in the namespace of a socket. See netdevice(7).
 *
 * @throws {SyscallError} `ENODEV`: there is none with this name, or it is too long for this call.
 */
export function linkIndexOf(fd: number, name: string): number {
  const request = new Uint8Array(IFREQ);
  const text = cpath(name);
  // Cut, it may be the name of another link.
  if (text.length > IFNAMSIZ) throw new SyscallError("ioctl", constants.errno.ENODEV, { path: name });
  request.set(text);
  const { functions, errno } = libc();
  checked("ioctl", functions.ioctl(fd, SIOCGIFINDEX, request), errno[0], name);
  return new DataView(request.buffer).getInt32(IFNAMSIZ, true);
}

/**
 * The name of a link in the namespace of a socket. See netdevice(7).
 *
 * @throws {SyscallError} `ENODEV`: there is none with this index.
 */
export function linkNameOf(fd: number, index: number): string {
  const request = new Uint8Array(IFREQ);
  new DataView(request.buffer).setInt32(IFNAMSIZ, index, true);
  const { functions, errno } = libc();
  checked("ioctl", functions.ioctl(fd, SIOCGIFNAME, request), errno[0]);
  return nameOfBytes(request.subarray(0, request.indexOf(0)));
}

/** Opens the network namespace of a socket. Needs CAP_NET_ADMIN there. See SIOCGSKNS in socket(7). */
export function openNamespaceOf(fd: number): number {
  const { functions, errno } = libc();
  return checked("ioctl", functions.ioctl(fd, SIOCGSKNS, null), errno[0]);
}
