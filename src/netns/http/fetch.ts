/** `fetch` from a namespace, over `node:http` and `node:https`. */
import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
  type RequestOptions,
} from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import { runtimeKind } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { checkOptions } from "../checks.ts";
import { httpAgent, httpsAgent, type Origin } from "./agent.ts";
import { discard, incoming, type Outgoing, outgoing, send } from "./body.ts";

/** How many redirects are followed, as the standard has it. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
/** What may be asked twice without harm: RFC 9110, 9.2.2. */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
/** What is only for the origin that it was meant for. */
const CREDENTIALS = ["authorization", "cookie", "host", "proxy-authorization"] as const;
const OF_BODY = ["content-encoding", "content-language", "content-length", "content-location", "content-type"] as const;

/** The agents of a namespace: those that keep connections, and those whose connections are for one request. */
interface Agents {
  readonly kept: { readonly http: Agent; https?: HttpsAgent };
  readonly fresh: { readonly http: Agent; https?: HttpsAgent };
}

const agents = new WeakMap<Origin, Agents>();
/** Sockets that have been used for a request. */
const used = new WeakSet<Socket>();

/** One request of those to which redirects lead. */
interface Step {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Outgoing;
}

/**
 * Fetches from a namespace.
 *
 * @param end Called when it has failed, or nothing more comes of its body.
 * @throws {TypeError} `fetch failed`, with the cause. The reason of the signal. {@linkcode SyscallError}: the handle is
 * closed.
 */
export async function fetch(
  ns: Origin,
  input: string | URL | Request,
  given?: RequestInit | null,
  end: () => void = () => undefined,
): Promise<Response> {
  const init = given ?? {}; // null is what the standard takes, too
  try {
    if (!(input instanceof Request)) return await fetchUrl(ns, input, init, end);
    const { url, method, headers, body, redirect, signal } = input;
    return await fetchUrl(ns, url, { method, headers, body, redirect, signal, ...init }, end);
  } catch (error) {
    end();
    throw error;
  }
}

async function fetchUrl(ns: Origin, input: string | URL, init: RequestInit, end: () => void): Promise<Response> {
  ns.checkOpen();
  const signal = init.signal ?? undefined;
  checkOptions({ signal });
  signal?.throwIfAborted();
  const { body: given } = init;
  const duplex = given === undefined || given === null ? {} : { duplex: "half" };
  const request = new Request(input, { ...init, ...duplex });
  const { redirect, method } = request;
  if (init.method !== undefined && `${init.method}`.toUpperCase() !== method.toUpperCase()) {
    // Bun makes a GET of what it has no name for.
    throw new TypeError(`${shown(init.method)} is not a method that this runtime can send.`);
  }
  if (given !== undefined && given !== null && (method === "GET" || method === "HEAD")) { // of which Bun makes a Request
    throw new TypeError("Request with GET/HEAD method cannot have body.");
  }
  const { body, type } = await outgoing(request, given);
  let step: Step = { url: new URL(request.url), method, headers: withDefaults(request.headers, type), body };
  for (let redirects = 0;; redirects++) {
    const { message, release } = await repeated(ns, step, signal);
    const over = (): void => {
      release();
      end();
    };
    const location = REDIRECTS.has(message.statusCode ?? 0) ? message.headers.location : undefined;
    if (location === undefined || redirect === "manual") {
      return await responseOf(message, step, redirects > 0, signal, over);
    }
    discard(message);
    release();
    if (redirect === "error") throw failed(new Error("unexpected redirect"));
    if (redirects === MOST_REDIRECTS) throw failed(new Error("redirect count exceeded"));
    step = next(step, message.statusCode ?? 0, location);
  }
}

const failed = (cause: unknown): TypeError => new TypeError("fetch failed", { cause });

function withDefaults(given: Headers, type: string | undefined): Headers {
  const headers = new Headers(given);
  if (type && !headers.has("content-type")) headers.set("content-type", type);
  for (const [name, value] of [["accept", "*/*"], ["user-agent", "netns"], ["accept-encoding", "gzip, br"]] as const) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return headers;
}

/** The request to which a redirect leads. */
function next({ url: before, method, headers: given, body }: Step, status: number, location: string): Step {
  let url: URL;
  try {
    url = new URL(location, before);
  } catch (cause) {
    throw failed(cause);
  }
  if (url.hash === "") url.hash = before.hash;
  const headers = new Headers(given);
  const becomesGet = status === 303 ? method !== "GET" && method !== "HEAD" : status < 303 && method === "POST";
  if (!becomesGet && body instanceof ReadableStream) throw failed(new Error("a stream cannot be sent again"));
  if (becomesGet) { for (const name of OF_BODY) headers.delete(name); }
  if (url.origin !== before.origin) { for (const name of CREDENTIALS) headers.delete(name); }
  return { url, headers, method: becomesGet ? "GET" : method, body: becomesGet ? undefined : body };
}

/** The head of a response, and what lets go of the signal. */
interface Answer {
  readonly message: IncomingMessage;
  readonly release: () => void;
}

/** Asks once, and once more over a new connection if a kept one was closed meanwhile and nothing can be done twice. */
async function repeated(ns: Origin, step: Step, signal: AbortSignal | undefined): Promise<Answer> {
  // Deno's own node:http sends a body again over a second connection when the first one is closed.
  const isFresh = step.body !== undefined && runtimeKind() === "deno";
  const sent: { isReused?: boolean } = {};
  try {
    return await ask(ns, step, signal, isFresh, sent);
  } catch (error) {
    const mayRepeat = sent.isReused && step.body === undefined && REPEATABLE.has(step.method) && !signal?.aborted;
    if (!mayRepeat) throw error;
    return await ask(ns, step, signal, true, {});
  }
}

/** Sends a request and waits for the head of its response. */
async function ask(
  ns: Origin,
  { url, method, headers, body }: Step,
  signal: AbortSignal | undefined,
  isFresh: boolean,
  sent: { isReused?: boolean },
): Promise<Answer> {
  const open = await opener(ns, url, isFresh);
  return await new Promise<Answer>((resolve, reject) => {
    const request = open(url, {
      method,
      headers: {
        ...Object.fromEntries(headers),
        ...body instanceof Uint8Array ? { "content-length": `${body.length}` } : {},
        ...body === undefined && (method === "POST" || method === "PUT") ? { "content-length": "0" } : {},
      },
    });
    const abort = (): void => {
      reject(signal?.reason);
      request.destroy();
    };
    const release = (): void => signal?.removeEventListener("abort", abort);
    let isAnswered = false;
    const fail = (cause: unknown): void => {
      if (isAnswered) return; // the body says what happened
      release();
      reject(signal?.aborted ? signal.reason : failed(cause));
    };
    request.once("socket", (socket) => {
      sent.isReused = used.has(socket);
      used.add(socket);
    });
    request.on("error", fail);
    request.once("upgrade", (_, socket) => {
      socket.destroy();
      fail(new Error("the server wants another protocol"));
    });
    request.once("close", () => fail(new Error("other side closed")));
    request.once("response", (message) => {
      isAnswered = true;
      resolve({ message, release });
    });
    signal?.addEventListener("abort", abort);
    void send(request, body);
  });
}

/** What makes a request to a URL, over the right agent. */
async function opener(
  ns: Origin,
  { protocol }: URL,
  isFresh: boolean,
): Promise<(url: URL, options: RequestOptions) => ClientRequest> {
  let all = agents.get(ns);
  if (all === undefined) {
    all = { kept: { http: httpAgent(ns) }, fresh: { http: httpAgent(ns, { keepAlive: false }) } };
    agents.set(ns, all);
  }
  const which = isFresh ? all.fresh : all.kept;
  if (protocol === "http:") return (url, options) => requestHttp(url, { ...options, agent: which.http });
  if (protocol !== "https:") throw failed(new Error(`unknown scheme ${protocol}`));
  const { request } = await import("node:https");
  const agent = which.https ??= httpsAgent(ns, { keepAlive: !isFresh });
  return (url, options) => request(url, { ...options, agent });
}

/** The response that `fetch` gives, with what its constructor does not take. */
async function responseOf(
  message: IncomingMessage,
  { url, method }: Step,
  redirected: boolean,
  signal: AbortSignal | undefined,
  release: () => void,
): Promise<Response> {
  const { statusCode: status = 0, statusMessage: statusText = "" } = message;
  const headers = new Headers();
  for (let i = 0; i < message.rawHeaders.length; i += 2) {
    headers.append(message.rawHeaders[i] ?? "", message.rawHeaders[i + 1] ?? "");
  }
  const isEmpty = method === "HEAD" || WITHOUT_BODY.has(status);
  const failure = (cause: unknown): unknown => signal?.aborted ? signal.reason : new TypeError("terminated", { cause });
  try {
    const body = isEmpty ? null : await incoming(message, failure, release);
    if (isEmpty) {
      discard(message);
      release();
    }
    const response = new Response(body, { status, statusText, headers });
    return described(response, { url: url.href.replace(/#.*/, ""), redirected, type: "basic" });
  } catch (error) {
    message.destroy();
    throw failed(error);
  }
}

/** Gives a response the properties that only `fetch` itself sets, and the same to its clones. */
function described(response: Response, given: Pick<Response, "url" | "redirected" | "type">): Response {
  const clone = (): Response => described(Response.prototype.clone.call(response), given);
  for (const [name, value] of Object.entries({ ...given, clone })) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}
