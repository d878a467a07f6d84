/** A shaper for the link to a provider: TCA_CAKE_…. See tc-cake(8), linux/pkt_sched.h. */
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { bytes } from "../../../wire/bytes.ts";
import { flag32 } from "../../../wire/flags.ts";
import { named } from "../../../wire/named_numbers.ts";
import { long, s32, u32 } from "../../../wire/numbers.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";

/** How packets are sorted by their DS field. */
export type CakeDiffserv = "diffserv3" | "diffserv4" | "diffserv8" | "besteffort" | "precedence";

/** CAKE_DIFFSERV_… */
const DIFFSERV: Readonly<Record<CakeDiffserv, number>> = {
  diffserv3: 0,
  diffserv4: 1,
  diffserv8: 2,
  besteffort: 3,
  precedence: 4,
};

/** What shares the rate evenly. */
export type CakeFlowMode =
  | "flowblind"
  | "srchost"
  | "dsthost"
  | "hosts"
  | "flows"
  | "dual-srchost"
  | "dual-dsthost"
  | "triple-isolate";

/** CAKE_FLOW_… */
const FLOW_MODES: Readonly<Record<CakeFlowMode, number>> = {
  flowblind: 0,
  srchost: 1,
  dsthost: 2,
  hosts: 3,
  flows: 4,
  "dual-srchost": 5,
  "dual-dsthost": 6,
  "triple-isolate": 7,
};

/** Whether superfluous acknowledgements of TCP are dropped. */
export type CakeAckFilter = "disabled" | "enabled" | "aggressive";

/** CAKE_ACK_… */
const ACK_FILTERS: Readonly<Record<CakeAckFilter, number>> = { disabled: 0, enabled: 1, aggressive: 2 };

/** What is below IP. */
export type CakeAtm = "noatm" | "atm" | "ptm";

/** CAKE_ATM_… */
const ATM: Readonly<Record<CakeAtm, number>> = { noatm: 0, atm: 1, ptm: 2 };

/** What is particular to cake. */
export interface CakeOptions extends TcKept {
  /** How fast packets leave, in bytes a second; 0: as fast as the link. @default {0} */
  readonly bandwidth?: number | undefined;
  /** The rate is found by the packets that come in. @default {false} */
  readonly autorate?: boolean | undefined;
  /** How packets are sorted by their DS field. @default {"diffserv3"} */
  readonly diffserv?: CakeDiffserv | number | undefined;
  /** What shares the rate evenly. @default {"triple-isolate"} */
  readonly flowmode?: CakeFlowMode | number | undefined;
  /** Hosts are those behind this one, for which it translates addresses. @default {false} */
  readonly nat?: boolean | undefined;
  /** The DS field is cleared. @default {false} */
  readonly wash?: boolean | undefined;
  /** It stands behind the link that is the bottleneck: what it drops counts too. @default {false} */
  readonly ingress?: boolean | undefined;
  /** Whether superfluous acknowledgements of TCP are dropped. @default {"disabled"} */
  readonly ackFilter?: CakeAckFilter | number | undefined;
  /** Large packets are cut. @default {true} */
  readonly splitGso?: boolean | undefined;
  /** The round-trip time that is usual, in microseconds. @default {100000} */
  readonly rtt?: number | undefined;
  /** How long packets may wait, in microseconds. @default {a twentieth of `rtt`} */
  readonly target?: number | undefined;
  /** Packets count as the link reports them; then there is no overhead. */
  readonly raw?: boolean | undefined;
  /** What is below IP: cells of ATM, frames of PTM. @default {"noatm"} */
  readonly atm?: CakeAtm | number | undefined;
  /** Bytes that count for each packet beside its own. */
  readonly overhead?: number | undefined;
  /** The least that a packet counts as, in bytes. */
  readonly mpu?: number | undefined;
  /** How many bytes of memory it may use. @default {by the rate} */
  readonly memlimit?: number | undefined;
  /** Packets are sorted by these bits of their mark. @default {0} */
  readonly fwmark?: number | undefined;
}

const data = attributes({
  pad: [1, bytes], // TCA_CAKE_PAD
  bandwidth: [2, long], // TCA_CAKE_BASE_RATE64
  diffserv: [3, named(u32, DIFFSERV)], // TCA_CAKE_DIFFSERV_MODE
  atm: [4, named(u32, ATM)], // TCA_CAKE_ATM
  flowmode: [5, named(u32, FLOW_MODES)], // TCA_CAKE_FLOW_MODE
  overhead: [6, s32], // TCA_CAKE_OVERHEAD
  rtt: [7, u32], // TCA_CAKE_RTT
  target: [8, u32], // TCA_CAKE_TARGET
  autorate: [9, flag32], // TCA_CAKE_AUTORATE
  memlimit: [10, u32], // TCA_CAKE_MEMORY
  nat: [11, flag32], // TCA_CAKE_NAT
  raw: [12, u32], // TCA_CAKE_RAW
  wash: [13, flag32], // TCA_CAKE_WASH
  mpu: [14, u32], // TCA_CAKE_MPU
  ingress: [15, flag32], // TCA_CAKE_INGRESS
  ackFilter: [16, named(u32, ACK_FILTERS)], // TCA_CAKE_ACK_FILTER
  splitGso: [17, flag32], // TCA_CAKE_SPLIT_GSO
  fwmark: [18, u32], // TCA_CAKE_FWMARK
});

const codec = messageCodec<CakeOptions>({
  // TCA_CAKE_RAW has no value: the kernel reads that it is there.
  write: (out, options) => data.write(out, { ...options, raw: undefined, ...options.raw ? { raw: 0 } : {} }),
  read(input): CakeOptions {
    const { raw, unknown, pad: _pad, ...options } = data.read(input);
    return { ...options, raw: raw !== undefined, ...keptOf(unknown) };
  },
});

/** {@linkcode CakeOptions} */
export const cake: QdiscKind<"cake", CakeOptions> = {
  kind: "cake",
  about: "a shaper for the link to a provider, fair to hosts and flows",
  kernel: { option: "CONFIG_NET_SCH_CAKE", module: "sch_cake" },
  fields: {
    bandwidth: "number",
    autorate: "boolean",
    diffserv: true,
    flowmode: true,
    nat: "boolean",
    wash: "boolean",
    ingress: "boolean",
    ackFilter: true,
    splitGso: "boolean",
    rtt: "number",
    target: "number",
    raw: "boolean",
    atm: true,
    overhead: "number",
    mpu: "number",
    memlimit: "number",
    fwmark: "number",
    unknown: "list",
  },
  probe: {},
  encode: codec.encode,
  decode: codec.decode,
};
