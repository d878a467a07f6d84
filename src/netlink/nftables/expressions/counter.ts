/** `counter`: how many packets and bytes have come. NFTA_COUNTER_…. */
import { attributesOf } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { be64 } from "../../wire/numbers.ts";
import { checkKeys } from "../given.ts";
import { type NftWhole, wholeNumber, wholeOf } from "./units.ts";

/** NFTA_COUNTER_… */
export interface CounterAttributes {
  readonly bytes?: bigint;
  readonly packets?: bigint;
}

/** The keys of a counter. */
export const COUNTER_KEYS: readonly string[] = ["packets", "bytes"];

/** The codec of the expression. */
export const counter: MessageCodec<CounterAttributes> = attributesOf<CounterAttributes>({
  bytes: [1, be64],
  packets: [2, be64],
});

/**
 * The attributes of a statement.
 *
 * @throws {TypeError} A value in it is none.
 */
export function encodeCounter(
  given: null | { readonly packets?: NftWhole | undefined; readonly bytes?: NftWhole | undefined },
  at: string,
): CounterAttributes {
  if (given !== null && given !== undefined) checkKeys(given, COUNTER_KEYS, at);
  const { packets = 0, bytes = 0 } = given ?? {};
  return {
    ...bytes === 0 ? {} : { bytes: wholeOf(bytes, `${at}.bytes`) },
    ...packets === 0 ? {} : { packets: wholeOf(packets, `${at}.packets`) },
  };
}

/** The statement of attributes. */
export function decodeCounter(
  { packets = 0n, bytes = 0n }: CounterAttributes,
): { readonly packets: NftWhole; readonly bytes: NftWhole } {
  return { packets: wholeNumber(packets), bytes: wholeNumber(bytes) };
}
