/** What a plan is made from. */
import type { NetworkConfig } from "../../models/config.ts";
import type { Namespace } from "../../namespace.ts";
import type { ObservedNamespace, UnavailableNamespace } from "../observed/observed_namespace.ts";

/** The description, what was described before, and the namespaces as they are. */
export interface PlanInput {
  /** What is described. */
  readonly config: NetworkConfig;
  /** What was described before, newest first: what is no longer described is taken away. */
  readonly earlier: readonly NetworkConfig[];
  /** Names of namespaces that earlier applies made. */
  readonly made: readonly string[];
  /** The namespace that `ns` names. Undefined is the default one. */
  namespaceOf(ns?: Namespace): ObservedNamespace | UnavailableNamespace;
  /** Every available namespace that was asked for. */
  namespaces(): Iterable<ObservedNamespace>;
  /** Opens what is needed to look into the namespaces that were asked for so far, all at once. */
  connect(): void;
  /** Who else uses a namespace, for people: `"process 42 runs in it"`; undefined if nobody does. */
  occupants(namespace: ObservedNamespace): string | undefined;
}
