/** UDP around the packets of a tunnel: TUNNEL_ENCAP_…. See ip-link(8), linux/if_tunnel.h. */
import { named, nameOf, numberOf } from "../../wire/named_numbers.ts";
import { be16, u16 } from "../../wire/numbers.ts";
import { type EndAddresses, endsOf } from "./end_addresses.ts";
import type { OptionTable, OwnFields } from "./kind_options.ts";

/** How UDP holds the packets: as they are (Foo over UDP), or behind a header (Generic UDP Encapsulation). */
export type TunnelEncapType = "fou" | "gue";

/** UDP around the packets of a tunnel. */
export interface TunnelEncap {
  /** How UDP holds the packets; a number, if this library has no name for it. */
  readonly type: TunnelEncapType | number;
  /** The source port; 0 for one that depends on the flow. @default {0} */
  readonly sport?: number | undefined;
  /** The destination port. */
  readonly dport?: number | undefined;
  /** Has a checksum over IPv4. */
  readonly csum?: boolean | undefined;
  /** Has a checksum over IPv6. */
  readonly csum6?: boolean | undefined;
  /** The checksum of the packet inside is computed by the receiver. */
  readonly remcsum?: boolean | undefined;
}

/** The four attributes of it. */
export interface EncapAttributes {
  readonly encapType?: TunnelEncapType | number | undefined;
  readonly encapFlags?: number | undefined;
  readonly encapSport?: number | undefined;
  readonly encapDport?: number | undefined;
}

/** TUNNEL_ENCAP_… */
const TYPES: Readonly<Record<TunnelEncapType, number>> = { fou: 1, gue: 2 };
const NONE = 0;
// TUNNEL_ENCAP_FLAG_…
const CSUM = 1;
const CSUM6 = 2;
const REMCSUM = 4;

/** The entries of the four attributes, of which `first` is the number of the first. */
export function encapTable(first: number): OptionTable<EncapAttributes> {
  return {
    encapType: [first, named(u16, TYPES)],
    encapFlags: [first + 1, u16],
    encapSport: [first + 2, be16],
    encapDport: [first + 3, be16],
  };
}

/** `encap` is an option, and its four attributes are none. */
export const ENCAP_FIELDS: OwnFields<{ readonly encap?: TunnelEncap }, EncapAttributes> = {
  encap: true,
  encapType: false,
  encapFlags: false,
  encapSport: false,
  encapDport: false,
};

/** Options with the four attributes in place of `encap`. */
export function withEncapAttributes<O extends { readonly encap?: TunnelEncap | undefined }>(
  { encap, ...options }: O,
): Omit<O, "encap"> & EncapAttributes {
  return { ...options, ...encapAttributes(encap) };
}

/** The attributes of a tunnel with `encap` in place of the four, and with the addresses that there are. */
export function withEncap<A extends EncapAttributes & EndsOfOneFamily>(
  { encapType, encapFlags, encapSport, encapDport, local, remote, ...others }: A,
): Omit<A, keyof EncapAttributes | keyof EndsOfOneFamily> & EndsOfOneFamily & {
  readonly encap?: TunnelEncap | undefined;
} {
  return {
    ...others,
    ...endsOf({ local, remote }),
    encap: encapOf({ encapType, encapFlags, encapSport, encapDport }),
  };
}

type EndsOfOneFamily = Pick<EndAddresses, "local" | "remote">;

/** The attributes for `encap`; none for none. */
function encapAttributes(encap: TunnelEncap | undefined): EncapAttributes {
  if (encap === undefined) return {};
  const { type, sport = 0, dport = 0, csum, csum6, remcsum } = encap;
  return {
    encapType: numberOf(TYPES, type, "type"),
    encapFlags: (csum ? CSUM : 0) | (csum6 ? CSUM6 : 0) | (remcsum ? REMCSUM : 0),
    encapSport: sport,
    encapDport: dport,
  };
}

/** What four attributes say; undefined if there is no UDP around the packets. */
function encapOf(
  { encapType = NONE, encapFlags = 0, encapSport = 0, encapDport = 0 }: EncapAttributes,
): TunnelEncap | undefined {
  if (encapType === NONE) return undefined;
  return {
    type: typeof encapType === "number" ? nameOf(TYPES, encapType) : encapType,
    sport: encapSport,
    dport: encapDport,
    csum: (encapFlags & CSUM) !== 0,
    csum6: (encapFlags & CSUM6) !== 0,
    remcsum: (encapFlags & REMCSUM) !== 0,
  };
}
