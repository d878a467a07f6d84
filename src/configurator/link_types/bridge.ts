/** BRIDGE: a switch, whose ports are the links that have it as their master. */
import { defined } from "../../collections.ts";
import type { BridgeFields } from "../../models/interface/bridge.ts";
import type { BridgeOptions } from "../../netlink/link/kinds/bridge.ts";
import { linkAt } from "../observed/lookup.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { LinkType, Member } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type BRIDGE. */
export const bridge: LinkType = singleLink<BridgeFields, BridgeOptions>({
  kind: "bridge",
  losesMtu: true,
  fields: ({ bridge = {} }) => bridge,
  changeable: [
    "stp",
    "vlanFiltering",
    "ageingTime",
    "forwardDelay",
    "priority",
    "multicastSnooping",
    "vlanDefaultPvid",
  ],
  options: optionsOf,
  ticks: ["ageingTime", "forwardDelay"],
  // The one while spanning tree's topology changes, the other of a kernel that was built without it.
  unsaid: ["ageingTime", "mcastSnooping"],
  changes: (bridge, { data }) => ({
    bridge: data?.kind === "bridge" && data.vlanDefaultPvid !== undefined ? bridge : withVlans(bridge),
  }),
  configure: refuseSnooping,
  spec: (base, fields) => ({ kind: "bridge", ...base, ...withVlans(optionsOf(fields)) }),
});

function optionsOf({ stp, multicastSnooping, ...same }: BridgeFields): BridgeOptions {
  return defined({ ...same, stpState: stp === undefined ? undefined : Number(stp), mcastSnooping: multicastSnooping });
}

/** The options so that a kernel without VLANs on bridges refuses them: it takes `vlanDefaultPvid` alone, and does nothing. */
function withVlans(options: Partial<BridgeOptions>): Partial<BridgeOptions> {
  const { vlanDefaultPvid, vlanFiltering = false } = options;
  return vlanDefaultPvid === undefined ? options : { ...options, vlanFiltering };
}

/** A kernel that was built without it ignores the option, and floods multicast. */
function refuseSnooping(builder: PlanBuilder, { model: { name, bridge } }: Member, link: PlannedLink): void {
  const data = link.isNew || link.index === undefined ? undefined : linkAt(link.namespace, link.index)?.data;
  if (!bridge?.multicastSnooping || data?.kind !== "bridge" || data.mcastSnooping !== undefined) return;
  builder.fail(interfaceItem(name), {
    reason: "bridge.multicastSnooping needs CONFIG_BRIDGE_IGMP_SNOOPING in the kernel",
    hint: "leave it out, or use such a kernel",
  });
}
