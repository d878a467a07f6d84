/** A netlink socket: requests out, answers in, everything checked. See netlink(7). */
import { constants } from "node:os";
import {
  AF_NETLINK,
  close,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  openNamespaceOf,
  send,
  setsockopt,
  SO_RCVTIMEO,
  SOCK_RAW,
  socket,
  SOL_NETLINK,
  SOL_SOCKET,
  SyscallError,
  tryRecv,
} from "../../ffi/mod.ts";
import { NetlinkError } from "../errors.ts";
import { type Writer, writing } from "./wire/buffers.ts";
import { type Answer, answers, frame, type NetlinkRequest, NLM_F_ACK, NLM_F_DUMP, refusal } from "./wire/framing.ts";

/** The kernel answers at once; this is the protection against an answer that never comes, in seconds. */
const TIMEOUT = 30;
/** The kernel fills at most 32 KiB of a dump at a time; a single message can be larger. */
const BUFFER = 64 * 1024;
/** How many requests go in one send: so many that each could fail and the answers would still fit the queue. */
const MOST_IN_ONE_SEND = 64;
const MOST_BYTES_IN_ONE_SEND = 64 * 1024;
/** How often a dump is read again that changed while it was read. */
const MOST_DUMPS = 20;
/** How much is read at most to be rid of it: more than any dump has. */
const MOST_LEFT = 100_000;
/** Numbers of requests start anew here, long before they no longer fit in 32 bits. */
const LAST_SEQ = 2 ** 31;

/**
 * What is received, by all sockets of this thread: each call reads its answers to the end before another begins. They
 * are taken apart where they lie, one behind the other; what is made of them is copied.
 */
let buffer: Uint8Array<ArrayBuffer> = new Uint8Array(2 * BUFFER);
/** The most that one answer can have; more than {@linkcode BUFFER} once one was longer. */
let longest: number = BUFFER;

/** A message of the kernel. */
export interface Reply {
  /** RTM_NEWLINK, say. */
  readonly type: number;
  /** What follows the header. */
  readonly body: Uint8Array;
}

/** A NETLINK_ROUTE socket. It stays in the namespace in which the thread was when it was opened. */
export class NetlinkSocket implements Disposable {
  #fd: number;
  #seq = 0;
  #waits = false;
  /** Where in the buffer the next answer goes. */
  #end = 0;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Opens a socket where the calling thread is.
   *
   * @throws {SyscallError} `EMFILE`, `EPROTONOSUPPORT`: no descriptor left, no netlink in this kernel.
   */
  static open(): NetlinkSocket {
    const fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    try {
      // Nothing is bound: the first send(2) does that, to a port of the kernel's choice.
      for (const option of OPTIONS) enable(fd, option);
      return new NetlinkSocket(fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** False once it was closed. */
  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  /**
   * Carries requests out, in order, in as few sends as fit. One that fails does not keep the later ones back.
   *
   * @returns The failure of each request, at its place; `undefined` where it went well.
   * @throws {SyscallError} The socket itself failed.
   */
  tryAll(requests: readonly NetlinkRequest[]): (NetlinkError | undefined)[] {
    const results: (NetlinkError | undefined)[] = requests.map(() => undefined);
    for (let start = 0; start < requests.length;) {
      const end = chunkEnd(requests, start);
      this.#chunk(requests, start, end, results);
      start = end;
    }
    return results;
  }

  /**
   * Carries one request out.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  execute(request: NetlinkRequest): void {
    const [error] = this.tryAll([request]);
    if (error !== undefined) throw error;
  }

  /**
   * Asks for one thing.
   *
   * @returns The kernel's answers, without the acknowledgement.
   * @throws {NetlinkError} The kernel refused it.
   */
  get(request: NetlinkRequest): Reply[] {
    return this.#repeat(request, true);
  }

  /**
   * Asks for everything. A dump that the kernel says changed while it was read is read again.
   *
   * @throws {NetlinkError} The kernel refused it, or it never stopped changing (`EINTR`).
   */
  dump(request: NetlinkRequest): Reply[] {
    return this.#repeat({ ...request, flags: request.flags | NLM_F_DUMP }, false);
  }

  /**
   * Opens the namespace that this socket is in.
   *
   * @throws {SyscallError} `EPERM`: no CAP_NET_ADMIN in it. `EBADF`: the socket is closed.
   */
  openNamespace(): number {
    if (this.#fd < 0) throw new SyscallError("ioctl", constants.errno.EBADF, { remedy: "this socket is closed" });
    return openNamespaceOf(this.#fd);
  }

  /** Closes the socket. Twice is once. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Sends the requests from `start` to before `end`, of which only the last asks for an acknowledgement: failures are
   * reported for all.
   */
  #chunk(requests: readonly NetlinkRequest[], start: number, end: number, results: (NetlinkError | undefined)[]): void {
    const first = this.#reserve(end - start);
    const last = first + end - start - 1;
    this.#send((out) => {
      for (let seq = first; seq <= last; seq++) {
        const request = requests[start + seq - first];
        if (request !== undefined) frame(out, request, seq, seq === last ? NLM_F_ACK : 0);
      }
    });
    const label = requests[end - 1]?.label ?? "";
    const whole = this.#read(label, (answer) => {
      if (answer.kind !== "end" || answer.seq < first || answer.seq > last) return false;
      const place = start + answer.seq - first;
      const request = requests[place];
      if (request !== undefined && answer.errno !== 0) results[place] = refusal(request, answer);
      return answer.seq === last;
    });
    if (!whole) throw new NetlinkError(label, constants.errno.EMSGSIZE, "the answer was longer than the buffer");
  }

  /** Asks until the answer is whole: not one that changed meanwhile, or that the buffer was too small for. */
  #repeat(request: NetlinkRequest, isSingle: boolean): Reply[] {
    for (let attempt = 0; attempt < MOST_DUMPS; attempt++) {
      const replies = this.#collect(request, isSingle);
      if (replies !== undefined) return replies;
    }
    throw new NetlinkError(request.label, constants.errno.EINTR, `it changed during each of ${MOST_DUMPS} readings`);
  }

  /** What the kernel answers, or nothing if it must be asked again. An answer that `isSingle` is one message, or a refusal. */
  #collect(request: NetlinkRequest, isSingle: boolean): Reply[] | undefined {
    const seq = this.#reserve(1);
    this.#send((out) => frame(out, request, seq));
    const replies: Reply[] = [];
    let interrupted = false;
    let failure: NetlinkError | undefined;
    const whole = this.#read(request.label, (answer) => {
      if (answer.seq !== seq) return false;
      interrupted ||= answer.interrupted;
      if (answer.kind === "message") replies.push(answer);
      else if (answer.errno !== 0) failure = refusal(request, answer);
      return answer.kind === "end" || isSingle;
    });
    if (failure?.code === "EBUSY") {
      this.#drain(); // an earlier list was not read to its end, and the kernel writes one at a time
      return undefined;
    }
    if (failure !== undefined) throw failure;
    return whole && !interrupted ? replies : undefined;
  }

  /** The first of `count` numbers for requests. */
  #reserve(count: number): number {
    if (this.#seq + count > LAST_SEQ) this.#seq = 0;
    const first = this.#seq + 1;
    this.#seq += count;
    return first;
  }

  #send(write: (out: Writer) => void): void {
    if (this.#fd < 0) throw new SyscallError("send", constants.errno.EBADF, { remedy: "this socket is closed" });
    writing(write, (out) => send(this.#fd, out.bytes()));
  }

  /**
   * Hands every answer to `take` until that says it was the last.
   *
   * @returns False if an answer was longer than the buffer; the buffer is longer now, and nothing is left to read.
   */
  #read(label: string, take: (answer: Answer) => boolean): boolean {
    this.#end = 0;
    try {
      for (;;) {
        const received = this.#receive(label);
        if (received === undefined) {
          this.#drain();
          return false;
        }
        for (const answer of answers(received)) if (take(answer)) return true;
      }
    } catch (error) {
      this.#drain(); // half a dump that stays unread would keep the kernel from the next
      throw error;
    }
  }

  /** What came; nothing if the buffer was too small for it. */
  #receive(label: string): Uint8Array | undefined {
    if (buffer.length - this.#end < longest) {
      buffer = new Uint8Array(Math.max(buffer.length, 2 * longest)); // what was received lies in the one before
      this.#end = 0;
    }
    const length = this.#wait(this.#end === 0 ? buffer : buffer.subarray(this.#end), label);
    if (length > buffer.length - this.#end) {
      longest = length * 2;
      return undefined;
    }
    const received = buffer.subarray(this.#end, this.#end + length);
    this.#end += length;
    return received;
  }

  /** The kernel has answered by the time that send(2) returns; should one not have, it is waited for. */
  #wait(room: Uint8Array<ArrayBuffer>, label: string): number {
    if (!this.#waits) {
      const length = tryRecv(this.#fd, room, MSG_TRUNC | MSG_DONTWAIT);
      if (length !== undefined) return length;
      setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, TIMEVAL);
      this.#waits = true;
    }
    const length = tryRecv(this.#fd, room, MSG_TRUNC);
    if (length !== undefined) return length;
    const cause = new SyscallError("recv", constants.errno.EAGAIN);
    throw new NetlinkError(label, constants.errno.ETIMEDOUT, `no answer in ${TIMEOUT} s`, { cause });
  }

  /** Reads what there is without a look at it: the kernel has answered by the time that send(2) returns. */
  #drain(): void {
    for (let i = 0; i < MOST_LEFT; i++) {
      try {
        if (tryRecv(this.#fd, buffer, MSG_TRUNC | MSG_DONTWAIT) === undefined) return;
      } catch {
        return; // what was to be read is no more the question
      }
    }
  }
}

function chunkEnd(requests: readonly NetlinkRequest[], start: number): number {
  let bytes = 0;
  let end = start;
  while (end < requests.length && end - start < MOST_IN_ONE_SEND) {
    bytes += requests[end]?.body.length ?? 0;
    if (bytes > MOST_BYTES_IN_ONE_SEND && end > start) break;
    end++;
  }
  return end;
}

const OPTIONS: readonly number[] = [NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK];

/** struct timeval */
const TIMEVAL: Uint8Array<ArrayBuffer> = new Uint8Array(16);
new DataView(TIMEVAL.buffer).setBigInt64(0, BigInt(TIMEOUT), true);

/** A C int that says yes. */
const YES: Uint8Array<ArrayBuffer> = Uint8Array.of(1, 0, 0, 0);

/** An option that an older kernel may lack: without it messages are longer, and refusals have no words. */
function enable(fd: number, option: number): void {
  try {
    setsockopt(fd, SOL_NETLINK, option, YES);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== constants.errno.ENOPROTOOPT) throw error;
  }
}
