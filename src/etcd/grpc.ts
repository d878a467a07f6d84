/** gRPC over one HTTP/2 connection: as much of it as the client of etcd needs. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { http2SessionEnd } from "../../ffi/mod.ts";
import { pause } from "../async/pause.ts";
import { reasonOf } from "../reason.ts";
import { Frames } from "./frames.ts";
import { GRPC, GrpcError } from "./grpc_error.ts";

/** How often the member is asked whether it is there: etcd ends a connection that asks more than once in 5 s. */
const PING_EVERY = 5_200;
/** How long it has to answer, in milliseconds. */
const PING_ANSWER = 5_000;
/** How long a stream that has ended may take to be closed, in milliseconds. */
const CLOSING = 500;
/** The longest text of a status that is shown. */
const TEXT_MAX = 300;

/** How a connection is made. */
export interface GrpcOptions {
  /** How long that may take, in milliseconds. */
  readonly dialTimeout: number;
  /** Certificates; undefined for plain text. */
  readonly tls: (SecureContextOptions & { readonly rejectUnauthorized: boolean }) | undefined;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** A connection to one server. It is closed when the server does not answer a ping. */
export class GrpcConnection implements Disposable {
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #address: string;
  #ping: ReturnType<typeof setTimeout> | undefined;
  #lost: string | undefined;
  #reportLoss: () => void = () => {};
  /** Resolves when the connection is lost. */
  readonly ended: Promise<void> = new Promise((resolve) => this.#reportLoss = resolve);

  private constructor(session: ClientHttp2Session, socket: Socket, address: string) {
    this.#session = session;
    this.#socket = socket;
    this.#address = address;
    session.on("error", (error) => this.#lose(reasonOf(error)));
    session.on("goaway", () => this.#lose("it ended the connection"));
    session.on("close", () => this.#lose("the connection was closed"));
    this.#ping = setTimeout(() => this.#ask(), PING_EVERY);
  }

  /**
   * Connects to `address`, `"127.0.0.1:2379"`.
   *
   * @throws {GrpcError} `unavailable`: nobody answers there, or not in time, or its certificate is not accepted.
   */
  static async connect(address: string, { dialTimeout, tls, signal }: GrpcOptions): Promise<GrpcConnection> {
    const session = connect(`${tls === undefined ? "http" : "https"}://${address}`, tls ?? {});
    if (http2SessionEnd() === "later") endLater(session);
    const socket = await new Promise<Socket>((resolve, reject) => {
      const fail = (reason: string): void => {
        finish();
        reject(new GrpcError(GRPC.unavailable, `${address}: ${reason}`));
        session.destroy();
      };
      const onError = (error: unknown): void => fail(reasonOf(error));
      const onClose = (): void => fail("the connection was closed");
      const onAbort = (): void => fail("interrupted");
      const onConnect = (_: ClientHttp2Session, socket: Socket): void => {
        finish();
        resolve(socket);
      };
      const timer = setTimeout(() => fail(`no connection within ${dialTimeout / 1000} s`), dialTimeout);
      const finish = (): void => {
        clearTimeout(timer);
        session.off("close", onClose);
        session.off("connect", onConnect);
        signal.removeEventListener("abort", onAbort);
      };
      session.on("error", onError); // it stays: what comes after the end of the attempt is nobody's error
      session.on("close", onClose);
      session.on("connect", onConnect); // in TLS, after the server's certificate is accepted
      signal.addEventListener("abort", onAbort);
      if (signal.aborted) onAbort();
    });
    return new GrpcConnection(session, socket, address);
  }

  /** Why the connection is lost; undefined while it is not. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /**
   * Calls a method that has one request and one answer.
   *
   * @param timeout How long it may take, in milliseconds; a server that takes longer loses the connection.
   * @throws {GrpcError} The status of the answer, or `unavailable`, or `deadlineExceeded`.
   */
  async call(
    method: string,
    request: Uint8Array,
    { metadata, timeout }: { readonly metadata: Readonly<Record<string, string>>; readonly timeout: number },
  ): Promise<Uint8Array> {
    const stream = this.open(method, metadata);
    const answered = async (): Promise<Uint8Array> => {
      stream.send(request);
      stream.end();
      let answer: Uint8Array | undefined;
      for await (const message of stream.messages()) answer = message;
      if (answer === undefined) throw new GrpcError(GRPC.unavailable, `${this.#address}: an answer without a message`);
      return answer;
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const reason = `no answer to ${method} within ${timeout / 1000} s`;
        reject(new GrpcError(GRPC.deadlineExceeded, `${this.#address}: ${reason}`));
        this.#lose(reason);
      }, timeout);
    });
    const answer = answered();
    answer.catch(() => {}); // the first to end is the one that counts
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      stream.close();
    }
  }

  /**
   * Opens a stream of requests and answers.
   *
   * @throws {GrpcError} `unavailable`: the connection is lost.
   */
  open(method: string, metadata: Readonly<Record<string, string>>): GrpcStream {
    if (this.#lost !== undefined) throw new GrpcError(GRPC.unavailable, `${this.#address}: ${this.#lost}`);
    const headers = {
      ":method": "POST",
      ":path": `/${method}`,
      "content-type": "application/grpc",
      "te": "trailers",
      "user-agent": "netns",
      ...metadata,
    };
    return new GrpcStream(this.#session.request(headers), this.#address, () => this.#lost);
  }

  /** Closes it, and with it every stream. */
  [Symbol.dispose](): void {
    this.#lose("it was closed here");
  }

  #ask(): void {
    const late = setTimeout(() => this.#lose(`no answer to a ping within ${PING_ANSWER / 1000} s`), PING_ANSWER);
    const answered = (error: Error | null): void => {
      clearTimeout(late);
      if (error !== null && error !== undefined) return this.#lose(reasonOf(error));
      if (this.#lost === undefined) this.#ping = setTimeout(() => this.#ask(), PING_EVERY);
    };
    try {
      if (!this.#session.ping(answered)) answered(new Error("the ping was not sent"));
    } catch (error) {
      answered(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #lose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    clearTimeout(this.#ping);
    this.#reportLoss();
    if (http2SessionEnd() === "socket") this.#socket.destroy();
    else this.#session.destroy();
  }
}

/** Has a session end when the frame is handled during which it is closed, also by the runtime itself. */
function endLater(session: ClientHttp2Session): void {
  const [close, destroy] = [session.close.bind(session), session.destroy.bind(session)];
  session.close = (callback) => void setImmediate(() => close(callback));
  session.destroy = (error, code) => void setImmediate(() => destroy(error, code));
}

/** Messages in both directions. */
export class GrpcStream {
  readonly #stream: ClientHttp2Stream;
  readonly #address: string;
  readonly #lost: () => string | undefined;
  readonly #closed: Promise<void>;
  /** Resolves when it is known what is answered, or that nothing is. */
  readonly #headed: Promise<void>;
  #hasMessages = false;
  #status: { readonly code: number; readonly text: string } | undefined;
  #failure: unknown;

  /** Speaks over `stream`; `lost` says why the connection is gone. */
  constructor(stream: ClientHttp2Stream, address: string, lost: () => string | undefined) {
    this.#stream = stream;
    this.#address = address;
    this.#lost = lost;
    const take = (headers: Readonly<Record<string, unknown>>): void => {
      const code = headers["grpc-status"];
      const [status, type] = [headers[":status"], headers["content-type"]];
      if (code !== undefined) this.#status = { code: Number(code), text: readable(headers["grpc-message"]) };
      else if (status !== undefined && status !== 200) this.#refuse(`HTTP status ${status}`);
      else if (status !== undefined && !/^application\/grpc/.test(String(type))) {
        this.#refuse(`the content is ${type === undefined ? "of no type" : String(type).slice(0, TEXT_MAX)}`);
      }
    };
    stream.on("trailers", take);
    stream.on("error", (error) => this.#failure = error);
    this.#closed = new Promise((resolve) => stream.on("close", resolve));
    const answered = new Promise<void>((resolve) => {
      stream.on("response", (headers) => {
        take(headers);
        this.#hasMessages = this.#status === undefined;
        resolve();
      });
    });
    this.#headed = Promise.race([answered, this.#closed]);
  }

  /** What was answered is not gRPC. */
  #refuse(what: string): void {
    this.#status = { code: GRPC.unavailable, text: `${this.#address}: ${what}: it is not a gRPC server` };
    this.close();
  }

  /** Sends a message. */
  send(message: Uint8Array): void {
    const frame = new Uint8Array(5 + message.length);
    new DataView(frame.buffer).setUint32(1, message.length);
    frame.set(message, 5);
    this.#stream.write(frame);
  }

  /** Sends no more. */
  end(): void {
    this.#stream.end();
  }

  /** Ends both directions. */
  close(): void {
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  /**
   * The messages of the server. They are read as fast as they are taken.
   *
   * @throws {GrpcError} The status at the end, unless it is that all went well.
   */
  async *messages(): AsyncGenerator<Uint8Array, void, undefined> {
    const frames = new Frames();
    await this.#headed;
    try {
      if (this.#hasMessages) { for await (const chunk of this.#stream) yield* frames.add(chunk); }
      else this.#stream.resume();
    } catch (error) {
      if (error instanceof GrpcError) throw error;
      this.#failure = error;
    }
    const waited = new AbortController();
    await Promise.race([this.#closed, pause(CLOSING, waited.signal)]); // the server may not say that it closes it
    waited.abort();
    if (this.#status?.code === 0) return;
    if (this.#status !== undefined) throw new GrpcError(this.#status.code, this.#status.text, { cause: this.#failure });
    const reason = this.#lost() ?? "the connection is lost"; // it may not be known yet that it was closed
    throw new GrpcError(GRPC.unavailable, `${this.#address}: ${reason}`, { cause: this.#failure });
  }
}

/** The text of a status, in which gRPC writes some signs as in a URL. */
function readable(text: unknown): string {
  if (typeof text !== "string" || text === "") return "no reason given";
  try {
    return decodeURIComponent(text).slice(0, TEXT_MAX);
  } catch {
    return text.slice(0, TEXT_MAX);
  }
}
