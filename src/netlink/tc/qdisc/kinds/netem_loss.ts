/** How netem loses packets: by a Markov chain, or in bursts. See tc-netem(8), linux/pkt_sched.h. */
import { attributes } from "../../../wire/attributes.ts";
import type { Codec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { u32 } from "../../../wire/numbers.ts";
import { complementOf, percentOf, shareOf } from "../../time.ts";

/**
 * The chances to go from one state to another, in percent: 1 is received, 2 received within a burst, 3 lost within a
 * burst, 4 lost alone.
 */
export interface NetemLossState {
  /** From 1 to 3. */
  readonly p13: number;
  /** From 3 to 1. */
  readonly p31: number;
  /** From 3 to 2. */
  readonly p32: number;
  /** From 2 to 3. */
  readonly p23: number;
  /** From 1 to 4. */
  readonly p14: number;
}

/** The model of Gilbert and Elliot, in percent. */
export interface NetemLossGemodel {
  /** The chance to go from the good state to the bad one. */
  readonly p: number;
  /** The chance to go back. */
  readonly r: number;
  /** How many packets are lost in the bad state: the 1-h of `tc`. @default {100} */
  readonly oneMinusH?: number | undefined;
  /** How many packets are lost in the good state: the 1-k of `tc`. @default {0} */
  readonly oneMinusK?: number | undefined;
}

/** A model of losses, as one of the options of netem. */
export interface NetemLossModel {
  /** Losses by a Markov chain of four states. */
  readonly lossState?: NetemLossState | undefined;
  /** Losses in bursts, by the model of Gilbert and Elliot. */
  readonly lossGemodel?: NetemLossGemodel | undefined;
}

/** NETEM_LOSS_… */
interface WireLossModel {
  readonly state?: NetemLossState | undefined;
  readonly gemodel?:
    | { readonly p: number; readonly r: number; readonly h: number; readonly oneMinusK: number }
    | undefined;
}

/** The codec of TCA_NETEM_LOSS. */
export const lossModel: Codec<WireLossModel> = attributes({
  state: [1, struct({ p13: u32, p31: u32, p32: u32, p14: u32, p23: u32 })], // NETEM_LOSS_GI
  gemodel: [2, struct({ p: u32, r: u32, h: u32, oneMinusK: u32 })], // NETEM_LOSS_GE
});

/** The model as TCA_NETEM_LOSS; undefined for none. */
export function lossOf({ lossState, lossGemodel }: NetemLossModel): WireLossModel | undefined {
  if (lossState !== undefined) {
    const { p13, p31, p32, p14, p23 } = lossState;
    return {
      state: {
        p13: shareOf(p13, "p13"),
        p31: shareOf(p31, "p31"),
        p32: shareOf(p32, "p32"),
        p14: shareOf(p14, "p14"),
        p23: shareOf(p23, "p23"),
      },
    };
  }
  if (lossGemodel === undefined) return undefined;
  const { p, r, oneMinusH = 100, oneMinusK = 0 } = lossGemodel;
  return {
    gemodel: {
      p: shareOf(p, "p"),
      r: shareOf(r, "r"),
      h: complementOf(shareOf(oneMinusH, "oneMinusH")),
      oneMinusK: shareOf(oneMinusK, "oneMinusK"),
    },
  };
}

/** The model that TCA_NETEM_LOSS is. */
export function lossModelOf({ state, gemodel }: WireLossModel): NetemLossModel {
  if (state !== undefined) {
    const { p13, p31, p32, p14, p23 } = state;
    return {
      lossState: {
        p13: percentOf(p13),
        p31: percentOf(p31),
        p32: percentOf(p32),
        p23: percentOf(p23),
        p14: percentOf(p14),
      },
    };
  }
  if (gemodel === undefined) return {};
  const { p, r, h, oneMinusK } = gemodel;
  return {
    lossGemodel: {
      p: percentOf(p),
      r: percentOf(r),
      oneMinusH: percentOf(complementOf(h)),
      oneMinusK: percentOf(oneMinusK),
    },
  };
}
