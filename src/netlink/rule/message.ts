/** The messages of rules: struct fib_rule_hdr and FRA_…. See linux/fib_rules.h. */
import { attributesOf, type Unknown } from "../wire/attributes.ts";
import { message, type MessageCodec } from "../wire/codec.ts";
import { pad, type Struct, struct } from "../wire/struct.ts";
import { ip } from "../wire/ip.ts";
import { flag } from "../wire/flags.ts";
import { be32, be64, u16, u32, u8 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";

/** struct fib_rule_hdr */
export interface RuleHeader {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  /** RT_TABLE_…, up to 255. */
  readonly table: number;
  /** FR_ACT_… */
  readonly action: number;
  /** FIB_RULE_… */
  readonly flags: number;
}

const users = struct({ from: u32, to: u32 });
const ports = struct({ from: u16, to: u16 });

/** The first and the last of a range. */
export type WireRange = Struct<{ readonly from: typeof u32; readonly to: typeof u32 }>;

/** FRA_… */
export interface RuleAttributes {
  readonly dst?: string | undefined;
  readonly src?: string | undefined;
  readonly iif?: string | undefined;
  readonly goto?: number | undefined;
  readonly priority?: number | undefined;
  readonly fwmark?: number | undefined;
  readonly flow?: number | undefined;
  readonly tunId?: bigint | undefined;
  readonly suppressIfgroup?: number | undefined;
  readonly suppressPrefixlength?: number | undefined;
  /** A table of any number. */
  readonly table?: number | undefined;
  readonly fwmask?: number | undefined;
  readonly oif?: string | undefined;
  readonly l3mdev?: boolean | undefined;
  readonly uidrange?: WireRange | undefined;
  readonly protocol?: number | undefined;
  readonly ipproto?: number | undefined;
  readonly sport?: WireRange | undefined;
  readonly dport?: WireRange | undefined;
  readonly dscp?: number | undefined;
  readonly flowLabel?: number | undefined;
  readonly flowLabelMask?: number | undefined;
  readonly sportMask?: number | undefined;
  readonly dportMask?: number | undefined;
  readonly dscpMask?: number | undefined;
}

/** The codec of the messages of rules. */
export const ruleMessage: MessageCodec<
  RuleHeader & { readonly attributes: RuleAttributes & { readonly unknown?: Unknown | undefined } }
> = message(
  struct({
    family: u8,
    dstLength: u8,
    srcLength: u8,
    tos: u8,
    table: u8,
    reserved: pad(2),
    action: u8,
    flags: u32,
  }),
  attributesOf<RuleAttributes>({
    dst: [1, ip], // FRA_DST
    src: [2, ip], // FRA_SRC
    iif: [3, text], // FRA_IIFNAME
    goto: [4, u32], // FRA_GOTO
    priority: [6, u32], // FRA_PRIORITY
    fwmark: [10, u32], // FRA_FWMARK
    flow: [11, u32], // FRA_FLOW
    tunId: [12, be64], // FRA_TUN_ID
    suppressIfgroup: [13, u32], // FRA_SUPPRESS_IFGROUP
    suppressPrefixlength: [14, u32], // FRA_SUPPRESS_PREFIXLEN
    table: [15, u32], // FRA_TABLE
    fwmask: [16, u32], // FRA_FWMASK
    oif: [17, text], // FRA_OIFNAME
    l3mdev: [19, flag], // FRA_L3MDEV
    uidrange: [20, users], // FRA_UID_RANGE
    protocol: [21, u8], // FRA_PROTOCOL
    ipproto: [22, u8], // FRA_IP_PROTO
    sport: [23, ports], // FRA_SPORT_RANGE
    dport: [24, ports], // FRA_DPORT_RANGE
    dscp: [25, u8], // FRA_DSCP
    flowLabel: [26, be32], // FRA_FLOWLABEL
    flowLabelMask: [27, be32], // FRA_FLOWLABEL_MASK
    sportMask: [28, u16], // FRA_SPORT_MASK
    dportMask: [29, u16], // FRA_DPORT_MASK
    dscpMask: [30, u8], // FRA_DSCP_MASK
  }),
);
