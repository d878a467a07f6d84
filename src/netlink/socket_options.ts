/** The options of a netlink socket. See netlink(7), socket(7). */
import {
  getsockopt,
  setsockoptInt,
  SO_NETNS_COOKIE,
  SO_RCVBUFFORCE,
  SO_SNDBUFFORCE,
  SOL_SOCKET,
} from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK, SOL_NETLINK } from "./constants/socket.ts";

/** What a refusal takes of a queue beside its request, in bytes. */
const LARGEST_ANSWER = 1024;

/** Has the kernel say in words why it refuses something. */
export function explainRefusals(fd: number): void {
  enable(fd, NETLINK_EXT_ACK);
}

/** Has the kernel obey the filters of questions: without it, answers are longer. */
export function checkStrictly(fd: number): void {
  enable(fd, NETLINK_GET_STRICT_CHK);
}

/** Enables what an older kernel may lack. */
function enable(fd: number, option: number): void {
  try {
    setsockoptInt(fd, SOL_NETLINK, option, 1);
  } catch (error) {
    if (!isErrno(error, "ENOPROTOOPT")) throw error;
  }
}

/** Lets a socket's queues hold a batch of `size` bytes, and a refusal of each of its requests. */
export function makeRoom(fd: number, size: number, requests: number): void {
  const answers = size + requests * LARGEST_ANSWER;
  for (const [option, bytes] of [[SO_SNDBUFFORCE, 2 * size], [SO_RCVBUFFORCE, answers]] as const) {
    try {
      setsockoptInt(fd, SOL_SOCKET, option, bytes);
    } catch (error) {
      if (!isErrno(error, "EPERM")) throw error; // send says whether it is too long
    }
  }
}

/** A cookie as it is read: one for all calls, since every namespace of an apply is asked. */
const COOKIE = new BigUint64Array(1);
const COOKIE_BYTES = new Uint8Array(COOKIE.buffer);

/** The kernel's number of the namespace that a socket is in. See SO_NETNS_COOKIE in socket(7). */
export function cookieOf(fd: number): bigint {
  getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, COOKIE_BYTES);
  return COOKIE[0] ?? 0n;
}
