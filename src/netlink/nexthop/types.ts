/** Next-hop objects: where routes lead, shared by many. See ip-nexthop(8). */
import type { RouteScope } from "../constants/route.ts";
import type { LinkRef } from "../link/ref.ts";
import type { RouteEncap } from "../route/encap/encap.ts";
import type { Unknown } from "../wire/attributes.ts";

/** A member of a group of next hops. */
export interface NextHopMember {
  /** The id of the next hop. */
  readonly id: number;
  /** Its share, from 1. @default {1} */
  readonly weight?: number | undefined;
}

/** How a group that keeps flows where they are when it changes does so: times are in hundredths of a second. */
export interface ResilientGroup {
  /** How many buckets the flows are put into. */
  readonly buckets?: number | undefined;
  /** How long a bucket must be idle before it moves. */
  readonly idleTimer?: number | undefined;
  /** How long the group may be unbalanced before buckets move that are in use; 0: for ever. */
  readonly unbalancedTimer?: number | undefined;
  /** How long it is unbalanced, of one that was listed. */
  readonly unbalancedTime?: bigint | undefined;
  /** Attributes of one that was listed which this library does not know. */
  readonly unknown?: Unknown | undefined;
}

/** How a group chooses. */
export type NextHopGroupType = "mpath" | "resilient";

/** A next-hop object, as the kernel has it. */
export interface NextHopObject {
  /** Its number. */
  readonly id: number;
  /** AF_INET (2) or AF_INET6 (10); 0 of a group. */
  readonly family: number;
  /** How far the gateway is. */
  readonly scope: RouteScope | number;
  /** Who made it, RTPROT_…. */
  readonly protocol: number;
  /** The kernel's flags, RTNH_F_…. */
  readonly flags: number;
  /** The index of the link that packets leave by. */
  readonly linkIndex?: number;
  /** The router. */
  readonly gateway?: string;
  /** The gateway is on the link even if no address there is in its network. */
  readonly onLink: boolean;
  /** True of one that drops packets. */
  readonly blackhole: boolean;
  /** True of one for the forwarding entries of a bridge or VXLAN. */
  readonly fdb: boolean;
  /** What it puts around packets. */
  readonly encap?: RouteEncap;
  /** The members of a group. */
  readonly group?: readonly Required<NextHopMember>[];
  /** How a group chooses. */
  readonly groupType?: NextHopGroupType | number;
  /** How a resilient group keeps flows where they are. */
  readonly resilient?: ResilientGroup;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown;
}

/** A next-hop object to add or replace. One that was listed is sent back as it is. */
export interface NextHopObjectSpec {
  /** Its number, from 1. */
  readonly id: number;
  /** AF_INET or AF_INET6, of one without a gateway. @default {that of the gateway, or AF_INET} */
  readonly family?: number | undefined;
  /** Who makes it, RTPROT_…. @default {0} */
  readonly protocol?: number | undefined;
  /** How far the gateway is, of one that was listed; the kernel finds it out, so it is not sent. */
  readonly scope?: RouteScope | number | undefined;
  /** The flags of one that was listed; the kernel alone sets them, so they are not sent. */
  readonly flags?: number | undefined;
  /** The link that packets leave by. */
  readonly link?: LinkRef | undefined;
  /** The index of that link; `link` wins. */
  readonly linkIndex?: number | undefined;
  /** The router. */
  readonly gateway?: string | undefined;
  /** The gateway is on the link even if no address there is in its network. */
  readonly onLink?: boolean | undefined;
  /** It drops packets. */
  readonly blackhole?: boolean | undefined;
  /** It is for the forwarding entries of a bridge or VXLAN. */
  readonly fdb?: boolean | undefined;
  /** What it puts around packets. */
  readonly encap?: RouteEncap | undefined;
  /** The members of a group, which is nothing else. */
  readonly group?: readonly NextHopMember[] | undefined;
  /** How the group chooses. @default {"mpath"} */
  readonly groupType?: NextHopGroupType | number | undefined;
  /** How a resilient group keeps flows where they are. */
  readonly resilient?: ResilientGroup | undefined;
  /** Attributes of one that was listed which this library does not know. */
  readonly unknown?: Unknown | undefined;
}

/** Which next-hop objects are listed. */
export interface NextHopFilter {
  /** Only those that leave by this link. */
  readonly link?: LinkRef | undefined;
  /** Only those that leave by the link with this index. */
  readonly linkIndex?: number | undefined;
  /** Only groups. */
  readonly groups?: boolean | undefined;
  /** Only those of this family: AF_INET (2) or AF_INET6 (10); 4 and 6, the versions of IP, are taken too. */
  readonly family?: number | undefined;
}
