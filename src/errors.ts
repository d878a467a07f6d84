/** The errors of the library. Each `name` equals its class. */
import { constants } from "node:os";
import {
  errnoName,
  errnoText,
  printable,
  quoted,
  SyscallError,
  type SyscallErrorOptions,
  visible,
} from "../ffi/mod.ts";

export { OverrunError } from "./async/event_queue.ts";
export { reasonOf } from "./reason.ts";
export { SyscallError, type SyscallErrorOptions };

/** The name of an errno value, as the headers spell it. */
export type ErrnoName = keyof typeof constants.errno;

/** True if a system call failed with one of these errors: `isErrno(error, "ENOENT", "ESRCH")`. */
export function isErrno(error: unknown, ...names: readonly ErrnoName[]): error is SyscallError {
  return error instanceof SyscallError && names.some((name) => constants.errno[name] === error.errno);
}

/** The longest piece of a foreign value that a message repeats, in characters. */
const SHOWN_LENGTH = 160;
/** How many faults of a configuration a message repeats: what a person reads, and more. */
const SHOWN_ISSUES = 500;

/** A value as an error message shows it: text quoted and escaped, a long one cut. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    return quoted(value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value);
  }
  if (typeof value !== "object" || value === null) return String(value);
  const text = beginning(value, SHOWN_LENGTH + 1);
  return visible(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}

/**
 * The first `room` characters, or a few more, of a value as JSON. No more of the value is looked at than that: it may
 * be of any size and depth, and contain itself.
 */
function beginning(value: unknown, room: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, Math.max(0, room)));
  if (typeof value !== "object" || value === null) return String(value);
  const isList = Array.isArray(value);
  let text = isList ? "[" : "{";
  for (const key of isList ? value.keys() : Object.keys(value)) {
    if (text.length >= room) return text;
    if (text.length > 1) text += ",";
    if (typeof key === "string") text += `${beginning(key, room - text.length)}:`;
    text += beginning(Reflect.get(value, key), room - text.length);
  }
  return text + (isList ? "]" : "}");
}

/**
 * A namespace that is none: a name, PID, label or path that cannot be, or a file that is not a network
 * namespace. The message says what was given, where, and what was expected.
 */
export class InvalidNamespaceError extends TypeError {
  /** Always `"InvalidNamespaceError"`. */
  override readonly name = "InvalidNamespaceError";
  /** What was given. */
  readonly given: unknown;
  /** What it was given as: `"a namespace name"`, `"interfaces[0].namespace"`. */
  readonly place: string;
  /** What is accepted there. */
  readonly expected: string;

  /** Describes that `given` cannot be used as `place`, where `expected` was expected. */
  constructor(given: unknown, place: string, expected: string, options?: ErrorOptions) {
    super(`Cannot use ${shown(given)} as ${place}: expected ${expected}`, options);
    this.given = given;
    this.place = place;
    this.expected = expected;
  }
}

/** No container with this label runs, so there is no namespace to name by it. */
export class UnavailableMicroserviceError extends Error {
  /** Always `"UnavailableMicroserviceError"`. */
  override readonly name = "UnavailableMicroserviceError";
  /** The label that was asked for. */
  readonly label: string;

  /** Describes that no container with `label` runs; `reason` says more where more is known. */
  constructor(label: string, reason?: string) {
    super(`No container with the microservice label ${shown(label)} is running${reason ? `; ${reason}` : ""}`);
    this.label = label;
  }
}

/**
 * The way out of a namespace failed, or the thread is marked because it did before. `cause` is the failure of
 * the way back; where the body failed as well, `body` is what it threw.
 */
export class NamespaceSwitchError extends Error {
  /** Always `"NamespaceSwitchError"`. */
  override readonly name = "NamespaceSwitchError";
  /** What the section threw, if it did. */
  readonly body?: unknown;

  /** Describes a switch that did not work; `body` is present only if the section itself failed too. */
  constructor(message: string, options: ErrorOptions & { readonly body?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    if ("body" in options) this.body = options.body;
  }
}

/**
 * A switch was still open when its synchronous section ended, or a section returned a promise. The thread was
 * put back at once, so that nothing ran in the wrong namespace; the program should be mended.
 */
export class NamespaceLeakError extends Error {
  /** Always `"NamespaceLeakError"`. */
  override readonly name = "NamespaceLeakError";
}

/**
 * The kernel refused a netlink request. The message names the request, the reason, and the kernel's own words
 * (extended ack) where it gave any. See netlink(7), rtnetlink(7).
 */
export class NetlinkError extends Error {
  /** Always `"NetlinkError"`. */
  override readonly name = "NetlinkError";
  /** The number of the error: `17`. */
  readonly errno: number;
  /** The name of the error: `"EEXIST"`. */
  readonly code: string;
  /** The request that failed: `"RTM_NEWLINK eth0"`. */
  readonly request: string;
  /** What happened, without what to do about it: `"RTM_NEWLINK eth0: File exists (EEXIST)"`. */
  readonly reason: string;
  /** The kernel's text (extended ack), if it gave one. */
  readonly detail?: string;
  /** What to do about it, where that is known; the message ends with it. */
  readonly remedy?: string;
  /** Of a batch: every request that failed, by its place in the batch. The others were carried out. */
  readonly failures?: readonly { readonly index: number; readonly error: NetlinkError }[];

  /** Describes that the kernel answered `request` with `errno`, and `detail` as its reason. */
  constructor(
    request: string,
    errno: number,
    detail?: string,
    options: ErrorOptions & Pick<NetlinkError, "failures"> = {},
  ) {
    const code = errnoName(errno);
    const remedy = code === "EPERM" ? "run as root (sudo), or give the process CAP_NET_ADMIN" : undefined;
    const reason = `${printable(request)}: ${errnoText(errno)} (${code})` +
      (detail === undefined ? "" : `: ${printable(detail)}`);
    super(
      remedy === undefined ? reason : `${reason}; ${remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.errno = errno;
    this.code = code;
    this.reason = reason;
    this.request = request;
    if (detail !== undefined) this.detail = detail;
    if (remedy !== undefined) this.remedy = remedy;
    if (options.failures !== undefined) this.failures = options.failures;
  }
}

/** A state file that is not believed: it stays as it is, and nothing is changed. */
export class StateFileError extends Error {
  /** Always `"StateFileError"`. */
  override readonly name = "StateFileError";
  /** The file. */
  readonly path: string;

  /** Describes why the state file at `path` is refused. */
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `Cannot use the state file ${printable(path)}: ${reason}; nothing was changed. ` +
        "Look at it, and remove it to go on without its memory",
      options,
    );
    this.path = path;
  }
}

/** One fault of a configuration. */
export interface ConfigIssue {
  /** Where it lies: `"interfaces[0].ipAddresses[1]"`; `""` is the document itself. */
  readonly path: string;
  /** What stands there. */
  readonly value: unknown;
  /** What was expected instead. */
  readonly expected: string;
}

/** A configuration that cannot be used; `issues` has every fault of it, the message the first 500. */
export class ConfigError extends Error {
  /** Always `"ConfigError"`. */
  override readonly name = "ConfigError";
  /** Every fault, in the order of the document. */
  readonly issues: readonly ConfigIssue[];
  /** The file or other place that the configuration came from. */
  readonly source?: string;

  /** Describes the faults of the configuration from `source`. */
  constructor(issues: readonly ConfigIssue[], source?: string, options?: ErrorOptions) {
    const where = source === undefined ? "the configuration" : printable(source);
    const lines = issues.slice(0, SHOWN_ISSUES).map(({ path, value, expected }) =>
      `${path === "" ? "" : `${path}: `}${value === undefined ? "missing" : shown(value)}, expected ${expected}`
    );
    if (issues.length > lines.length) lines.push(`and ${issues.length - lines.length} more faults`);
    super(
      lines.length === 1 ? `Cannot use ${where}: ${lines[0]}` : `Cannot use ${where}:\n  ${lines.join("\n  ")}`,
      options,
    );
    this.issues = issues;
    if (source !== undefined) this.source = source;
  }
}
