/** A configurator for one command. */
import { Configurator } from "../configurator/configurator.ts";
import { MicroserviceCtx } from "../microservices/microservice.ts";
import { namespaceOfItem } from "../models/references.ts";
import type { NetworkConfig } from "../models/config.ts";
import { readConfig } from "./file.ts";
import { handlerOfCommand } from "./handler.ts";
import type { Io } from "./io.ts";
import { type Capability, requireCapabilities } from "./privilege.ts";

/**
 * Reads `file`, then makes sure that `command` may do its work, and only then calls `fn`.
 *
 * @throws {UsageError} The file cannot be read.
 * @throws {ConfigError} It has faults.
 * @throws {Error} A capability is missing.
 */
export async function configureFrom<T>(
  file: string,
  command: string,
  needed: readonly Capability[],
  io: Io,
  fn: (configurator: Configurator, config: NetworkConfig) => Promise<T>,
): Promise<T> {
  const config = await readConfig(file, io);
  requireCapabilities(command, needed);
  return await withConfigurator(config, (configurator) => fn(configurator, config));
}

/**
 * Calls `fn` with a configurator that can resolve the namespaces of `config`, and closes what it needed. The container
 * runtime is asked only if the configuration names a container.
 */
export async function withConfigurator<T>(
  config: NetworkConfig,
  fn: (configurator: Configurator) => Promise<T>,
): Promise<T> {
  await using handler = handlerOfCommand();
  if (namesContainer(config)) await handler.handleMicroservices(new MicroserviceCtx());
  return await fn(new Configurator(handler));
}

function namesContainer({ interfaces, arpEntries, routes }: NetworkConfig): boolean {
  return [...interfaces, ...arpEntries, ...routes].some((one) => namespaceOfItem(one)?.type === "microservice");
}
