/** A netlink socket of any protocol: requests out, answers in, everything checked. See netlink(7). */
import { constants } from "node:os";
import { AF_NETLINK, close, openNamespaceOf, send, SOCK_RAW, socket, SyscallError } from "../../ffi/mod.ts";
import { NetlinkError } from "../errors.ts";
import { NETLINK_ROUTE } from "./constants/socket.ts";
import { Receiver } from "./receive.ts";
import { SequenceNumbers } from "./sequence_numbers.ts";
import { checkStrictly, cookieOf, explainRefusals, makeRoom } from "./socket_options.ts";
import { type Writer, writing } from "./wire/buffers.ts";
import { type Decode, frame, type NetlinkRequest, NLM_F_ACK, NLM_F_DUMP, refusal } from "./wire/framing.ts";

/** How many requests go in one send: if each failed, the answers would still fit the socket's queue. */
const MOST_IN_ONE_SEND = 64;
const MOST_BYTES_IN_ONE_SEND = 64 * 1024;
/** More than the header and the padding of a request, in bytes. */
const LARGEST_HEADER = 32;
/** How often a dump is read again that changed while it was read. */
const MOST_DUMPS = 20;
/** A netlink socket. It stays in the namespace in which the thread was when it was opened. */
export class NetlinkSocket implements Disposable {
  #fd: number;
  readonly #receiver: Receiver;
  readonly #numbers = new SequenceNumbers();
  #isStrict = false;

  private constructor(fd: number) {
    this.#fd = fd;
    this.#receiver = new Receiver(fd);
  }

  /**
   * Opens a socket where the calling thread is.
   *
   * @param protocol NETLINK_…
   * @throws {SyscallError} `EMFILE`: no descriptor is left. `EPROTONOSUPPORT`: the kernel lacks the protocol.
   */
  static open(protocol: number = NETLINK_ROUTE): NetlinkSocket {
    const fd = socket(AF_NETLINK, SOCK_RAW, protocol);
    try {
      // bind(2) is left to the first send(2): the kernel chooses the port either way.
      explainRefusals(fd);
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

  /** How many messages of other programs were dropped: only the kernel's are read. */
  get dropped(): number {
    return this.#receiver.dropped;
  }

  /**
   * Carries out requests, in order, in as few sends as fit. One that fails does not keep the later ones back.
   *
   * @returns The failure of each request, at its index; `undefined` where it succeeded.
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
   * Carries out one request.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  execute(request: NetlinkRequest): void {
    const [error] = this.tryAll([request]);
    if (error !== undefined) throw error;
  }

  /**
   * Asks for one object.
   *
   * @returns What was read of the kernel's answer.
   * @throws {NetlinkError} The kernel refused it.
   */
  get<T>(request: NetlinkRequest, decode: Decode<T>): T | undefined {
    return this.#repeat(request, 0, decode, true)[0];
  }

  /**
   * Carries out one request that the kernel may answer with messages, as those of generic netlink are.
   *
   * @returns What was read of the messages before the acknowledgement.
   * @throws {NetlinkError} The kernel refused it.
   */
  exchange<T>(request: NetlinkRequest, decode: Decode<T>): T[] {
    return this.#repeat(request, NLM_F_ACK, decode, false);
  }

  /**
   * Asks for all objects. A dump that changed while it was read is read again.
   *
   * @throws {NetlinkError} The kernel refused it, or it changed during each reading (`EINTR`).
   */
  dump<T>(request: NetlinkRequest, decode: Decode<T>): T[] {
    if (!this.#isStrict && !request.isUnfiltered && this.#fd >= 0) {
      checkStrictly(this.#fd); // of most namespaces only the links are asked for
      this.#isStrict = true;
    }
    return this.#repeat(request, NLM_F_DUMP, decode, false);
  }

  /**
   * Carries out requests of nf_tables, all or none of them, in one send. The kernel answers each that it refuses, and
   * carries out none if it refuses one.
   *
   * @param begin The message that begins the batch.
   * @param end The message that ends it.
   * @returns The failure of each request, at its index. What failed as a whole is the failure of the first.
   * @throws {SyscallError} The socket itself failed. `EMSGSIZE`: the batch is longer than the kernel takes at once.
   */
  transaction(
    begin: NetlinkRequest,
    requests: readonly NetlinkRequest[],
    end: NetlinkRequest,
  ): (NetlinkError | undefined)[] {
    if (this.#fd < 0) throw closed("send");
    const results: (NetlinkError | undefined)[] = requests.map(() => undefined);
    const first = this.#numbers.reserve(requests.length + 2);
    const last = first + requests.length;
    const size = requests.reduce((sum, { body }) => sum + body.length + LARGEST_HEADER, 0);
    if (requests.length > MOST_IN_ONE_SEND || size > MOST_BYTES_IN_ONE_SEND) makeRoom(this.#fd, size, requests.length);
    this.#send((out) => {
      frame(out, begin, first);
      for (const [i, request] of requests.entries()) {
        const seq = first + 1 + i;
        frame(out, request, seq, seq === last ? NLM_F_ACK : 0);
      }
      frame(out, end, last + 1);
    });
    const isWhole = this.#receiver.read(end.label, (answer) => {
      if (answer.kind !== "end" || answer.seq < first || answer.seq > last) return false;
      const index = Math.max(0, answer.seq - first - 1);
      const request = requests[index];
      if (request !== undefined && answer.errno !== 0) results[index] ??= refusal(request, answer);
      return answer.seq === last || answer.seq === first; // of the beginning: all was refused at once
    });
    if (!isWhole) throw new NetlinkError(end.label, constants.errno.EMSGSIZE, "the answer was longer than the buffer");
    return results;
  }

  /**
   * Opens the namespace that this socket is in; the caller closes the descriptor.
   *
   * @throws {SyscallError} `EPERM`: no CAP_NET_ADMIN in it. `EBADF`: the socket is closed.
   */
  openNamespace(): number {
    if (this.#fd < 0) throw closed("ioctl");
    return openNamespaceOf(this.#fd);
  }

  /**
   * The kernel's number of the namespace that this socket is in. See SO_NETNS_COOKIE in socket(7).
   *
   * @throws {SyscallError} `ENOPROTOOPT`: the kernel is older than 5.14. `EBADF`: the socket is closed.
   */
  get namespaceCookie(): bigint {
    if (this.#fd < 0) throw closed("getsockopt");
    return cookieOf(this.#fd);
  }

  /** Closes the socket. Idempotent. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Sends the requests from `start` to before `end`. Only the last asks for an acknowledgement: refusals come for all. */
  #chunk(requests: readonly NetlinkRequest[], start: number, end: number, results: (NetlinkError | undefined)[]): void {
    const first = this.#numbers.reserve(end - start);
    const last = first + end - start - 1;
    this.#send((out) => {
      for (let seq = first; seq <= last; seq++) {
        const request = requests[start + seq - first];
        if (request !== undefined) frame(out, request, seq, seq === last ? NLM_F_ACK : 0);
      }
    });
    const label = requests[end - 1]?.label ?? "";
    const isWhole = this.#receiver.read(label, (answer) => {
      if (answer.kind !== "end" || answer.seq < first || answer.seq > last) return false;
      const index = start + answer.seq - first;
      const request = requests[index];
      if (request !== undefined && answer.errno !== 0) results[index] = refusal(request, answer);
      return answer.seq === last;
    });
    if (!isWhole) throw new NetlinkError(label, constants.errno.EMSGSIZE, "the answer was longer than the buffer");
  }

  /** Asks, with `flags` beside those of the request, until an answer fits the buffer and did not change while it was read. */
  #repeat<T>(request: NetlinkRequest, flags: number, decode: Decode<T>, isSingle: boolean): T[] {
    let lost: unknown;
    for (let attempt = 0; attempt < MOST_DUMPS; attempt++) {
      try {
        const all = this.#collect(request, flags, decode, isSingle);
        if (all !== undefined) return all;
      } catch (error) {
        // The answer had no room beside what other programs sent; a question can be asked again.
        const isFull = (error instanceof SyscallError || error instanceof NetlinkError) && error.code === "ENOBUFS";
        if (!isFull || this.dropped === 0) throw error;
        lost = error;
      }
    }
    if (lost !== undefined) throw lost;
    throw new NetlinkError(request.label, constants.errno.EINTR, `it changed during each of ${MOST_DUMPS} readings`);
  }

  /** What the kernel answers, or undefined if it must be asked again. A single answer is one message, or a refusal. */
  #collect<T>(request: NetlinkRequest, flags: number, decode: Decode<T>, isSingle: boolean): T[] | undefined {
    const seq = this.#numbers.reserve(1);
    this.#send((out) => frame(out, request, seq, flags));
    const all: T[] = [];
    let interrupted = false;
    let failure: NetlinkError | undefined;
    const isWhole = this.#receiver.read(request.label, (answer) => {
      if (answer.seq !== seq) return false;
      interrupted ||= answer.interrupted;
      if (answer.kind === "message") {
        const value = decode(answer.body, answer.type);
        if (value !== undefined) all.push(value);
      } else if (answer.errno !== 0 && answer.errno !== request.noneAt) failure = refusal(request, answer);
      return answer.kind === "end" || isSingle;
    });
    if (failure?.code === "EBUSY" && ((request.flags | flags) & NLM_F_DUMP) === NLM_F_DUMP) {
      this.#receiver.drain(); // an earlier dump was not read to its end
      return undefined;
    }
    if (failure !== undefined) throw failure;
    return isWhole && !interrupted ? all : undefined;
  }

  #send(write: (out: Writer) => void): void {
    if (this.#fd < 0) throw closed("send");
    if (this.dropped > 0) this.#receiver.drain(); // others may have filled the queue again
    writing(write, (out) => send(this.#fd, out.bytes()));
  }
}

function closed(syscall: string): SyscallError {
  return new SyscallError(syscall, constants.errno.EBADF, { remedy: "this socket is closed" });
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
