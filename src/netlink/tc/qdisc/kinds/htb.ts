/** A hierarchy of classes that share a rate: the qdisc. Its classes are in ../../class/kinds/htb.ts. See tc-htb(8). */
import { defined } from "../../../../collections.ts";
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { presence } from "../../../wire/flags.ts";
import { u32 } from "../../../wire/numbers.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";

/** What is particular to htb. The kernel changes none of it later. */
export interface HtbOptions extends TcKept {
  /** The class of packets that no filter puts into one: the part of its handle behind the colon. @default {0: no class} */
  readonly default?: number | undefined;
  /** A class that has no quantum gets its rate divided by this. @default {10} */
  readonly r2q?: number | undefined;
  /** How many packets without a class may wait. @default {the length of the link's queue} */
  readonly directQlen?: number | undefined;
  /** How many packets without a class there were; a request does not need it. */
  readonly directPacketsStat?: number | undefined;
  /** The hardware does it. */
  readonly offload?: boolean | undefined;
}

/** TC_HTB_PROTOVER, the only version that kernels of today take. */
const VERSION = 3;
const R2Q = 10;

const data = attributes({
  init: [2, struct({ version: u32, r2q: u32, default: u32, debug: u32, directPackets: u32 })], // TCA_HTB_INIT
  directQlen: [5, u32], // TCA_HTB_DIRECT_QLEN
  offload: [9, presence], // TCA_HTB_OFFLOAD
});

const codec = messageCodec<HtbOptions>({
  write(out, { r2q = R2Q, default: rest = 0, directQlen, offload, unknown }): void {
    data.write(out, {
      init: { version: VERSION, r2q, default: rest, debug: 0, directPackets: 0 },
      directQlen,
      offload: offload || undefined,
      unknown,
    });
  },
  read(input): HtbOptions {
    const { init, directQlen, offload = false, unknown } = data.read(input);
    return defined({
      default: init?.default,
      r2q: init?.r2q,
      directPacketsStat: init?.directPackets,
      directQlen,
      offload,
      ...keptOf(unknown),
    });
  },
});

/** {@linkcode HtbOptions} */
export const htb: QdiscKind<"htb", HtbOptions> = {
  kind: "htb",
  about: "a hierarchy of classes that share a rate",
  kernel: { option: "CONFIG_NET_SCH_HTB", module: "sch_htb" },
  fields: {
    default: "number",
    r2q: "number",
    directQlen: "number",
    directPacketsStat: "number",
    offload: "boolean",
    unknown: "list",
  },
  probe: {},
  encode: codec.encode,
  decode: codec.decode,
};
