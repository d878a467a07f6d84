/** What rules ask packets for: where it is, and of what type. */
import { type Datatype, DATATYPES } from "./datatypes.ts";
import { fibType } from "./expressions/fib.ts";
import type { NftFamily } from "./names.ts";
import type { NftSelector } from "./statement_types.ts";

/** A key of meta or ct. */
interface Key {
  readonly key: number;
  readonly type: Datatype;
}

/** NFT_META_… */
export const META: Readonly<Record<string, Key>> = {
  protocol: { key: 1, type: DATATYPES.etherType },
  mark: { key: 3, type: DATATYPES.mark },
  iifname: { key: 6, type: DATATYPES.ifname },
  oifname: { key: 7, type: DATATYPES.ifname },
  iiftype: { key: 8, type: DATATYPES.linkType },
  oiftype: { key: 9, type: DATATYPES.linkType },
  nfproto: { key: 15, type: DATATYPES.nfproto },
  l4proto: { key: 16, type: DATATYPES.protocol },
};

/** NFT_CT_… */
export const CT: Readonly<Record<string, Key>> = {
  state: { key: 0, type: DATATYPES.ctState },
  mark: { key: 3, type: DATATYPES.mark },
};

/** NFT_PAYLOAD_…_HEADER */
export const LINK = 0;
/** NFT_PAYLOAD_…_HEADER */
export const NETWORK = 1;
/** NFT_PAYLOAD_…_HEADER */
export const TRANSPORT = 2;

/** A field of a header. */
export interface Field {
  readonly offset: number;
  readonly type: Datatype;
}

/** A protocol with a header. */
export interface Protocol {
  /** LINK, NETWORK or TRANSPORT. */
  readonly base: number;
  /** Its number among those above IP; undefined of IP itself, and of a port of any. */
  readonly number?: number;
  /** The version of IP that it has, if only one has it. */
  readonly network?: "ipv4" | "ipv6";
  readonly fields: Readonly<Record<string, Field>>;
}

const PORTS = { sport: { offset: 0, type: DATATYPES.service }, dport: { offset: 2, type: DATATYPES.service } } as const;

/** The protocols whose fields can be compared. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  ether: {
    base: LINK,
    fields: {
      daddr: { offset: 0, type: DATATYPES.etherAddress },
      saddr: { offset: 6, type: DATATYPES.etherAddress },
      type: { offset: 12, type: DATATYPES.etherType },
    },
  },
  ip: {
    base: NETWORK,
    network: "ipv4",
    fields: {
      ttl: { offset: 8, type: DATATYPES.integer8 },
      protocol: { offset: 9, type: DATATYPES.protocol },
      saddr: { offset: 12, type: DATATYPES.ipv4 },
      daddr: { offset: 16, type: DATATYPES.ipv4 },
    },
  },
  ip6: {
    base: NETWORK,
    network: "ipv6",
    fields: {
      nexthdr: { offset: 6, type: DATATYPES.protocol },
      hoplimit: { offset: 7, type: DATATYPES.integer8 },
      saddr: { offset: 8, type: DATATYPES.ipv6 },
      daddr: { offset: 24, type: DATATYPES.ipv6 },
    },
  },
  tcp: { base: TRANSPORT, number: 6, fields: { ...PORTS, flags: { offset: 13, type: DATATYPES.tcpFlags } } },
  udp: { base: TRANSPORT, number: 17, fields: PORTS },
  icmp: {
    base: TRANSPORT,
    number: 1,
    network: "ipv4",
    fields: { type: { offset: 0, type: DATATYPES.icmpType } },
  },
  icmpv6: {
    base: TRANSPORT,
    number: 58,
    network: "ipv6",
    fields: { type: { offset: 0, type: DATATYPES.icmpv6Type } },
  },
  sctp: { base: TRANSPORT, number: 132, fields: PORTS },
  dccp: { base: TRANSPORT, number: 33, fields: PORTS },
  udplite: { base: TRANSPORT, number: 136, fields: PORTS },
  th: { base: TRANSPORT, fields: PORTS },
};

/** The version of IP that all packets of a family have; undefined if it may be either. */
export function networkOf(family: NftFamily): "ipv4" | "ipv6" | undefined {
  return family === "ip" ? "ipv4" : family === "ip6" ? "ipv6" : undefined;
}

/** True of a family whose packets may lack a header of Ethernet. */
export function mayLackEthernet(family: NftFamily): boolean {
  return family !== "bridge" && family !== "arp";
}

/** What a table has under a name, where untyped code may have given anything. */
function ownOf<T>(table: Readonly<Record<string, T>>, name: unknown): T | undefined {
  return typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The type of what a selector asks for; undefined if the library does not know it. */
export function typeOf(selector: NftSelector): Datatype | undefined {
  if ("meta" in selector) return ownOf(META, selector.meta.key)?.type;
  if ("ct" in selector) return ownOf(CT, selector.ct.key)?.type;
  if ("fib" in selector) return fibType(selector.fib);
  if ("numgen" in selector) return DATATYPES.integer32;
  return ownOf(ownOf(PROTOCOLS, selector.payload.protocol)?.fields ?? {}, selector.payload.field)?.type;
}
