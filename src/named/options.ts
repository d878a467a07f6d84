/** Options that the functions on named namespaces share. */
import { shown } from "../errors.ts";
import { fieldsOf } from "../argument_fields.ts";
import { checkDirectory, netnsDirectory } from "../switch/namespace_file.ts";
import type { SystemAPI } from "../system/api.ts";
import { newSystemHandler } from "../system/handler.ts";

/** Where named namespaces have their files, and what makes the system calls. */
export interface NamedOptions {
  /** The directory of their files. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
  /** What makes the system calls: tests make one fail. @default {new SystemHandler()} */
  readonly system?: SystemAPI | undefined;
}

const checkFields = fieldsOf<NamedOptions>("the options of named namespaces", { netnsDir: "any", system: "any" });

/**
 * Checks the options of untyped code: a typing mistake must not lead to the directory of the host.
 *
 * @throws {TypeError} They have another field, or a value that they cannot have.
 */
export function checkNamedOptions(options: NamedOptions): void {
  checkFields(options);
  checkDirectory(options.netnsDir);
  checkSystem(options.system);
}

/**
 * Checks what makes the system calls.
 *
 * @throws {TypeError} It is no object.
 */
export function checkSystem(system: unknown): void {
  if (system === undefined || typeof system === "object" && system !== null) return;
  throw new TypeError(`Cannot use ${shown(system)} as system: expected what makes the system calls`);
}

/**
 * The options with their defaults.
 *
 * @throws {TypeError} As {@linkcode checkNamedOptions}.
 */
export function withDefaults(options: NamedOptions): { readonly netnsDir: string; readonly system: SystemAPI } {
  checkNamedOptions(options);
  const { netnsDir = netnsDirectory(), system = newSystemHandler({ netnsDir }) } = options;
  return { netnsDir, system };
}
