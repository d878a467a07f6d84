import { Command } from "npm:commander@15.1.0";
import { match } from "npm:ts-pattern@5.9.2";
import { printable } from "../../../ffi/mod.ts";
import type { Microservice } from "../../microservices/microservice.ts";
import { MicroserviceCtx, NewMicroservice } from "../../microservices/microservice.ts";
import type { ContainerRuntimeState } from "../../microservices/state.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { InterruptedError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json.ts";
import { requireCapabilities } from "../privilege.ts";
import { printTable } from "../terminal/table.ts";

const HELP = `
A container is a microservice if its environment has MICROSERVICE_LABEL. Of
several with one label, the newest is the one that MICROSERVICE:label names. The
runtime is looked for at DOCKER_HOST, then at the usual sockets of Docker and
Podman.

Examples:
  sudo netns microservices
  sudo netns microservices --watch --json`;

interface Options {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** `netns microservices`: the containers that have a label. */
export function microservicesCommand(io: Io): Command {
  return new Command("microservices")
    .description("list the running containers that have a microservice label")
    .option("--watch", "go on, and print what starts and ends, until SIGINT or SIGTERM")
    .option("--json", 'print a JSON array of {"label", "pid", "id", "network"}; with --watch, a line for each change')
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      requireCapabilities("microservices", ["CAP_SYS_ADMIN"]);
      const { handlerOfCommand } = await import("../handler.ts");
      await using handler = handlerOfCommand();
      if (options.watch) await watch(handler, options, io);
      else await list(handler, options, io);
    });
}

async function list(handler: NsHandler, { json }: Options, io: Io): Promise<void> {
  await handler.handleMicroservices(new MicroserviceCtx(io.interrupted));
  if (io.interrupted.aborted) throw new InterruptedError(io.interrupted.reason);
  const state = handler.containerRuntime;
  if (state.state === "unavailable" && state.tried.length > 0) throw new Error(state.reason);
  const all = [...handler.getMicroserviceByID().values()].sort((a, b) => a.label < b.label ? -1 : 1);
  if (json) io.print(jsonText(all));
  else if (all.length > 0) printTable([["LABEL", "PID", "ID", "NETWORK"], ...all.map(toRow)], [LABEL], io);
}

async function watch(handler: NsHandler, { json }: Options, io: Io): Promise<void> {
  const signal = io.interrupted;
  const events = handler.microserviceEvents({ signal });
  await handler.init();
  const telling = (async () => {
    for await (const state of handler.containerRuntimeStates({ signal })) tell(state, io);
  })();
  for await (const { eventType, ...microservice } of events) {
    const kind = eventType === NewMicroservice ? "started" : "ended  ";
    io.print(
      json ? jsonText({ eventType, ...microservice }) : [kind, ...toRow(microservice)].join("  ").trimEnd(),
    );
  }
  await telling;
}

function tell(state: ContainerRuntimeState, io: Io): void {
  match(state)
    .with({ state: "connecting" }, () => undefined)
    .with({ state: "connected" }, ({ endpoint }) => io.progress(`following ${endpoint}`))
    .with({ state: "unavailable" }, ({ reason }) => io.complain(`waiting: ${reason}`))
    .exhaustive();
}

/** The column that a narrow terminal may cut. */
const LABEL = 0;

function toRow({ label, pid, id, network }: Microservice): string[] {
  return [printable(label), `${pid}`, id.slice(0, 12), network ?? ""];
}
