/** The messages of neighbours: struct ndmsg and NDA_…. See rtnetlink(7), linux/neighbour.h. */
import { attributesOf, type Unknown } from "../wire/attributes.ts";
import { type FixedCodec, message, type MessageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import { ip } from "../wire/ip.ts";
import { mac } from "../wire/mac.ts";
import { bytes } from "../wire/bytes.ts";
import { s32, u16, u32, u8 } from "../wire/numbers.ts";

/** struct ndmsg */
export interface NeighbourHeader {
  readonly family: number;
  /** The index of the link. */
  readonly index: number;
  /** NUD_… */
  readonly state: number;
  /** NTF_… */
  readonly flags: number;
  readonly type: number;
}

/** NDA_… */
export interface NeighbourAttributes {
  readonly dst?: string | undefined;
  readonly address?: string | undefined;
  readonly cacheInfo?: Uint8Array<ArrayBuffer> | undefined;
  readonly probes?: number | undefined;
  readonly vlan?: number | undefined;
  /** By which a list is filtered. */
  readonly linkIndex?: number | undefined;
  readonly master?: number | undefined;
  readonly protocol?: number | undefined;
  /** NTF_EXT_… */
  readonly flagsExt?: number | undefined;
}

/** The codec of struct ndmsg. */
export const neighbourHeader: FixedCodec<NeighbourHeader> = struct(
  { family: u8, pad: pad(3), index: s32, state: u16, flags: u8, type: u8 },
);

/** The codec of the messages of neighbours. */
export const neighbourMessage: MessageCodec<
  NeighbourHeader & { readonly attributes: NeighbourAttributes & { readonly unknown?: Unknown | undefined } }
> = message(
  neighbourHeader,
  attributesOf<NeighbourAttributes>({
    dst: [1, ip], // NDA_DST
    address: [2, mac], // NDA_LLADDR
    cacheInfo: [3, bytes], // NDA_CACHEINFO
    probes: [4, u32], // NDA_PROBES
    vlan: [5, u16], // NDA_VLAN
    linkIndex: [8, u32], // NDA_IFINDEX
    master: [9, u32], // NDA_MASTER
    protocol: [12, u8], // NDA_PROTOCOL
    flagsExt: [15, u32], // NDA_FLAGS_EXT
  }),
);
