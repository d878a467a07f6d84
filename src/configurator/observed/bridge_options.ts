/** The options of a bridge that the kernel shows otherwise than somebody set them. */
import type { LinkKind } from "../../netlink/link/kinds/link_spec.ts";

/** True of a bridge whose addresses age faster for a while, until spanning tree's topology is the same again. */
export function isAgeingShortened(data: LinkKind | undefined): boolean {
  return data?.kind === "bridge" && data.topologyChange === true && data.stpState === 1 &&
    data.forwardDelay !== undefined && data.ageingTime === 2 * data.forwardDelay;
}

/** The options of a link but for the ageing time that the kernel gives it: what somebody set, the kernel does not say then. */
export function withoutShortened(data: LinkKind | undefined): LinkKind | undefined {
  if (data?.kind !== "bridge" || !isAgeingShortened(data)) return data;
  const { ageingTime: _, ...others } = data;
  return others;
}
