/** `numgen`: a number for each packet. NFTA_NG_…. */
import { shown } from "../../../errors.ts";
import { attributesOf } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { be32 } from "../../wire/numbers.ts";
import { checkKeys } from "../given.ts";
import type { NftNumgen } from "../statement_types.ts";

/** NFT_NG_INCREMENTAL, NFT_NG_RANDOM */
const MODES: readonly NftNumgen["mode"][] = ["inc", "random"];

/** NFTA_NG_… */
export interface NumgenAttributes {
  readonly dreg?: number;
  readonly modulus?: number;
  readonly type?: number;
  readonly offset?: number;
}

/** The codec of the expression. */
export const numgen: MessageCodec<NumgenAttributes> = attributesOf<NumgenAttributes>({
  dreg: [1, be32],
  modulus: [2, be32],
  type: [3, be32],
  offset: [4, be32],
});

/**
 * The attributes of a generator.
 *
 * @throws {TypeError} A value in it is none.
 */
export function encodeNumgen(given: NftNumgen, dreg: number, at: string): NumgenAttributes {
  checkKeys(given, ["mode", "mod", "offset"], `${at}.numgen`);
  const { mode, mod, offset = 0 } = given;
  const type = MODES.indexOf(mode);
  if (type === -1) throw new TypeError(`Cannot use ${shown(mode)} as ${at}.numgen.mode: expected ${MODES.join(", ")}`);
  const isNumber = (value: unknown, least: number): boolean => (
    Number.isInteger(value) && Number(value) >= least && Number(value) <= 0xffffffff
  );
  if (!isNumber(mod, 1)) {
    throw new TypeError(`Cannot use ${shown(mod)} as ${at}.numgen.mod: expected a whole number, 1 or more`);
  }
  if (!isNumber(offset, 0)) {
    throw new TypeError(`Cannot use ${shown(offset)} as ${at}.numgen.offset: expected a whole number, 0 or more`);
  }
  return { dreg, modulus: mod, type, offset };
}

/** The generator of attributes; undefined if the library does not know it. */
export function decodeNumgen({ modulus = 0, type = 0, offset = 0 }: NumgenAttributes): NftNumgen | undefined {
  const mode = MODES[type];
  return mode === undefined ? undefined : { mode, mod: modulus, offset };
}
