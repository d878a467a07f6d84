/** Links: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK. See rtnetlink(7), ip-link(8), linux/if_link.h. */
import { AF_INET6, AF_UNSPEC, utf8Length } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { attributes, message, type MessageCodec, pad, struct } from "../wire/codec.ts";
import { decodePort, encodePort } from "./bridge_ports.ts";
import { descriptorOf } from "../namespace_fd.ts";
import { type LinkGroup, linkName, type LinkRef, LONGEST_NAME } from "./ref.ts";
import {
  ADDR_GEN_MODES,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_UP,
  OPER_STATES,
  type OperState,
  RTEXT_FILTER_SKIP_STATS,
} from "../constants/link.ts";
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from "../constants/messages.ts";
import type { Link, LinkChange } from "./types.ts";
import { decodeKind, encodeKind, type LinkSpec } from "./kinds/kinds.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL } from "../wire/framing.ts";
import { ethernet, mac } from "../wire/mac.ts";
import { bytes, nameOf, s32, text, u16, u32, u8 } from "../wire/values.ts";

export type { Link, LinkChange, LinkGroup, LinkRef, OperState };

const NESTED = 0x8000;

/** struct ifinfomsg */
const header = struct({ family: u8, pad: pad(1), type: u16, index: s32, flags: u32, change: u32 });

const linkInfo = attributes({
  kind: [1, text], // IFLA_INFO_KIND
  data: [2, bytes], // IFLA_INFO_DATA: what it is, the kind says
  slaveKind: [4, text], // IFLA_INFO_SLAVE_KIND
  slaveData: [5, bytes], // IFLA_INFO_SLAVE_DATA
});

const inet6 = attributes({ addrGenMode: [8, u8] }); // IFLA_INET6_ADDR_GEN_MODE

const linkAttributes = attributes({
  address: [1, mac], // IFLA_ADDRESS
  name: [3, text], // IFLA_IFNAME
  mtu: [4, u32], // IFLA_MTU
  link: [5, u32], // IFLA_LINK: the other end of a veth pair, the link below a VLAN
  master: [10, u32], // IFLA_MASTER
  txQueueLength: [13, u32], // IFLA_TXQLEN
  operState: [16, u8], // IFLA_OPERSTATE
  info: [18, linkInfo], // IFLA_LINKINFO
  alias: [20, text], // IFLA_IFALIAS
  group: [27, u32], // IFLA_GROUP
  families: [26, attributes({ inet6: [AF_INET6, inet6] })], // IFLA_AF_SPEC
  netnsFd: [28, s32], // IFLA_NET_NS_FD
  extMask: [29, u32], // IFLA_EXT_MASK
  numTxQueues: [31, u32], // IFLA_NUM_TX_QUEUES
  numRxQueues: [32, u32], // IFLA_NUM_RX_QUEUES
  carrier: [33, u8], // IFLA_CARRIER
  linkNetnsid: [37, s32], // IFLA_LINK_NETNSID
  newIndex: [49, s32], // IFLA_NEW_IFINDEX
  properties: [52 | NESTED, attributes({ altName: [53, text, "many"] })], // IFLA_PROP_LIST, IFLA_ALT_IFNAME
  altName: [53, text], // IFLA_ALT_IFNAME: what a link is found by that has no place in IFLA_IFNAME
});

const codec = message(header, linkAttributes);

/** The codec of the messages of this family. */
export const linkMessage: MessageCodec<object> = codec;

const EMPTY = { family: AF_UNSPEC, type: 0, index: 0, flags: 0, change: 0 } as const;

const labelOf = (ref: LinkRef): string => "name" in ref ? ref.name : `link ${ref.index}`;

/** Where a message says which link it is about: the index in its header, or the name among its attributes. */
const target = (ref: LinkRef): { index: number; name: string | undefined; altName: string | undefined } => {
  if (!("name" in ref)) return { index: ref.index, name: undefined, altName: undefined };
  const isAlternative = utf8Length(ref.name) > LONGEST_NAME;
  return { index: 0, name: isAlternative ? undefined : ref.name, altName: isAlternative ? ref.name : undefined };
};

/** The request for all links. */
export const LIST_LINKS: NetlinkRequest = {
  type: RTM_GETLINK,
  flags: 0,
  body: codec.encode({ ...EMPTY, attributes: { extMask: RTEXT_FILTER_SKIP_STATS } }),
  label: "RTM_GETLINK",
};

/** The request for one link. */
export function getLinkRequest(ref: LinkRef): NetlinkRequest {
  const { index, ...names } = target(ref);
  const body = codec.encode({ ...EMPTY, index, attributes: { ...names, extMask: RTEXT_FILTER_SKIP_STATS } });
  return { type: RTM_GETLINK, flags: 0, body, label: `RTM_GETLINK ${labelOf(ref)}` };
}

/** The request that makes a link, both ends of a pair at once. */
export function addLinkRequest(spec: LinkSpec): NetlinkRequest {
  if (spec.kind === "veth" && spec.peer.index !== undefined && spec.index === undefined) {
    throw new TypeError(`Cannot use ${spec.peer.index} as index of the peer alone: expected an index of both ends`);
  }
  const end = (e: LinkEnd): { header: EndHeader; attributes: EndAttributes } => ({
    header: { ...EMPTY, index: e.index ?? 0, flags: e.up ? IFF_UP : 0, change: e.up ? IFF_UP : 0 },
    attributes: {
      name: linkName(e.name),
      address: e.address === undefined ? undefined : ethernet(e.address),
      mtu: e.mtu,
      netnsFd: e.netns && descriptorOf(e.netns),
      // Without these the kernel makes a queue for each possible CPU, takes all but one away, and waits for that.
      numTxQueues: 1,
      numRxQueues: 1,
    },
  });
  const own = end(spec);
  const encodeEnd = (peer: LinkEnd): Uint8Array<ArrayBuffer> => {
    const other = end(peer);
    return codec.encode({ ...other.header, attributes: other.attributes });
  };
  const body = codec.encode({
    ...own.header,
    attributes: {
      ...own.attributes,
      link: "link" in spec ? spec.link : undefined,
      master: spec.master,
      info: { kind: spec.kind, data: encodeKind(spec, encodeEnd) },
    },
  });
  return { type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, body, label: `RTM_NEWLINK ${spec.name}` };
}

/** What both ends of a pair, and every other link, are made with. */
type LinkEnd = Pick<LinkSpec, "name" | "index" | "address" | "mtu" | "netns" | "up">;

interface EndHeader {
  readonly family: number;
  readonly type: number;
  readonly index: number;
  readonly flags: number;
  readonly change: number;
}

interface EndAttributes {
  readonly name: string;
  readonly address: string | undefined;
  readonly mtu: number | undefined;
  readonly netnsFd: number | undefined;
  readonly numTxQueues: number;
  readonly numRxQueues: number;
}

/** The request that changes a link. */
export function setLinkRequest(ref: LinkRef, change: LinkChange): NetlinkRequest {
  const { index, name, altName } = target(ref);
  if ("name" in ref && change.name !== undefined) {
    // IFLA_IFNAME is both what a link is found by and what it is called from then on.
    throw new TypeError(`Cannot rename ${shown(ref.name)} by its name: expected { index }, as getLink() gives it`);
  }
  const body = codec.encode({
    ...EMPTY,
    index,
    flags: change.up ? IFF_UP : 0,
    change: change.up === undefined ? 0 : IFF_UP,
    attributes: {
      name: change.name === undefined ? name : linkName(change.name),
      altName,
      address: change.address,
      mtu: change.mtu,
      master: change.master,
      netnsFd: change.netns && descriptorOf(change.netns),
      newIndex: change.newIndex,
      txQueueLength: change.txQueueLength,
      group: change.group,
      alias: change.alias,
      info: change.port === undefined ? undefined : { slaveKind: "bridge", slaveData: encodePort(change.port) },
      families: change.addrGenMode === undefined
        ? undefined
        : { inet6: { addrGenMode: ADDR_GEN_MODES[change.addrGenMode] } },
    },
  });
  return { type: RTM_NEWLINK, flags: 0, body, label: `RTM_NEWLINK ${labelOf(ref)}` };
}

/** The request that deletes a link, and with it the other end of a pair; or all links of a group. */
export function deleteLinkRequest(ref: LinkRef | LinkGroup): NetlinkRequest {
  if ("group" in ref) {
    const body = codec.encode({ ...EMPTY, attributes: { group: ref.group } });
    return { type: RTM_DELLINK, flags: 0, body, label: `RTM_DELLINK group ${ref.group}` };
  }
  const { index, ...names } = target(ref);
  const body = codec.encode({ ...EMPTY, index, attributes: names });
  return { type: RTM_DELLINK, flags: 0, body, label: `RTM_DELLINK ${labelOf(ref)}` };
}

/** The link that a message of the kernel tells of. */
export function decodeLink(body: Uint8Array): Link {
  const { index, type, flags, attributes: a } = codec.decodeKnown(body);
  const data = decodeKind(a.info?.kind, a.info?.data);
  const port = a.info?.slaveKind === "bridge" ? decodePort(a.info.slaveData) : undefined;
  const addrGenMode = a.families?.inet6?.addrGenMode;
  return {
    index,
    name: a.name ?? "",
    altNames: a.properties?.altName ?? [],
    ...(a.info?.kind === undefined ? {} : { kind: a.info.kind }),
    ...(data === undefined ? {} : { data }),
    hardwareType: type,
    flags,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    up: (flags & IFF_UP) !== 0,
    lowerUp: (flags & IFF_LOWER_UP) !== 0,
    carrier: a.carrier === undefined ? (flags & IFF_LOWER_UP) !== 0 : a.carrier !== 0,
    operState: OPER_STATES[a.operState ?? 0] ?? "unknown",
    mtu: a.mtu ?? 0,
    ...(a.address === undefined ? {} : { address: a.address }),
    ...(a.link ? { peerIndex: a.link } : {}), // tunnels that are on no link say 0
    ...(a.linkNetnsid === undefined ? {} : { linkNetnsid: a.linkNetnsid }),
    ...(a.master === undefined ? {} : { master: a.master }),
    ...(port === undefined ? {} : { port }),
    ...(addrGenMode === undefined ? {} : { addrGenMode: nameOf(ADDR_GEN_MODES, addrGenMode) }),
    ...(a.txQueueLength === undefined ? {} : { txQueueLength: a.txQueueLength }),
    ...(a.alias === undefined ? {} : { alias: a.alias }),
    ...(a.group ? { group: a.group } : {}),
  };
}
