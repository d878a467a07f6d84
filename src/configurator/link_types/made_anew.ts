/** Links that go, and come again: what goes with them, and what others gave them. */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { addressesOf } from "../observed/lookup.ts";
import type { ClaimedEnd } from "../ownership/claims.ts";
import { extrasBefore } from "../ownership/recorded_extras.ts";
import { keyOfLink } from "../ownership/sysctl_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { stageOfSysctl } from "../plan/sysctls.ts";
import { interfaceItem } from "../report.ts";
import { LINK_TYPES } from "./all_link_types.ts";
import { addExtras } from "./restore.ts";
import { ipOf } from "./used_addresses.ts";

/**
 * Registers what goes with links that this configuration made and makes anew, and with others that make room for new ones. With
 * one that goes for good its addresses are lost, and nothing has to be read for that.
 */
export function loseWithLinks(builder: PlanBuilder): void {
  const { effects, links, input: { claims, config } } = builder;
  const newAddresses = effects.addressesOfNewLinks();
  let isAnew = false;
  for (const [namespace, gone] of effects.goneLinks()) {
    if (!newAddresses.has(namespace)) continue;
    isAnew = true;
    const staying = namespace.links().filter(({ index }) => !gone.has(index));
    const held = new Set(staying.flatMap(({ index }) => addressesOf(namespace, index)).map(({ text }) => ipOf(text)));
    for (const [index, item] of gone) {
      for (const { text } of addressesOf(namespace, index)) {
        if (!held.has(ipOf(text))) effects.loseAddress(namespace, ipOf(text), item);
      }
    }
  }
  if (!isAnew) return;
  const byItem = new Map(config.interfaces.map((model) => [interfaceItem(model.name), model]));
  for (const record of claims.records) {
    if (record.kind !== "link") continue;
    claims.claimed(record)?.ends.forEach((end, position) => {
      const model = byItem.get(record.ends[position]?.item ?? "");
      const link = model && links.get(model.name);
      if (end === undefined || model === undefined || link === undefined || "reason" in link || !link.isNew) return;
      if (link.namespace !== end.namespace || !effects.isGone(end.namespace, end.link.index)) return;
      effects.makeAnew(end.namespace, end.link.index, link);
      keepExtras(builder, model, end, link);
    });
  }
}

/**
 * Plans that a link which is made anew has what others gave the former one, but for its qdisc: with one it stays. The MTU of
 * IPv6 follows that of the link, and what one kind has says nothing of another.
 */
function keepExtras(builder: PlanBuilder, { name, type }: LinuxInterface, former: ClaimedEnd, link: PlannedLink): void {
  const { namespace } = former;
  const extras = extrasBefore(namespace, former.link, builder.input.claims) ?? {};
  const { altNames, group, promisc, allmulti, sysctls = {} } = extras;
  const isSameKind = LINK_TYPES[type].matches(former.link);
  const kept = Object.entries(sysctls).filter(([key]) => isSameKind && stageOfSysctl(key) === "link-sysctls")
    .map(([key, value]) => [keyOfLink(key, link.name), value]);
  addExtras(builder, interfaceItem(name), link, {
    ...{ group, promisc, allmulti },
    altNames: altNames?.filter((name) => name !== link.name),
    sysctls: Object.fromEntries(kept),
  });
}
