/** The link that another one stands on: that below a VLAN, that by which the packets of a tunnel go. */
import { printable } from "../../../ffi/mod.ts";
import { parentOf } from "../../models/interface/interface_types.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { isAvailable, type ObservedLink } from "../observed/observed_namespace.ts";
import type { NoLink, PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import type { Member } from "./link_type.ts";

/** The link that the file says an interface stands on; undefined if it says none. */
export function plannedParent(builder: PlanBuilder, { model, namespace }: Member): PlannedLink | NoLink | undefined {
  const parent = parentOf(model);
  if (parent === undefined) return undefined;
  const described = builder.descriptions.index.parentOf(model);
  if (described !== undefined) {
    const link = builder.links.get(described.name);
    if (link !== undefined && !("reason" in link)) return link;
    return { reason: `its parent ${described.name} is not there${link === undefined ? "" : `: ${link.reason}`}` };
  }
  const there = builder.remainingLink(namespace, parent);
  return there === undefined
    ? { reason: `there is no link ${printable(parent)} in ${printable(namespace.label)}` }
    : builder.effects.linkOf(namespace, there);
}

/** The link that an interface stands on, of a kind that goes through links of its own kind to the one below them. */
export function sharedParent(builder: PlanBuilder, member: Member): PlannedLink | NoLink | undefined {
  const described = builder.descriptions.index.parentOf(member.model);
  if (described === undefined || described === member.model || described.type !== member.model.type) {
    return plannedParent(builder, member);
  }
  const namespace = builder.input.namespaceOf(namespaceOfItem(described));
  return isAvailable(namespace)
    ? sharedParent(builder, { model: described, namespace })
    : { reason: `its parent ${described.name} is not there: ${namespace.reason}` };
}

/**
 * True if a link stands on `parent`.
 *
 * @param index The index of the link that it stands on, in the namespace of that.
 */
export function standsOn(
  { namespace }: Member,
  { peerNamespaceId }: ObservedLink,
  index: number | undefined,
  parent: PlannedLink,
): boolean {
  const id = parent.namespace === namespace ? undefined : namespace.namespaceId(parent.namespace);
  return !parent.isNew && index === parent.index && peerNamespaceId === id;
}
