/** The options of GRE tunnels over IPv4: IFLA_GRE_…. See ip-link(8), linux/if_tunnel.h. */
import { defined } from "../../../collections.ts";
import { linkIndex } from "../ref.ts";
import { ip } from "../../wire/ip.ts";
import { flag } from "../../wire/flags.ts";
import { be16, be32, u32, u8 } from "../../wire/numbers.ts";
import type { IpTunnelFields } from "./ip_tunnel.ts";
import {
  bitsOf,
  flagsWord,
  type KeptOptions,
  type OptionsCodec,
  optionsOf,
  type OptionTable,
  present,
  translated,
} from "./kind_options.ts";
import { ENCAP_FIELDS, type EncapAttributes, encapTable, withEncap, withEncapAttributes } from "./tunnel_encap.ts";

/** What GRE tunnels over IPv4 and IPv6 have. */
export interface GreKeys {
  /** The key of what comes in; what has another is dropped. */
  readonly ikey?: number | undefined;
  /** The key of what goes out. */
  readonly okey?: number | undefined;
  /** Packets that come in must have sequence numbers. */
  readonly iseq?: boolean | undefined;
  /** Packets that go out have sequence numbers. */
  readonly oseq?: boolean | undefined;
  /** Packets that come in must have checksums. */
  readonly icsum?: boolean | undefined;
  /** Packets that go out have checksums. */
  readonly ocsum?: boolean | undefined;
}

/** What is particular to a GRE tunnel over IPv4. */
export interface GreOptions extends KeptOptions, GreKeys, Omit<IpTunnelFields, "proto"> {
  /** Fragments also packets that forbid it. */
  readonly ignoreDf?: boolean | undefined;
}

/** How attributes hold what GRE tunnels over IPv4 and IPv6 have. Bits say whether there are keys: the kernel always sends both. */
export interface GreWire
  extends GreKeys, EncapAttributes, Pick<IpTunnelFields, "link" | "local" | "remote" | "ttl" | "external" | "fwmark"> {
  readonly hasIkey?: boolean | undefined;
  readonly hasOkey?: boolean | undefined;
}

const input = bitsOf(2, flagsWord(be16)); // IFLA_GRE_IFLAGS
const output = bitsOf(3, flagsWord(be16)); // IFLA_GRE_OFLAGS
const GRE_CSUM = 0x8000;
const GRE_KEY = 0x2000;
const GRE_SEQ = 0x1000;

/** The entries of {@linkcode GreWire}. */
export const greTable: OptionTable<GreWire> = {
  link: [1, linkIndex], // IFLA_GRE_LINK
  hasIkey: input(GRE_KEY),
  hasOkey: output(GRE_KEY),
  iseq: input(GRE_SEQ),
  oseq: output(GRE_SEQ),
  icsum: input(GRE_CSUM),
  ocsum: output(GRE_CSUM),
  ikey: [4, be32], // IFLA_GRE_IKEY
  okey: [5, be32], // IFLA_GRE_OKEY
  local: [6, ip], // IFLA_GRE_LOCAL
  remote: [7, ip], // IFLA_GRE_REMOTE
  ttl: [8, u8], // IFLA_GRE_TTL
  ...encapTable(14), // IFLA_GRE_ENCAP_TYPE
  external: [18, present], // IFLA_GRE_COLLECT_METADATA
  fwmark: [20, u32], // IFLA_GRE_FWMARK
};

type KeyBits = Pick<GreWire, "hasIkey" | "hasOkey">;
type Keys = Pick<GreKeys, "ikey" | "okey">;

/** The bits are attributes, and no options. */
export const KEY_BITS: Readonly<Record<keyof KeyBits, false>> = { hasIkey: false, hasOkey: false };

/** Options with the bits that say that there are keys. */
export function withKeyBits<O extends Keys>(options: O): O & KeyBits {
  const { ikey, okey } = options;
  return {
    ...options,
    hasIkey: ikey === undefined ? undefined : true,
    hasOkey: okey === undefined ? undefined : true,
  };
}

/** Attributes with the keys that there are. */
export function withKeys<A extends Keys & KeyBits>(
  { hasIkey, hasOkey, ikey, okey, ...others }: A,
): Omit<A, keyof KeyBits | keyof Keys> & Keys {
  return { ...others, ikey: hasIkey ? ikey : undefined, okey: hasOkey ? okey : undefined };
}

/** How attributes hold {@linkcode GreOptions}. */
export interface GreOptionsWire extends Omit<GreOptions, keyof GreWire | "encap">, GreWire {}

/** The entries of {@linkcode GreOptionsWire}. */
export const greOptionsTable: OptionTable<GreOptionsWire> = {
  ...greTable,
  tos: [9, u8], // IFLA_GRE_TOS
  pmtudisc: [10, flag], // IFLA_GRE_PMTUDISC
  ignoreDf: [19, flag], // IFLA_GRE_IGNORE_DF
};

/** The codec of the options of GRE tunnels over IPv4. */
export const greOptions: OptionsCodec<GreOptions> = translated<GreOptions, GreOptionsWire>(
  optionsOf<GreOptionsWire>(greOptionsTable),
  { ...ENCAP_FIELDS, ...KEY_BITS },
  (options) => withEncapAttributes(withKeyBits(options)),
  (attributes) => defined(withEncap(withKeys(attributes))),
);
