/** The configurator of a command that ends by itself. */
import { Configurator } from "../configurator/configurator.ts";
import type { ApplyReport } from "../configurator/report.ts";
import { isRuntimeThere } from "../microservices/endpoints/socket_access.ts";
import { MicroserviceCtx } from "../microservices/microservice.ts";
import type { NetworkConfig } from "../models/config.ts";
import { namespaceOfItem } from "../models/references.ts";
import { NsHandler } from "../ns_handler.ts";
import { InterruptedError } from "./errors.ts";
import type { Io } from "./io.ts";

/**
 * Calls `work` with a configurator that resolves the namespaces of `config`, and closes its handler. It asks the
 * container runtime only if `config` names a container.
 */
export async function withConfigurator<T>(
  config: NetworkConfig,
  work: (configurator: Configurator) => Promise<T>,
): Promise<T> {
  await using handler = new NsHandler();
  if (namesContainer(config)) await handler.handleMicroservices(new MicroserviceCtx());
  return await work(new Configurator(handler));
}

/** {@linkcode withConfigurator} for a configuration of which only the name is known: it may name any container. */
export async function withRememberedConfigurator<T>(work: (configurator: Configurator) => Promise<T>): Promise<T> {
  await using handler = new NsHandler();
  if (await isRuntimeThere()) await handler.handleMicroservices(new MicroserviceCtx());
  return await work(new Configurator(handler));
}

/**
 * The report of `work`, which a signal of `io` interrupts.
 *
 * @throws {InterruptedError} The signal came before anything was done.
 */
export async function untilInterrupted(
  io: Io,
  work: (signal: AbortSignal) => Promise<ApplyReport>,
): Promise<ApplyReport> {
  const signal = io.interrupted;
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted && error === signal.reason ? new InterruptedError(signal.reason) : error;
  }
}

function namesContainer({ interfaces, arpEntries, routes }: NetworkConfig): boolean {
  return [...interfaces, ...arpEntries, ...routes].some((one) => namespaceOfItem(one)?.type === "microservice");
}
