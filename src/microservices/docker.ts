/** The Docker API, as far as containers are followed with it; Podman speaks it too. */
import type { Readable } from "node:stream";
import type { Endpoint } from "./endpoints.ts";
import { linesOf, TOO_LONG } from "./lines.ts";
import { type Container, MalformedReplyError, readContainer, readEvent, readList } from "./replies.ts";

/** Something that the runtime told: that a container is another one now, or what nobody can read. */
export type RuntimeEvent = { readonly id: string; readonly action: string } | { readonly unreadable: Error };

/** A container runtime. */
export interface ContainerRuntime {
  /** Where it is, for people. */
  readonly endpoint: string;
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

/** What is used of dockerode, which has no types of its own. */
interface Dockerode {
  getEvents(options: object): Promise<Readable>;
  listContainers(options: object): Promise<unknown>;
  getContainer(id: string): { inspect(options: object): Promise<unknown> };
}

/** What may change whether, and where, a container runs. Podman calls some of it by another name. */
const ACTIONS = ["start", "die", "died", "stop", "kill", "oom", "pause", "unpause", "restart", "rename"]
  .concat("destroy", "remove");

/** How long an answer may take, in milliseconds. */
const PATIENCE = 10_000;

/**
 * The runtime at an endpoint; nothing is connected yet. Loading dockerode takes 0.2 s, so that is done here.
 *
 * @throws {Error} Its address or certificates cannot be used, or dockerode cannot be loaded.
 */
export async function dockerAt({ name, path, options }: Endpoint): Promise<ContainerRuntime> {
  const { default: Docker } = await import("npm:dockerode@5.0.1") as { default: new (options: object) => Dockerode };
  const docker = new Docker(options);
  return {
    endpoint: name,
    subscribe: (signal) => subscribe(docker, path !== undefined, signal),
    running: (signal) => answered(signal, (abortSignal) => running(docker, abortSignal)),
    inspect: (id, signal) => answered(signal, (abortSignal) => inspect(docker, id, abortSignal)),
  };
}

async function running(docker: Dockerode, abortSignal: AbortSignal): Promise<readonly string[]> {
  // Podman leaves paused ones out unless it is asked for them.
  const filters = { status: ["running", "paused"] };
  return readList(await docker.listContainers({ all: true, filters, abortSignal }));
}

async function inspect(docker: Dockerode, id: string, abortSignal: AbortSignal): Promise<Container | undefined> {
  let reply: unknown;
  try {
    reply = await docker.getContainer(id).inspect({ abortSignal });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  return readContainer(reply);
}

/** Docker answers 404; Podman may answer 500 for one that is removed while it is looked at. */
function isGone(error: unknown): boolean {
  if (!(error instanceof Error) || !("statusCode" in error)) return false;
  return error.statusCode === 404 || /no such container/i.test(error.message);
}

async function subscribe(
  docker: Dockerode,
  isHere: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<RuntimeEvent>> {
  const filters = { type: ["container"], event: ACTIONS };
  // Docker and Podman begin to listen a little after they have answered: what falls in between is asked for by its
  // time, which can be told where the clock is the same.
  const since = isHere ? { since: Math.floor(Date.now() / 1000) - 1 } : {};
  const stream = await answered(signal, (abortSignal) => docker.getEvents({ filters, ...since, abortSignal }), true);
  // One that went away without a word, as a host that was switched off, is noticed.
  if ("socket" in stream) {
    (stream.socket as { setKeepAlive?(on: boolean, ms: number): void }).setKeepAlive?.(true, 30_000);
  }
  return eventsOf(stream, signal);
}

async function* eventsOf(stream: Readable, signal: AbortSignal): AsyncGenerator<RuntimeEvent, void, undefined> {
  const end = (): void => void stream.destroy();
  signal.addEventListener("abort", end);
  try {
    for await (const line of linesOf(stream)) yield line === TOO_LONG ? unreadable("…") : eventOf(line);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

function eventOf(line: string): RuntimeEvent {
  let reply: unknown;
  try {
    reply = JSON.parse(line);
  } catch {
    return unreadable(line);
  }
  try {
    return readEvent(reply);
  } catch (error) {
    return { unreadable: error instanceof Error ? error : new Error(String(error)) };
  }
}

const unreadable = (line: string): RuntimeEvent => ({
  unreadable: new MalformedReplyError("a line of events", line, "a JSON document of at most 1 MiB"),
});

/**
 * Calls `fn` with a signal that ends it when `signal` does, or if it takes too long. What is `kept` goes on with
 * `signal` afterwards, without a limit of time.
 */
async function answered<T>(signal: AbortSignal, fn: (signal: AbortSignal) => Promise<T>, kept = false): Promise<T> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const end = (): void => limit.abort(signal.reason);
  signal.addEventListener("abort", end);
  const timer = setTimeout(() => limit.abort(new Error(`no answer in ${PATIENCE / 1000} s`)), PATIENCE);
  try {
    return await fn(limit.signal);
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    clearTimeout(timer);
    if (!kept) signal.removeEventListener("abort", end);
  }
}
