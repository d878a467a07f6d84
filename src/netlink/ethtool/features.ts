/** Features of a link, as `ethtool --show-features` has them: ETHTOOL_MSG_FEATURES_…. See ethtool(8). */
import { attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import type { MessageCodec } from "../wire/codec.ts";
import { type BitSet, bitSet, type EthtoolHeader, header, namesOf } from "./message.ts";

/** A feature of a link. */
export interface LinkFeature {
  /** Whether it is on. */
  readonly active: boolean;
  /** Whether somebody asked for it; it may be off all the same, while another feature that it needs is off. */
  readonly wanted: boolean;
  /** False if it cannot be changed: `[fixed]`. */
  readonly changeable: boolean;
}

/** The features of a link by the names that the kernel has for them: `"rx-gro"`, `"tx-checksum-ip-generic"`. */
export type LinkFeatures = Readonly<Record<string, LinkFeature>>;

/** ETHTOOL_A_FEATURES_… */
export interface FeaturesAttributes {
  readonly header?: EthtoolHeader | undefined;
  readonly hardware?: BitSet | undefined;
  readonly wanted?: BitSet | undefined;
  readonly active?: BitSet | undefined;
  readonly unchangeable?: BitSet | undefined;
}

/** The codec of the attributes. */
export const featuresCodec: MessageCodec<FeaturesAttributes> = attributesOf<FeaturesAttributes>({
  header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_FEATURES_HEADER
  hardware: [2 | NLA_F_NESTED, bitSet], // ETHTOOL_A_FEATURES_HW
  wanted: [3 | NLA_F_NESTED, bitSet], // ETHTOOL_A_FEATURES_WANTED
  active: [4 | NLA_F_NESTED, bitSet], // ETHTOOL_A_FEATURES_ACTIVE
  unchangeable: [5 | NLA_F_NESTED, bitSet], // ETHTOOL_A_FEATURES_NOCHANGE
});

/** The features that a message of the kernel describes. */
export function featuresOf({ hardware, wanted, active, unchangeable }: FeaturesAttributes): LinkFeatures {
  // The mask of the first set is all features.
  const all = (hardware?.bits?.bit ?? []).flatMap(({ name }) => name || []); // numbers that are free have empty names
  const [can, asked, on, never] = [hardware, wanted, active, unchangeable].map((set) => new Set(namesOf(set)));
  return Object.fromEntries(all.map((name) => [name, {
    active: on?.has(name) === true,
    wanted: asked?.has(name) === true,
    changeable: can?.has(name) === true && never?.has(name) !== true,
  }]));
}

/** The bits that ask for features to be on or off, and for no others to change. */
export function wantedBits(wanted: Readonly<Record<string, boolean>>): BitSet {
  const bits = Object.entries(wanted).map(([name, on]) => on ? { name, value: true } as const : { name });
  return { bits: { bit: bits } };
}
