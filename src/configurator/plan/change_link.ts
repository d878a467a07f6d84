/** What differs between a link that exists and the interface that describes it. */
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { interfaceItem } from "../report.ts";
import type { LinkChange } from "./actions.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { carrierOf, PlannedLink } from "./planned_link.ts";

/** The change that makes a link what the interface says; undefined if it is that already. */
export function changeOf(model: LinuxInterface, { name, address, mtu, up }: ObservedLink): LinkChange | undefined {
  const change: LinkChange = defined({
    name: model.hostIfName === name ? undefined : model.hostIfName,
    address: model.physAddress === address ? undefined : model.physAddress,
    mtu: model.mtu === mtu ? undefined : model.mtu,
    up: model.enabled === up ? undefined : model.enabled,
  });
  return Object.keys(change).length === 0 ? undefined : change;
}

/**
 * Plans the change of a link that stays in its namespace.
 *
 * @param hasCarrier Whether what is below it will carry packets.
 * @param change What differs; undefined if nothing does.
 */
export function changeLink(
  builder: PlanBuilder,
  model: LinuxInterface,
  namespace: ObservedNamespace,
  observed: ObservedLink,
  hasCarrier: boolean,
  change: LinkChange | undefined,
): PlannedLink {
  const { hostIfName, enabled } = model;
  const link = builder.effects.add(
    new PlannedLink({
      namespace,
      name: hostIfName,
      index: observed.index,
      up: enabled,
      goesDown: observed.up && !enabled,
      losesNeighbours: change?.address !== undefined || change?.up === false,
      carrier: carrierOf(observed.up && observed.carrier, enabled && hasCarrier),
    }),
  );
  if (change !== undefined) {
    builder.add("change", interfaceItem(model.name), { kind: "change-link", link, name: observed.name, change });
  }
  return link;
}
