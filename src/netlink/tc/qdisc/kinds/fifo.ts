/** Plain queues: struct tc_fifo_qopt. See tc-bfifo(8), linux/pkt_sched.h. */
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { u32 } from "../../../wire/numbers.ts";
import type { QdiscKind } from "../../tc_kind.ts";

/** What is particular to pfifo and bfifo. */
export interface FifoOptions {
  /** How many packets (pfifo) or bytes (bfifo) it holds at most. @default {the length of the link's queue} */
  readonly limit?: number | undefined;
}

const data = messageCodec(struct({ limit: u32 }));

const encode = ({ limit }: FifoOptions): Uint8Array<ArrayBuffer> => (
  limit === undefined ? new Uint8Array(0) : data.encode({ limit })
);

/** {@linkcode FifoOptions} */
export const pfifo: QdiscKind<"pfifo", FifoOptions> = {
  kind: "pfifo",
  about: "a queue of so many packets",
  kernel: { option: "CONFIG_NET_SCHED", module: "sch_fifo" },
  fields: { limit: "number" },
  probe: { limit: 10 },
  encode,
  decode: data.decode,
};

/** {@linkcode FifoOptions} */
export const bfifo: QdiscKind<"bfifo", FifoOptions> = {
  kind: "bfifo",
  about: "a queue of so many bytes",
  kernel: { option: "CONFIG_NET_SCHED", module: "sch_fifo" },
  fields: { limit: "number" },
  probe: { limit: 10_000 },
  encode,
  decode: data.decode,
};
