/** The address of a container runtime, as `DOCKER_HOST`, a context or an option gives it. */
import { quoted } from "../../../ffi/mod.ts";
import { parseIp } from "../../ip/address.ts";

/** What an address says. */
export type Address =
  | { readonly type: "unix"; readonly path: string }
  | {
    readonly type: "tcp";
    readonly host: string;
    readonly port: number | undefined;
    /** True for `https://`. */
    readonly secure: boolean;
  };

/** The socket of Docker where nobody moved it. */
export const DOCKER_SOCKET = "/var/run/docker.sock";

const FORMS = "expected unix:///PATH, tcp://HOST:PORT, https://HOST:PORT or HOST:PORT";
const REMOTE = "a namespace can be entered only on its own machine: run netns there (ssh HOST netns …), " +
  "or give the address of a runtime of this machine";

/**
 * Reads an address as `docker` does: blanks around it are ignored, no scheme is TCP, no host is localhost, and
 * `unix://` alone is the usual socket. `https://` is TLS. A user name and a password are ignored.
 *
 * @throws {Error} It cannot be used; the message says why, and what can.
 */
export function parseAddress(text: string): Address {
  const [, scheme = "tcp", rest = ""] = text.trim().match(/^(?:([^:/?#@]*):\/\/)?([^]*)$/) ?? [];
  if (scheme === "unix") return { type: "unix", path: socketPath(rest === "" ? DOCKER_SOCKET : rest) };
  if (scheme === "ssh") throw new Error(`ssh:// leads to another machine, and ${REMOTE}`);
  if (!/^(tcp|http|https)$/.test(scheme)) throw new Error(`it has the scheme ${quoted(scheme)}: ${FORMS}`);
  const [, authority = "", path = ""] = rest.match(/^([^/?#]*)([^]*)$/) ?? [];
  if (path !== "" && path !== "/") {
    throw new Error(
      authority === "" ? "it has no host; a socket is unix:///PATH" : `it has a path after the host: ${FORMS}`,
    );
  }
  return { type: "tcp", secure: scheme === "https", ...hostAndPort(authority.slice(authority.lastIndexOf("@") + 1)) };
}

/**
 * Checks the path of a socket.
 *
 * @throws {Error} The kernel takes none of this form.
 */
function socketPath(path: string): string {
  if (path === "" || path.includes("\0")) throw new Error("the path of its socket is empty or has a NUL in it");
  return path;
}

/**
 * Reads `HOST`, `HOST:PORT`, `[::1]:PORT` or `::1`.
 *
 * @throws {Error} It is something else.
 */
function hostAndPort(text: string): { readonly host: string; readonly port: number | undefined } {
  if (parseIp(text)?.family === 6) return { host: text, port: undefined };
  const [whole, bracketed, named = "", digits] = text.match(/^(?:\[([^\]]*)\]|([\w.-]*))(?::(\d+))?$/) ?? [];
  if (whole === undefined || (bracketed !== undefined && parseIp(bracketed)?.family !== 6)) {
    throw new Error(`it has no host that can be used: ${FORMS}`);
  }
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && !isPort(port)) throw new Error(`it has the port ${digits}, expected 1 to 65535`);
  return { host: bracketed ?? (named === "" ? "localhost" : named), port };
}

/** True for the number of a TCP port. */
export const isPort = (port: unknown): boolean => Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65535;

/** The text of an address without a user name and a password, for people. */
export function withoutPassword(text: string): string {
  return text.trim().replace(/^((?!unix:)(?:[^:/?#@]*:\/\/)?)[^]*@/, "$1");
}
