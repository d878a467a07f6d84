/** What tunnels over IPv6 have: IP6_TNL_F_…, and the flow information of their headers. See linux/ip6_tunnel.h. */
import type { LinkRef } from "../ref.ts";
import { u32 } from "../../wire/numbers.ts";
import { bitsOf, flagsWord, type OptionTable, type OwnFields } from "./kind_options.ts";
import { ENCAP_FIELDS, type EncapAttributes, type TunnelEncap } from "./tunnel_encap.ts";

/** What is particular to a tunnel over IPv6. */
export interface Ip6TunnelFields {
  /** The link by which packets go out; a number is its index. */
  readonly link?: LinkRef | number | undefined;
  /** The address of this end. */
  readonly local?: string | undefined;
  /** The address of the other end. */
  readonly remote?: string | undefined;
  /** The hop limit of packets that go out; 0 for that of the packet inside. @default {64} */
  readonly ttl?: number | undefined;
  /** How often packets may yet be put into tunnels. @default {4} */
  readonly encapLimit?: number | undefined;
  /** The traffic class of packets that go out. @default {0} */
  readonly tclass?: number | undefined;
  /** The flow label of packets that go out. @default {0} */
  readonly flowlabel?: number | undefined;
  /** Sends no encapsulation limit. */
  readonly ip6TnlFIgnEncapLimit?: boolean | undefined;
  /** Sends the traffic class of the packet inside. */
  readonly ip6TnlFUseOrigTclass?: boolean | undefined;
  /** Sends the flow label of the packet inside. */
  readonly ip6TnlFUseOrigFlowlabel?: boolean | undefined;
  /** A link of Mobile IPv6. */
  readonly ip6TnlFMip6Dev?: boolean | undefined;
  /** Copies the DSCP of packets that come in to the packet inside. */
  readonly ip6TnlFRcvDscpCopy?: boolean | undefined;
  /** Sends with the mark of the packet inside. */
  readonly ip6TnlFUseOrigFwmark?: boolean | undefined;
  /** The other end may be an address of this host. */
  readonly ip6TnlFAllowLocalRemote?: boolean | undefined;
  /** The mark of packets that go out. */
  readonly fwmark?: number | undefined;
  /** Routes and filters choose the other end of each packet. */
  readonly external?: boolean | undefined;
  /** UDP around the packets. */
  readonly encap?: TunnelEncap | undefined;
}

/** How attributes hold {@linkcode Ip6TunnelFields}: the traffic class and the flow label are one number. */
export interface Ip6TunnelWire extends Omit<Ip6TunnelFields, "encap" | "tclass" | "flowlabel">, EncapAttributes {
  readonly flowinfo?: number | undefined;
}

type Flags = Pick<Ip6TunnelFields, Extract<keyof Ip6TunnelFields, `ip6TnlF${string}`>>;

/** The entries of the flags, which are bits of the attribute `type`. */
export function ip6TunnelFlags(type: number): OptionTable<Flags> {
  const flag = bitsOf(type, flagsWord(u32));
  return {
    ip6TnlFIgnEncapLimit: flag(0x1),
    ip6TnlFUseOrigTclass: flag(0x2),
    ip6TnlFUseOrigFlowlabel: flag(0x4),
    ip6TnlFMip6Dev: flag(0x8),
    ip6TnlFRcvDscpCopy: flag(0x10),
    ip6TnlFUseOrigFwmark: flag(0x20),
    ip6TnlFAllowLocalRemote: flag(0x40),
  };
}

/** The fields that attributes hold otherwise. */
export const IP6_TUNNEL_FIELDS: OwnFields<Ip6TunnelFields, Ip6TunnelWire> = {
  ...ENCAP_FIELDS,
  tclass: true,
  flowlabel: true,
  flowinfo: false,
};

/** The options of a new tunnel, as `ip` has them. */
export function ip6TunnelDefaults({ external }: Ip6TunnelFields): { ttl?: number; encapLimit?: number } {
  return external ? {} : { ttl: 64, encapLimit: 4 };
}

const TCLASS_SHIFT = 20;
const FLOWLABEL = 0xfffff;

/** The flow information of a traffic class and a flow label. */
export function flowinfoOf({ tclass, flowlabel }: Ip6TunnelFields): number | undefined {
  if (tclass === undefined && flowlabel === undefined) return undefined;
  return ((tclass ?? 0) << TCLASS_SHIFT | (flowlabel ?? 0)) >>> 0;
}

/** What flow information holds. */
export function flowOf(flowinfo: number | undefined): Pick<Ip6TunnelFields, "tclass" | "flowlabel"> {
  if (flowinfo === undefined) return {};
  return { tclass: flowinfo >>> TCLASS_SHIFT & 0xff, flowlabel: flowinfo & FLOWLABEL };
}
