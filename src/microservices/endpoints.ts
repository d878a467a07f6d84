/** Where a container runtime may listen. */
import { Agent } from "node:http";
import { inspect } from "node:util";
import { environmentVariable, S_IFMT, S_IFSOCK, statusAt } from "../../ffi/mod.ts";

/** Options of the connection to Docker, or to Podman, which has the same API. */
export interface DockerOptions {
  /** The path of its socket. Without this and `host`: `DOCKER_HOST`, and then the usual paths. */
  readonly socketPath?: string | undefined;
  /** The host on which it listens, by TCP. */
  readonly host?: string | undefined;
  /** The port there. @default {2375, or 2376 with TLS} */
  readonly port?: number | undefined;
  /** Certificates, as PEM texts: with them the connection is TLS. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
  /**
   * A container label that makes a container a microservice too, as the environment variable MICROSERVICE_LABEL does;
   * where a container has both, the variable counts.
   */
  readonly containerLabel?: string | undefined;
}

/** One place to look for a runtime. */
export interface Endpoint {
  /** The place for people: `"unix:///var/run/docker.sock"`. */
  readonly name: string;
  /** The path of the socket, if it is one of this machine. */
  readonly path?: string;
  /** What dockerode is made with. Empty: it goes by `DOCKER_HOST` and its companions itself. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The sockets of Docker and Podman where nobody moved them. */
const USUAL_PATHS = ["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock"];

/** Where to look, in this order. */
export function endpoints(
  options: DockerOptions,
  variable: (name: string) => string | undefined = environmentVariable,
): readonly Endpoint[] {
  if (options.socketPath !== undefined) return [socket(options.socketPath)];
  if (options.host !== undefined) return [tcp(options.host, options)];
  const given = variable("DOCKER_HOST");
  // Without a path, "unix://" means the usual one, as for the docker command.
  if (given?.startsWith("unix://")) return [socket(given.slice("unix://".length) || "/var/run/docker.sock")];
  if (given !== undefined && given !== "") return [{ name: `DOCKER_HOST=${given}`, options: {} }];
  const own = variable("XDG_RUNTIME_DIR");
  return [...USUAL_PATHS, ...own === undefined || own === "" ? [] : [`${own}/podman/podman.sock`]].map(socket);
}

/** True if there is a socket, whoever listens on it or nobody. Any other endpoint may be there. */
export function mayBeThere({ path }: Endpoint): boolean {
  if (path === undefined) return true;
  try {
    return (statusAt(path).mode & S_IFMT) === S_IFSOCK;
  } catch {
    return false;
  }
}

/**
 * True if it is worth a question whether a runtime answers: it was said where to look, or one of the usual sockets is
 * there.
 */
export function isRuntimeThere(options: DockerOptions = {}): boolean {
  const places = endpoints(options);
  return places.length === 1 || places.some(mayBeThere);
}

// dockerode prefers what DOCKER_HOST says about the host to a path that it is given, unless it is told otherwise.
const LOCAL = { host: undefined, protocol: "http", ca: undefined, cert: undefined, key: undefined };

function socket(path: string): Endpoint {
  return { name: `unix://${path}`, path, options: { ...LOCAL, socketPath: path, agent: quietAgent() } };
}

function tcp(host: string, { port, tls }: DockerOptions): Endpoint {
  const scheme = tls === undefined ? "http" : "https";
  const at = port ?? (tls === undefined ? 2375 : 2376);
  return {
    name: `${tls === undefined ? "tcp" : "tls"}://${host.includes(":") ? `[${host}]` : host}:${at}`,
    options: { ...LOCAL, host, port: at, protocol: scheme, pathPrefix: "/", ...tls ?? { agent: quietAgent() } },
  };
}

/**
 * An agent that keeps no connection: none is left when the tracker ends. docker-modem writes the options of each
 * request into a debug text, whether somebody reads that or not, and would walk through all connections of the agent
 * for it: with fifty requests at once that takes a second.
 */
function quietAgent(): Agent {
  return Object.assign(new Agent(), { [inspect.custom]: () => "Agent" });
}
