/** The replies of a container runtime, validated. Fields that are not used here may have any value. */
import * as v from "npm:valibot@1.5.0";
import { visible } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";

/** The environment variable by which a container says that it is a microservice. */
const LABEL_VARIABLE = "MICROSERVICE_LABEL";

/** An answer that is not what the Docker API promises. */
export class MalformedReplyError extends Error {
  override readonly name = "MalformedReplyError";

  /** Describes that `what` is not as expected, for the reason `expected`. */
  constructor(what: string, reply: unknown, expected: string) {
    super(`The container runtime sent ${what} that cannot be used: ${expected}; it sent ${shown(reply)}`);
  }
}

/** The longest path to a fault that a message has, in characters: the runtime may choose the names on it. */
const LONGEST_PATH = 160;

/** The most containers of a list. */
const MOST_CONTAINERS = 16_384;

const containerId = v.pipe(v.string(), v.regex(/^\w[\w.-]{0,127}$/, "expected a container id"));
const apiVersion = v.pipe(v.string(), v.regex(/^\d{1,3}\.\d{1,3}$/, 'expected a version such as "1.41"'));

/** `GET /version`. */
const versionReply = v.object({
  ApiVersion: apiVersion,
  Components: v.nullish(v.array(v.object({ Name: v.string() })), []),
});

/** One line of `GET /events`. */
const eventReply = v.object({
  Action: v.string(),
  Actor: v.object({ ID: containerId }),
});

/** `GET /containers/json`. */
const listReply = v.pipe(
  v.array(v.object({ Id: containerId })),
  v.maxLength(MOST_CONTAINERS, `expected at most ${MOST_CONTAINERS} containers`),
);

/** Text that is kept while the container runs. */
const shortText = v.pipe(v.string(), v.maxLength(4096, "expected at most 4096 characters"));

/** `GET /containers/ID/json`. */
const inspectReply = v.object({
  Id: containerId,
  Name: v.nullish(shortText, ""),
  State: v.object({
    Running: v.boolean(),
    Pid: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_194_304)),
    StartedAt: v.pipe(v.string(), v.maxLength(64)),
  }),
  Config: v.object({
    Image: v.nullish(shortText, ""),
    Env: v.nullish(v.array(v.string()), []),
    Labels: v.nullish(v.record(v.string(), v.string()), {}),
  }),
  HostConfig: v.nullish(v.object({ NetworkMode: v.nullish(shortText, "") }), {}),
  NetworkSettings: v.nullish(v.object({ SandboxKey: v.nullish(shortText, "") }), {}),
});

/** A container as the runtime describes it. */
export interface Container {
  readonly id: string;
  /** Its name, without the slash that the API writes before it. */
  readonly name: string;
  /** The name of its image, as it was started. */
  readonly image: string;
  /** The process id of its first process; undefined while it does not run. A paused one runs. */
  readonly pid: number | undefined;
  /** When it last started, as text that sorts by time. */
  readonly startedAt: string;
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Which network it was started with: `"bridge"`, `"host"`, `"container:ID"`, `"ns:/var/run/netns/blue"`. */
  readonly networkMode: string;
  /** The file on which its network namespace is mounted; empty if the runtime names none. */
  readonly sandboxKey: string;
}

/** The API of a runtime. */
export interface ApiVersion {
  /** The newest version of the API that it has: `"1.41"`; undefined if it does not say. */
  readonly version: string | undefined;
  /** What it calls itself: `"Docker"`, `"Podman"`. */
  readonly product: string;
}

/** The API of a runtime that says nothing about it. */
export const UNKNOWN_VERSION: ApiVersion = { version: undefined, product: "the container runtime" };

/** The API by the headers of `GET /_ping`; undefined if they do not say it. */
export function readPing(headers: Readonly<Record<string, unknown>>): ApiVersion | undefined {
  const version = v.safeParse(apiVersion, headers["api-version"]);
  if (!version.success) return undefined;
  const [name] = String(headers["server"]).split("/");
  return {
    version: version.output,
    product: name === "Docker" ? name : name === "Libpod" ? "Podman" : UNKNOWN_VERSION.product,
  };
}

/** @throws {MalformedReplyError} It is no description of an API. */
export function readVersion(reply: unknown): ApiVersion {
  const { ApiVersion, Components } = checked(versionReply, reply, "a version");
  const names = (Components ?? []).map(({ Name }) => Name);
  const isPodman = names.some((name) => name.startsWith("Podman"));
  const product = isPodman ? "Podman" : names.includes("Engine") ? "Docker" : UNKNOWN_VERSION.product;
  return { version: ApiVersion, product };
}

/** @throws {MalformedReplyError} It is no list of containers. */
export function readList(reply: unknown): readonly string[] {
  return checked(listReply, reply, "a list of containers").map(({ Id }) => Id);
}

/** @throws {MalformedReplyError} It is no event of a container. */
export function readEvent(reply: unknown): { readonly id: string; readonly action: string } {
  const { Action, Actor } = checked(eventReply, reply, "an event");
  return { id: Actor.ID, action: Action };
}

/** @throws {MalformedReplyError} It is no description of a container. */
export function readContainer(reply: unknown): Container {
  const { Id, Name, State, Config, HostConfig, NetworkSettings } = checked(
    inspectReply,
    reply,
    "a description of a container",
  );
  return {
    id: Id,
    name: (Name ?? "").replace(/^\//, ""),
    image: Config.Image ?? "",
    // Between two runs of a container that restarts, Docker says that it runs with PID 0.
    pid: State.Running && State.Pid > 0 ? State.Pid : undefined,
    startedAt: sortable(State.StartedAt),
    environment: Config.Env ?? [],
    labels: Config.Labels ?? {},
    networkMode: HostConfig?.NetworkMode ?? "",
    sandboxKey: NetworkSettings?.SandboxKey ?? "",
  };
}

/**
 * The microservice label of a container: of its environment, or of the container label with this name; undefined if
 * it has none, or an empty one.
 */
export function labelOf({ environment, labels }: Container, containerLabel?: string): string | undefined {
  const prefix = `${LABEL_VARIABLE}=`;
  const label = environment.findLast((entry) => entry.startsWith(prefix))?.slice(prefix.length) ||
    (containerLabel !== undefined && Object.hasOwn(labels, containerLabel) ? labels[containerLabel] ?? "" : "");
  return label === "" ? undefined : label;
}

function checked<T extends v.GenericSchema>(schema: T, reply: unknown, what: string): v.InferOutput<T> {
  const result = v.safeParse(schema, reply);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue)?.slice(0, LONGEST_PATH);
  // valibot's own message repeats the value unescaped.
  const expected = issue.kind === "schema" ? `expected ${issue.expected}` : issue.message;
  throw new MalformedReplyError(what, issue.input, visible(`${path === undefined ? "" : `${path}: `}${expected}`));
}

/** Docker leaves out the zeros at the end of nanoseconds, and Podman may write an offset instead of Z. */
function sortable(time: string): string {
  const milliseconds = Date.parse(time);
  const nanoseconds = time.match(/\.(\d+)/)?.[1] ?? "";
  if (Number.isNaN(milliseconds)) return time;
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${nanoseconds.padEnd(9, "0")}Z`;
}
