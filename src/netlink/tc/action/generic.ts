/** What the parameters of most actions begin with: tc_gen of linux/pkt_cls.h. */
import type { FixedCodec } from "../../wire/codec.ts";
import { pad, struct } from "../../wire/struct.ts";
import { u32 } from "../../wire/numbers.ts";
import { control, type TcControl } from "./verdict.ts";

/** tc_gen */
export interface GenericParameters {
  /** Its number among those of its kind, or 0 for one that the kernel chooses. */
  readonly index: number;
  readonly action: TcControl;
}

/** The codec of tc_gen; what it counts of references is the kernel's. */
export const generic: FixedCodec<GenericParameters> = struct({
  index: u32,
  capab: pad(4),
  action: control,
  counts: pad(8),
});
