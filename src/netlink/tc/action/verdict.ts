/** What an action does with a packet: TC_ACT_…. See tc-actions(8), linux/pkt_cls.h. */
import {
  TC_ACT_EXT_VAL_MASK,
  TC_ACT_GOTO_CHAIN,
  TC_ACT_JUMP,
  TC_VERDICTS,
  type TcVerdict,
} from "../../constants/tc.ts";
import { shown } from "../../../errors.ts";
import { wholeNumber } from "../../../whole_number.ts";
import type { FixedCodec } from "../../wire/codec.ts";
import { nameOf, numberOf } from "../../wire/named_numbers.ts";
import { s32 } from "../../wire/numbers.ts";

/** What an action does with a packet: a word of `tc`, a jump, or a number that this library has no word for. */
export type TcControl = TcVerdict | number | {
  /** Goes on with the filters of another chain. */
  readonly type: "goto";
  /** The number of the chain. */
  readonly chain: number;
} | {
  /** Skips actions. */
  readonly type: "jump";
  /** How many. */
  readonly jump: number;
};

/** The codec of a verdict. */
export const control: FixedCodec<TcControl> = {
  size: s32.size,
  write: (out, value, name = "action") => s32.write(out, numberOfControl(value, name), name),
  read: (input) => controlOf(s32.read(input)),
};

function numberOfControl(value: TcControl, name: string): number {
  if (typeof value !== "object" || value === null) return numberOf(TC_VERDICTS, value, name);
  if (value.type === "goto") return TC_ACT_GOTO_CHAIN + within(value.chain, "chain");
  if (value.type === "jump") return TC_ACT_JUMP + within(value.jump, "jump");
  throw new TypeError(
    `Cannot use ${shown(value)} as ${name}: expected { type: "goto", chain } or { type: "jump", jump }`,
  );
}

/** A number that fits beside the kind of the verdict: a larger one would make another kind of it. */
const within = (value: number, name: string): number => wholeNumber(value, name, 0, TC_ACT_EXT_VAL_MASK);

/** The verdict of a number. */
function controlOf(value: number): TcControl {
  const kind = value & ~TC_ACT_EXT_VAL_MASK;
  if (kind === TC_ACT_GOTO_CHAIN) return { type: "goto", chain: value & TC_ACT_EXT_VAL_MASK };
  if (kind === TC_ACT_JUMP) return { type: "jump", jump: value & TC_ACT_EXT_VAL_MASK };
  return nameOf(TC_VERDICTS, value);
}
