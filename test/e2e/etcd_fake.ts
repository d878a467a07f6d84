/** What says that it is a member of a cluster and answers as a test has it do: no real one does what these tests need. */
import { Buffer } from "node:buffer";
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { once } from "node:events";
import {
  headerResponse,
  type KeyValue,
  type RangeRequest,
  rangeRequest,
  rangeResponse,
  type ResponseHeader,
  type WatchEvent,
  type WatchResponse,
  watchResponse,
} from "../../src/etcd/messages.ts";

/** A call, for which a test answers. */
export interface Call {
  readonly stream: ServerHttp2Stream;
  /** The method: `"KV/Range"`. */
  readonly method: string;
  /** What is asked, of `KV/Range`. */
  readonly range?: RangeRequest | undefined;
  /** Answers as gRPC does: messages, and the trailers. */
  answer(messages: readonly Uint8Array[], trailers?: Readonly<Record<string, string>>): void;
  /** Begins an answer of messages. */
  begin(): void;
  /** Sends bytes as they are. */
  raw(bytes: Uint8Array): void;
  /** Sends a message. */
  send(message: Uint8Array): void;
}

/** The bytes of a message with its length before it. */
export function framed(message: Uint8Array, compressed: number = 0): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame[0] = compressed;
  frame.set(message, 5);
  return frame;
}

/** The one message that a call asks with. */
async function asked(stream: ServerHttp2Stream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).subarray(5);
}

const encoder = new TextEncoder();
/** The header of an answer at a revision. */
export const headerAt = (revision: number): ResponseHeader => ({ clusterId: 7n, memberId: 1n, revision });
/** A key with its value. */
export const kv = (key: string, value: unknown, modRevision: number = 2): KeyValue => ({
  key: encoder.encode(key),
  value: encoder.encode(JSON.stringify(value)),
  modRevision,
  lease: 0n,
});
/** A list. */
export const listing = (kvs: readonly KeyValue[], more: boolean = false, revision: number = 2): Uint8Array =>
  rangeResponse.encode({ header: headerAt(revision), kvs, more });
/** A message of the first watch. */
export function watching(events: readonly WatchEvent[], more: Partial<WatchResponse> = {}): Uint8Array {
  return watchResponse.encode({ header: headerAt(2), watchId: 1, events, ...more });
}
/** An answer with nothing but a header. */
export const empty: Uint8Array = headerResponse.encode({ header: headerAt(2) });

/** A server over HTTP/2, until the end of the block. */
export class FakeMember implements AsyncDisposable {
  readonly #server: Http2Server;
  /** How many calls of each method there were. */
  readonly calls: Map<string, number> = new Map();
  /** Answers a call. */
  behave: (call: Call) => void = () => {};

  private constructor(server: Http2Server) {
    this.#server = server;
    server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on("error", () => {}); // of a client that is gone
      const method = String(headers[":path"]).replace("/etcdserverpb.", "");
      this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
      const begin = (): void => stream.respond({ ":status": 200, "content-type": "application/grpc" });
      const raw = (bytes: Uint8Array): void => void stream.write(bytes);
      const send = (message: Uint8Array): void => raw(framed(message));
      const answer: Call["answer"] = (messages, trailers = { "grpc-status": "0" }) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers(trailers));
        for (const message of messages) send(message);
        stream.end();
      };
      const behave = (range?: RangeRequest): void => this.behave({ stream, method, range, answer, begin, raw, send });
      if (method !== "KV/Range") return behave();
      const ask = (message: Uint8Array): void => stream.destroyed ? undefined : behave(rangeRequest.decode(message));
      void asked(stream).then(ask, () => {}); // a client that is gone
    });
  }

  /** Begins to listen. */
  static async open(): Promise<FakeMember> {
    const server = createServer();
    server.on("sessionError", () => {});
    const listening = once(server, "listening");
    server.listen(0, "127.0.0.1");
    await listening;
    return new FakeMember(server);
  }

  /** Where it listens. */
  get endpoint(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      setTimeout(resolve, 100); // what is still connected does not hold it
    });
  }
}
