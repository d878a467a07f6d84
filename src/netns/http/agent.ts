/** Agents of `node:http` and `node:https` whose connections come from a namespace. */
import { once } from "node:events";
import { Agent, type AgentOptions, type ClientRequest } from "node:http";
import type { Agent as HttpsAgent, AgentOptions as HttpsAgentOptions } from "node:https";
import { createRequire } from "node:module";
import { connect as connectAtHome, isIP, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { printable } from "../../../ffi/mod.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { connect, type ConnectOptions } from "../sockets/connect.ts";

/** What connects in its own way, for a namespace that this process is not allowed to enter. */
export interface Connector {
  /** Throws if it is closed. */
  checkOpen(): void;
  /** Has a function called when it is closed. */
  atClose(action: () => void): void;
  /** Connects as {@linkcode connect}. */
  connect(options: ConnectOptions): Promise<Socket>;
}

/** Where connections come from. */
export type Origin = Descriptor | Connector;

/** What an agent is asked for, as far as it matters here. */
interface Wanted {
  readonly host?: string | null | undefined;
  readonly port?: string | number | null | undefined;
  readonly localAddress?: string | undefined;
  readonly servername?: string | undefined;
  readonly socketPath?: string | null | undefined;
  readonly noDelay?: boolean | undefined;
  /** Ends the attempt to connect. */
  readonly whileConnecting?: AbortSignal | undefined;
}

/** What the types of Node do not have: the runtimes call it for each request. */
interface RequestTaker {
  addRequest(request: ClientRequest, options: object): void;
}

/**
 * Has a request that is destroyed end its attempt to connect. The runtimes wait for the connection of an agent before they
 * say that a request is destroyed.
 */
function endingWithRequests<A extends Agent>(agent: A): A {
  if (!takesRequests(agent)) return agent;
  const add = agent.addRequest.bind(agent);
  agent.addRequest = (request, options) => {
    const controller = new AbortController();
    const destroy = request.destroy.bind(request);
    request.destroy = (error) => {
      destroy(error);
      controller.abort(error ?? hangUp());
      return request;
    };
    add(request, { ...options, whileConnecting: controller.signal });
  };
  return agent;
}

/** What the runtimes say of a request that was destroyed without an error. */
const hangUp = (): Error => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

const takesRequests = <A extends Agent>(agent: A): agent is A & RequestTaker => "addRequest" in agent;

/** Gets the connection, or why there is none. */
type Callback = (error: Error | null, socket?: Socket) => void;

/** An agent for `http:`. Its idle connections end when the handle of the namespace is closed. */
export function httpAgent(ns: Origin, options: AgentOptions = {}): Agent {
  const agent = new Agent({ keepAlive: true, ...options });
  return connectingFrom(ns, agent, (socket) => socket);
}

/** An agent for `https:`, with options such as `ca`. Its idle connections end when the handle of the namespace is closed. */
export function httpsAgent(ns: Origin, options: HttpsAgentOptions = {}): HttpsAgent {
  // Loading these takes 20 ms, for which only who uses them waits; a method that gives an agent cannot await.
  const load = createRequire("/");
  const { Agent } = load("node:https") as typeof import("node:https");
  const { connect: connectTls } = load("node:tls") as typeof import("node:tls");
  return connectingFrom(ns, new Agent({ keepAlive: true, ...options }), (socket, wanted) => {
    const { host, port: _, localAddress: __, ...others } = wanted;
    const { servername = isIP(host ?? "") === 0 ? host ?? "" : "" } = wanted;
    const name = host ? { host } : {}; // by which the certificate is checked
    const tls: ConnectionOptions = { ALPNProtocols: ["http/1.1"], ...others, ...name, servername, socket };
    return connectTls(tls);
  });
}

/** Connects to a socket of the file system, which is the same in every namespace. An abstract one is not. */
async function connectToPath(path: string): Promise<Socket> {
  if (path.startsWith("\0")) {
    throw new TypeError(`Cannot connect to ${printable(path)}: an abstract socket is of a namespace`);
  }
  const socket = connectAtHome(path);
  await once(socket, "connect");
  return socket;
}

/** Has an agent connect from a namespace. */
function connectingFrom<A extends Agent>(
  ns: Origin,
  agent: A,
  over: (socket: Socket, wanted: Wanted) => Socket,
): A {
  const createConnection = ({ whileConnecting: signal, ...wanted }: Wanted, callback: Callback): undefined => {
    const { host, port, localAddress, socketPath, noDelay = true } = wanted;
    const options = { host: host ?? "localhost", port: Number(port), localAddress, signal };
    const connected = async (): Promise<Socket> => {
      if (socketPath) return await connectToPath(socketPath);
      return (await ("connect" in ns ? ns.connect(options) : connect(ns, options))).setNoDelay(noDelay);
    };
    connected()
      .then((socket) => {
        try {
          return over(socket, wanted);
        } catch (error) { // options of TLS that the runtime refuses
          socket.destroy();
          throw error;
        }
      })
      .then((socket) => callback(null, socket), callback);
  };
  ns.atClose(() => {
    agent.maxFreeSockets = 0;
    for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
  });
  return endingWithRequests(Object.assign(agent, { createConnection }));
}
