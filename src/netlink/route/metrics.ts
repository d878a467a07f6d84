/** What the kernel keeps of the way to a destination: RTA_METRICS. See ip-route(8), linux/rtnetlink.h. */
import { fieldsOf } from "../../argument_fields.ts";
import { attributesOf, type Unknown } from "../wire/attributes.ts";
import type { MessageCodec } from "../wire/codec.ts";
import { u32 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";

/** What the kernel keeps of the way to a destination. */
export interface RouteMetrics {
  /** Which of the others the kernel may not change: a bit for each, by its RTAX_… number. */
  readonly lock?: number | undefined;
  /** The largest packet, in bytes. */
  readonly mtu?: number | undefined;
  /** The largest window to advertise, in bytes. */
  readonly window?: number | undefined;
  /** The round-trip time, in eighths of a millisecond. */
  readonly rtt?: number | undefined;
  /** Its variance, in quarters of a millisecond. */
  readonly rttVariance?: number | undefined;
  /** The slow start threshold, in packets. */
  readonly slowStartThreshold?: number | undefined;
  /** The largest congestion window, in packets. */
  readonly congestionWindow?: number | undefined;
  /** The segment size to advertise, in bytes. */
  readonly advertisedMss?: number | undefined;
  /** How far packets may be out of order, in packets. */
  readonly reordering?: number | undefined;
  /** The hop limit, or time to live, of packets. */
  readonly hopLimit?: number | undefined;
  /** The first congestion window, in packets. */
  readonly initialCongestionWindow?: number | undefined;
  /** RTAX_FEATURE_…: 1 is ECN. */
  readonly features?: number | undefined;
  /** The shortest retransmission timeout, in milliseconds. */
  readonly minimalTimeout?: number | undefined;
  /** The first window to advertise, in packets. */
  readonly initialReceiveWindow?: number | undefined;
  /** Acknowledge at once: 1. */
  readonly quickAck?: number | undefined;
  /** The name of the congestion control. */
  readonly congestionControl?: string | undefined;
  /** Data with the first packet need no cookie (TCP Fast Open): 1. */
  readonly fastOpenNoCookie?: number | undefined;
  /** Metrics of a route that was listed which this library does not know. */
  readonly unknown?: Unknown | undefined;
}

const NUMBERS: Readonly<Record<Exclude<keyof RouteMetrics, "congestionControl" | "unknown">, true>> = {
  lock: true,
  mtu: true,
  window: true,
  rtt: true,
  rttVariance: true,
  slowStartThreshold: true,
  congestionWindow: true,
  advertisedMss: true,
  reordering: true,
  hopLimit: true,
  initialCongestionWindow: true,
  features: true,
  minimalTimeout: true,
  initialReceiveWindow: true,
  quickAck: true,
  fastOpenNoCookie: true,
};

/** The metrics that are numbers. */
export const NUMBER_METRICS: readonly string[] = Object.keys(NUMBERS);

/** Checks that metrics have no other field. */
export const checkMetrics: (metrics: RouteMetrics) => void = fieldsOf<RouteMetrics>("the metrics of a route", {
  ...NUMBERS,
  congestionControl: true,
  unknown: "list",
});

/** The codec of RTA_METRICS. */
export const metrics: MessageCodec<RouteMetrics> = attributesOf<Omit<RouteMetrics, "unknown">>({
  lock: [1, u32], // RTAX_LOCK
  mtu: [2, u32], // RTAX_MTU
  window: [3, u32], // RTAX_WINDOW
  rtt: [4, u32], // RTAX_RTT
  rttVariance: [5, u32], // RTAX_RTTVAR
  slowStartThreshold: [6, u32], // RTAX_SSTHRESH
  congestionWindow: [7, u32], // RTAX_CWND
  advertisedMss: [8, u32], // RTAX_ADVMSS
  reordering: [9, u32], // RTAX_REORDERING
  hopLimit: [10, u32], // RTAX_HOPLIMIT
  initialCongestionWindow: [11, u32], // RTAX_INITCWND
  features: [12, u32], // RTAX_FEATURES
  minimalTimeout: [13, u32], // RTAX_RTO_MIN
  initialReceiveWindow: [14, u32], // RTAX_INITRWND
  quickAck: [15, u32], // RTAX_QUICKACK
  congestionControl: [16, text], // RTAX_CC_ALGO
  fastOpenNoCookie: [17, u32], // RTAX_FASTOPEN_NO_COOKIE
});
