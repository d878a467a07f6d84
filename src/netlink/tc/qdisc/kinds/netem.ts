/** Delay, loss and other faults of a network: TCA_NETEM_…. See tc-netem(8), linux/pkt_sched.h. */
import { fieldsOf } from "../../../../argument_fields.ts";
import type { Writer } from "../../../wire/buffers.ts";
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { bytes } from "../../../wire/bytes.ts";
import { flag32 } from "../../../wire/flags.ts";
import { long, s32, s64, u32 } from "../../../wire/numbers.ts";
import { type Distribution, distributionTable } from "../../distribution.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";
import { percentOf, shareOf, TICK_NS, ticksOfTime } from "../../time.ts";
import { lossModel, lossModelOf, lossOf, type NetemLossModel } from "./netem_loss.ts";

/** What is particular to netem. Times are nanoseconds, shares are percentages. */
export interface NetemOptions extends NetemLossModel, TcKept {
  /** How many packets it holds at most. @default {1000} */
  readonly limit?: number | undefined;
  /** How long a packet waits, in nanoseconds. */
  readonly delay?: number | undefined;
  /** By how much the delay varies, in nanoseconds. */
  readonly jitter?: number | undefined;
  /** How much the delay of a packet depends on that of the one before, in percent. */
  readonly delayCorrelation?: number | undefined;
  /** How the delay varies: a name, or the table itself. The kernel does not list it. @default {"uniform"} */
  readonly distribution?: Distribution | undefined;
  /** How many packets are lost, in percent, independently of each other. */
  readonly loss?: number | undefined;
  /** How much a loss depends on the one before, in percent. */
  readonly lossCorrelation?: number | undefined;
  /** How many packets are sent twice, in percent. */
  readonly duplicate?: number | undefined;
  /** How much that depends on the one before, in percent. */
  readonly duplicateCorrelation?: number | undefined;
  /** How many packets overtake those that wait, in percent. It needs a delay. */
  readonly reorder?: number | undefined;
  /** How much that depends on the one before, in percent. */
  readonly reorderCorrelation?: number | undefined;
  /** Each how many packets one overtakes. @default {1 with `reorder`} */
  readonly gap?: number | undefined;
  /** In how many packets a bit is wrong, in percent. */
  readonly corrupt?: number | undefined;
  /** How much that depends on the one before, in percent. */
  readonly corruptCorrelation?: number | undefined;
  /** How fast packets leave, in bytes a second. */
  readonly rate?: number | undefined;
  /** Bytes that count for each packet beside its own; less than 0 to count fewer. */
  readonly packetOverhead?: number | undefined;
  /** Packets count as whole cells of so many bytes. */
  readonly cellSize?: number | undefined;
  /** Bytes that count for each cell beside its own. */
  readonly cellOverhead?: number | undefined;
  /** Packets that would be lost are marked instead, where they can be (ECN). */
  readonly ecn?: boolean | undefined;
  /** Packets leave in bursts, as over a radio. */
  readonly slot?: NetemSlot | undefined;
}

/** When packets may leave. */
export interface NetemSlot {
  /** The least time between two bursts, in nanoseconds. */
  readonly min?: number | undefined;
  /** The most time between two bursts, in nanoseconds. @default {min} */
  readonly max?: number | undefined;
  /** The mean time between two bursts instead, in nanoseconds, with `jitter` and `distribution`. */
  readonly delay?: number | undefined;
  /** By how much that varies, in nanoseconds. */
  readonly jitter?: number | undefined;
  /** How it varies. The kernel does not list it. @default {"uniform"} */
  readonly distribution?: Distribution | undefined;
  /** How many packets a burst has at most; 0: any number. @default {0} */
  readonly packets?: number | undefined;
  /** How many bytes a burst has at most; 0: any number. @default {0} */
  readonly bytes?: number | undefined;
}

const checkSlot = fieldsOf<NetemSlot>("a slot of netem", {
  min: "number",
  max: "number",
  delay: "number",
  jitter: "number",
  distribution: true,
  packets: "number",
  bytes: "number",
});

/** struct tc_netem_qopt */
const base = struct({ latency: u32, limit: u32, loss: u32, gap: u32, duplicate: u32, jitter: u32 });

const share = struct({ probability: u32, correlation: u32 });

const attributesOfNetem = attributes({
  correlation: [1, struct({ delay: u32, loss: u32, duplicate: u32 })], // TCA_NETEM_CORR
  delayTable: [2, bytes], // TCA_NETEM_DELAY_DIST
  reorder: [3, share], // TCA_NETEM_REORDER
  corrupt: [4, share], // TCA_NETEM_CORRUPT
  loss: [0x8005, lossModel], // TCA_NETEM_LOSS
  rate: [6, struct({ rate: u32, packetOverhead: s32, cellSize: u32, cellOverhead: s32 })], // TCA_NETEM_RATE
  ecn: [7, flag32], // TCA_NETEM_ECN
  rate64: [8, long], // TCA_NETEM_RATE64
  pad: [9, bytes], // TCA_NETEM_PAD
  latency: [10, s64], // TCA_NETEM_LATENCY64
  jitter: [11, s64], // TCA_NETEM_JITTER64
  slot: [12, struct({ min: s64, max: s64, packets: s32, bytes: s32, delay: s64, jitter: s64 })], // TCA_NETEM_SLOT
  slotTable: [13, bytes], // TCA_NETEM_SLOT_DIST
});

/** A rate that does not fit 32 bits has an attribute of its own, and this beside it. */
const MOST_IN_RATE = 0xffffffff;
const LIMIT = 1000;

const codec = messageCodec<NetemOptions>({
  write(out: Writer, options): void {
    const { delay = 0, jitter = 0, loss = 0, duplicate = 0, reorder } = options;
    const gap = options.gap ?? (reorder === undefined || reorder === 0 ? 0 : 1);
    base.write(out, {
      latency: ticksOfTime(delay),
      limit: options.limit ?? LIMIT,
      loss: shareOf(loss, "loss"),
      gap,
      duplicate: shareOf(duplicate, "duplicate"),
      jitter: ticksOfTime(jitter),
    });
    attributesOfNetem.write(out, {
      latency: exactTime(delay, "delay"),
      jitter: exactTime(jitter, "jitter"),
      correlation: correlationOf(options),
      reorder: shares(reorder, options.reorderCorrelation, "reorder"),
      ecn: options.ecn,
      corrupt: shares(options.corrupt, options.corruptCorrelation, "corrupt"),
      loss: lossOf(options),
      slot: slotOf(options.slot),
      rate64: options.rate !== undefined && options.rate >= MOST_IN_RATE ? options.rate : undefined,
      rate: rateOf(options),
      delayTable: tableOf(options.distribution),
      slotTable: tableOf(options.slot?.distribution),
      unknown: options.unknown,
    });
  },
  read(input): NetemOptions {
    const { latency, limit, loss, gap, duplicate, jitter } = base.read(input);
    const a = attributesOfNetem.read(input);
    return {
      limit,
      delay: a.latency === undefined ? latency * TICK_NS : Number(a.latency),
      jitter: a.jitter === undefined ? jitter * TICK_NS : Number(a.jitter),
      delayCorrelation: percentOf(a.correlation?.delay ?? 0),
      ...a.loss === undefined
        ? { loss: percentOf(loss), lossCorrelation: percentOf(a.correlation?.loss ?? 0) }
        : lossModelOf(a.loss),
      duplicate: percentOf(duplicate),
      duplicateCorrelation: percentOf(a.correlation?.duplicate ?? 0),
      reorder: percentOf(a.reorder?.probability ?? 0),
      reorderCorrelation: percentOf(a.reorder?.correlation ?? 0),
      gap,
      corrupt: percentOf(a.corrupt?.probability ?? 0),
      corruptCorrelation: percentOf(a.corrupt?.correlation ?? 0),
      rate: a.rate64 ?? a.rate?.rate ?? 0,
      packetOverhead: a.rate?.packetOverhead ?? 0,
      cellSize: a.rate?.cellSize ?? 0,
      cellOverhead: a.rate?.cellOverhead ?? 0,
      ecn: a.ecn ?? false,
      ...a.slot === undefined ? {} : { slot: slotRead(a.slot) },
      ...keptOf(a.unknown),
    };
  },
});

/** A time that its ticks do not give again, as TCA_NETEM_LATENCY64 has it. */
function exactTime(ns: number, name: string): bigint | undefined {
  nanoseconds(ns, name);
  return ticksOfTime(ns) * TICK_NS === ns ? undefined : BigInt(ns);
}

function nanoseconds(ns: number, name: string): number {
  if (Number.isSafeInteger(ns) && ns >= 0) return ns;
  throw new RangeError(`Cannot use ${String(ns)} as ${name}: expected whole nanoseconds, 0 or more`);
}

function correlationOf(
  { delayCorrelation, lossCorrelation, duplicateCorrelation }: NetemOptions,
): { delay: number; loss: number; duplicate: number } | undefined {
  if ((delayCorrelation ?? lossCorrelation ?? duplicateCorrelation) === undefined) return undefined;
  return {
    delay: shareOf(delayCorrelation ?? 0, "delayCorrelation"),
    loss: shareOf(lossCorrelation ?? 0, "lossCorrelation"),
    duplicate: shareOf(duplicateCorrelation ?? 0, "duplicateCorrelation"),
  };
}

function shares(
  percent: number | undefined,
  correlation: number | undefined,
  name: string,
): { probability: number; correlation: number } | undefined {
  if (percent === undefined && correlation === undefined) return undefined;
  return {
    probability: shareOf(percent ?? 0, name),
    correlation: shareOf(correlation ?? 0, `${name}Correlation`),
  };
}

function rateOf({ rate, packetOverhead, cellSize, cellOverhead }: NetemOptions): {
  rate: number;
  packetOverhead: number;
  cellSize: number;
  cellOverhead: number;
} | undefined {
  if ((rate ?? packetOverhead ?? cellSize ?? cellOverhead) === undefined) return undefined;
  return {
    rate: Math.min(rate ?? 0, MOST_IN_RATE),
    packetOverhead: packetOverhead ?? 0,
    cellSize: cellSize ?? 0,
    cellOverhead: cellOverhead ?? 0,
  };
}

function slotOf(slot: NetemSlot | undefined): {
  min: bigint;
  max: bigint;
  packets: number;
  bytes: number;
  delay: bigint;
  jitter: bigint;
} | undefined {
  if (slot === undefined) return undefined;
  checkSlot(slot);
  const { min = 0, max = min, packets = 0, bytes = 0, delay = 0, jitter = 0 } = slot;
  return {
    min: BigInt(nanoseconds(min, "slot.min")),
    max: BigInt(nanoseconds(max, "slot.max")),
    packets,
    bytes,
    delay: BigInt(nanoseconds(delay, "slot.delay")),
    jitter: BigInt(nanoseconds(jitter, "slot.jitter")),
  };
}

function slotRead(
  { min, max, packets, bytes, delay, jitter }: NonNullable<ReturnType<typeof slotOf>>,
): NetemSlot {
  const limits = { packets, bytes };
  return delay === 0n && jitter === 0n
    ? { min: Number(min), max: Number(max), ...limits }
    : { delay: Number(delay), jitter: Number(jitter), ...limits };
}

function tableOf(distribution: Distribution | undefined): Uint8Array<ArrayBuffer> | undefined {
  return distribution === undefined ? undefined : distributionTable(distribution);
}

/** {@linkcode NetemOptions} */
export const netem: QdiscKind<"netem", NetemOptions> = {
  kind: "netem",
  about: "delay, loss, duplication, reordering and corruption of packets",
  kernel: { option: "CONFIG_NET_SCH_NETEM", module: "sch_netem" },
  fields: {
    limit: "number",
    delay: "number",
    jitter: "number",
    delayCorrelation: "number",
    distribution: true,
    loss: "number",
    lossCorrelation: "number",
    lossState: true,
    lossGemodel: true,
    duplicate: "number",
    duplicateCorrelation: "number",
    reorder: "number",
    reorderCorrelation: "number",
    gap: "number",
    corrupt: "number",
    corruptCorrelation: "number",
    rate: "number",
    packetOverhead: "number",
    cellSize: "number",
    cellOverhead: "number",
    ecn: "boolean",
    slot: true,
    unknown: "list",
  },
  probe: { delay: 1 },
  encode: codec.encode,
  decode: codec.decode,
};
