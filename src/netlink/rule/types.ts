/** Rules: which table the route of a packet is looked up in. See ip-rule(8). */
import type { RuleAction } from "../constants/rule.ts";
import type { LinkRef } from "../link/ref.ts";
import type { Unknown } from "../wire/attributes.ts";

/** The first and the last of a range. */
export type Range = readonly [from: number, to: number];

/** A rule, as the kernel has it. */
export interface Rule {
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** Its priority: the lowest comes first. */
  readonly priority: number;
  /** What it does with a packet. */
  readonly action: RuleAction | number;
  /** The number of the table it looks in. */
  readonly table?: number;
  /** The priority of the rule at which a `goto` goes on. */
  readonly goto?: number;
  /** True if it is for packets that do not fit. */
  readonly not: boolean;
  /** The network of the source. */
  readonly src?: string;
  /** The network of the destination. */
  readonly dst?: string;
  /** The name of the link by which packets come. */
  readonly iif?: string;
  /** The name of the link to which their socket is bound. */
  readonly oif?: string;
  /** Their mark. */
  readonly fwmark?: number;
  /** Which bits of the mark count. */
  readonly fwmask?: number;
  /** Their type of service. */
  readonly tos?: number;
  /** Their DSCP, of a newer kernel. */
  readonly dscp?: number;
  /** Which bits of the DSCP count; absent: all. */
  readonly dscpMask?: number;
  /** The flow label of IPv6, of a newer kernel. */
  readonly flowLabel?: number;
  /** Which bits of the flow label count; the kernel names them always. */
  readonly flowLabelMask?: number;
  /** Their protocol, IPPROTO_…: 6 TCP, 17 UDP. */
  readonly ipproto?: number;
  /** Their source ports. */
  readonly sport?: Range;
  /** Which bits of the source port count, of a newer kernel; absent: all. */
  readonly sportMask?: number;
  /** Their destination ports. */
  readonly dport?: Range;
  /** Which bits of the destination port count, of a newer kernel; absent: all. */
  readonly dportMask?: number;
  /** The users who send them. */
  readonly uidrange?: Range;
  /** The id of the tunnel by which they come. */
  readonly tunId?: bigint;
  /** True if the table is that of the VRF of the packet's link. */
  readonly l3mdev: boolean;
  /** A route whose prefix is this long, or shorter, does not count. */
  readonly suppressPrefixlength?: number;
  /** A route over a link of this group does not count. */
  readonly suppressIfgroup?: number;
  /** The realm it gives: the source's in the upper 16 bits, the destination's in the lower. */
  readonly realm?: number;
  /** Who made it, RTPROT_…: 0 not said, as of `ip rule`; 2 the kernel; 3 an administrator (RTPROT_BOOT). */
  readonly protocol: number;
  /** The kernel's flags, FIB_RULE_…. */
  readonly flags: number;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown;
}

/**
 * A link by its name, which a rule keeps even when there is no such link. The name of an index is looked up, except in a
 * batch, which asks nothing.
 */
export type RuleLink = LinkRef;

/** A rule to add or delete; what is absent fits every packet. One that was listed is sent back as it is. */
export interface RuleSpec {
  /** AF_INET or AF_INET6. @default {that of `src` or `dst`, or AF_INET} */
  readonly family?: number | undefined;
  /** Its priority: the lowest comes first. @default {the kernel chooses, before those that there are} */
  readonly priority?: number | undefined;
  /** What it does with a packet. @default {"lookup", or "goto" if that is given} */
  readonly action?: RuleAction | number | undefined;
  /** The number of the table it looks in. @default {254, the main one} */
  readonly table?: number | undefined;
  /** The priority of the rule at which it goes on. */
  readonly goto?: number | undefined;
  /** It is for packets that do not fit. */
  readonly not?: boolean | undefined;
  /** The network of the source. */
  readonly src?: string | undefined;
  /** The network of the destination. */
  readonly dst?: string | undefined;
  /** The link by which packets come. */
  readonly iif?: RuleLink | undefined;
  /** The link to which their socket is bound. */
  readonly oif?: RuleLink | undefined;
  /** Their mark. */
  readonly fwmark?: number | undefined;
  /** Which bits of the mark count. @default {all} */
  readonly fwmask?: number | undefined;
  /** Their type of service. */
  readonly tos?: number | undefined;
  /** Their DSCP; it needs a newer kernel. */
  readonly dscp?: number | undefined;
  /** Which bits of the DSCP count. @default {all} */
  readonly dscpMask?: number | undefined;
  /** The flow label of IPv6, of a newer kernel. */
  readonly flowLabel?: number | undefined;
  /** Which bits of the flow label count; the kernel wants them beside it. */
  readonly flowLabelMask?: number | undefined;
  /** Their protocol, IPPROTO_…: 6 TCP, 17 UDP. */
  readonly ipproto?: number | undefined;
  /** Their source port, or the first and last. */
  readonly sport?: number | Range | undefined;
  /** Which bits of the source port count, of a newer kernel. @default {all} */
  readonly sportMask?: number | undefined;
  /** Their destination port, or the first and last. */
  readonly dport?: number | Range | undefined;
  /** Which bits of the destination port count, of a newer kernel. @default {all} */
  readonly dportMask?: number | undefined;
  /** The user who sends them, or the first and last. */
  readonly uidrange?: number | Range | undefined;
  /** The id of the tunnel by which they come. */
  readonly tunId?: bigint | undefined;
  /** The table is that of the VRF of the packet's link. */
  readonly l3mdev?: boolean | undefined;
  /** A route whose prefix is this long, or shorter, does not count. */
  readonly suppressPrefixlength?: number | undefined;
  /** A route over a link of this group does not count. */
  readonly suppressIfgroup?: number | undefined;
  /** The realm it gives. */
  readonly realm?: number | undefined;
  /** Who makes it, RTPROT_…. @default {3, an administrator: RTPROT_BOOT} */
  readonly protocol?: number | undefined;
  /** The flags of a rule that was listed; `not` is the one that is sent. */
  readonly flags?: number | undefined;
  /** Attributes of a rule that was listed which this library does not know. */
  readonly unknown?: Unknown | undefined;
}

/** Which rules are listed. */
export interface RuleFilter {
  /** Only those of this family: AF_INET (2) or AF_INET6 (10); 4 and 6, the versions of IP, are taken too. */
  readonly family?: number | undefined;
  /** Only those that look in this table. */
  readonly table?: number | undefined;
}
