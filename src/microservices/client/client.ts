/** A client of the Docker API, which Podman has too: what following containers needs of it. */
import type { IncomingMessage } from "node:http";
import type { Endpoint, Transport } from "../endpoints/endpoint.ts";
import type { get, openStream, RefusedRequestError } from "./http.ts";
import { readJson } from "./json.ts";
import { linesOf, TOO_LONG } from "./lines.ts";
import {
  type ApiVersion,
  type Container,
  MalformedReplyError,
  readContainer,
  readEvent,
  readList,
  readPing,
  readVersion,
  UNKNOWN_VERSION,
} from "./replies.ts";

/** An event of a container, or why a line cannot be read as one. */
export type RuntimeEvent = { readonly id: string; readonly action: string } | { readonly unreadable: Error };

/** A container runtime. */
export interface ContainerRuntime {
  /** Where it is, for people. */
  readonly endpoint: string;
  /** What it calls itself: `"Docker"`, `"Podman"`; until it has answered, `"the container runtime"`. */
  readonly product: string;
  /**
   * Subscribes: the iteration has what happens after this resolves, and perhaps what happened shortly before. It ends
   * with the connection.
   */
  subscribe(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>>;
  /** The ids of the containers that run, including paused ones. */
  running(signal: AbortSignal): Promise<readonly string[]>;
  /** One container; undefined if there is none with this id. */
  inspect(id: string, signal: AbortSignal): Promise<Container | undefined>;
}

/** The events that change whether and where a container runs. Podman has other names for some. */
const ACTIONS = ["start", "die", "died", "stop", "kill", "oom", "pause", "unpause", "restart", "rename"]
  .concat("destroy", "remove");

const MIB = 1024 * 1024;
/** The longest replies that are read, in bytes, and how many JSON values are in them at most. */
const LIMITS = {
  version: { bytes: MIB, values: 10_000 },
  list: { bytes: 32 * MIB, values: 1_000_000 },
  container: { bytes: 4 * MIB, values: 100_000 },
  event: { values: 10_000 },
} as const;

/** The requests, loaded with the first client: a command that needs no containers does not wait for node:http. */
interface Requests {
  readonly get: typeof get;
  readonly openStream: typeof openStream;
  readonly RefusedRequestError: typeof RefusedRequestError;
}

/** A client of the runtime at an endpoint; nothing is connected yet. */
export async function clientOf({ name, transport }: Endpoint): Promise<ContainerRuntime> {
  return new Client(name, transport, await import("./http.ts"));
}

class Client implements ContainerRuntime {
  readonly endpoint: string;
  readonly #transport: Transport;
  readonly #requests: Requests;
  #version: ApiVersion | undefined;

  constructor(endpoint: string, transport: Transport, requests: Requests) {
    this.endpoint = endpoint;
    this.#transport = transport;
    this.#requests = requests;
  }

  get product(): string {
    return (this.#version ?? UNKNOWN_VERSION).product;
  }

  async subscribe(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>> {
    const filters = { type: ["container"], event: ACTIONS };
    // Docker and Podman begin to send events a little after they have answered. `since` asks for those in between; it
    // needs the same clock.
    const query = { filters: JSON.stringify(filters) };
    if (this.#transport.type !== "unix") return eventsOf(await this.#stream(query, signal));
    const since = Math.floor(Date.now() / 1000) - 1;
    return eventsOf(endedBefore(since * 1000, await this.#stream({ ...query, since: String(since) }, signal)));
  }

  async running(signal: AbortSignal): Promise<readonly string[]> {
    // Without this filter Podman leaves paused ones out.
    const filters = { status: ["running", "paused"] };
    const query = { all: "true", filters: JSON.stringify(filters) };
    return readList(await this.#get(await this.#path("/containers/json", query, signal), "list", signal));
  }

  async inspect(id: string, signal: AbortSignal): Promise<Container | undefined> {
    const path = await this.#path(`/containers/${encodeURIComponent(id)}/json`, {}, signal);
    try {
      return readContainer(await this.#get(path, "container", signal));
    } catch (error) {
      if (this.#isGone(error)) return undefined;
      throw error;
    }
  }

  async #stream(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
    return await this.#requests.openStream(this.#transport, await this.#path("/events", query, signal), signal);
  }

  async #get(path: string, kind: "version" | "list" | "container", signal: AbortSignal): Promise<unknown> {
    const { bytes, values } = LIMITS[kind];
    const { text } = await this.#requests.get(this.#transport, path, bytes, signal);
    return readJson(text, `a ${kind}`, values);
  }

  /** A path with the version of the API: paths without one are deprecated. */
  async #path(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
    this.#version ??= await this.#askVersion(signal);
    const words = new URLSearchParams(query).toString();
    const { version } = this.#version;
    return `${version === undefined ? "" : `/v${version}`}${path}${words === "" ? "" : `?${words}`}`;
  }

  /** For `/version` Podman starts programs, which takes seconds: `/_ping` has it in its headers. */
  async #askVersion(signal: AbortSignal): Promise<ApiVersion> {
    const { bytes } = LIMITS.version;
    const ping = async () => readPing((await this.#requests.get(this.#transport, "/_ping", bytes, signal)).headers);
    const version = async () => readVersion(await this.#get("/version", "version", signal));
    return await this.#unlessRefused(ping) ?? await this.#unlessRefused(version) ?? UNKNOWN_VERSION;
  }

  /** The result of a request; undefined if the runtime, or a proxy before it, does not have or does not allow it. */
  async #unlessRefused<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      if (error instanceof this.#requests.RefusedRequestError && error.status >= 400) return undefined;
      throw error;
    }
  }

  /** Docker answers 404. Podman may answer 500 if the container is removed meanwhile. */
  #isGone(error: unknown): boolean {
    if (!(error instanceof this.#requests.RefusedRequestError)) return false;
    return error.status === 404 || /no such container/i.test(error.message);
  }
}

/** How often the clock is looked at, in milliseconds. */
const CLOCK_EVERY = 1000;

/**
 * A stream of events that ends with an error once the clock is set back to before `since`, a time in milliseconds: Podman
 * compares each event with that, and would send none until then.
 */
function endedBefore(since: number, stream: IncomingMessage): IncomingMessage {
  const timer = setInterval(() => {
    if (Date.now() < since) stream.destroy(new Error("the clock of the machine was set back"));
  }, CLOCK_EVERY);
  stream.once("close", () => clearInterval(timer));
  return stream;
}

async function* eventsOf(reply: AsyncIterable<Uint8Array>): AsyncGenerator<RuntimeEvent, void, undefined> {
  for await (const line of linesOf(reply)) yield line === TOO_LONG ? TOO_LONG_EVENT : eventOf(line);
}

const TOO_LONG_EVENT: RuntimeEvent = {
  unreadable: new MalformedReplyError("a line of events", "…", "expected at most 1 MiB"),
};

function eventOf(line: string): RuntimeEvent {
  try {
    return readEvent(readJson(line, "a line of events", LIMITS.event.values));
  } catch (error) {
    return { unreadable: error instanceof Error ? error : new Error(String(error)) };
  }
}
