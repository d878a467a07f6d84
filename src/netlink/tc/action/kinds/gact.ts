/** Actions that are a verdict alone: TCA_GACT_…. See tc-actions(8), linux/tc_act/tc_gact.h. */
import { defined } from "../../../../collections.ts";
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { bytes } from "../../../wire/bytes.ts";
import { named } from "../../../wire/named_numbers.ts";
import { u16 } from "../../../wire/numbers.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { TcKept, TcKind } from "../../tc_kind.ts";
import { generic } from "../generic.ts";
import { control, type TcControl } from "../verdict.ts";

/** What is particular to gact. */
export interface GactOptions extends TcKept {
  /** What happens to the packet. */
  readonly action: TcControl;
  /** What happens to some packets instead. */
  readonly prob?: GactProbability | undefined;
  /** Its number among those of its kind; filters that name the same share it. @default {one that the kernel chooses} */
  readonly index?: number | undefined;
}

/** What happens to some packets instead. */
export interface GactProbability {
  /** One packet of `val` on average, or each `val`th. */
  readonly randomType: "netrand" | "determ" | number;
  /** What happens to it. */
  readonly action: TcControl;
  /** Of how many packets it is one. */
  readonly val: number;
}

/** PGACT_… */
const TYPES = { netrand: 1, determ: 2 } as const;

const data = attributes({
  times: [1, bytes], // TCA_GACT_TM
  parameters: [2, generic], // TCA_GACT_PARMS
  pad: [4, bytes], // TCA_GACT_PAD
  prob: [3, struct({ randomType: { ...named(u16, TYPES), size: u16.size }, val: u16, action: control })],
});

const codec = messageCodec<GactOptions>({
  write: (out, { action, prob, index = 0, unknown }) =>
    data.write(out, { parameters: { index, action }, prob, unknown }),
  read(input): GactOptions {
    const { parameters, prob, unknown } = data.read(input);
    return defined({ action: parameters?.action ?? "continue", prob, index: parameters?.index, ...keptOf(unknown) });
  },
});

/** {@linkcode GactOptions} */
export const gact: TcKind<"gact", GactOptions> = {
  kind: "gact",
  about: "a verdict: pass, drop, go on with another chain",
  kernel: { option: "CONFIG_NET_ACT_GACT", module: "act_gact" },
  fields: { action: true, prob: true, index: "number", unknown: "list" },
  encode: codec.encode,
  decode: codec.decode,
};
