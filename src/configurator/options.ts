/** Options of a configurator, and checks of what untyped code may give: a typing mistake must not make an apply another one. */
import { shown } from "../errors.ts";
import type { NetworkConfig } from "../models/config.ts";
import { type FieldCheck, fieldsOf } from "../argument_fields.ts";
import type { AgentOptions } from "./agent/agent.ts";
import type { Progress } from "./report.ts";
import type { StateStore } from "./store/store.ts";

/** Options of `Configurator`. */
export interface ConfiguratorOptions {
  /** Where the state of each configuration is kept. @default {new FileStateStore()} */
  readonly store?: StateStore | undefined;
  /** The directory of named namespaces. @default {that of the handler} */
  readonly netnsDir?: string | undefined;
}

/** Options of `Configurator.plan`. */
export interface PlanOptions {
  /** Plans as if `apply` had the same option. */
  readonly adopt?: boolean | undefined;
}

/** Options of `Configurator.apply` and `Configurator.destroy`. */
export interface ApplyOptions {
  /** Is called after each step that is done. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Is called once if another apply or destroy holds the lock for longer than a second, with who holds it. */
  readonly onWait?: ((reason: string) => void) | undefined;
  /**
   * Ends the work: before it has begun, `apply` rejects with its reason; afterwards it stops between two requests and
   * reports what was done.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Takes over what somebody else made and is in the way, with the least change, and gives it back at destroy. Of
   * `destroy`: takes away what matches the file exactly, if nothing is remembered of it.
   */
  readonly adopt?: boolean | undefined;
  /**
   * Takes back everything that this apply did if anything fails, in reverse order. What cannot be taken back is
   * reported as failed.
   */
  readonly atomic?: boolean | undefined;
}

/** Checks the options of a configurator. */
export const checkConfiguratorOptions: FieldCheck<ConfiguratorOptions> = fieldsOf<ConfiguratorOptions>(
  "the options of a configurator",
  { store: true, netnsDir: true },
);

/** Checks the options of a plan. */
export const checkPlanOptions: FieldCheck<PlanOptions> = fieldsOf<PlanOptions>("the options of plan", {
  adopt: "boolean",
});

const checkApplyFields = fieldsOf<ApplyOptions>("the options of apply", {
  onProgress: true,
  onWait: true,
  signal: "signal",
  adopt: "boolean",
  atomic: "boolean",
});

const checkAgentFields = fieldsOf<AgentOptions>("the options of agent", {
  signal: "signal",
  onError: true,
  onWait: true,
  onApplied: true,
});

/**
 * Checks the options of apply and destroy.
 *
 * @throws {TypeError} They have another field, or a value that they cannot have.
 */
export function checkApplyOptions(options: ApplyOptions): void {
  checkApplyFields(options);
  checkFunction(options.onProgress, "onProgress");
  checkFunction(options.onWait, "onWait");
}

/**
 * Checks the options of an agent.
 *
 * @throws {TypeError} They have another field, or a value that they cannot have, or no signal.
 */
export function checkAgentOptions(options: AgentOptions): void {
  checkAgentFields(options);
  if (!(options.signal instanceof AbortSignal)) {
    throw new TypeError(`Cannot use ${shown(options.signal)} as signal: expected an AbortSignal`);
  }
  checkFunction(options.onError, "onError");
  checkFunction(options.onWait, "onWait");
  checkFunction(options.onApplied, "onApplied");
}

/**
 * Checks a configuration, which is what {@linkcode parseConfig} and {@linkcode readConfig} give.
 *
 * @throws {TypeError} It is none, as an object that was not read.
 */
export function checkIsConfig(config: NetworkConfig): void {
  const lists: readonly unknown[] = typeof config === "object" && config !== null
    ? [config.namespaces, config.interfaces, config.arpEntries, config.routes]
    : [undefined];
  if (lists.every(Array.isArray)) return;
  throw new TypeError(`Cannot use ${shown(config)} as a network: expected what parseConfig() or readConfig() gives`);
}

function checkFunction(given: unknown, name: string): void {
  if (given === undefined || typeof given === "function") return;
  throw new TypeError(`Cannot use ${shown(given)} as ${name}: expected a function`);
}
