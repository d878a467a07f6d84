/** What a container runtime answers, checked as it comes in. Fields that are not used here may be anything. */
import * as v from "npm:valibot@1.5.0";
import { visible } from "../../ffi/mod.ts";
import { shown } from "../errors.ts";

/** The environment variable by which a container says that it is a microservice. */
export const LABEL_VARIABLE = "MICROSERVICE_LABEL";

/** An answer that is not what the Docker API promises. */
export class MalformedReplyError extends Error {
  override readonly name = "MalformedReplyError";

  /** Describes that `what` is not as expected, for the reason `expected`. */
  constructor(what: string, reply: unknown, expected: string) {
    super(`The container runtime sent ${what} that cannot be used: ${expected}; it sent ${shown(reply)}`);
  }
}

/** How much of the way to a fault is repeated, in characters: the names on it may be the runtime's. */
const LONGEST_PATH = 160;

const containerId = v.pipe(v.string(), v.regex(/^[\w.-]{1,128}$/, "expected a container id"));

/** One line of `GET /events`. */
const eventReply = v.object({
  Action: v.string(),
  Actor: v.object({ ID: containerId }),
});

/** `GET /containers/json`. */
const listReply = v.array(v.object({ Id: containerId }));

/** `GET /containers/ID/json`. */
const inspectReply = v.object({
  Id: containerId,
  State: v.object({
    Running: v.boolean(),
    Pid: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_194_304)),
    StartedAt: v.string(),
  }),
  Config: v.object({
    Env: v.nullish(v.array(v.string()), []),
    Labels: v.nullish(v.record(v.string(), v.string()), {}),
  }),
  HostConfig: v.nullish(v.object({ NetworkMode: v.nullish(v.string(), "") }), {}),
});

/** A container as the runtime describes it. */
export interface Container {
  readonly id: string;
  /** The process id of its first process; undefined while it does not run. A paused one runs. */
  readonly pid: number | undefined;
  /** When it last started, as text that sorts by time. */
  readonly startedAt: string;
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whose network it has, if not its own. */
  readonly network: "host" | "shared" | undefined;
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
  const { Id, State, Config, HostConfig } = checked(inspectReply, reply, "a description of a container");
  const mode = HostConfig?.NetworkMode ?? "";
  return {
    id: Id,
    // While Docker waits to start a container again it says that it runs, with PID 0.
    pid: State.Running && State.Pid > 0 ? State.Pid : undefined,
    startedAt: sortable(State.StartedAt),
    environment: Config.Env ?? [],
    labels: Config.Labels ?? {},
    network: mode === "host" ? "host" : mode.startsWith("container:") ? "shared" : undefined,
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
  // Its own message of a type repeats what was received, as it came.
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
