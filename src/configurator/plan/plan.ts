/**
 * What has to be done so that everything is as described: the description against what is there. Nothing is touched;
 * what is there already is asked for and compared, so a second apply finds nothing to do.
 */
import { planNeighbours } from "./neighbours.ts";
import type { Task } from "./actions.ts";
import { arpItem, Draft, interfaceItem, isSpace, namespaceItem, routeItem, type Situation } from "./plan_builder.ts";
import { planPairs } from "../link_types/veth.ts";
import { pruneEntries, pruneInterfaces, pruneNamespaces } from "./removals.ts";
import type { FailedItem, PendingItem } from "../report.ts";
import { planRoutes } from "./routes.ts";
import { planTaps } from "../link_types/tap.ts";
import { NamedNs } from "../../namespace.ts";

/** A plan with all that is needed to carry it out. */
export interface Drawn {
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

/** Plans what makes `situation.config` of what is there. */
export function plan(situation: Situation): Drawn {
  const draft = new Draft(situation);
  situation.connect();
  const { config } = situation;
  for (const name of config.namespaces) {
    const space = situation.spaceOf({ type: NamedNs, name });
    if (isSpace(space)) draft.need(space, namespaceItem(name));
    else draft.fail(namespaceItem(name), space.unavailable);
  }
  planPairs(draft);
  planTaps(draft);
  // Links go before entries are looked at, which go with them.
  pruneInterfaces(draft);
  planRoutes(draft);
  planNeighbours(draft);
  pruneEntries(draft);
  pruneNamespaces(draft);
  const items = [
    ...config.namespaces.map(namespaceItem),
    ...config.interfaces.map(({ name }) => interfaceItem(name)),
    ...config.routes.map(({ name }) => routeItem(name)),
    ...config.arpEntries.map(({ name }) => arpItem(name)),
  ];
  return {
    tasks: draft.tasks,
    unchanged: items.filter((item) => draft.isUnchanged(item)).length,
    pending: draft.pending,
    failed: draft.failed,
    leaves: draft.leaves,
  };
}
