/** What the kernel counts of qdiscs, classes and actions: TCA_STATS2. See tc(8), linux/gen_stats.h. */
import type { FieldRules } from "../../argument_fields.ts";
import type { WireCounters } from "./message.ts";

/** What was counted since it was made. */
export interface TcCounters {
  /** Bytes that left it, or that an action saw. */
  readonly bytes: bigint;
  /** Packets of the same. */
  readonly packets: bigint;
  /** Packets that it dropped. */
  readonly drops: number;
  /** How often a packet had to wait, or was marked, as the limit was reached. */
  readonly overlimits: number;
  /** How often a packet was put back, as the link did not take it. */
  readonly requeues: number;
  /** Bytes that wait in it. */
  readonly backlog: number;
  /** Packets that wait in it. */
  readonly qlen: number;
}

/** The fields of {@linkcode TcCounters}. */
export const COUNTER_FIELDS: FieldRules<TcCounters> = {
  bytes: true,
  packets: true,
  drops: true,
  overlimits: true,
  requeues: true,
  backlog: true,
  qlen: true,
};

/** The counters that the kernel gives. */
export function countersOf({ basic, queue, packets }: WireCounters): TcCounters {
  return {
    bytes: basic?.bytes ?? 0n,
    packets: packets ?? BigInt(basic?.packets ?? 0),
    drops: queue?.drops ?? 0,
    overlimits: queue?.overlimits ?? 0,
    requeues: queue?.requeues ?? 0,
    backlog: queue?.backlog ?? 0,
    qlen: queue?.qlen ?? 0,
  };
}
