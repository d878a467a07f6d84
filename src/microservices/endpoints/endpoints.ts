/** Where a container runtime may listen: as the options say, or as `docker` finds it. */
import { environmentVariable, quoted } from "../../../ffi/mod.ts";
import { reasonOf, shown } from "../../errors.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { type Address, DOCKER_SOCKET, isPort, parseAddress, withoutPassword } from "./address.ts";
import { readCertificates } from "./certificates.ts";
import { chosenContext, configDirectory, readContext, type Variable } from "./contexts.ts";
import type { Endpoint, Tls } from "./endpoint.ts";

/** Options of the connection to Docker, or to Podman, which has the same API. */
export interface DockerOptions {
  /**
   * The path of its socket, or that as `unix:///PATH`. Without this and `host` the runtime is found as `docker` finds
   * it: by `DOCKER_HOST`, by the context (`DOCKER_CONTEXT`, `docker context use`), and then at the usual sockets of
   * Docker and Podman, those without root in `XDG_RUNTIME_DIR` among them.
   */
  readonly socketPath?: string | undefined;
  /** The host on which it listens by TCP, `HOST:PORT`, or an address as in `DOCKER_HOST`: `"tcp://10.0.0.1:2375"`. */
  readonly host?: string | undefined;
  /** The port there, 1 to 65535. @default {2375, or 2376 with TLS} */
  readonly port?: number | undefined;
  /** Certificates, as PEM texts: with them the connection is TLS. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
  /**
   * A container label that makes a container a microservice too, as the environment variable MICROSERVICE_LABEL does;
   * where a container has both, the variable counts.
   */
  readonly containerLabel?: string | undefined;
}

const checkOptions = fieldsOf<DockerOptions>("the options of docker", {
  socketPath: true,
  host: true,
  port: true,
  tls: true,
  containerLabel: true,
});

/** Usual sockets besides Docker's own. */
const OTHER_SOCKETS = ["/run/docker.sock", "/run/podman/podman.sock"];
/** Usual sockets of rootless runtimes, in `XDG_RUNTIME_DIR`. */
const USER_SOCKETS = ["docker.sock", "podman/podman.sock"];

/**
 * A function that finds the endpoints: by the options, or by the environment and the user's files at each call.
 *
 * @throws {TypeError} An option cannot be used.
 */
export function endpointsBy(
  options: DockerOptions,
  variable: Variable = environmentVariable,
): () => Promise<readonly Endpoint[]> {
  checkOptions(options);
  const given = givenBy(options);
  return async () => given === undefined ? await found(variable) : [given];
}

/** The endpoint that the options name. */
function givenBy({ socketPath, host, port, tls }: DockerOptions): Endpoint | undefined {
  if (port !== undefined && !isPort(port)) throw refused("port", port, "it is no port, expected 1 to 65535");
  if (socketPath !== undefined) return unix(checked("socketPath", socketPath, socketOf));
  if (host === undefined) return undefined;
  const address = checked("host", host, parseAddress);
  if (address.type === "unix") return unix(address.path);
  if (port !== undefined && address.port !== undefined && port !== address.port) {
    throw refused("port", port, `docker.host has the port ${address.port}`);
  }
  return tcp({ ...address, port: port ?? address.port }, tls === undefined ? undefined : { ...tls, verify: true });
}

/** The path of a socket that is given as one, or as a URL. */
function socketOf(text: string): string {
  const address = text.includes("://") ? parseAddress(text) : { type: "unix" as const, path: text };
  if (address.type === "unix") return address.path;
  throw new Error("it is the address of a host: give it as docker.host");
}

function checked<T>(option: string, text: string, parse: (text: string) => T): T {
  try {
    if (typeof text !== "string" || text.trim() === "" || text.includes("\0")) throw new Error("it is empty");
    return parse(text);
  } catch (error) {
    throw refused(option, text, reasonOf(error));
  }
}

function refused(option: string, value: unknown, reason: string): TypeError {
  const text = typeof value === "string" ? quoted(withoutPassword(value)) : shown(value);
  return new TypeError(`Cannot use ${text} as docker.${option}: ${reason}`);
}

/** The endpoint that `docker` would use, or the usual sockets of Docker and Podman. */
async function found(variable: Variable): Promise<readonly Endpoint[]> {
  const host = variable("DOCKER_HOST")?.trim() ?? "";
  if (host !== "") return [await usable(`DOCKER_HOST=${withoutPassword(host)}`, () => byVariables(host, variable))];
  const context = chosenContext(variable);
  if (context !== undefined) return [await usable(`context ${quoted(context)}`, () => byContext(context, variable))];
  const own = variable("XDG_RUNTIME_DIR") ?? "";
  const users = own === "" ? [] : USER_SOCKETS.map((name) => `${own}/${name}`);
  return [DOCKER_SOCKET, ...OTHER_SOCKETS, ...users].map(unix);
}

/** What `find` finds; if that fails, an endpoint that says why. */
async function usable(name: string, find: () => Endpoint | Promise<Endpoint>): Promise<Endpoint> {
  try {
    return await find();
  } catch (error) {
    return { name, transport: { type: "unusable", reason: reasonOf(error) } };
  }
}

/** `DOCKER_TLS_VERIFY` with any value means TLS. So does `DOCKER_TLS`, which accepts every server. */
function byVariables(host: string, variable: Variable): Endpoint {
  const address = parseAddress(host);
  if (address.type === "unix") return unix(address.path);
  const verify = (variable("DOCKER_TLS_VERIFY") ?? "") !== "";
  const believe = (variable("DOCKER_TLS") ?? "") !== "" && !verify;
  if (!verify && !believe && !address.secure) return tcp(address, undefined);
  const directory = variable("DOCKER_CERT_PATH") || configDirectory(variable);
  if (directory === undefined) return tcp(address, { verify: !believe });
  return tcp(address, readCertificates(directory, !believe, verify ? ["ca.pem"] : []));
}

async function byContext(name: string, variable: Variable): Promise<Endpoint> {
  const { host, tls } = await readContext(name, variable);
  if (host.trim() === "") return unix(DOCKER_SOCKET);
  const address = parseAddress(host);
  return address.type === "unix" ? unix(address.path) : tcp(address, tls);
}

function unix(path: string): Endpoint {
  return { name: `unix://${path}`, transport: { type: "unix", path } };
}

function tcp({ host, port, secure }: Extract<Address, { type: "tcp" }>, given: Tls | undefined): Endpoint {
  const tls = given ?? (secure ? { verify: true } : undefined);
  const at = port ?? (tls === undefined ? 2375 : 2376);
  const name = `${host.includes(":") ? `[${host}]` : host}:${at}`;
  return tls === undefined
    ? { name: `tcp://${name}`, transport: { type: "tcp", host, port: at } }
    : { name: `tls://${name}`, transport: { type: "tls", host, port: at, tls } };
}
