/**
 * A container runtime without containers: the part of the Docker API that containers are followed with, on a unix
 * socket, and `POST /ID/start` and `POST /ID/die` to say what happens. All containers are one process in a namespace
 * of its own. Takes the path of the socket; prints `ready`; ends when its standard input does.
 */
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import process from "node:process";

const all = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
/** When that started, which proves that it is the process of every container here. */
const StartedAt = new Date().toISOString();
const running = new Set<string>();
const listeners = new Set<ServerResponse>();

const server = createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://docker").pathname.replace(/^\/v[\d.]+(?=\/)/, "");
  const [, id = ""] = path.match(/^\/containers\/(\w+)\/json$/) ?? [];
  const [, told = "", action = ""] = path.match(/^\/(\w+)\/(start|die)$/) ?? [];
  if (action !== "") {
    happen(told, action);
    answer(response, {});
  } else if (path === "/events") {
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
    response.writeHead(200).flushHeaders();
  } else if (path === "/version") answer(response, { ApiVersion: "1.41" });
  else if (path === "/containers/json") answer(response, [...running].map((Id) => ({ Id })));
  else if (id !== "") answer(response, description(id));
  else answer(response, { message: "page not found" }, 404);
});

function happen(id: string, action: string): void {
  if (action === "start") running.add(id);
  else running.delete(id);
  const event = JSON.stringify({ Type: "container", Action: action, Actor: { ID: id, Attributes: {} } });
  for (const listener of listeners) listener.write(`${event}\n`);
}

function description(id: string): unknown {
  const Running = running.has(id);
  return {
    Id: id,
    State: { Running, Pid: Running ? all.pid : 0, StartedAt },
    Config: { Env: [`MICROSERVICE_LABEL=${id}`], Labels: {} },
    HostConfig: { NetworkMode: "none" },
  };
}

function answer(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

server.listen(process.argv[2], () => console.log("ready"));
process.stdin.resume().on("end", () => {
  all.kill();
  process.exit(0);
});
