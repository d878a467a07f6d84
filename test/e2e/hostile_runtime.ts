/** A container runtime that answers what a script says, byte for byte, on a unix socket or a TCP port. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../../src/microservices/endpoints/endpoint.ts";

/** Answers the request for `path` by writing to `socket`; undefined: not one of its own, the usual answer is given. */
export type Script = (path: string, socket: Socket) => void | "usual";

/** How a {@linkcode HostileRuntime} is reached. */
export type Way = "unix" | "tcp";

/** The server. */
export class HostileRuntime implements AsyncDisposable {
  /** Where it listens. */
  readonly endpoint: Endpoint;
  /** The paths that were asked for, in order. */
  readonly asked: string[] = [];
  /** What it says of containers by id, in the form of the API; those that are here run. */
  readonly containers: Map<string, Readonly<Record<string, unknown>>> = new Map();
  /** What it answers. */
  script: Script = () => "usual";
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #streams = new Set<Socket>();

  private constructor(server: Server, endpoint: Endpoint) {
    this.#server = server;
    this.endpoint = endpoint;
  }

  /** Listens. */
  static async open(way: Way): Promise<HostileRuntime> {
    const path = join(tmpdir(), `netns-hostile-${crypto.randomUUID().slice(0, 8)}.sock`);
    const server = createServer();
    if (way === "unix") server.listen(path);
    else server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const runtime = new HostileRuntime(
      server,
      way === "unix"
        ? { name: `unix://${path}`, transport: { type: "unix", path } }
        : { name: `tcp://127.0.0.1:${port}`, transport: { type: "tcp", host: "127.0.0.1", port } },
    );
    server.on("connection", (socket) => runtime.#serve(socket));
    return runtime;
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.#open.size;
  }

  /** Writes a line to whoever reads events. */
  tell(line: string): void {
    for (const socket of this.#streams) socket.write(chunk(`${line}\n`));
  }

  /** Says that something happened to a container. */
  changed(id: string): void {
    this.tell(JSON.stringify({ Type: "container", Action: "start", Actor: { ID: id } }));
  }

  /** Ends every connection. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    const { transport } = this.endpoint;
    if (transport.type === "unix") rmSync(transport.path, { force: true });
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => this.#open.delete(socket));
    let head = "";
    socket.on("data", (data: Buffer) => {
      head += data.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      const path = head.split(" ")[1] ?? "";
      head = "";
      this.asked.push(path);
      if (this.script(path, socket) === "usual") this.#answerAsUsual(path, socket);
    });
  }

  #answerAsUsual(path: string, socket: Socket): void {
    if (path === "/_ping") {
      socket.write(
        "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/28.2.2 (linux)\r\nContent-Length: 2\r\n\r\nOK",
      );
    } else if (path === "/version") reply(socket, { ApiVersion: "1.40", Components: [{ Name: "Podman Engine" }] });
    else if (path.includes("/events")) {
      beginStream(socket);
      this.#streams.add(socket);
      socket.once("close", () => this.#streams.delete(socket));
    } else if (path.includes("/containers/json")) reply(socket, [...this.containers.keys()].map((Id) => ({ Id })));
    else {
      const name = decodeURIComponent(path.match(/[/]containers[/]([^/]+)[/]json/)?.[1] ?? "");
      const named = [...this.containers.values()].find(({ Name }) => Name === `/${name}`);
      const container = this.containers.get(name) ?? named;
      if (container === undefined) reply(socket, { message: `No such container: ${name}` }, "404 Not Found");
      else reply(socket, container);
    }
  }
}

/** A whole reply of JSON. */
export function reply(socket: Socket, value: unknown, status = "200 OK"): void {
  const body = Buffer.from(JSON.stringify(value));
  socket.write(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
}

/** The head of a reply whose body comes in chunks. */
export function beginStream(socket: Socket): void {
  socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

/** A chunk of a body. */
export function chunk(text: string | Uint8Array): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);
}

/** Writes a piece again and again for as long as the other side reads. */
export function writeForEver(socket: Socket, piece: Uint8Array): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", more);
  more();
}
