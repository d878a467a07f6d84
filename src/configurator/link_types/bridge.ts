/** BRIDGE: a switch, whose ports are the links that have it as their master. */
import { defined } from "../../collections.ts";
import type { BridgeFields } from "../../models/interface/bridge.ts";
import type { BridgeOptions } from "../../netlink/link/kinds/bridge.ts";
import type { LinkType } from "./link_type.ts";
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
  changes: (bridge, { data }) => ({
    bridge: data?.kind === "bridge" && data.vlanDefaultPvid !== undefined ? bridge : withVlans(bridge),
  }),
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
