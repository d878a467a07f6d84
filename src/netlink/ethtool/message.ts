/** The messages of ethtool netlink. See linux/ethtool_netlink.h, Documentation/networking/ethtool-netlink.rst. */
import { type LinkRef, namedOrIndexed } from "../link/ref.ts";
import { attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import type { Codec } from "../wire/codec.ts";
import { presence } from "../wire/flags.ts";
import { u32 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";

/** The link that a message is about: ETHTOOL_A_HEADER_…. */
export interface EthtoolHeader {
  readonly index?: number | undefined;
  readonly name?: string | undefined;
  readonly flags?: number | undefined;
}

/** The codec of the header. */
export const header: Codec<EthtoolHeader> = attributesOf<EthtoolHeader>({
  index: [1, u32], // ETHTOOL_A_HEADER_DEV_INDEX
  name: [2, text], // ETHTOOL_A_HEADER_DEV_NAME
  flags: [3, u32], // ETHTOOL_A_HEADER_FLAGS
});

/** A bit with a name: ETHTOOL_A_BITSET_BIT_…. */
interface Bit {
  readonly index?: number | undefined;
  readonly name?: string | undefined;
  readonly value?: true | undefined;
}

const bit = attributesOf<Bit>({
  index: [1, u32], // ETHTOOL_A_BITSET_BIT_INDEX
  name: [2, text], // ETHTOOL_A_BITSET_BIT_NAME
  value: [3, presence], // ETHTOOL_A_BITSET_BIT_VALUE
});

/** Bits with names: ETHTOOL_A_BITSET_…. Without a mask, those that are in it are set, and all others are not. */
export interface BitSet {
  readonly noMask?: true | undefined;
  readonly size?: number | undefined;
  readonly bits?: { readonly bit?: readonly Bit[] | undefined } | undefined;
}

/** The codec of {@linkcode BitSet}. */
export const bitSet: Codec<BitSet> = attributesOf<BitSet>({
  noMask: [1, presence], // ETHTOOL_A_BITSET_NOMASK
  size: [2, u32], // ETHTOOL_A_BITSET_SIZE
  bits: [
    3 | NLA_F_NESTED, // ETHTOOL_A_BITSET_BITS
    attributesOf<{ readonly bit?: readonly Bit[] | undefined }>({
      bit: [1 | NLA_F_NESTED, bit, "many"], // ETHTOOL_A_BITSET_BITS_BIT
    }),
  ],
});

/** The names of the bits of a set that are set. */
export function namesOf(set: BitSet | undefined): string[] {
  const bits = set?.bits?.bit ?? [];
  return bits.flatMap(({ name, value }) => name !== undefined && (value || set?.noMask) ? [name] : []);
}

/** The header of a request about a link. */
export function headerOf(link: LinkRef): EthtoolHeader {
  return namedOrIndexed(link);
}
