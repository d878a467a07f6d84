/** Requests about next-hop objects: RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP. See ip-nexthop(8). */
import { AF_INET, AF_UNSPEC } from "../../../ffi/mod.ts";
import { filteredFamily } from "../family_filter.ts";
import { RTM_DELNEXTHOP, RTM_GETNEXTHOP, RTM_NEWNEXTHOP } from "../constants/messages.ts";
import { RTNH_F_ONLINK } from "../constants/route.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { wholeNumber } from "../../whole_number.ts";
import { encodeEncap } from "../route/encap/encap.ts";
import type { Unknown } from "../wire/attributes.ts";
import { fieldNames } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { afOf } from "../wire/ip.ts";
import { numberOf } from "../wire/named_numbers.ts";
import { type NextHopAttributes, nextHopMessage, type WireMember } from "./message.ts";
import type { NextHopFilter, NextHopGroupType, NextHopMember, NextHopObjectSpec, ResilientGroup } from "./types.ts";

/** NEXTHOP_GRP_TYPE_… */
export const GROUP_TYPES: Readonly<Record<NextHopGroupType, number>> = { mpath: 0, resilient: 1 };
/** The largest weight of a newer kernel; an older one takes up to 256. */
const MOST_WEIGHT = 65_536;

const fieldAt = fieldNames(nextHopMessage, { oif: "link", encapType: "encap" });

const checkFilter = fieldsOf<NextHopFilter>("a filter of next hops", {
  link: true,
  linkIndex: true,
  groups: "boolean",
  family: true,
});

const checkSpec = fieldsOf<NextHopObjectSpec>("a next hop", {
  id: true,
  family: true,
  protocol: true,
  scope: true,
  flags: true,
  link: true,
  linkIndex: true,
  gateway: true,
  onLink: "boolean",
  blackhole: "boolean",
  fdb: "boolean",
  encap: true,
  group: "list",
  groupType: true,
  resilient: true,
  unknown: "list",
});

const checkMember = fieldsOf<NextHopMember>("a member of a group of next hops", { id: true, weight: true });

const checkResilient = fieldsOf<ResilientGroup>("a resilient group", {
  buckets: true,
  idleTimer: true,
  unbalancedTimer: true,
  unbalancedTime: true,
  unknown: "list",
});

/** The request for the next-hop objects that a filter lets through. */
export function listNextHopsRequest(filter: NextHopFilter): NetlinkRequest {
  checkFilter(filter);
  const { family, linkIndex, groups } = filter;
  const body = encode(filteredFamily(family), 0, 0, { oif: linkIndex, groups: groups || undefined });
  return { type: RTM_GETNEXTHOP, flags: 0, body, label: "RTM_GETNEXTHOP" };
}

/**
 * The request that adds a next-hop object, or replaces the one of its id.
 *
 * @throws {TypeError} It has another field.
 * @throws {RangeError} A weight is not one.
 */
export function newNextHopRequest(spec: NextHopObjectSpec, replace: boolean): NetlinkRequest {
  checkSpec(spec);
  const { id, family, protocol = 0, linkIndex, gateway, onLink, blackhole, fdb, encap, group, unknown } = spec;
  if (spec.resilient !== undefined) checkResilient(spec.resilient);
  const { unbalancedTime: _, ...resilient } = spec.resilient ?? {};
  const body = group === undefined
    ? encode(family ?? (gateway === undefined ? AF_INET : afOf(gateway)), protocol, onLink ? RTNH_F_ONLINK : 0, {
      id,
      blackhole: blackhole || undefined,
      oif: blackhole ? undefined : linkIndex,
      gateway,
      fdb: fdb || undefined,
      ...encodeEncap(encap),
      unknown,
    })
    : encode(AF_UNSPEC, protocol, 0, {
      id,
      group: group.map(memberOf),
      groupType: spec.groupType === undefined ? undefined : numberOf(GROUP_TYPES, spec.groupType, "groupType"),
      fdb: fdb || undefined,
      resilient: spec.resilient === undefined ? undefined : resilient,
      unknown,
    });
  return {
    type: RTM_NEWNEXTHOP,
    flags: NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL),
    body,
    label: `RTM_NEWNEXTHOP ${id}`,
    fieldAt,
  };
}

/** The request that deletes a next-hop object, and the routes that lead to it. */
export function deleteNextHopRequest(id: number): NetlinkRequest {
  return { type: RTM_DELNEXTHOP, flags: 0, body: encode(AF_UNSPEC, 0, 0, { id }), label: `RTM_DELNEXTHOP ${id}` };
}

function encode(
  family: number,
  protocol: number,
  flags: number,
  attributes: NextHopAttributes & { readonly unknown?: Unknown | undefined },
): Uint8Array<ArrayBuffer> {
  return nextHopMessage.encode({ family, scope: 0, protocol, flags, attributes });
}

function memberOf(member: NextHopMember): WireMember {
  checkMember(member);
  const { id, weight = 1 } = member;
  const more = wholeNumber(weight, "a weight", 1, MOST_WEIGHT) - 1;
  return { id, weight: more & 0xff, weightHigh: more >> 8 };
}
