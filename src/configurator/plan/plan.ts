/**
 * What has to be done so that everything is as described: the description against what is there. Nothing is touched;
 * what is there already is asked for and compared, so a second apply finds nothing to do.
 */
import { planNeighbours } from "./neighbours.ts";
import type { Task } from "./actions.ts";
import {
  arpItem,
  interfaceItem,
  isAvailable,
  namespaceItem,
  PlanBuilder,
  type PlanInput,
  routeItem,
} from "./plan_builder.ts";
import { planPairs } from "../link_types/veth.ts";
import { pruneEntries, pruneInterfaces, pruneNamespaces } from "./removals.ts";
import type { FailedItem, PendingItem } from "../report.ts";
import { planRoutes } from "./routes.ts";
import { planTaps } from "../link_types/auto_tap.ts";

/** A plan with all that is needed to carry it out. */
export interface PlanResult {
  /** The changes, in order. */
  readonly tasks: readonly Task[];
  /** How many items of the file are as described already. */
  readonly unchanged: number;
  /** What has to wait. */
  readonly pending: readonly PendingItem[];
  /** What cannot be. */
  readonly failed: readonly FailedItem[];
  /** True if something stays that is described no longer: it must be remembered. */
  readonly leaves: boolean;
}

/** Plans what makes `input.config` of what is there. */
export function plan(input: PlanInput): PlanResult {
  const builder = new PlanBuilder(input);
  input.connect();
  const { config } = input;
  for (const name of config.namespaces) {
    const namespace = input.namespaceOf({ type: "named", name });
    if (isAvailable(namespace)) builder.need(namespace, namespaceItem(name));
    else builder.fail(namespaceItem(name), namespace.unavailable);
  }
  planPairs(builder);
  planTaps(builder);
  // Links go before entries are looked at, which go with them.
  pruneInterfaces(builder);
  planRoutes(builder);
  planNeighbours(builder);
  pruneEntries(builder);
  pruneNamespaces(builder);
  const items = [
    ...config.namespaces.map(namespaceItem),
    ...config.interfaces.map(({ name }) => interfaceItem(name)),
    ...config.routes.map(({ name }) => routeItem(name)),
    ...config.arpEntries.map(({ name }) => arpItem(name)),
  ];
  return {
    tasks: builder.tasks,
    unchanged: items.filter((item) => builder.isUnchanged(item)).length,
    pending: builder.pending,
    failed: builder.failed,
    leaves: builder.leaves,
  };
}
