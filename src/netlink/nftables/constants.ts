/** Numbers of nf_tables. See linux/netfilter.h, linux/netfilter/nf_tables.h. */
import type { NftFamily, NftHook } from "./names.ts";

/** NFNL_SUBSYS_NFTABLES */
export const SUBSYSTEM = 10;
// NFNL_MSG_BATCH_…
export const BATCH_BEGIN = 16;
export const BATCH_END = 17;

/** NFT_MSG_… */
export const MESSAGES = {
  newTable: 0,
  getTable: 1,
  delTable: 2,
  newChain: 3,
  getChain: 4,
  delChain: 5,
  newRule: 6,
  getRule: 7,
  delRule: 8,
  newSet: 9,
  getSet: 10,
  delSet: 11,
  newElements: 12,
  getElements: 13,
  delElements: 14,
  getGeneration: 16,
  newObject: 18,
  getObject: 19,
  delObject: 20,
  newFlowtable: 22,
  getFlowtable: 23,
  delFlowtable: 24,
} as const;

/** NFPROTO_…, in the order in which `nft` numbers them. */
export const FAMILIES: Readonly<Record<NftFamily, number>> = { inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 };
/** NFPROTO_UNSPEC */
export const ALL_FAMILIES = 0;

type Hooks = Readonly<Partial<Record<NftHook, number>>>;
const INET_HOOKS: Hooks = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4, ingress: 5 };

/** NF_INET_…, NF_ARP_…, NF_BR_…, NF_NETDEV_… */
export const HOOKS: Readonly<Record<NftFamily, Hooks>> = {
  ip: INET_HOOKS,
  ip6: INET_HOOKS,
  inet: INET_HOOKS,
  bridge: INET_HOOKS,
  arp: { input: 0, output: 1 },
  netdev: { ingress: 0, egress: 1 },
};

/** NF_DROP, NF_ACCEPT */
export const POLICIES: Readonly<Record<"drop" | "accept", number>> = { drop: 0, accept: 1 };

/** NF_DROP, NF_ACCEPT, NFT_CONTINUE, NFT_RETURN */
export const VERDICTS: Readonly<Record<"drop" | "accept" | "continue" | "return", number>> = {
  drop: 0,
  accept: 1,
  continue: -1,
  return: -5,
};
/** NFT_JUMP, NFT_GOTO */
export const JUMPS: Readonly<Record<"jump" | "goto", number>> = { jump: -3, goto: -4 };

/** NFT_TABLE_F_… */
export const TABLE_FLAGS: Readonly<Record<string, number>> = { dormant: 1 };
// NFT_SET_…
export const SET_ANONYMOUS = 1;
export const SET_CONSTANT = 2;
export const SET_INTERVAL = 4;
export const SET_MAP = 8;
export const SET_EVALUATED = 32;
export const SET_OBJECTS = 64;
export const SET_CONCATENATION = 128;
/** NFT_SET_… as `nft` names them. */
export const SET_FLAGS: Readonly<Record<string, number>> = { constant: 2, interval: 4, timeout: 16, dynamic: 32 };
/** NFT_SET_ELEM_INTERVAL_END */
export const INTERVAL_END = 1;
/** NFT_SET_ELEM_CATCHALL */
export const CATCH_ALL = 2;

/** NFT_FLOWTABLE_… as the library names them; `nft` lists none. */
export const FLOWTABLE_FLAGS: Readonly<Record<string, number>> = { offload: 1, counter: 2 };

/** NFT_DYNSET_OP_… */
export const SET_OPERATIONS: Readonly<Record<"add" | "update" | "delete", number>> = { add: 0, update: 1, delete: 2 };

/** NFT_CMP_… */
export const COMPARISONS: Readonly<Record<string, number>> = { "==": 0, "!=": 1, "<": 2, "<=": 3, ">": 4, ">=": 5 };

/** NF_NAT_RANGE_… as `nft` names them. */
export const NAT_FLAGS: Readonly<Record<string, number>> = { "random": 4, "fully-random": 16, "persistent": 8 };
/** NF_NAT_RANGE_PROTO_SPECIFIED */
export const NAT_PORTS = 2;

/** LOG_… of syslog(3), as `nft` names them; 8 is NFT_LOGLEVEL_AUDIT. */
export const LOG_LEVELS: Readonly<Record<string, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warn: 4,
  notice: 5,
  info: 6,
  debug: 7,
  audit: 8,
};
/** NF_LOG_… as `nft` names them. */
export const LOG_FLAGS: Readonly<Record<string, number>> = {
  "tcp sequence": 1,
  "tcp options": 2,
  "ip options": 4,
  "skuid": 8,
  "ether": 32,
};

/** NFT_REJECT_ICMP_UNREACH, NFT_REJECT_TCP_RST, NFT_REJECT_ICMPX_UNREACH */
export const REJECTS: Readonly<Record<"icmp" | "tcp" | "icmpx", number>> = { icmp: 0, tcp: 1, icmpx: 2 };
/** Codes of unreachability, by the type that a rejection names. */
export const REJECT_CODES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  icmp: {
    "net-unreachable": 0,
    "host-unreachable": 1,
    "prot-unreachable": 2,
    "port-unreachable": 3,
    "net-prohibited": 9,
    "host-prohibited": 10,
    "admin-prohibited": 13,
  },
  icmpv6: {
    "no-route": 0,
    "admin-prohibited": 1,
    "addr-unreachable": 3,
    "port-unreachable": 4,
    "policy-fail": 5,
    "reject-route": 6,
  },
  icmpx: { "no-route": 0, "port-unreachable": 1, "host-unreachable": 2, "admin-prohibited": 3 },
};

/** The names of the bits of a number, and what is left. */
export function namesOfBits(names: Readonly<Record<string, number>>, value: number): string[] {
  return Object.keys(names).filter((name) => (value & (names[name] ?? 0)) !== 0);
}

/** One name alone, or a list, as `nft` writes flags. */
export function oneOrMany<T>(values: readonly T[]): T | readonly T[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}
