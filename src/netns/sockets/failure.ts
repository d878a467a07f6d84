/** Errors of sockets as the runtimes shape theirs: who catches them need not know who made the socket. */
import { constants } from "node:os";
import { errnoName, errnoText } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";

/** An error of a socket, in the shape of `node:net`'s own. */
export interface SocketFailure extends Error {
  /** The name of the error: `"ECONNREFUSED"`. */
  readonly code: string;
  /** Its number, negative as in Node: `-111`. */
  readonly errno: number;
  /** What failed: `"connect"`, `"bind"`, `"listen"`. */
  readonly syscall: string;
  /** The address that it was about. */
  readonly address?: string;
  /** The port that it was about. */
  readonly port?: number;
}

/** Where a socket is, or is to be. */
export interface Endpoint {
  /** The address, with the scope of a link-local one. */
  readonly address: string;
  readonly port: number;
}

/** `connect ECONNREFUSED 10.0.0.1:80`, with its parts as properties; like Node without a port that is 0. */
export function socketFailure(syscall: string, errno: number, { address, port }: Endpoint): SocketFailure {
  const code = errnoName(errno);
  const why = syscall === "listen" ? `: ${TEXTS.get(code) ?? errnoText(errno).toLowerCase()}` : "";
  const error = new Error(`${syscall} ${code}${why} ${address}${port === 0 ? "" : `:${port}`}`);
  return Object.assign(error, { errno: -errno, code, syscall, address }, port !== 0 && { port });
}

/** Where Node's words are not those of libc. */
const TEXTS: ReadonlyMap<string, string> = new Map([["EADDRNOTAVAIL", "address not available"]]);

/** What a limit of time makes of an attempt to connect. */
export function connectTimeout(endpoint: Endpoint): SocketFailure {
  return socketFailure("connect", constants.errno.ETIMEDOUT, endpoint);
}

/** All the attempts to connect to a host failed: one error with those of all its addresses, as Node 20 makes it. */
export function allFailed(errors: readonly unknown[]): unknown {
  const [first] = errors;
  if (errors.length === 1) return first;
  const code = first instanceof Error && "code" in first ? { code: first.code } : {};
  return Object.assign(new AggregateError(errors), code);
}

/**
 * Checks a limit of time.
 *
 * @throws {RangeError} `ERR_OUT_OF_RANGE`: it is no number of milliseconds.
 */
export function checkTimeout(timeout: number | undefined): void {
  if (timeout === undefined || typeof timeout === "number" && timeout >= 0) return;
  const error = new RangeError(`The timeout should be >= 0. Received type ${typeof timeout} (${String(timeout)}).`);
  throw Object.assign(error, { code: "ERR_OUT_OF_RANGE" });
}

/**
 * Refuses an argument of a wrong type, in the words of Node: untyped code may give anything.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: always.
 */
function wrongType(name: string, expected: string, value: unknown): never {
  const error = new TypeError(`The "${name}" argument must be ${expected}. Received ${shown(value)}`);
  throw Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

/**
 * Checks that options are an object, and the signal among them one.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: they are not.
 */
export function checkOptions(options: object | undefined): void {
  if (typeof options !== "object" || options === null) wrongType("options", "of type object", options);
  const signal: unknown = "signal" in options ? options.signal : undefined;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    wrongType("options.signal", "an instance of AbortSignal", signal);
  }
}

/**
 * Checks that something can listen.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: it is no server.
 */
export function checkServer(server: { readonly listen: unknown } | undefined): void {
  if (typeof server?.listen !== "function") wrongType("server", "an instance of Server", server);
}

/**
 * Checks the text of a name or an address.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`: it is no text.
 */
export function checkText(value: unknown, name: string): void {
  if (typeof value !== "string") wrongType(name, "of type string", value);
}

/**
 * Checks a family of addresses: of another one there would be none.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE`: it is none.
 */
export function checkFamily(family: unknown): void {
  if (family === undefined || family === 4 || family === 6) return;
  const error = new TypeError(`The argument 'family' must be one of: 4, 6. Received ${shown(family)}`);
  throw Object.assign(error, { code: "ERR_INVALID_ARG_VALUE" });
}

/** The longest queue of connections that listen(2) takes. */
const LONGEST_BACKLOG = 2 ** 31 - 1;

/**
 * Checks how many connections may wait.
 *
 * @throws {RangeError} `ERR_OUT_OF_RANGE`: it is no such number.
 */
export function checkBacklog(backlog: unknown): void {
  if (typeof backlog === "number" && Number.isInteger(backlog) && Math.abs(backlog) <= LONGEST_BACKLOG) return;
  const error = new RangeError(
    `The value of "backlog" is out of range. It must be a whole number up to ${LONGEST_BACKLOG}. Received ${
      shown(backlog)
    }`,
  );
  throw Object.assign(error, { code: "ERR_OUT_OF_RANGE" });
}

/**
 * Checks a port.
 *
 * @throws {RangeError} `ERR_SOCKET_BAD_PORT`: it is no port.
 */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port < 65536) return;
  const error = new RangeError(`Port should be >= 0 and < 65536. Received type ${typeof port} (${String(port)}).`);
  throw Object.assign(error, { code: "ERR_SOCKET_BAD_PORT" });
}
