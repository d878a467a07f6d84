/** Plans the links of the interfaces, of whatever type: kept and changed, made, or taken away. */
import { groupBy } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { linkNamed } from "../observed/lookup.ts";
import { isAvailable, type ObservedNamespace, type UnavailableNamespace } from "../observed/observed_namespace.ts";
import { planAddresses } from "../plan/addresses.ts";
import { changeLink } from "../plan/change_link.ts";
import type { FormerInterface } from "../plan/descriptions.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import type { FoundMember, LinkType, Member, RemovedInterface } from "./link_type.ts";
import { LINK_TYPES } from "./registry.ts";

/** Plans every interface of the file. */
export function planInterfaces(builder: PlanBuilder): void {
  const { interfaces } = builder.input.config;
  for (const model of interfaces) removeFormerType(builder, model);
  const byType = groupBy(interfaces, ({ type }) => LINK_TYPES[type]);
  for (const type of Object.values(LINK_TYPES)) {
    for (const model of byType.get(type) ?? []) {
      if (!builder.links.has(model.name)) planInterface(builder, type, model); // not yet planned with its peer
    }
  }
}

/** Takes away the link of an interface that had another type before, and the same name: it would be in the way. */
function removeFormerType(builder: PlanBuilder, model: LinuxInterface): void {
  const former = builder.descriptions.former(model);
  if (former === undefined || former.model.type === model.type) return;
  if (former.model.hostIfName === model.hostIfName) removeInterface(builder, former);
}

function planInterface(builder: PlanBuilder, type: LinkType, model: LinuxInterface): void {
  const models = type.members(builder, model);
  if ("reason" in models) return setAside(builder, model, { ...models, broken: false });
  const members: Member[] = [];
  for (const one of models) {
    const namespace = builder.input.namespaceOf(namespaceOfItem(one));
    if (!isAvailable(namespace)) return setAllAside(builder, type, models);
    members.push({ model: one, namespace });
  }
  const found = type.find(builder, members);
  if (found === undefined) makeLinks(builder, type, members);
  else for (const member of found) keepLink(builder, type, member);
}

function keepLink(builder: PlanBuilder, type: LinkType, { model, namespace, link, hasCarrier }: FoundMember): void {
  builder.effects.keep(namespace, link.index);
  const planned = changeLink(builder, model, namespace, link, hasCarrier, type.change(model, link));
  builder.links.set(model.name, planned);
  planAddresses(builder, model, planned);
}

/** Deletes what has the names of the members, unless one of these links must stay, and makes the links. */
function makeLinks(builder: PlanBuilder, type: LinkType, members: readonly Member[]): void {
  const inTheWay = members.flatMap((member) => {
    const link = builder.remainingLink(member.namespace, member.model.hostIfName);
    return link === undefined ? [] : [{ ...member, link }];
  });
  for (const { namespace, link } of inTheWay) {
    const reason = type.reasonToKeep(builder, namespace, link);
    if (reason === undefined) continue;
    const failure = { reason: `${link.name} in ${namespace.label} ${reason}`, broken: true };
    for (const { model } of members) setAside(builder, model, failure);
    return;
  }
  for (const { model, namespace, link } of inTheWay) {
    builder.deleteLink(interfaceItem(model.name), namespace, link);
  }
  const missing = type.create(builder, members);
  if (missing === undefined) return;
  for (const { model } of members) setAside(builder, model, { ...missing, broken: false });
}

/** The interface has no link: it waits for one, or fails if waiting does not help. */
function setAside(builder: PlanBuilder, { name }: LinuxInterface, { reason, broken }: UnavailableNamespace): void {
  if (broken) builder.fail(interfaceItem(name), reason);
  else builder.wait(interfaceItem(name), reason);
  builder.links.set(name, { reason });
}

/** Sets every member aside, because the namespace of at least one of them is not available. */
function setAllAside(builder: PlanBuilder, type: LinkType, models: readonly LinuxInterface[]): void {
  const members = models.map((model) => ({ model, namespace: builder.input.namespaceOf(namespaceOfItem(model)) }));
  const unavailable = members.flatMap(({ model: { name }, namespace }) =>
    isAvailable(namespace) ? [] : [{ name, ...namespace }]
  );
  const [first] = unavailable;
  for (const { model, namespace } of members) {
    if (!isAvailable(namespace)) setAside(builder, model, namespace);
    else if (first !== undefined) {
      setAside(builder, model, { reason: `its peer ${first.name}: ${first.reason}`, broken: first.broken });
    }
  }
  if (!unavailable.some(({ ended }) => ended)) return;
  for (const { model, namespace } of members) {
    if (isAvailable(namespace)) removeOrphan(builder, type, model, namespace);
  }
}

/**
 * Deletes a link whose peer was in a container that has ended. Mostly the kernel has deleted both with the namespace of
 * the container, but not if somebody else keeps that, such as another container that shares it.
 */
function removeOrphan(
  builder: PlanBuilder,
  type: LinkType,
  { name, hostIfName }: LinuxInterface,
  namespace: ObservedNamespace,
): void {
  const link = linkNamed(namespace, hostIfName);
  if (link === undefined || !type.matches(link) || !builder.descriptions.had(namespace, link.name)) return;
  builder.deleteLink(interfaceItem(name), namespace, link);
}

/** Plans that the links of interfaces go that were described before and are no longer. */
export function removeInterfaces(builder: PlanBuilder): void {
  const { input: { earlier }, descriptions, effects } = builder;
  earlier.forEach(({ interfaces }, place) => {
    const index = descriptions.earlier[place];
    if (index === undefined) return;
    for (const model of interfaces) {
      const removed = removedInterface(builder, { model, index });
      if (removed === undefined || descriptions.has(removed.namespace, model.hostIfName)) continue;
      if (!effects.isKept(removed.namespace, removed.link.index)) LINK_TYPES[model.type].remove(builder, removed);
    }
  });
}

function removeInterface(builder: PlanBuilder, former: FormerInterface): void {
  const removed = removedInterface(builder, former);
  if (removed !== undefined) LINK_TYPES[former.model.type].remove(builder, removed);
}

/** The interface with its link, if that exists and stays so far as is planned. */
function removedInterface(builder: PlanBuilder, { model, index }: FormerInterface): RemovedInterface | undefined {
  const namespace = builder.input.namespaceOf(namespaceOfItem(model));
  const link = isAvailable(namespace) ? builder.remainingLink(namespace, model.hostIfName) : undefined;
  return isAvailable(namespace) && link !== undefined ? { model, index, namespace, link } : undefined;
}
