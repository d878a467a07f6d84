/** VLAN: the packets of another link with one tag. */
import { defined } from "../../collections.ts";
import type { VlanFields } from "../../models/interface/vlan.ts";
import type { VlanOptions } from "../../netlink/link/kinds/vlan.ts";
import { linkAt } from "../observed/lookup.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { LinkType, Member } from "./link_type.ts";
import { plannedParent } from "./parent.ts";
import { singleLink } from "./single_link.ts";

type Fields = Partial<VlanFields>;

/** ETH_P_8021Q, ETH_P_8021AD of linux/if_ether.h */
const PROTOCOLS = { "802.1Q": 0x8100, "802.1ad": 0x88a8 } as const;

/** The type VLAN. */
export const vlan: LinkType = singleLink<Fields, VlanOptions>({
  kind: "vlan",
  fields: ({ vlan = {} }) => vlan,
  withoutAddress: () => true,
  changeable: [],
  mtuBelow: () => 0,
  options: optionsOf,
  changes: (vlan) => ({ vlan }),
  configure: keepDown,
  spec: (base, fields, link) => ({ kind: "vlan", ...base, link, id: fields.id ?? 0, ...optionsOf(fields) }),
});

function optionsOf({ id, protocol }: Fields): Partial<VlanOptions> {
  return defined({ id, protocol: protocol && PROTOCOLS[protocol] });
}

/** Plans that a VLAN stays down which the file has down: the kernel sets it up with the link below. */
function keepDown(builder: PlanBuilder, member: Member, link: PlannedLink): void {
  const parent = link.up ? undefined : plannedParent(builder, member);
  if (parent === undefined || "reason" in parent || !parent.up) return;
  const wasUp = parent.index !== undefined && linkAt(parent.namespace, parent.index)?.up === true && !parent.goesDown;
  if (wasUp) return;
  const change = { kind: "change-link", link, name: link.name, change: { up: false } } as const;
  builder.add("after-carrier", interfaceItem(member.model.name), change);
}
