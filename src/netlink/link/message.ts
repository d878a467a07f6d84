/** The messages of links: struct ifinfomsg and IFLA_…. See rtnetlink(7), linux/if_link.h. */
import { AF_INET6, AF_UNSPEC, utf8Length } from "../../../ffi/mod.ts";
import { attributes, attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import { type Codec, message, type MessageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import { mac } from "../wire/mac.ts";
import { bytes, view } from "../wire/bytes.ts";
import { s32, u16, u32, u8 } from "../wire/numbers.ts";
import { bareText, linkText, text } from "../wire/text.ts";

/** struct ifinfomsg */
export interface LinkHeader {
  /** AF_UNSPEC; AF_BRIDGE of a message of a bridge about a port. */
  readonly family: number;
  /** ARPHRD_… */
  readonly type: number;
  readonly index: number;
  /** IFF_… */
  readonly flags: number;
  /** Which of the flags are to change. */
  readonly change: number;
}

/** IFLA_… */
export interface LinkAttributes {
  readonly address?: string | undefined;
  readonly name?: string | undefined;
  readonly mtu?: number | undefined;
  /** The other end of a veth pair, the link below a VLAN. */
  readonly link?: number | undefined;
  readonly master?: number | undefined;
  readonly txQueueLength?: number | undefined;
  readonly operState?: number | undefined;
  readonly info?: LinkInfo | undefined;
  readonly alias?: string | undefined;
  /** struct rtnl_link_stats64, valid as long as the message. */
  readonly stats?: Uint8Array | undefined;
  readonly families?: { readonly inet6?: { readonly addrGenMode?: number | undefined } | undefined } | undefined;
  readonly group?: number | undefined;
  readonly netnsFd?: number | undefined;
  /** RTEXT_FILTER_… */
  readonly extMask?: number | undefined;
  readonly numTxQueues?: number | undefined;
  readonly numRxQueues?: number | undefined;
  readonly carrier?: number | undefined;
  readonly linkNetnsid?: number | undefined;
  readonly newIndex?: number | undefined;
  readonly minMtu?: number | undefined;
  readonly maxMtu?: number | undefined;
  readonly properties?: { readonly altName?: readonly string[] | undefined } | undefined;
  /** The name by which a request finds a link, if that is too long for IFLA_IFNAME. */
  readonly altName?: string | undefined;
}

/** IFLA_LINKINFO */
export interface LinkInfo {
  readonly kind?: string | undefined;
  /** The attributes of the kind. */
  readonly data?: Uint8Array<ArrayBuffer> | undefined;
  /** The kind of the master. */
  readonly slaveKind?: string | undefined;
  /** The attributes of a port of such a master. */
  readonly slaveData?: Uint8Array<ArrayBuffer> | undefined;
}

const header = struct({ family: u8, pad: pad(1), type: u16, index: s32, flags: u32, change: u32 });

const linkInfo = attributesOf<LinkInfo>({
  kind: [1, text], // IFLA_INFO_KIND
  data: [2, bytes], // IFLA_INFO_DATA
  slaveKind: [4, text], // IFLA_INFO_SLAVE_KIND
  slaveData: [5, bytes], // IFLA_INFO_SLAVE_DATA
});

const inet6 = attributes({ addrGenMode: [8, u8] }); // IFLA_INET6_ADDR_GEN_MODE

/** The longest attribute of an alias, in bytes: IFALIASZ of linux/if.h, less one. */
const ALIAS_MAX = 255;
/** The kernel counts the NUL of an alias, so the longest one has none. */
const aliasText: Codec<string> = {
  write: (out, value, name) =>
    (typeof value === "string" && utf8Length(value) >= ALIAS_MAX ? bareText : text).write(out, value, name),
  read: text.read,
};

/** The codec of the messages of links. */
export const linkMessage: MessageCodec<LinkHeader & { readonly attributes: LinkAttributes }> = message(
  header,
  attributesOf<LinkAttributes>({
    address: [1, mac], // IFLA_ADDRESS
    name: [3, linkText], // IFLA_IFNAME
    mtu: [4, u32], // IFLA_MTU
    link: [5, u32], // IFLA_LINK
    master: [10, u32], // IFLA_MASTER
    txQueueLength: [13, u32], // IFLA_TXQLEN
    operState: [16, u8], // IFLA_OPERSTATE
    info: [18, linkInfo], // IFLA_LINKINFO
    alias: [20, aliasText], // IFLA_IFALIAS
    stats: [23, view], // IFLA_STATS64
    families: [26, attributes({ inet6: [AF_INET6, inet6] })], // IFLA_AF_SPEC
    group: [27, u32], // IFLA_GROUP
    netnsFd: [28, s32], // IFLA_NET_NS_FD
    extMask: [29, u32], // IFLA_EXT_MASK
    numTxQueues: [31, u32], // IFLA_NUM_TX_QUEUES
    numRxQueues: [32, u32], // IFLA_NUM_RX_QUEUES
    carrier: [33, u8], // IFLA_CARRIER
    linkNetnsid: [37, s32], // IFLA_LINK_NETNSID
    newIndex: [49, s32], // IFLA_NEW_IFINDEX
    minMtu: [50, u32], // IFLA_MIN_MTU
    maxMtu: [51, u32], // IFLA_MAX_MTU
    properties: [52 | NLA_F_NESTED, attributes({ altName: [53, linkText, "many"] })], // IFLA_PROP_LIST, IFLA_ALT_IFNAME
    altName: [53, linkText], // IFLA_ALT_IFNAME
  }),
);

/** The header of a request that names no link and changes no flag. */
export const EMPTY_HEADER: LinkHeader = { family: AF_UNSPEC, type: 0, index: 0, flags: 0, change: 0 };
