/** The rules that the kernel makes in every namespace. */
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import type { Rule } from "../../netlink/rule/types.ts";

/** RT_TABLE_DEFAULT of linux/rtnetlink.h */
const RT_TABLE_DEFAULT = 253;
/** The rules that each namespace has of each IP version: the priority of each, and the table that it looks up. */
export const INITIAL_RULES: readonly (readonly [priority: number, table: number, family: "both" | "IPV4"])[] = [
  [0, RT_TABLE_LOCAL, "both"],
  [32_766, RT_TABLE_MAIN, "both"],
  [32_767, RT_TABLE_DEFAULT, "IPV4"],
];

/** A rule that each namespace has, or that the kernel makes for VRFs. */
export function isInitialRule(rule: Rule): boolean {
  const { priority, table, action, protocol, l3mdev, src, dst, iif, oif, fwmark, uidrange } = rule;
  const { not, ipproto, sport, dport, suppressPrefixlength } = rule;
  if (protocol === RTPROT_KERNEL && l3mdev) return true;
  const narrowed = [src, dst, iif, oif, fwmark || undefined, uidrange, ipproto, sport, dport, suppressPrefixlength];
  return action === "lookup" && !not && narrowed.every((one) => one === undefined) &&
    INITIAL_RULES.some(([at, of]) => priority === at && table === of);
}
