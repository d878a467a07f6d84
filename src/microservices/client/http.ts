/** GET requests to a container runtime. No redirect is followed, and no reply and no wait is without a limit. */
import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from "node:http";
import { connect, Socket } from "node:net";
import { match } from "npm:ts-pattern@5.9.2";
import * as v from "npm:valibot@1.5.0";
import { close, closesUnixSocketsTwice, connectUnix, visible } from "../../../ffi/mod.ts";
import { reasonOf } from "../../errors.ts";
import type { Tls, Transport } from "../endpoints/endpoint.ts";
import { Deadline } from "./deadline.ts";

/** How long an answer may take as a whole, in milliseconds. */
const PATIENCE = 10_000;
/** After how many milliseconds without a byte TCP asks whether the other side is still there. */
const KEEP_ALIVE = 30_000;
/** The longest reason of a refusal that is read, in bytes. */
const LONGEST_REASON = 64 * 1024;
/** How much of it is repeated, in characters. */
const SHOWN_REASON = 300;
/** How large the buffer for a body is at first, in bytes. */
const FIRST_BUFFER = 64 * 1024;

/** The runtime answered with another status than 200. */
export class RefusedRequestError extends Error {
  override readonly name = "RefusedRequestError";
  /** The status of the reply. */
  readonly status: number;

  /** Describes that it answered with `status`, and for which reason. */
  constructor(status: number, reason: string) {
    const redirect = status >= 300 && status < 400 ? ", a redirect, and none is followed" : "";
    super(`it answered ${status}${redirect}${reason === "" ? "" : `: ${reason}`}`);
    this.status = status;
  }
}

/** A whole reply. */
export interface Reply {
  readonly text: string;
  /** The headers, by name in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * The reply to `GET path`.
 *
 * @param limit The longest body that is read, in bytes.
 * @throws {RefusedRequestError} The reply is not 200.
 * @throws {Error} No reply in 10 s, none at all, or one that is too long; or the reason of the signal.
 */
export async function get(transport: Transport, path: string, limit: number, signal: AbortSignal): Promise<Reply> {
  using deadline = new Deadline(signal, PATIENCE);
  return await deadline.of(
    replyTo(transport, path, deadline.signal)
      .then(async (reply) => ({ headers: reply.headers, text: await textOf(reply, limit) })),
  );
}

/**
 * The pieces of the reply to `GET path`, as they come and without a limit of time: a stream of events. The connection
 * ends with `signal`, also if nobody reads the pieces.
 *
 * @throws As {@linkcode get}.
 */
export async function openStream(transport: Transport, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const deadline = new Deadline(signal, PATIENCE);
  try {
    const reply = await deadline.of(replyTo(transport, path, deadline.signal));
    deadline.lift();
    reply.once("close", () => deadline[Symbol.dispose]());
    return reply;
  } catch (error) {
    deadline[Symbol.dispose]();
    throw error;
  }
}

/** The head of a reply that is 200. The connection ends with `signal`, also while the body comes. */
async function replyTo(transport: Transport, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const sent = await send(transport, path);
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const end = (): void => void sent.destroy();
    signal.addEventListener("abort", end);
    // The listener stays, because an error without a listener ends the program.
    sent.on("error", (error) => reject(explained(error)));
    sent.once("close", () => {
      signal.removeEventListener("abort", end);
      reject(new Error("it closed the connection without an answer"));
    });
    sent.once("upgrade", (_, socket) => socket.destroy());
    sent.once("response", resolve);
    if (signal.aborted) end();
    else sent.end();
  });
  reply.on("error", () => undefined); // the same reason; a loop over the reply still throws it
  if (reply.statusCode === 200) return reply;
  throw new RefusedRequestError(reply.statusCode ?? 0, await reasonIn(reply));
}

/** Makes a request on a connection of its own, so that no idle connection is left. */
async function send(transport: Transport, path: string): Promise<ClientRequest> {
  const options: RequestOptions = { path, headers: { accept: "application/json" }, agent: false };
  return await match(transport)
    .with({ type: "unix" }, ({ path: socketPath }) => {
      const { agent: _, ...rest } = options; // an agent would make the connection
      const stream = unixStream(socketPath);
      return request({ ...rest, headers: { ...rest.headers, host: "docker" }, createConnection: () => stream });
    })
    .with({ type: "tcp" }, ({ host, port }) => overTcp(request({ ...options, host, port })))
    .with({ type: "tls" }, async ({ host, port, tls }) => {
      const https = await import("node:https"); // loading it takes 20 ms
      return overTcp(https.request({ ...options, ...certificatesOf(tls), host, port }));
    })
    .with({ type: "unusable" }, ({ reason }) => Promise.reject(new Error(reason)))
    .exhaustive();
}

/** Notices a peer that is gone without closing the connection, such as a machine that was switched off. */
function overTcp(sent: ClientRequest): ClientRequest {
  sent.setSocketKeepAlive(true, KEEP_ALIVE);
  return sent;
}

function certificatesOf({ ca, cert, key, verify }: Tls) {
  return { ca, cert, key, rejectUnauthorized: verify };
}

function unixStream(path: string): Socket {
  if (!closesUnixSocketsTwice()) return connect({ path });
  const fd = connectUnix(path);
  try {
    return new Socket({ fd, readable: true, writable: true });
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** The whole body as text. */
async function textOf(reply: IncomingMessage, limit: number): Promise<string> {
  const tooLong = new Error(`its answer is longer than ${limit} bytes`);
  try {
    if (Number(reply.headers["content-length"]) > limit) throw tooLong;
    // One buffer, because a chunk may be a single byte and an array of chunks takes hundreds of bytes for each.
    let buffer = new Uint8Array(Math.min(FIRST_BUFFER, limit));
    let length = 0;
    for await (const piece of reply as AsyncIterable<Uint8Array>) {
      if (length + piece.length > limit) throw tooLong;
      if (length + piece.length > buffer.length) {
        const larger = new Uint8Array(Math.min(limit, Math.max(buffer.length * 2, length + piece.length)));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(piece, length);
      length += piece.length;
    }
    return new TextDecoder().decode(buffer.subarray(0, length));
  } finally {
    reply.destroy();
  }
}

/** The body of an error reply. */
const reasonReply = v.object({ message: v.string() });

/** The reason in an error reply, as one line. */
async function reasonIn(reply: IncomingMessage): Promise<string> {
  let text: string;
  try {
    text = await textOf(reply, LONGEST_REASON);
  } catch {
    return ""; // the status says enough
  }
  let words = text;
  try {
    const parsed = v.safeParse(reasonReply, JSON.parse(text));
    if (parsed.success) words = parsed.output.message;
  } catch {
    // plain text, as "Client sent an HTTP request to an HTTPS server."
  }
  words = words.trim();
  return visible(words.length > SHOWN_REASON ? `${words.slice(0, SHOWN_REASON)}…` : words);
}

/** An error with a message: the one for a name with several addresses has none itself. */
function explained(error: unknown): unknown {
  if (!(error instanceof AggregateError) || error.message !== "") return error;
  return new Error(error.errors.map(reasonOf).join(", "), { cause: error });
}
