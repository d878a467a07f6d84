/** IPVLAN: further IP addresses on another link, with the hardware address of that. */
import { defined } from "../../collections.ts";
import type { IpvlanFields } from "../../models/interface/macvlan.ts";
import { IPVLAN_MODE } from "../../netlink/constants/link.ts";
import type { IpvlanOptions } from "../../netlink/link/kinds/ipvlan.ts";
import type { Refusal } from "../ownership/refusal.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { findLink } from "./find_link.ts";
import type { LinkType, Member } from "./link_type.ts";
import { sharedParent } from "./parent.ts";
import { singleLink } from "./single_link.ts";
import { foreignLinkOn } from "./used_by_others.ts";

const link: LinkType = singleLink<Partial<IpvlanFields>, IpvlanOptions>({
  kind: "ipvlan",
  fields: ({ ipvlan = {} }) => ipvlan,
  withoutAddress: () => true,
  changeable: ["mode"],
  sharesParent: true,
  takesPackets: true,
  options: ({ mode }) => defined({ mode }),
  changes: (ipvlan) => ({ ipvlan }),
  spec: (base, { mode }, link) => ({ kind: "ipvlan", ...base, link, ...defined({ mode }) }),
});

/** The type IPVLAN. */
export const ipvlan: LinkType = {
  ...link,
  refuses: (builder, member) => clashOfModes(builder, member) ?? link.refuses?.(builder, member),
};

/** The kernel has one mode for all IPVLANs of a link: it would change that of somebody else's. */
function clashOfModes(builder: PlanBuilder, member: Member): Refusal | undefined {
  const own = findLink(builder, member);
  const mode = member.model.ipvlan?.mode ?? (own === undefined ? IPVLAN_MODE : undefined);
  const parent = sharedParent(builder, member);
  if (mode === undefined || parent === undefined || "reason" in parent) return undefined;
  const { namespace, index, isNew } = parent;
  if (isNew || index === undefined) return undefined;
  const other = foreignLinkOn(
    builder,
    namespace,
    index,
    ({ index, name, data }) => (
      data?.kind === "ipvlan" && data.mode !== undefined && data.mode !== mode &&
      !(index === own?.index && name === own.name)
    ),
  );
  return other && {
    reason: `all IPVLANs of ${parent.label} would get the mode ${mode}: ${other.reason}`,
    owner: other.owner ?? null,
    hint: "give it the mode of that one",
  };
}
