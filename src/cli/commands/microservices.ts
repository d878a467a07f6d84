import { Command } from "npm:commander@15.1.0";
import { match } from "npm:ts-pattern@5.9.2";
import { printable } from "../../../ffi/mod.ts";
import { type Microservice, MicroserviceCtx, NewMicroservice } from "../../microservices/microservice.ts";
import type { ContainerRuntimeState } from "../../microservices/runtime_state.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { jsonOption, type JsonOptions } from "../arguments.ts";
import { ENTER_NAMESPACES, requireCapabilities } from "../capability_check.ts";
import { InterruptedError } from "../errors.ts";
import type { Io } from "../io.ts";
import { jsonText } from "../json_text.ts";
import { printTable } from "../terminal/table.ts";

const HELP = `
A container is a microservice if its environment has MICROSERVICE_LABEL. If
several have one label, MICROSERVICE:label names the newest. The runtime is the
one at DOCKER_HOST, or else at one of the usual sockets of Docker and Podman.

Examples:
  sudo netns microservices
  sudo netns microservices --watch --json`;

interface Options extends JsonOptions {
  readonly watch?: boolean;
}

/** `netns microservices`: lists the containers that have a label. */
export function microservicesCommand(io: Io): Command {
  return new Command("microservices")
    .description("list the running containers that have a microservice label")
    .option("--watch", "print each container that starts or ends, until SIGINT or SIGTERM")
    .addOption(
      jsonOption(
        'print a JSON array of {"label", "pid", "id", "network"}; with --watch, a line for each change, ' +
          'with "eventType" and "container" as well',
      ),
    )
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      requireCapabilities("microservices", ENTER_NAMESPACES);
      const { NsHandler } = await import("../../ns_handler.ts");
      await using handler = new NsHandler();
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
  for (const { reason } of handler.getRefusedContainers().values()) io.complain(`warning: ${reason}`);
  if (json) io.print(jsonText(all));
  else if (all.length > 0) printTable([["LABEL", "PID", "ID", "NETWORK"], ...all.map(toRow)], [LABEL], io);
}

async function watch(handler: NsHandler, { json }: Options, io: Io): Promise<void> {
  const signal = io.interrupted;
  const events = handler.microserviceEvents({ signal });
  await handler.init();
  const states = (async () => {
    const shown = new Set<string>();
    for await (const state of handler.containerRuntimeStates({ signal })) showState(state, shown, io);
  })();
  for await (const { eventType, ...microservice } of events) {
    const kind = eventType === NewMicroservice ? "started" : "ended  ";
    io.print(
      json ? jsonText({ eventType, ...microservice }) : [kind, ...toRow(microservice)].join("  ").trimEnd(),
    );
  }
  await states;
}

/** Shows a state; `shown` has the warnings that were shown before. */
function showState(state: ContainerRuntimeState, shown: Set<string>, io: Io): void {
  match(state)
    .with({ state: "connecting" }, () => undefined)
    .with({ state: "connected" }, ({ endpoint, refused = [] }) => {
      io.progress(`following ${endpoint}`);
      for (const reason of refused.filter((one) => !shown.has(one))) io.complain(`warning: ${reason}`);
      for (const reason of refused) shown.add(reason);
    })
    .with({ state: "unavailable" }, ({ reason }) => io.complain(`waiting: ${reason}`))
    .exhaustive();
}

/** The column that a narrow terminal cuts. */
const LABEL = 0;

function toRow({ label, pid, id, network }: Microservice): string[] {
  return [printable(label), `${pid}`, id.slice(0, 12), network === "own" ? "" : network];
}
