/**
 * Who sent what a netlink socket received. Any process with CAP_NET_ADMIN in the namespace can send to the socket, so
 * what does not come from the kernel is never decoded. See netlink(7).
 */
import { AF_NETLINK, connect, tryRecvFrom } from "../../ffi/mod.ts";

/** struct sockaddr_nl: family, padding, port, groups. */
const sender = new Uint8Array(12);
const view = new DataView(sender.buffer);
const PORT = 4;

/** What {@linkcode receiveFromKernel} gives for a message of another program. */
export const FOREIGN = -1;

/**
 * Receives one message: with MSG_TRUNC, its full length.
 *
 * @returns Its length; {@linkcode FOREIGN} if its port is not 0, the kernel's; undefined if nothing is there.
 * @throws {SyscallError} recvfrom(2) failed.
 */
export function receiveFromKernel(fd: number, buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
  const length = tryRecvFrom(fd, buffer, flags, sender);
  return length === undefined || view.getUint32(PORT, true) === 0 ? length : FOREIGN;
}

/**
 * Has the kernel refuse what other programs send to this socket alone (`ECONNREFUSED`): they cannot fill its queue then.
 * What they send to a multicast group still comes.
 *
 * @throws {SyscallError} connect(2) failed.
 */
export function refuseOthers(fd: number): void {
  connect(fd, portZero());
}

/** The address of port 0 (struct sockaddr_nl): the kernel for connect(2), any port for bind(2). */
export function portZero(): Uint8Array<ArrayBuffer> {
  const address = new Uint8Array(sender.length);
  new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
  return address;
}
