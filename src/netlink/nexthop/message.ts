/** The messages of next-hop objects: struct nhmsg and NHA_…. See linux/nexthop.h. */
import { attributesOf, NLA_F_NESTED, type Unknown } from "../wire/attributes.ts";
import { type Codec, message, type MessageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import { ip } from "../wire/ip.ts";
import { bytes } from "../wire/bytes.ts";
import { presence } from "../wire/flags.ts";
import { u16, u32, u64, u8 } from "../wire/numbers.ts";
import type { ResilientGroup } from "./types.ts";

/** struct nhmsg */
export interface NextHopHeader {
  readonly family: number;
  /** RT_SCOPE_… */
  readonly scope: number;
  /** RTPROT_… */
  readonly protocol: number;
  /** RTNH_F_… */
  readonly flags: number;
}

/** struct nexthop_grp */
export interface WireMember {
  readonly id: number;
  /** The weight less one. */
  readonly weight: number;
  /** Its upper 8 bits, of a newer kernel. */
  readonly weightHigh: number;
}

/** NHA_… */
export interface NextHopAttributes {
  readonly id?: number | undefined;
  readonly group?: readonly WireMember[] | undefined;
  readonly groupType?: number | undefined;
  readonly blackhole?: boolean | undefined;
  readonly oif?: number | undefined;
  readonly gateway?: string | undefined;
  readonly encapType?: number | undefined;
  readonly encap?: Uint8Array<ArrayBuffer> | undefined;
  /** Asks for groups alone. */
  readonly groups?: boolean | undefined;
  readonly master?: number | undefined;
  readonly fdb?: boolean | undefined;
  readonly resilient?: ResilientGroup | undefined;
  /** NHA_OP_FLAG_…: what the kernel can answer. */
  readonly opFlags?: number | undefined;
}

const member = struct({ id: u32, weight: u8, weightHigh: u8, reserved: pad(2) });

const members: Codec<readonly WireMember[]> = {
  write: (out, value) => {
    for (const one of value) member.write(out, one);
  },
  read: (input) => {
    const all: WireMember[] = [];
    while (input.left >= member.size) all.push(member.read(input));
    return all;
  },
};

/** The codec of the messages of next-hop objects. */
export const nextHopMessage: MessageCodec<
  NextHopHeader & { readonly attributes: NextHopAttributes & { readonly unknown?: Unknown | undefined } }
> = message(
  struct({ family: u8, scope: u8, protocol: u8, reserved: pad(1), flags: u32 }),
  attributesOf<NextHopAttributes>({
    id: [1, u32], // NHA_ID
    group: [2, members], // NHA_GROUP
    groupType: [3, u16], // NHA_GROUP_TYPE
    blackhole: [4, presence], // NHA_BLACKHOLE
    oif: [5, u32], // NHA_OIF
    gateway: [6, ip], // NHA_GATEWAY
    encapType: [7, u16], // NHA_ENCAP_TYPE
    encap: [8 | NLA_F_NESTED, bytes], // NHA_ENCAP
    groups: [9, presence], // NHA_GROUPS
    master: [10, u32], // NHA_MASTER
    fdb: [11, presence], // NHA_FDB
    resilient: [
      12 | NLA_F_NESTED, // NHA_RES_GROUP
      attributesOf<Omit<ResilientGroup, "unknown">>({
        buckets: [1, u16], // NHA_RES_GROUP_BUCKETS
        idleTimer: [2, u32], // NHA_RES_GROUP_IDLE_TIMER
        unbalancedTimer: [3, u32], // NHA_RES_GROUP_UNBALANCED_TIMER
        unbalancedTime: [4, u64], // NHA_RES_GROUP_UNBALANCED_TIME
      }),
    ],
    opFlags: [14, u32], // NHA_OP_FLAGS
  }),
);
