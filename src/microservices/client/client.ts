/** The Docker API, as far as containers are followed with it; Podman has it too. */
import type { Endpoint, Transport } from "../endpoints/endpoint.ts";
import type { getText, openStream, RefusedRequestError } from "./http.ts";
import { readJson } from "./json.ts";
import { linesOf, TOO_LONG } from "./lines.ts";
import {
  type ApiVersion,
  type Container,
  MalformedReplyError,
  readContainer,
  readEvent,
  readList,
  readVersion,
} from "./replies.ts";

/** What the runtime sent: that a container changed, or something that cannot be read. */
export type RuntimeEvent = { readonly id: string; readonly action: string } | { readonly unreadable: Error };

/** A container runtime. */
export interface ContainerRuntime {
  /** Where it is, for people. */
  readonly endpoint: string;
  /** What it calls itself: `"Docker"`, `"Podman"`; until it has answered, `"the container runtime"`. */
  readonly product: string;
  /**
   * Subscribes: what happens after this resolved comes in the iteration, which ends with the connection. What happened
   * shortly before may come, too.
   */
  subscribe(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>>;
  /** The ids of those that run, paused ones included. */
  running(signal: AbortSignal): Promise<readonly string[]>;
  /** One container; undefined if there is none with this id. */
  inspect(id: string, signal: AbortSignal): Promise<Container | undefined>;
}

/** What changes whether, and where, a container runs. Podman has other names for some. */
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
  readonly getText: typeof getText;
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
    return this.#version?.product ?? "the container runtime";
  }

  async subscribe(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>> {
    const filters = { type: ["container"], event: ACTIONS };
    // Docker and Podman begin to listen a little after they have answered: what falls in between is asked for by its
    // time, which is known where the clock is the same.
    const query = { filters: JSON.stringify(filters) };
    const sinceJustNow = { ...query, since: String(Math.floor(Date.now() / 1000) - 1) };
    const path = await this.#path("/events", this.#transport.type === "unix" ? sinceJustNow : query, signal);
    return eventsOf(await this.#requests.openStream(this.#transport, path, signal));
  }

  async running(signal: AbortSignal): Promise<readonly string[]> {
    // Podman leaves paused ones out unless it is asked for them.
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

  async #get(path: string, kind: "version" | "list" | "container", signal: AbortSignal): Promise<unknown> {
    const { bytes, values } = LIMITS[kind];
    return readJson(await this.#requests.getText(this.#transport, path, bytes, signal), `a ${kind}`, values);
  }

  /** A path of the version of the API that both sides have: without one, it is deprecated. */
  async #path(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
    this.#version ??= readVersion(await this.#get("/version", "version", signal));
    const words = new URLSearchParams(query).toString();
    return `/v${this.#version.version}${path}${words === "" ? "" : `?${words}`}`;
  }

  /** Docker answers 404; Podman may answer 500 for one that is removed while it is looked at. */
  #isGone(error: unknown): boolean {
    if (!(error instanceof this.#requests.RefusedRequestError)) return false;
    return error.status === 404 || /no such container/i.test(error.message);
  }
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
