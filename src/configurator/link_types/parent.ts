/** The link that another one stands on: that below a VLAN, that by which the packets of a tunnel go. */
import { printable } from "../../../ffi/mod.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { parentOf } from "../../models/interface/interface_types.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { linkAt, lowerIndex } from "../observed/lookup.ts";
import { isAvailable, type ObservedLink } from "../observed/observed_namespace.ts";
import { itemsOf } from "../ownership/records.ts";
import type { NoLink, PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { findLink } from "./find_link.ts";
import type { FoundMember, Member } from "./link_type.ts";

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
  // Kernels before 6.15 do not say it of a tunnel over IP, and there is no number then.
  const id = parent.namespace === namespace ? undefined : namespace.namespaceId(parent.namespace);
  return !parent.isNew && index === parent.index && peerNamespaceId === id;
}

/** True of a VLAN that the kernel sets down and up again with the link below it. */
export function isCycledWithParent(builder: PlanBuilder, { model, namespace, link: { data } }: FoundMember): boolean {
  if (data?.kind !== "vlan" || data.looseBinding) return false;
  const parent = plannedParent(builder, { model, namespace });
  return parent !== undefined && !("reason" in parent) && parent.goesDown && parent.up;
}

/** True if a link was made in the namespace of `parent`: there the kernel looks for what it stands on. */
function isMadeWith({ namespace }: Member, { peerNamespaceId }: ObservedLink, parent: PlannedLink): boolean {
  if (parent.namespace === namespace) return peerNamespaceId === undefined;
  return peerNamespaceId !== undefined && namespace.namespaceId(parent.namespace) === peerNamespaceId;
}

/**
 * True if the kernel has the packets of a tunnel go by `parent` from now on. A VXLAN goes with the link by which they go now.
 */
export function canGoBy(builder: PlanBuilder, member: Member, link: ObservedLink, parent: PlannedLink): boolean {
  const { effects, input: { claims } } = builder;
  const { namespace } = parent;
  if (!isMadeWith(member, link, parent)) return false;
  const index = lowerIndex(link);
  if (index === undefined) return link.kind !== "vxlan"; // the kernel does not take the link from it again
  const below = linkAt(namespace, index);
  if (below === undefined || effects.isKept(namespace, below.index)) return true;
  return !effects.isGone(namespace, below.index) && claims.linkAt(namespace, below) === undefined;
}

/** The interface of the file whose link a VXLAN goes by now, whatever the file says of that. */
export function describedBelow(builder: PlanBuilder, model: LinuxInterface): LinuxInterface | undefined {
  const { descriptions, input: { claims, config, namespaceOf } } = builder;
  if (model.vxlan === undefined) return undefined;
  const namespace = namespaceOf(namespaceOfItem(model));
  const made = namespaceOf(namespaceOfItem(descriptions.index.parentOf(model) ?? model));
  if (!isAvailable(namespace) || !isAvailable(made)) return undefined;
  const link = findLink(builder, { model, namespace });
  const index = link && lowerIndex(link);
  const below = index === undefined ? undefined : linkAt(made, index);
  const record = below && claims.linkAt(made, below)?.record;
  const items = record === undefined ? [] : itemsOf(record);
  return config.interfaces.find(({ name }) => items.includes(interfaceItem(name)));
}
