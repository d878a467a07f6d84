/** Next-hop objects as the kernel reports them. */
import { defined } from "../../collections.ts";
import { ROUTE_SCOPES, RTNH_F_ONLINK } from "../constants/route.ts";
import { decodeEncap } from "../route/encap/encap.ts";
import { nameOf } from "../wire/named_numbers.ts";
import { nextHopMessage } from "./message.ts";
import { GROUP_TYPES } from "./request.ts";
import type { NextHopObject } from "./types.ts";

/** The next-hop object that a message of the kernel is about. */
export function decodeNextHop(body: Uint8Array): NextHopObject {
  const { family, scope, protocol, flags, attributes: a } = nextHopMessage.decode(body);
  return defined({
    id: a.id ?? 0,
    family,
    scope: nameOf(ROUTE_SCOPES, scope),
    protocol,
    flags,
    linkIndex: a.oif,
    gateway: a.gateway,
    onLink: (flags & RTNH_F_ONLINK) !== 0,
    blackhole: a.blackhole ?? false,
    fdb: a.fdb ?? false,
    encap: decodeEncap(a),
    group: a.group?.map(({ id, weight, weightHigh }) => ({ id, weight: (weightHigh << 8 | weight) + 1 })),
    groupType: a.group === undefined ? undefined : nameOf(GROUP_TYPES, a.groupType ?? 0),
    resilient: a.resilient,
    unknown: a.unknown,
  });
}
