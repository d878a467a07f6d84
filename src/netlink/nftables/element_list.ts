/** Lists of nf_tables. */
import { attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import type { Codec } from "../wire/codec.ts";

/** Attributes of which each is NFTA_LIST_ELEM; of elements of a set each has a number of its own. */
export function elements<T>(codec: Codec<T>): Codec<readonly T[]> {
  const table = attributesOf<{ readonly one?: readonly T[] }>({ one: [1 | NLA_F_NESTED, codec, "many"] });
  return {
    write: (out, values) => table.write(out, { one: values }),
    read: (input) => table.read(input).one ?? [],
  };
}
