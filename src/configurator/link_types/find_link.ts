/** The link of an interface: by what this configuration owns, then by its name. */
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import type { Member } from "./link_type.ts";

/**
 * The link of this configuration with the host name of an interface; else the one that it made for this interface,
 * whatever that is called now, unless it is described as another interface; else the link of somebody else with the
 * host name.
 */
export function findLink(builder: PlanBuilder, { model, namespace }: Member): ObservedLink | undefined {
  const { descriptions, effects, input: { claims } } = builder;
  const named = builder.remainingLink(namespace, model.hostIfName);
  if (named !== undefined && claims.linkAt(namespace, named) !== undefined) return named;
  const claimed = claims.linkOfItem(interfaceItem(model.name));
  const end = claimed?.record.ends.findIndex(({ item }) => item === interfaceItem(model.name)) ?? -1;
  const own = claimed?.ends[end];
  const isOwn = own !== undefined && own.namespace === namespace && !effects.isGone(namespace, own.link.index) &&
    !effects.isKept(namespace, own.link.index) &&
    (own.link.name === model.hostIfName || !descriptions.has(namespace, own.link.name));
  return isOwn ? own.link : named;
}
