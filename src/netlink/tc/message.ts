/** The messages of traffic control: struct tcmsg and TCA_…. See rtnetlink(7), linux/rtnetlink.h. */
import { attributesOf } from "../wire/attributes.ts";
import { message, type MessageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import { bytes } from "../wire/bytes.ts";
import { s32, u32, u64, u8 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";

/** struct tcmsg */
export interface TcHeader {
  readonly family: number;
  /** The index of the link. */
  readonly index: number;
  readonly handle: number;
  readonly parent: number;
  /** Of a qdisc, how many use it; of a class, the qdisc below it; of a filter, its priority and protocol. */
  readonly info: number;
}

/** TCA_… */
export interface TcAttributes {
  readonly kind?: string | undefined;
  readonly options?: Uint8Array<ArrayBuffer> | undefined;
  readonly stats?: Uint8Array<ArrayBuffer> | undefined;
  readonly xstats?: Uint8Array<ArrayBuffer> | undefined;
  readonly rateEstimator?: Uint8Array<ArrayBuffer> | undefined;
  readonly fcnt?: number | undefined;
  readonly stats2?: WireCounters | undefined;
  readonly stab?: Uint8Array<ArrayBuffer> | undefined;
  readonly invisible?: Uint8Array<ArrayBuffer> | undefined;
  readonly chain?: number | undefined;
  readonly offloaded?: number | undefined;
  readonly ingressBlock?: number | undefined;
  readonly egressBlock?: number | undefined;
}

/** TCA_STATS_… */
export interface WireCounters {
  readonly basic?: { readonly bytes: bigint; readonly packets: number } | undefined;
  readonly queue?: WireQueue | undefined;
  /** How many packets there were, where 32 bits are too few. */
  readonly packets?: bigint | undefined;
}

/** struct gnet_stats_queue */
export interface WireQueue {
  readonly qlen: number;
  readonly backlog: number;
  readonly drops: number;
  readonly requeues: number;
  readonly overlimits: number;
}

/** The codec of TCA_STATS2, of TCA_ACT_STATS too. */
export const wireCounters: MessageCodec<WireCounters> = attributesOf<WireCounters>({
  basic: [1, struct({ bytes: u64, packets: u32, pad: pad(4) })], // TCA_STATS_BASIC
  queue: [3, struct({ qlen: u32, backlog: u32, drops: u32, requeues: u32, overlimits: u32 })], // TCA_STATS_QUEUE
  packets: [8, u64], // TCA_STATS_PKT64
});

/** A message of traffic control. */
export type TcMessage = TcHeader & { readonly attributes: TcAttributes };

/** The codec of the messages of qdiscs, classes and filters. */
export const tcMessage: MessageCodec<TcMessage> = message(
  struct({ family: u8, pad: pad(3), index: s32, handle: u32, parent: u32, info: u32 }),
  attributesOf<TcAttributes>({
    kind: [1, text], // TCA_KIND
    options: [2, bytes], // TCA_OPTIONS
    stats: [3, bytes], // TCA_STATS
    xstats: [4, bytes], // TCA_XSTATS
    rateEstimator: [5, bytes], // TCA_RATE
    fcnt: [6, u32], // TCA_FCNT
    stats2: [7, wireCounters], // TCA_STATS2
    stab: [8, bytes], // TCA_STAB
    invisible: [10, bytes], // TCA_DUMP_INVISIBLE
    chain: [11, u32], // TCA_CHAIN
    offloaded: [12, u8], // TCA_HW_OFFLOAD
    ingressBlock: [13, u32], // TCA_INGRESS_BLOCK
    egressBlock: [14, u32], // TCA_EGRESS_BLOCK
  }),
);
