/** The four ways to name a network namespace, as one discriminated union. */
import { match } from "npm:ts-pattern@5.9.2";
import { bytesOfName, PATH_MAX } from "../ffi/mod.ts";
import { InvalidNamespaceError } from "./errors.ts";

/** The type number of a namespace named by a process that is in it. */
export const PidRefNs = 0;
/** The type number of a namespace named by the label of the container that runs in it. */
export const MicroserviceRefNs = 1;
/** The type number of a namespace with a name, as `ip netns` gives it. */
export const NamedNs = 2;
/** The type number of a namespace named by a file. */
export const FileRefNs = 3;

/** The namespace that a process is in; `pid` 0 is the default namespace, the one at start. */
export interface PidNamespace {
  /** The tag of the union. */
  readonly type: "pid";
  /** The process, or 0. */
  readonly pid: number;
}

/** The namespace of a container: of the one whose microservice label this is, or of this name or id. */
export interface MicroserviceNamespace {
  /** The tag of the union. */
  readonly type: "microservice";
  /** The value of the container's MICROSERVICE_LABEL; with `by`, its name or id. */
  readonly label: string;
  /** `"container"`: the container is named by its name or id, and needs no label. */
  readonly by?: "container";
}

/** The namespace with this name: `/var/run/netns/<name>`. */
export interface NamedNamespace {
  /** The tag of the union. */
  readonly type: "named";
  /** The name, as `ip netns list` shows it. */
  readonly name: string;
}

/** The namespace behind this file, such as `/proc/1/ns/net` or a bind mount of it. */
export interface FileNamespace {
  /** The tag of the union. */
  readonly type: "file";
  /** The path of the file. */
  readonly path: string;
}

/** A network namespace, by whichever of the four ways. Match it with ts-pattern, exhaustively. */
export type Namespace = PidNamespace | MicroserviceNamespace | NamedNamespace | FileNamespace;

/** The kernel's largest PID_MAX_LIMIT on 64-bit machines. */
const PID_MAX = 4_194_304;
/** The longest file name of every Linux file system, in bytes. */
const NAME_MAX = 255;

/** The most characters for one byte of a name: `\x` and two digits for one that is not UTF-8. */
const MOST_PER_BYTE = 4;

/** True of a name or path of more than `most` bytes; neither short nor very long text needs to be encoded to know. */
const isLonger = (text: string, most: number): boolean =>
  text.length * 3 > most && (text.length > most * MOST_PER_BYTE || bytesOfName(text).length > most);

/** True of text that C can take: a NUL would end it, and half a surrogate pair has no UTF-8. */
const isWhole = (text: unknown): text is string =>
  typeof text === "string" && text !== "" && !text.includes("\0") && text.isWellFormed();

/**
 * The namespace that process `pid` is in; 0 is the default namespace.
 *
 * @param pid A process id, 0 to 4194304.
 * @param place What the value is called in the error.
 * @throws {InvalidNamespaceError} It is no process id.
 */
export function pidNs(pid: number, place = "a PID"): PidNamespace {
  if (!Number.isInteger(pid) || pid < 0 || pid > PID_MAX) {
    throw new InvalidNamespaceError(pid, place, `a whole number from 0 to ${PID_MAX}`);
  }
  return { type: "pid", pid: pid + 0 };
}

/**
 * The namespace of the container with this microservice label.
 *
 * @param label The value of the container's MICROSERVICE_LABEL, not empty.
 * @param place What the value is called in the error.
 * @throws {InvalidNamespaceError} It is empty, or has a NUL in it.
 */
export function microserviceNs(label: string, place = "a microservice label"): MicroserviceNamespace {
  if (!isWhole(label)) throw new InvalidNamespaceError(label, place, "text that is not empty, without NUL");
  return { type: "microservice", label };
}

/**
 * The namespace of the container with this name or id, whether or not it has a microservice label.
 *
 * @param idOrName Its name, its id, or the first 12 digits or more of the id.
 * @param place What the value is called in the error.
 * @throws {InvalidNamespaceError} It is empty, or has a NUL in it.
 */
export function containerNs(idOrName: string, place = "a container"): MicroserviceNamespace {
  if (!isWhole(idOrName)) throw new InvalidNamespaceError(idOrName, place, "the name or the id of a container");
  return { type: "microservice", label: idOrName, by: "container" };
}

/** {@linkcode containerNs} or {@linkcode microserviceNs}, of a namespace that may be made by hand. */
export function checkedContainer({ label, by }: MicroserviceNamespace): MicroserviceNamespace {
  return by === "container" ? containerNs(label) : microserviceNs(label);
}

/** What nearly all names match: a switch by name must be quick. */
const PLAIN_NAME = /^[\w-][\w.-]{0,63}$/;

/** True if a file can have this name. */
const isName = (name: unknown): boolean =>
  typeof name === "string" && PLAIN_NAME.test(name) ||
  isWhole(name) && !name.includes("/") && name !== "." && name !== ".." && !isLonger(name, NAME_MAX);

/**
 * The namespace with this name, as `ip netns` knows it. A byte of the name that is not UTF-8 is `\x` and two hexadecimal
 * digits in the text, as lists show it.
 *
 * @param name 1 to 255 bytes of UTF-8 without `/` and NUL, not `.` or `..`.
 * @param place What the value is called in the error.
 * @throws {InvalidNamespaceError} No file can have this name.
 */
export function namedNs(name: string, place = "a namespace name"): NamedNamespace {
  if (!isName(name)) {
    throw new InvalidNamespaceError(name, place, `1 to ${NAME_MAX} bytes, no "/", no NUL, not "." or ".."`);
  }
  return { type: "named", name };
}

/**
 * The namespace behind this file.
 *
 * @param path The path of a file of nsfs, such as `/proc/1/ns/net`.
 * @param place What the value is called in the error.
 * @throws {InvalidNamespaceError} It is empty, too long, or has a NUL in it.
 */
export function fileNs(path: string, place = "a namespace file"): FileNamespace {
  if (!isWhole(path) || isLonger(path, PATH_MAX - 1)) {
    throw new InvalidNamespaceError(path, place, `a path of 1 to ${PATH_MAX - 1} bytes, without NUL`);
  }
  return { type: "file", path };
}

/**
 * Refuses what is none of the union: untyped code may give a text.
 *
 * @throws {InvalidNamespaceError} Always.
 */
export function refuseOther(given: unknown): never {
  const expected = "what namedNs(), pidNs(), fileNs(), microserviceNs(), containerNs() or parseNamespace() gives";
  throw new InvalidNamespaceError(given, "a namespace", expected);
}

/** The number of a type in the protobuf enumeration, and in the order of types. */
function namespaceTypeNumber(ns: Namespace): 0 | 1 | 2 | 3 {
  return match(ns)
    .with({ type: "pid" }, () => PidRefNs as 0)
    .with({ type: "microservice" }, () => MicroserviceRefNs as 1)
    .with({ type: "named" }, () => NamedNs as 2)
    .with({ type: "file" }, () => FileRefNs as 3)
    .exhaustive(refuseOther);
}

function valueOf(ns: Namespace): string | number {
  return match(ns)
    .with({ type: "pid" }, ({ pid }) => pid)
    .with({ type: "microservice" }, ({ label }) => label)
    .with({ type: "named" }, ({ name }) => name)
    .with({ type: "file" }, ({ path }) => path)
    .exhaustive(refuseOther);
}

/**
 * Compares two namespaces, for sorting: first `undefined`, then by type in the order of the type numbers, then
 * by value (PIDs as numbers, text by code unit), then labels before containers of the same name.
 *
 * @returns Less than, equal to or greater than 0. Only equal namespaces give 0.
 */
export function compareNamespaces(a?: Namespace, b?: Namespace): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const byType = namespaceTypeNumber(a) - namespaceTypeNumber(b);
  if (byType !== 0) return byType;
  const [left, right] = [valueOf(a), valueOf(b)];
  return left === right ? Number(isByContainer(a)) - Number(isByContainer(b)) : left < right ? -1 : 1;
}

const isByContainer = (ns: Namespace): boolean => ns.type === "microservice" && ns.by === "container";

/** True of `undefined` and PID 0, which both mean the namespace at start. */
export function isDefaultNamespace(ns?: Namespace): boolean {
  return ns === undefined || ns.type === "pid" && ns.pid === 0;
}

/** Text that is equal for two namespaces exactly if they are written alike; `undefined` and PID 0 are one. */
export function namespaceKey(ns?: Namespace): string {
  return ns === undefined ? "PID:0" : namespaceToString(ns);
}

/** What marks every way but a name in text, and a name that would look like one of them. */
const PREFIX = /^(PID|MICROSERVICE|CONTAINER|FILE|NAMED):/;

/**
 * A namespace as text for people and command lines; {@linkcode parseNamespace} reads it back.
 *
 * @returns `"PID:42"`, `"MICROSERVICE:web"`, `"CONTAINER:web-1"`, `"FILE:/proc/1/ns/net"`, or the name alone
 * (`"NAMED:PID:42"` for the name `PID:42`, which would otherwise be read as a process); `undefined` is
 * `"invalid namespace"`.
 */
export function namespaceToString(ns?: Namespace): string {
  if (ns?.type === "named") return ns.name.includes(":") && PREFIX.test(ns.name) ? `NAMED:${ns.name}` : ns.name; // as nearly all are
  return match(ns)
    .with(undefined, () => "invalid namespace")
    .with({ type: "pid" }, ({ pid }) => `PID:${pid}`)
    .with({ type: "microservice" }, ({ label, by }) => `${by === "container" ? "CONTAINER" : "MICROSERVICE"}:${label}`)
    .with({ type: "file" }, ({ path }) => `FILE:${path}`)
    .exhaustive(refuseOther);
}

/**
 * Reads what {@linkcode namespaceToString} writes: `PID:42`, `MICROSERVICE:web`, `CONTAINER:web-1`,
 * `FILE:/proc/1/ns/net`; anything else is a name.
 *
 * @param text The text, as typed on a command line or written in a file.
 * @param place What the value is called in the error.
 * @throws {InvalidNamespaceError} The text names no namespace.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseNamespace } from "@netns/netns";
 *
 * assertEquals(parseNamespace("blue"), { type: "named", name: "blue" });
 * assertEquals(parseNamespace("PID:1"), { type: "pid", pid: 1 });
 * ```
 */
export function parseNamespace(text: string, place = "a namespace"): Namespace {
  const [, prefix] = typeof text === "string" ? text.match(PREFIX) ?? [] : [];
  if (prefix === undefined) return namedNs(text, place);
  const value = text.slice(prefix.length + 1);
  if (prefix === "FILE") return fileNs(value, place);
  if (prefix === "MICROSERVICE") return microserviceNs(value, place);
  if (prefix === "CONTAINER") return containerNs(value, place);
  if (prefix === "NAMED") return namedNs(value, place);
  if (!/^\d{1,10}$/.test(value)) throw new InvalidNamespaceError(text, place, `"PID:" and a process id`);
  return pidNs(Number(value), place);
}
