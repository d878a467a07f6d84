/** What differs between a link that is there and the interface that describes it. */
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { carrierOf, type LinkChange, type PlannedLink } from "./actions.ts";
import { interfaceItem, type PlanBuilder } from "./plan_builder.ts";

/**
 * Plans the change of a link that stays: only of what the file gives and the link has not. `hasCarrier` says whether
 * what is below it will carry packets.
 */
export function changeLink(
  builder: PlanBuilder,
  model: LinuxInterface,
  namespace: ObservedNamespace,
  observed: ObservedLink,
  hasCarrier: boolean,
): PlannedLink {
  const { hostIfName, physAddress, mtu, enabled } = model;
  const change: LinkChange = defined({
    name: hostIfName === observed.name ? undefined : hostIfName,
    address: physAddress === observed.address ? undefined : physAddress,
    mtu: mtu === observed.mtu ? undefined : mtu,
    up: enabled === observed.up ? undefined : enabled,
  });
  const link = builder.addLink({
    namespace,
    name: hostIfName,
    index: observed.index,
    fresh: false,
    up: enabled,
    goesDown: observed.up && !enabled,
    losesNeighbours: change.address !== undefined || change.up === false,
    carrier: carrierOf(observed.up && observed.carrier, enabled && hasCarrier),
  });
  if (Object.keys(change).length > 0) {
    builder.do("change", interfaceItem(model.name), { kind: "change-link", link, name: observed.name, change });
  }
  return link;
}
