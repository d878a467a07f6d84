/** What is remembered of the way to a destination: RTA_METRICS. See ip-route(8), linux/rtnetlink.h. */
import { attributes, type Codec } from "../wire/codec.ts";
import type { Route } from "./types.ts";
import { text, u32 } from "../wire/values.ts";

/** RTA_METRICS */
export const metrics: Codec<NonNullable<Route["metrics"]>> = attributes({
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
});
