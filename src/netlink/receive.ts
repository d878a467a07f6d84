/** Receiving the kernel's answers on a netlink socket. See netlink(7). */
import { constants } from "node:os";
import { MSG_DONTWAIT, MSG_TRUNC, setsockopt, SO_RCVTIMEO, SOL_SOCKET, SyscallError } from "../../ffi/mod.ts";
import { NetlinkError } from "../errors.ts";
import { FOREIGN, receiveFromKernel, refuseOthers } from "./sender.ts";
import { type Answer, answers } from "./wire/framing.ts";

/** The kernel answers before send(2) returns; this bounds the wait for an answer that never comes, in seconds. */
const TIMEOUT = 30;
/** The kernel writes a dump in pieces of at most 32 KiB; a single message can be longer. */
const LEAST_BUFFER = 64 * 1024;
/** A bound for the messages that {@linkcode Receiver.drain} reads: more than any dump has. */
const MOST_DRAINED = 100_000;

/**
 * One buffer for all sockets of this thread: each call reads its answers to the end before another begins. Answers are
 * decoded where they lie; decoded values are copies. It grows when an answer was longer.
 */
let buffer: Uint8Array<ArrayBuffer> = new Uint8Array(LEAST_BUFFER);

/** Receives what the kernel answers on one socket, which stays its owner's. */
export class Receiver {
  readonly #fd: number;
  #hasTimeout = false;
  #dropped = 0;

  /** Receives on an open socket. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** How many messages of other programs were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Hands each answer to `take` until it returns true.
   *
   * @param label The request, for errors.
   * @returns False if an answer did not fit the buffer. The buffer is larger now and the queue is empty: ask again.
   * @throws {NetlinkError} `ETIMEDOUT`: no answer came.
   */
  read(label: string, take: (answer: Answer) => boolean): boolean {
    try {
      for (;;) {
        const received = this.#receive(label);
        if (received === undefined) {
          this.drain();
          return false;
        }
        for (const answer of answers(received)) if (take(answer)) return true;
      }
    } catch (error) {
      this.drain(); // the kernel starts no dump while an earlier one is half read
      throw error;
    }
  }

  /** Reads and drops all that is queued. */
  drain(): void {
    for (let i = 0; i < MOST_DRAINED; i++) {
      try {
        const length = receiveFromKernel(this.#fd, buffer, MSG_TRUNC | MSG_DONTWAIT);
        if (length === undefined) return;
        if (length === FOREIGN) this.#drop();
      } catch {
        return; // the error that led here matters more
      }
    }
  }

  /** Counts the message of another program. From the first on, the kernel lets no more of them into the queue. */
  #drop(): void {
    if (this.#dropped === 0) refuseOthers(this.#fd);
    this.#dropped++;
  }

  /** The next datagram, or undefined if it did not fit the buffer. */
  #receive(label: string): Uint8Array | undefined {
    const length = this.#wait(label);
    if (length <= buffer.length) return buffer.subarray(0, length);
    buffer = new Uint8Array(length * 2);
    return undefined;
  }

  /** Receives what is queued already, as nearly always; otherwise waits. */
  #wait(label: string): number {
    if (!this.#hasTimeout) {
      const length = this.#receiveAnswer(MSG_TRUNC | MSG_DONTWAIT, label);
      if (length !== undefined) return length;
      setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, TIMEVAL);
      this.#hasTimeout = true;
    }
    const length = this.#receiveAnswer(MSG_TRUNC, label);
    if (length !== undefined) return length;
    throw noAnswer(label);
  }

  /** Receives the kernel's next message; those of other programs are dropped, and put off the end of the wait once. */
  #receiveAnswer(flags: number, label: string): number | undefined {
    let end = 0;
    for (;;) {
      const length = receiveFromKernel(this.#fd, buffer, flags);
      if (length !== FOREIGN) return length;
      this.#drop();
      const now = performance.now();
      end ||= now + TIMEOUT * 1000;
      if (now > end) throw noAnswer(label);
    }
  }
}

function noAnswer(label: string): NetlinkError {
  const cause = new SyscallError("recvfrom", constants.errno.EAGAIN);
  return new NetlinkError(label, constants.errno.ETIMEDOUT, `no answer in ${TIMEOUT} s`, { cause });
}

/** struct timeval */
const TIMEVAL: Uint8Array<ArrayBuffer> = new Uint8Array(16);
new DataView(TIMEVAL.buffer).setBigInt64(0, BigInt(TIMEOUT), true);
