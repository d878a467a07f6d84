/** Errors of sockets as the runtimes shape theirs: who catches them need not know who made the socket. */
import { constants } from "node:os";
import { errnoName, errnoText } from "../../../ffi/mod.ts";

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
