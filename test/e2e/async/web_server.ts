/** An HTTP server for tests, which says what it was asked, and where it is. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { NsHandle } from "@netns/netns";
import { portOf } from "../../integration/netns/sockets/network.ts";

/** What the server says of a request. */
export interface Echo {
  readonly from: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The port of the client: the same for two requests on one connection. */
  readonly client: number;
}

/** Answers a request in another way, if it does so: true. */
export type Special = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that listens. */
export interface WebServer extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** Where it is: without a slash at the end. */
  readonly origin: string;
}

/** The options of a server. */
export interface WebOptions {
  readonly name?: string;
  readonly port?: number;
  readonly special?: Special;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Starts a server at 127.0.0.1. */
export async function webServer(
  ns: NsHandle,
  { name = "", port = 0, special, tls }: WebOptions = {},
): Promise<WebServer> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (special?.(request, response)) return;
    let body = "";
    request.setEncoding("latin1").on("data", (data) => body += data).on("end", () => {
      const { method = "", url = "", headers, socket } = request;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ from: name, method, url, headers, body, client: socket.remotePort }));
    });
  };
  const server: Server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  await ns.listen(server, { host: "127.0.0.1", port });
  return {
    server,
    port: portOf(server),
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${portOf(server)}`,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
