/** One question to one server of the domain name system, from a namespace. */
import { beginConnecting, close, send, SOCK_DGRAM, SOCK_NONBLOCK, tryRecv } from "../../../ffi/mod.ts";
import { Limit } from "../../async/limit.ts";
import { poll } from "../../async/poll.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { connectDescriptor } from "../sockets/attempt.ts";
import { openSocket, type ScopedAddress, socketAddress } from "../sockets/open.ts";
import { decodeReply, encodeQuestion, type Question, type Reply } from "./message.ts";

const PORT = 53;
/** The longest message by UDP is 512 bytes without extensions; whatever comes is read. */
const LONGEST_DATAGRAM = 4096;
/** How many datagrams are read at one look for a reply: more than wait in the buffer of a socket. */
const MOST_DATAGRAMS = 1024;
/** The longest time between two looks for a reply, in milliseconds. */
const LONGEST_WAIT = 10;

/** How a server is asked. */
export interface QueryOptions {
  /** In milliseconds. */
  readonly timeout: number;
  /** By TCP and not by UDP. */
  readonly useTcp: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a server: by UDP, and by TCP if the reply does not fit.
 *
 * @returns The reply, or undefined if there was none in time.
 * @throws {Error} The server cannot be reached, or the reason of the signal.
 */
export async function query(
  ns: Descriptor,
  server: ScopedAddress,
  question: Question,
  options: QueryOptions,
): Promise<Reply | undefined> {
  if (!options.useTcp) {
    const reply = await byUdp(ns, server, question, options);
    if (!reply?.truncated) return reply;
  }
  return await byTcp(ns, server, question, options);
}

/** The socket is connected: the kernel takes replies from this server alone, and reports that nobody listens there. */
async function byUdp(
  ns: Descriptor,
  server: ScopedAddress,
  question: Question,
  { timeout, signal }: QueryOptions,
): Promise<Reply | undefined> {
  const fd = openSocket(ns, server.family, SOCK_DGRAM | SOCK_NONBLOCK);
  try {
    beginConnecting(fd, socketAddress(fd, server, PORT));
    send(fd, encodeQuestion(question));
    const buffer = new Uint8Array(LONGEST_DATAGRAM);
    return await poll(() => {
      // What is no reply to this question must not keep the reply waiting behind it.
      for (let count = 0; count < MOST_DATAGRAMS; count++) {
        const length = tryRecv(fd, buffer);
        if (length === undefined) return undefined;
        const reply = decodeReply(buffer.subarray(0, length), question);
        if (reply !== undefined) return reply;
      }
      return undefined;
    }, { longest: LONGEST_WAIT, timeout, signal });
  } finally {
    close(fd);
  }
}

/** A message by TCP follows its length in two bytes. */
async function byTcp(
  ns: Descriptor,
  address: ScopedAddress,
  question: Question,
  { timeout, signal }: QueryOptions,
): Promise<Reply | undefined> {
  const late = Symbol("late");
  using limit = new Limit(signal, timeout, () => late);
  let fd: number | undefined;
  try {
    fd = await connectDescriptor(ns, { address, port: PORT, signal: limit.signal });
    const message = encodeQuestion(question);
    send(fd, new Uint8Array([message.length >> 8, message.length & 0xff, ...message]));
    const bytes = await readMessage(fd, limit.signal);
    return bytes === undefined ? undefined : decodeReply(bytes, question);
  } catch (error) {
    if (error === late) return undefined;
    throw error;
  } finally {
    if (fd !== undefined) close(fd);
  }
}

async function readMessage(fd: number, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(2 + 0xffff);
  let total = 0;
  const length = (): number => total < 2 ? Infinity : 2 + ((buffer[0] ?? 0) << 8 | (buffer[1] ?? 0));
  while (total < length()) {
    const got = await poll(() => tryRecv(fd, buffer.subarray(total)), { longest: LONGEST_WAIT, signal });
    if (got === 0 || got === undefined) return undefined; // the server closed the connection
    total += got;
  }
  return buffer.subarray(2, length());
}
