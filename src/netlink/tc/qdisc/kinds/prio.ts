/** Queues of which the first that has packets sends: struct tc_prio_qopt. See tc-prio(8), linux/pkt_sched.h. */
import { shown } from "../../../../errors.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { bytesOfSize } from "../../../wire/bytes.ts";
import { s32 } from "../../../wire/numbers.ts";
import type { QdiscKind } from "../../tc_kind.ts";

/** What is particular to prio. */
export interface PrioOptions {
  /** How many queues it has, 2 to 16. @default {3} */
  readonly bands?: number | undefined;
  /** The queue of each of the 16 priorities. @default {that of pfifo_fast} */
  readonly priomap?: readonly number[] | undefined;
}

const PRIORITIES = 16;
const BANDS = 3;
const PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

const layout = struct({ bands: s32, priomap: bytesOfSize(PRIORITIES) });

const data = messageCodec<PrioOptions>({
  write(out, { bands = BANDS, priomap = PRIOMAP }): void {
    if (
      priomap.length !== PRIORITIES || priomap.some((band) => !(Number.isInteger(band) && band >= 0 && band < bands))
    ) {
      throw new TypeError(`Cannot use ${shown(priomap)} as priomap: expected 16 numbers below ${bands}`);
    }
    layout.write(out, { bands, priomap: Uint8Array.from(priomap) });
  },
  read(input): PrioOptions {
    const { bands, priomap } = layout.read(input);
    return { bands, priomap: [...priomap] };
  },
});

/** {@linkcode PrioOptions} */
export const prio: QdiscKind<"prio", PrioOptions> = {
  kind: "prio",
  about: "queues of which the first that has packets sends",
  kernel: { option: "CONFIG_NET_SCH_PRIO", module: "sch_prio" },
  fields: { bands: "number", priomap: "list" },
  probe: {},
  encode: data.encode,
  decode: data.decode,
};

/** {@linkcode PrioOptions}, which nobody can choose. */
export const pfifoFast: QdiscKind<"pfifo_fast", PrioOptions> = {
  kind: "pfifo_fast",
  about: "three queues by priority, which most links have by default",
  kernel: { option: "CONFIG_NET_SCHED", module: "sch_generic" },
  fields: { bands: "number", priomap: "list" },
  probe: {},
  encode: () => new Uint8Array(0),
  decode: data.decode,
};
