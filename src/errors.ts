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

export { reasonOf } from "./reason.ts";
export { SyscallError, type SyscallErrorOptions };

/** The name of an errno value, as the headers spell it. */
export type ErrnoName = keyof typeof constants.errno;

/** True if a system call failed with one of these errors: `isErrno(error, "ENOENT", "ESRCH")`. */
export function isErrno(error: unknown, ...names: readonly ErrnoName[]): error is SyscallError {
  return error instanceof SyscallError && names.some((name) => constants.errno[name] === error.errno);
}

/** The most that a message shows of a foreign value, in characters. */
const SHOWN_LENGTH = 160;
/** How many faults of a configuration a message lists. */
const SHOWN_ISSUES = 500;

/** A value for a message: text quoted and escaped, a long value cut. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    return quoted(value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value);
  }
  if (typeof value !== "object" || value === null) return scalar(value);
  const text = beginning(value, SHOWN_LENGTH + 1);
  return visible(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}

/** `5n` is no number; a function would show its source, of any length. */
function scalar(value: unknown): string {
  if (typeof value === "function") return "a function";
  return typeof value === "bigint" ? `${value}n` : String(value);
}

/**
 * The first `length` characters, or a few more, of a value as JSON. It reads no more of the value than that, which may
 * be of any size and depth, and contain itself.
 */
function beginning(value: unknown, length: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, Math.max(0, length)));
  if (typeof value !== "object" || value === null) return scalar(value);
  const isList = Array.isArray(value);
  let text = isList ? "[" : "{";
  for (const key of isList ? value.keys() : Object.keys(value)) {
    if (text.length >= length) return text;
    if (text.length > 1) text += ",";
    if (typeof key === "string") text += `${beginning(key, length - text.length)}:`;
    text += beginning(Reflect.get(value, key), length - text.length);
  }
  return text + (isList ? "]" : "}");
}

/**
 * What was given cannot be a namespace: a name, PID, label or path that is not valid, or a file that is not a network
 * namespace. The message says what was given, where, and what was expected.
 */
export class InvalidNamespaceError extends TypeError {
  /** Always `"InvalidNamespaceError"`. */
  override readonly name = "InvalidNamespaceError";
  /** What was given. */
  readonly given: unknown;
  /** Where it was given: `"a namespace name"`, `"interfaces[0].namespace"`. */
  readonly place: string;
  /** What is accepted there. */
  readonly expected: string;

  /** Describes that `place` expects `expected` and got `given`. */
  constructor(given: unknown, place: string, expected: string, options?: ErrorOptions) {
    super(`Cannot use ${shown(given)} as ${place}: expected ${expected}`, options);
    this.given = given;
    this.place = place;
    this.expected = expected;
  }
}

/** Details of an {@linkcode UnavailableMicroserviceError}. */
export interface UnavailableMicroserviceOptions {
  /** Why, where that is known. */
  readonly reason?: string | undefined;
  /** `"container"`: it was asked for by its name or id. */
  readonly by?: "container" | undefined;
  /** True if such a container runs, says its runtime, and `reason` is why its namespace is not entered. */
  readonly refused?: boolean | undefined;
}

/** No container with this label (or of this name or id) runs, or it is not proved which namespace is its own. */
export class UnavailableMicroserviceError extends Error {
  /** Always `"UnavailableMicroserviceError"`. */
  override readonly name = "UnavailableMicroserviceError";
  /** The label, name or id that was asked for. */
  readonly label: string;

  /** Describes that the container `label` is not to be had, for the reason in `options` where that is known. */
  constructor(label: string, options: string | UnavailableMicroserviceOptions = {}) {
    const details: UnavailableMicroserviceOptions = typeof options === "string" ? { reason: options } : options;
    const { reason, by, refused } = details;
    const which = by === "container"
      ? `of the name or id ${shown(label)}`
      : `with the microservice label ${shown(label)}`;
    super(
      refused
        ? `The namespace of the container ${which} is not entered: ${reason}`
        : `No container ${which} is running${reason ? `; ${reason}` : ""}`,
    );
    this.label = label;
  }
}

/**
 * The thread could not return from a namespace, now or at an earlier switch. `cause` is why; if the section failed too,
 * `body` is what it threw.
 */
export class NamespaceSwitchError extends Error {
  /** Always `"NamespaceSwitchError"`. */
  override readonly name = "NamespaceSwitchError";
  /** What the section threw, if it did. */
  readonly body?: unknown;

  /** Describes a failed return; `body` is present only if the section failed too. */
  constructor(message: string, options: ErrorOptions & { readonly body?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    if ("body" in options) this.body = options.body;
  }
}

/**
 * A switch was still open when its synchronous section ended, or a section returned a promise. The thread returned at
 * once, so nothing ran in the wrong namespace; the program has a fault.
 */
export class NamespaceLeakError extends Error {
  /** Always `"NamespaceLeakError"`. */
  override readonly name = "NamespaceLeakError";
}

/**
 * The kernel refused a netlink request. The message names the request, the reason, and the kernel's text (extended ack)
 * if it gave one. See netlink(7), rtnetlink(7).
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
  /** The field of the request that the kernel points at, if it points at one: `"gateway"`. */
  readonly field?: string;
  /** What to do about it, if that is known; the message ends with it. */
  readonly remedy?: string;
  /** Of a batch: the requests that failed, by their index in it. The others were done. */
  readonly failures?: readonly { readonly index: number; readonly error: NetlinkError }[];

  /** Describes that the kernel answered `request` with `errno` and the text `detail`. */
  constructor(
    request: string,
    errno: number,
    detail?: string,
    options: ErrorOptions & Pick<NetlinkError, "failures" | "field" | "remedy"> = {},
  ) {
    const code = errnoName(errno);
    const remedy = options.remedy ??
      (code === "EPERM" && detail === undefined // else the kernel says why
        ? "run as root (sudo), or give the process CAP_NET_ADMIN"
        : undefined);
    const reason = `${printable(request)}: ${errnoText(errno)} (${code})` +
      (detail === undefined ? "" : `: ${printable(detail)}`) +
      (options.field === undefined || detail?.includes(options.field) ? "" : ` (${options.field})`);
    super(
      remedy === undefined ? reason : `${reason}; ${remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.errno = errno;
    this.code = code;
    this.reason = reason;
    this.request = request;
    if (detail !== undefined) this.detail = detail;
    if (options.field !== undefined) this.field = options.field;
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
  /** Why it is refused: `"it is not what an apply wrote"`. */
  readonly reason: string;

  /** Describes why the state file at `path` is refused. */
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      `Cannot use the state file ${printable(path)}: ${reason}; nothing was changed. ` +
        "Look at it, and remove it to go on without its memory",
      options,
    );
    this.path = path;
    this.reason = reason;
  }
}

/** One fault of a configuration. */
export interface ConfigIssue {
  /** Where it is: `"interfaces[0].ipAddresses[1]"`; `""` is the document itself. */
  readonly path: string;
  /** The value there. */
  readonly value: unknown;
  /** What was expected instead. */
  readonly expected: string;
}

/** A configuration that cannot be used; `issues` has all its faults, the message the first 500. */
export class ConfigError extends Error {
  /** Always `"ConfigError"`. */
  override readonly name = "ConfigError";
  /** Every fault, in the order of the document. */
  readonly issues: readonly ConfigIssue[];
  /** Where the configuration came from: a file, standard input. */
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
