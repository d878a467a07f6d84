/** What differs between a link that is there and the interface that describes it. */
import type { LinuxInterface } from "../../models/interface.ts";
import { carrierOf, type LinkChange, type Slot } from "./actions.ts";
import { type Draft, interfaceItem } from "./plan_builder.ts";
import type { ActualLink, Space } from "../observed/observed_namespace.ts";

/**
 * Plans the change of a link that stays: only of what the file gives and the link has not. `carried` says whether what
 * is below it will carry packets.
 */
export function changeLink(
  draft: Draft,
  model: LinuxInterface,
  space: Space,
  link: ActualLink,
  carried: boolean,
): Slot {
  const { hostIfName, physAddress, mtu, enabled } = model;
  const change: LinkChange = {
    ...link.name === hostIfName ? {} : { name: hostIfName },
    ...physAddress === undefined || physAddress === link.address ? {} : { address: physAddress },
    ...mtu === undefined || mtu === link.mtu ? {} : { mtu },
    ...enabled === link.up ? {} : { up: enabled },
  };
  const slot = draft.addSlot({
    space,
    name: hostIfName,
    index: link.index,
    fresh: false,
    up: enabled,
    goesDown: link.up && !enabled,
    losesNeighbours: change.address !== undefined || change.up === false,
    carrier: carrierOf(link.up && link.carrier, enabled && carried),
  });
  if (Object.keys(change).length > 0) {
    draft.do("change", interfaceItem(model.name), { kind: "change-link", slot, name: link.name, change });
  }
  return slot;
}
