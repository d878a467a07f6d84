/** Decides for each interface of the file whether its link is kept and changed, adopted, refused, or made anew. */
import { groupBy } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { linkWithAlternativeName } from "../observed/lookup.ts";
import {
  isAvailable,
  type ObservedAddress,
  type ObservedLink,
  type ObservedNamespace,
} from "../observed/observed_namespace.ts";
import { isAdded } from "../ownership/added_addresses.ts";
import type { ClaimedLink } from "../ownership/claims.ts";
import type { BorrowedRecord } from "../ownership/records.ts";
import { adoptedLink, linkLabel, neverAdopted, ownedByOther, type Refusal } from "../ownership/refusal.ts";
import { hasDescribedAddresses, planAddresses } from "../plan/addresses.ts";
import type { LinkChange } from "../plan/actions.ts";
import { changeLink } from "../plan/change_link.ts";
import { isIpv6 } from "../plan/address_change.ts";
import { isImpairedAsDescribed } from "../plan/impair.ts";
import { restoreKernelRoutes } from "../plan/kernel_routes.ts";
import { refusedIpv6, refusedSmall } from "../plan/ipv6_mtu.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import { reasonNotToAdopt, reasonNotToReplace, replaceForeign } from "./adopt.ts";
import { isDescribedPort, planBridgePort } from "./bridge_port.ts";
import { keepEntriesOfOthers } from "./kept_entries.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";
import { claimOf, recordOfBorrowed, recordOfKept, recordOfMatching } from "./link_records.ts";
import { describedMaster, hasDescribedMaster, masterChange, planMaster } from "./master.ts";
import { LINK_TYPES } from "./all_link_types.ts";
import { reasonToStay } from "./used_by_others.ts";
import { refusedForeign, refusedStray } from "./stray.ts";
import { raiseUppers } from "./upper_mtus.ts";
import { describedBelow, isCycledWithParent } from "./parent.ts";
import { makeRoom, reasonNotToMakeRoom } from "./remove_link.ts";
import { keepRecordOf, refuse, setAllAside, setAside } from "./set_aside.ts";
import { changeOfUsed, recordOfUsed } from "./use_link.ts";
import { addressInTheWay, hasAddedAddresses, planAddedAddresses } from "./used_addresses.ts";
import { giveMasterBack, isCycledBack } from "./used_master.ts";

/** Plans every interface of the file. */
export function planInterfaces(builder: PlanBuilder): void {
  const byType = groupBy(builder.input.config.interfaces, ({ type }) => LINK_TYPES[type]);
  const begun = new Set<LinuxInterface>();
  for (const type of Object.values(LINK_TYPES)) {
    for (const model of byType.get(type) ?? []) planAfterOthers(builder, model, begun);
  }
}

/** Plans an interface after those that it needs: its master, what it stands on, and those of its peer. */
function planAfterOthers(builder: PlanBuilder, model: LinuxInterface, begun: Set<LinuxInterface>): void {
  if (builder.links.has(model.name) || begun.has(model)) return; // planned with its peer, or after itself
  begun.add(model);
  const type = LINK_TYPES[model.type];
  const members = type.members(builder, model);
  for (const one of "reason" in members ? [model] : members) {
    const master = describedMaster(builder, one);
    const parent = builder.descriptions.index.parentOf(one);
    for (const other of [master, parent, describedBelow(builder, one)]) {
      if (other !== undefined) planAfterOthers(builder, other, begun);
    }
  }
  planInterface(builder, type, model);
}

function planInterface(builder: PlanBuilder, type: LinkType, model: LinuxInterface): void {
  const models = type.members(builder, model);
  if ("reason" in models) return setAside(builder, [model], models.reason);
  const members: Member[] = [];
  for (const one of models) {
    const namespace = builder.input.namespaceOf(namespaceOfItem(one));
    if (!isAvailable(namespace)) return setAllAside(builder, models);
    members.push({ model: one, namespace });
  }
  const refusal = members.map((one) => type.refuses?.(builder, one)).find((one) => one !== undefined);
  if (refusal !== undefined) return refuse(builder, members, refusal);
  const found = type.find(builder, members);
  if (found === undefined) makeLinks(builder, type, members);
  else planFound(builder, type, found);
}

/** Nobody's links are as described: `destroy --adopt` takes them away, but for those that are never taken over. */
function matchLinks(builder: PlanBuilder, type: LinkType, found: readonly FoundMember[]): void {
  for (const one of found) {
    const why = reasonNotToAdopt(builder, one.namespace, one.link) ?? type.notAdopted?.(builder, one);
    if (why === undefined) continue;
    const refusal = neverAdopted(one.namespace, one.link, why);
    for (const { model } of found) builder.spare(interfaceItem(model.name), refusal);
    return;
  }
  if (found.every(isImpairedAsDescribed)) builder.match(recordOfMatching(found));
}

/** The links exist: this configuration's are changed, somebody else's are left, refused or adopted. */
function planFound(builder: PlanBuilder, type: LinkType, found: readonly FoundMember[]): void {
  const { claims, adopt } = builder.input;
  const claimed = claimOf(builder, found);
  const used = claimed?.record.kind === "borrowed" && claimed.record.used !== undefined ? claimed.record : undefined;
  const small = found.map(({ model, namespace, link }) => (
    refusedSmall(builder, model, namespace, link, claimed?.record.kind === "link") ??
      (model.ipAddresses?.some(isIpv6)
        ? refusedIpv6(builder, {
          namespace,
          name: model.hostIfName,
          index: link.index,
          label: linkLabel(namespace, link),
        })
        : undefined)
  )).find((one) => one !== undefined);
  if (small !== undefined) return refuse(builder, found, small);
  if (type.uses && (claimed === undefined || used !== undefined)) return planUsed(builder, type, found, used);
  // A link that it only used is no more its own than another one.
  if (claimed !== undefined && (used === undefined || type.uses)) {
    const clash = clashOfNames(builder, found);
    if (clash !== undefined) return refuse(builder, found, clash);
    for (const one of claimed.record.kind === "borrowed" ? found : []) {
      const why = type.notAdopted?.(builder, one);
      if (why !== undefined) return refuse(builder, found, neverAdopted(one.namespace, one.link, why));
    }
    builder.keep(claimed.record, recordOfKept(claimed, found));
    return keepLinks(builder, type, found);
  }
  const owned = found.map(({ namespace, link }) => ({
    namespace,
    link,
    owner: claims.others.ownerOfLink(namespace, link),
  }))
    .find(({ owner }) => owner !== undefined);
  if (owned?.owner !== undefined) {
    return refuse(builder, found, ownedByOther(linkLabel(owned.namespace, owned.link), owned.owner));
  }
  if (used === undefined && found.every((one) => isAsDescribed(builder, type, one))) {
    if (!type.borrows) matchLinks(builder, type, found);
    return keepLinks(builder, type, found, "foreign"); // and nothing is recorded
  }
  const [first] = found.filter((one) => used !== undefined || !isAsDescribed(builder, type, one));
  if (first === undefined) return;
  for (const one of type.borrows ? [] : found) {
    const why = reasonNotToAdopt(builder, one.namespace, one.link) ?? type.notAdopted?.(builder, one);
    if (why === undefined) continue;
    const { namespace, link } = one;
    if (!adopt) return refuse(builder, found, refusedForeign(builder, one, undefined, why));
    return refuse(builder, found, refusedStray(builder, one) ?? neverAdopted(namespace, link, why));
  }
  if (!adopt && !type.borrows) return refuse(builder, found, refusedForeign(builder, first));
  const { used: _, ...before } = used ?? {};
  const record: BorrowedRecord = { ...recordOfBorrowed(builder, found), ...before };
  if (used !== undefined) builder.keep(used, record);
  for (const { model, namespace, link } of found) {
    const item = interfaceItem(model.name);
    const what = linkLabel(namespace, link);
    builder.add("adopt", item, { kind: "adopt", what, namespace, name: link.name }, { makes: () => record });
  }
  keepLinks(builder, type, found);
}

/** The link is used as what it is, and stays somebody else's. */
function planUsed(
  builder: PlanBuilder,
  type: LinkType,
  found: readonly FoundMember[],
  record: BorrowedRecord | undefined,
): void {
  const { claims, adopt } = builder.input;
  for (const member of found) {
    const { model, namespace, link } = member;
    const owner = claims.others.ownerOfLink(namespace, link);
    if (owner !== undefined) return refuse(builder, found, ownedByOther(linkLabel(namespace, link), owner));
    const inTheWay = addressInTheWay(member, record);
    if (inTheWay !== undefined && !adopt) return refuse(builder, found, inTheWay);
    if (record !== undefined) builder.keep(record, recordOfUsed(builder, member, record));
    else if (!isAsDescribed(builder, type, member)) {
      const what = linkLabel(namespace, link);
      const now = recordOfUsed(builder, member, undefined);
      const name = link.name;
      builder.add("adopt", interfaceItem(model.name), { kind: "use", what, namespace, name }, { makes: () => now });
    }
  }
  keepLinks(builder, type, found, record ?? "new");
}

function isAsDescribed(builder: PlanBuilder, type: LinkType, member: FoundMember): boolean {
  const { model, namespace, link } = member;
  const hasAddresses = type.uses ? hasAddedAddresses(member) : hasDescribedAddresses(model, namespace, link.index);
  return type.change(builder, member) === undefined && hasAddresses && (type.isConfigured?.(builder, member) ?? true) &&
    hasDescribedMaster(builder, member, link) && isDescribedPort(builder, member, link);
}

/**
 * Plans the changes of links that stay.
 *
 * @param use What is recorded of links that stay somebody else's and are used; `"new"`: nothing yet; `"foreign"`: they are as
 *   described, and are left.
 */
function keepLinks(
  builder: PlanBuilder,
  type: LinkType,
  found: readonly FoundMember[],
  use?: BorrowedRecord | "new" | "foreign",
): void {
  const used = typeof use === "object" ? use : undefined;
  for (const member of found) {
    const { model, namespace, link, hasCarrier } = member;
    builder.effects.keep(namespace, link.index);
    const master = masterChange(builder, member, link);
    const back = used && changeOfUsed(model, link, used);
    const change = changesOf(type.change(builder, member), back);
    const isCycled = change?.downFirst === true || isCycledWithParent(builder, member);
    const planned = changeLink(
      builder,
      model,
      namespace,
      link,
      hasCarrier,
      change,
      master.isCycled || isCycled || isCycledBack(member, used),
      used?.before[0],
    );
    builder.links.set(model.name, planned);
    planMaster(builder, member, planned, master);
    if (back?.mtu !== undefined) {
      const { uppers } = used?.before[0] ?? {};
      raiseUppers(builder, interfaceItem(model.name), namespace, link.mtu, { mtu: back.mtu, uppers });
    }
    if (used !== undefined) giveMasterBack(builder, member, planned, used);
    keepEntriesOfOthers(builder, member, planned, used, isCycled && planned.up);
    planBridgePort(builder, member, planned, master.change !== undefined);
    type.configure?.(builder, member, planned);
    if (use === undefined || use === "foreign") planAddresses(builder, model, planned);
    else planAddedAddresses(builder, member, planned, used);
    if (use === "new" || use === "foreign") continue;
    const isOwn = (one: ObservedAddress): boolean => (
      used === undefined ? model.ipAddresses?.includes(one.text) === true : isAdded(namespace, one, used)
    );
    restoreKernelRoutes(builder, model, planned, isOwn);
  }
}

/** Two changes of a link as one. */
function changesOf(change: LinkChange | undefined, back: LinkChange | undefined): LinkChange | undefined {
  if (back === undefined) return change;
  const both = { ...change, ...back };
  return Object.keys(both).length === 0 ? undefined : both;
}

/** A link of this configuration that is to get the name of a link that stays. */
function clashOfNames(builder: PlanBuilder, found: readonly FoundMember[]): Refusal | undefined {
  for (const { model, namespace, link } of found) {
    if (link.name === model.hostIfName) continue;
    const alternative = clashWithAlternativeName(namespace, model.hostIfName);
    if (alternative !== undefined) return alternative;
    const other = builder.remainingLink(namespace, model.hostIfName);
    if (other === undefined || other.index === link.index) continue;
    const { claims } = builder.input;
    if (claims.linkAt(namespace, other) !== undefined) continue;
    const owner = claims.others.ownerOfLink(namespace, other);
    return owner === undefined
      ? refusedForeign(builder, { namespace, link: other }, "delete it")
      : ownedByOther(linkLabel(namespace, other), owner);
  }
  return undefined;
}

/** Alternative names are names: the kernel gives no link a name that any link has as an alternative one. */
function clashWithAlternativeName(namespace: ObservedNamespace, name: string): Refusal | undefined {
  const link = linkWithAlternativeName(namespace, name);
  if (link === undefined) return undefined;
  const reason = `${name} is an alternative name of ${linkLabel(namespace, link)}`;
  return { reason, owner: null, hint: "choose another hostIfName" };
}

/** Removes or refuses what has the names of the members, and makes the links. */
function makeLinks(builder: PlanBuilder, type: LinkType, members: readonly Member[]): void {
  const { claims, adopt } = builder.input;
  const own: { readonly model: LinuxInterface; readonly claimed: ClaimedLink }[] = [];
  const foreign: (Member & { readonly link: ObservedLink })[] = [];
  for (const member of members) {
    const { model, namespace } = member;
    const alternative = clashWithAlternativeName(namespace, model.hostIfName);
    if (alternative !== undefined) return refuse(builder, members, alternative);
    const link = builder.remainingLink(namespace, model.hostIfName);
    if (link === undefined) continue;
    const claimed = claims.linkAt(namespace, link);
    if (claimed !== undefined) {
      const { effects } = builder;
      if (!effects.isKept(namespace, link.index)) {
        const why = reasonNotToMakeRoom(builder, claimed, namespace, link);
        if (why !== undefined) return refuse(builder, members, adoptedLink(namespace, link, why));
        // One that was adopted is given back with what it has, or made again with it.
        const stays = claimed.record.kind === "link" ? reasonToStay(builder, claimed.ends) : undefined;
        if (stays !== undefined) return refuse(builder, members, stays);
        own.push({ model, claimed });
      } else if (effects.linkOf(namespace, link).name === model.hostIfName) {
        setAside(builder, members.map(({ model }) => model), reasonOfKept(claimed, member, link));
        for (const { model } of members) keepRecordOf(builder, model);
        return;
      } // else it goes by another name before this one is made
      continue;
    }
    const owner = claims.others.ownerOfLink(namespace, link);
    if (owner !== undefined) return refuse(builder, members, ownedByOther(linkLabel(namespace, link), owner));
    if (type.borrows) {
      return refuse(builder, members, refusedForeign(builder, { namespace, link }, "take it away"));
    }
    const why = reasonNotToAdopt(builder, namespace, link) ?? reasonNotToReplace(builder, namespace, link);
    if (!adopt) return refuse(builder, members, refusedForeign(builder, { namespace, link }, undefined, why));
    if (why !== undefined) {
      const refusal = refusedStray(builder, { namespace, link }) ?? neverAdopted(namespace, link, why);
      return refuse(builder, members, refusal);
    }
    foreign.push({ model, namespace, link });
  }
  for (const { model, claimed } of own) makeRoom(builder, interfaceItem(model.name), claimed);
  for (const { model, namespace, link } of foreign) replaceForeign(builder, model, namespace, link);
  const missing = type.create(builder, members);
  if (missing?.broken) refuse(builder, members, { reason: missing.reason });
  else if (missing !== undefined) setAside(builder, members.map(({ model }) => model), missing.reason);
}

/** A link of another item, which waits, stays in the place of this one; or of a pair, as the other end of this one waits. */
function reasonOfKept({ ends, record }: ClaimedLink, { model, namespace }: Member, link: ObservedLink): string {
  const position = ends.findIndex((end) => end?.namespace === namespace && end.link.index === link.index);
  const item = record.ends[position]?.item;
  const other = record.ends[1 - position]?.item;
  const isOwn = item === interfaceItem(model.name) && other !== undefined;
  const whose = isOwn ? `paired with the link of ${other}` : `the link of ${item}`;
  return `${linkLabel(namespace, link)} is ${whose}, which waits`;
}
