/** Bodies of requests and of responses. */
import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { BrotliDecompress, Gunzip, Inflate, InflateRaw } from "node:zlib";

/** What is sent: all of it, so that it can be sent again, or what comes from a stream, once. */
export type Outgoing = Uint8Array | ReadableStream<Uint8Array> | undefined;

/**
 * The body of a request. Of what is not a stream, all is taken, so that its length is known; Bun gives its type here alone.
 */
export async function outgoing(
  request: Request,
  given: RequestInit["body"],
): Promise<{ readonly body: Outgoing; readonly type?: string }> {
  if (given === undefined || given === null) return { body: undefined };
  const isStream = given instanceof ReadableStream || typeof given === "object" && Symbol.asyncIterator in given;
  if (isStream) return { body: request.body ?? undefined };
  const isBytes = given instanceof ArrayBuffer || ArrayBuffer.isView(given); // which have no type; Bun gives them that of text
  const blob = await request.blob();
  if (isBytes) return { body: new Uint8Array(await blob.arrayBuffer()) };
  return { body: new Uint8Array(await blob.arrayBuffer()), type: blob.type };
}

/** Sends a body and ends the request; a stream that fails destroys it. */
export async function send(request: ClientRequest, body: Outgoing): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) return void request.end(body);
  const reader = body.getReader();
  const closed = once(request, "close").catch(() => undefined);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || request.destroyed) break;
      if (!request.write(value)) await Promise.race([once(request, "drain"), closed]);
    }
    if (request.destroyed) await reader.cancel();
    else request.end();
  } catch (error) {
    request.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** How much of a body that nobody reads is taken, so that its connection can be used again: in bytes, and in milliseconds. */
const UNREAD = { bytes: 64 * 1024, time: 1000 } as const;

/** Takes a body that nobody reads; one that is long or slow ends its connection. */
export function discard(message: IncomingMessage): void {
  let left: number = UNREAD.bytes;
  const timer = setTimeout(() => message.destroy(), UNREAD.time);
  const over = (): void => clearTimeout(timer);
  message.on("error", over).once("end", over).once("close", over).on("data", (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) message.destroy();
  });
}

type Decoder = Gunzip | Inflate | InflateRaw | BrotliDecompress;

/** How often a body may be encoded: each time costs memory, and no server does it twice. */
const MOST_ENCODINGS = 5;

/** The body of a response, decompressed. It is loaded when a response is compressed: `node:zlib` takes its time. */
async function decoded(message: IncomingMessage): Promise<Readable> {
  const names = (message.headers["content-encoding"] ?? "").toLowerCase().split(",").map((one) => one.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length === 0) return message;
  if (names.length > MOST_ENCODINGS) {
    throw new Error(`the body is encoded ${names.length} times, of which at most ${MOST_ENCODINGS} are undone`);
  }
  const { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } = await import("node:zlib");
  const gunzip = (source: Readable): Readable => through(source, createGunzip());
  const inflater = (first: number): Decoder => (first & 0x0f) === ZLIB_DEFLATE ? createInflate() : createInflateRaw();
  const decoders = new Map<string, (source: Readable) => Readable>([
    ["gzip", gunzip],
    ["x-gzip", gunzip],
    ["br", (source) => through(source, createBrotliDecompress())],
    ["deflate", (source) => throughFitting(source, inflater)],
  ]);
  if (!names.every((name) => decoders.has(name))) return message; // as it is
  return names.reduceRight<Readable>((source, name) => decoders.get(name)?.(source) ?? source, message);
}

/**
 * The method in the first byte of a zlib stream: RFC 1950, 2.2. Some servers send what RFC 1951 calls deflate, without that
 * head, and Node's own fetch takes it: it begins so only with a stored block whose padding is not 0, which nobody writes.
 */
const ZLIB_DEFLATE = 8;

/** {@linkcode through} a decoder that fits the first byte. */
function throughFitting(source: Readable, fitting: (first: number) => Decoder): Readable {
  let decoder: Readable | undefined;
  const decoded = new Readable({
    read: () => void decoder?.resume(),
    destroy(error, done): void {
      (decoder ?? source).destroy();
      done(error);
    },
  });
  const fail = (error: Error): void => void decoded.destroy(error);
  source.once("data", (chunk: Uint8Array) => {
    decoder = through(source, fitting(chunk[0] ?? ZLIB_DEFLATE), chunk);
    decoder.on("data", (piece) => decoded.push(piece) || decoder?.pause()).once("end", () => decoded.push(null));
    decoder.once("error", fail);
  });
  source.once("end", () => decoder === undefined && decoded.push(null)).once("error", fail);
  return decoded;
}

/** `source.pipe(decoder)`, also for what fails; pipe() of Bun opens standard output. `first` was taken from the source. */
function through(source: Readable, decoder: Decoder, first?: Uint8Array): Readable {
  let isEmpty = first === undefined;
  if (first !== undefined && !decoder.write(first)) source.pause();
  source.on("data", (chunk) => {
    isEmpty = false;
    if (!decoder.write(chunk)) source.pause();
  });
  // Nothing at all is no compressed stream; the runtimes' own fetch takes it for an empty body.
  source.once("end", () => isEmpty ? decoder.push(null) : decoder.end());
  source.once("error", (error) => decoder.destroy(error));
  decoder.on("drain", () => source.resume()).once("close", () => source.destroy());
  return decoder;
}

/** How much of a body waits for its reader, in bytes. */
const WAITING = 64 * 1024;

/**
 * The body of a response as a stream of the web. It ends the connection if it is cancelled, and fails if the connection
 * ends before it.
 *
 * @param failure The reason of an error, where the caller knows more than the runtime: that of a signal.
 * @param end Called once when nothing more comes.
 */
export async function incoming(
  message: IncomingMessage,
  failure: (error: unknown) => unknown,
  end: () => void,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  message.once("close", end);
  const source = await decoded(message);
  let isOver = false;
  return new ReadableStream({
    start(controller): void {
      const fail = (error: unknown): void => {
        if (isOver) return;
        isOver = true;
        controller.error(failure(error));
        message.destroy();
      };
      source.on("data", (chunk) => {
        if (isOver) return;
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) source.pause();
      });
      source.once("end", () => {
        if (isOver) return;
        if (!message.complete) return fail(new Error("other side closed"));
        isOver = true;
        controller.close();
        end();
      });
      source.on("error", fail);
      message.on("error", fail).once("close", () => message.complete || fail(new Error("other side closed")));
      source.pause();
    },
    pull: () => void source.resume(),
    cancel(): void {
      isOver = true;
      message.destroy();
      end();
    },
  }, { highWaterMark: WAITING, size: (chunk) => chunk.byteLength });
}
