/** VRF_DEVICE: a routing domain, whose ports are the links that have it as their master. */
import { defined } from "../../collections.ts";
import type { VrfFields } from "../../models/interface/bond.ts";
import type { VrfOptions } from "../../netlink/link/kinds/vrf.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type VRF_DEVICE. */
export const vrfDevice: LinkType = singleLink<Partial<VrfFields>, VrfOptions>({
  kind: "vrf",
  fields: ({ vrf = {} }) => vrf,
  changeable: [],
  options: ({ table }) => defined({ table }),
  changes: (vrf) => ({ vrf }),
  spec: (base, { table = 0 }) => ({ kind: "vrf", ...base, table }),
});
