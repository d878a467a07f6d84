/** The changes that rtnetlink's multicast groups report. See rtnetlink(7), linux/rtnetlink.h. */
import { AF_BRIDGE } from "../../ffi/mod.ts";
import { decodeAddress } from "./address/reply.ts";
import type { Address } from "./address/types.ts";
import {
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTNLGRP_NEXTHOP,
} from "./constants/groups.ts";
import {
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWNEXTHOP,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "./constants/messages.ts";
import { decodeLink } from "./link/reply.ts";
import type { Link } from "./link/types.ts";
import { decodeNeighbour } from "./neighbour/reply.ts";
import type { Neighbour } from "./neighbour/types.ts";
import { decodeNextHop } from "./nexthop/reply.ts";
import type { NextHopObject } from "./nexthop/types.ts";
import { decodeRoute } from "./route/reply.ts";
import type { Route } from "./route/types.ts";
import { decodeRule } from "./rule/reply.ts";
import type { Rule } from "./rule/types.ts";

/** What can be followed. */
export type NetlinkGroup = "links" | "addresses" | "neighbours" | "routes" | "rules" | "nextHops";

/** The multicast groups of each. */
export const NETLINK_GROUPS: Readonly<Record<NetlinkGroup, readonly number[]>> = {
  links: [RTNLGRP_LINK],
  addresses: [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
  neighbours: [RTNLGRP_NEIGH],
  routes: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
  rules: [RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE],
  nextHops: [RTNLGRP_NEXTHOP],
};

/** Something that is new or changed, or that is gone. */
export type NetlinkChange =
  | { readonly kind: "link"; readonly action: "set" | "deleted"; readonly link: Link }
  | { readonly kind: "address"; readonly action: "set" | "deleted"; readonly address: Address }
  | { readonly kind: "neighbour"; readonly action: "set" | "deleted"; readonly neighbour: Neighbour }
  | { readonly kind: "route"; readonly action: "set" | "deleted"; readonly route: Route }
  | { readonly kind: "rule"; readonly action: "set" | "deleted"; readonly rule: Rule }
  | { readonly kind: "nextHop"; readonly action: "set" | "deleted"; readonly nextHop: NextHopObject };

/** Of the four message types of a family, RTM_DEL… is the second. */
const DELETED = 1;

/** The change that a message reports; undefined for a message that no list would hold. */
export function decodeChange(type: number, body: Uint8Array): NetlinkChange | undefined {
  const action = (type & 3) === DELETED ? "deleted" : "set";
  switch (type & ~3) {
    case RTM_NEWLINK: // a bridge also reports its ports, in messages of its own
      return body[0] === AF_BRIDGE ? undefined : { kind: "link", action, link: decodeLink(body) };
    case RTM_NEWADDR: {
      const address = decodeAddress(body);
      return address && { kind: "address", action, address };
    }
    case RTM_NEWROUTE: {
      const route = decodeRoute(body);
      return route && { kind: "route", action, route };
    }
    case RTM_NEWNEIGH: {
      const neighbour = decodeNeighbour(body);
      return neighbour && { kind: "neighbour", action, neighbour };
    }
    case RTM_NEWRULE: {
      const rule = decodeRule(body);
      return rule && { kind: "rule", action, rule };
    }
    case RTM_NEWNEXTHOP:
      return { kind: "nextHop", action, nextHop: decodeNextHop(body) };
    default:
      return undefined;
  }
}
