/** The link of an interface, by its names. */
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { Member } from "./link_type.ts";

/**
 * The link with the host name of an interface; if there is none, the link with the name that the file gave it before,
 * unless the file uses that name for another interface now.
 */
export function findLink(builder: PlanBuilder, { model, namespace }: Member): ObservedLink | undefined {
  const link = builder.remainingLink(namespace, model.hostIfName);
  if (link !== undefined) return link;
  const before = builder.descriptions.former(model)?.model.hostIfName;
  return before === undefined || builder.descriptions.has(namespace, before)
    ? undefined
    : builder.remainingLink(namespace, before);
}
