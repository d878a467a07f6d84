/** Rules as the kernel reports them. */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { FIB_RULE_INVERT, RULE_ACTIONS } from "../constants/rule.ts";
import { nameOf } from "../wire/named_numbers.ts";
import { ruleMessage, type WireRange } from "./message.ts";
import type { Range, Rule } from "./types.ts";

/** What the kernel says of a route that is suppressed by neither its prefix nor its group. */
const NONE = 0xffffffff;
/** The masks that a newer kernel lists where none was given: all bits count. */
const WHOLE_DSCP = 0x3f, WHOLE_PORT = 0xffff;
/** Rules of multicast routing, of both IP versions, have families of their own. */
const OF_IP: readonly number[] = [AF_INET, AF_INET6];

/** The rule that a message of the kernel is about; undefined for one that is neither IPv4 nor IPv6. */
export function decodeRule(body: Uint8Array): Rule | undefined {
  if (!OF_IP.includes(body[0] ?? 0)) return undefined;
  const { family, dstLength, srcLength, tos, table, action, flags, attributes: a } = ruleMessage.decode(body);
  const name = nameOf(RULE_ACTIONS, action);
  const number = a.table ?? table;
  return defined({
    family,
    priority: a.priority ?? 0,
    action: name,
    table: number === 0 ? undefined : number,
    goto: a.goto,
    not: (flags & FIB_RULE_INVERT) !== 0,
    src: networkOf(a.src, srcLength),
    dst: networkOf(a.dst, dstLength),
    iif: a.iif,
    oif: a.oif,
    fwmark: a.fwmark,
    fwmask: a.fwmask,
    tos: tos === 0 ? undefined : tos,
    dscp: a.dscp,
    ipproto: a.ipproto,
    dscpMask: maskOf(a.dscpMask, WHOLE_DSCP),
    flowLabel: a.flowLabel,
    flowLabelMask: a.flowLabelMask,
    sport: rangeOf(a.sport),
    sportMask: maskOf(a.sportMask, WHOLE_PORT),
    dport: rangeOf(a.dport),
    dportMask: maskOf(a.dportMask, WHOLE_PORT),
    uidrange: rangeOf(a.uidrange),
    tunId: a.tunId,
    l3mdev: a.l3mdev ?? false,
    suppressPrefixlength: a.suppressPrefixlength === NONE ? undefined : a.suppressPrefixlength,
    suppressIfgroup: a.suppressIfgroup === NONE ? undefined : a.suppressIfgroup,
    realm: a.flow,
    protocol: a.protocol ?? 0,
    flags,
    unknown: a.unknown,
  });
}

function networkOf(address: string | undefined, length: number): string | undefined {
  return address === undefined ? undefined : `${address}/${length}`;
}

const maskOf = (mask: number | undefined, whole: number): number | undefined => mask === whole ? undefined : mask;

function rangeOf(range: WireRange | undefined): Range | undefined {
  return range === undefined ? undefined : [range.from, range.to];
}
