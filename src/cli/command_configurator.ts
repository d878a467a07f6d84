/** The configurator of a command that ends by itself. */
import { Configurator } from "../configurator/configurator.ts";
import { MicroserviceCtx } from "../microservices/microservice.ts";
import type { NetworkConfig } from "../models/config.ts";
import { namespaceOfItem } from "../models/references.ts";
import type { Capability } from "../system/capabilities.ts";
import { requireCapabilities } from "./capability_check.ts";
import { commandHandler } from "./command_handler.ts";
import type { Io } from "./io.ts";
import { readTopology } from "./topology_file.ts";

/**
 * Reads `file`, checks the capabilities of `command`, and calls `work` with a configurator.
 *
 * @throws {UsageError} The file cannot be read.
 * @throws {ConfigError} The file has faults.
 * @throws {Error} A capability is missing.
 */
export async function configureFrom<T>(
  file: string,
  command: string,
  needed: readonly Capability[],
  io: Io,
  work: (configurator: Configurator, config: NetworkConfig) => Promise<T>,
): Promise<T> {
  const config = await readTopology(file, io);
  requireCapabilities(command, needed);
  return await withConfigurator(config, (configurator) => work(configurator, config));
}

/**
 * Calls `work` with a configurator that resolves the namespaces of `config`, and closes its handler. It asks the
 * container runtime only if `config` names a container.
 */
export async function withConfigurator<T>(
  config: NetworkConfig,
  work: (configurator: Configurator) => Promise<T>,
): Promise<T> {
  await using handler = commandHandler();
  if (namesContainer(config)) await handler.handleMicroservices(new MicroserviceCtx());
  return await work(new Configurator(handler));
}

function namesContainer({ interfaces, arpEntries, routes }: NetworkConfig): boolean {
  return [...interfaces, ...arpEntries, ...routes].some((one) => namespaceOfItem(one)?.type === "microservice");
}
