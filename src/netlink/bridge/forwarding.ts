/** Forwarding entries of bridges and VXLANs: struct ndmsg of AF_BRIDGE, NDA_…. See bridge(8), linux/neighbour.h. */
import { AF_BRIDGE } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { shown } from "../../errors.ts";
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from "../constants/messages.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { wholeNumber } from "../../whole_number.ts";
import { LARGEST_INDEX, type LinkRef, type OfLink, withIndex } from "../link/ref.ts";
import { type NeighbourHeader, neighbourHeader } from "../neighbour/message.ts";
import { attributesOf, type UnknownAttribute } from "../wire/attributes.ts";
import { fieldNames, message, type MessageCodec } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { ip as ipAddress } from "../wire/ip.ts";
import { mac } from "../wire/mac.ts";
import { bytes } from "../wire/bytes.ts";
import { nameOf, numberOf } from "../wire/named_numbers.ts";
import { be16, s32, u16, u32 } from "../wire/numbers.ts";

/** How long an entry stays: for ever, as an address of the host; until it is deleted; or as long as it is used. */
export type ForwardingState = "permanent" | "static" | "reachable" | "stale";

/** NUD_…, as bridge(8) sends them. */
const STATES: Readonly<Record<ForwardingState, number>> = {
  permanent: 0xc0,
  static: 0x42,
  reachable: 0x02,
  stale: 0x04,
};

/** What a forwarding entry has beside its link. */
export interface ForwardingEntryFields {
  /** The link-layer address; zeros of a VXLAN are all others. */
  readonly address: string;
  /** The other end of the tunnel behind which the address is, of a VXLAN. */
  readonly ip?: string | undefined;
  /** The VLAN, of a bridge that keeps VLANs apart. */
  readonly vlan?: number | undefined;
  /** The UDP port of the other end, if that is not the one of the VXLAN. */
  readonly port?: number | undefined;
  /** The number of the VXLAN of the other end, if that is another. */
  readonly vni?: number | undefined;
  /** The number of the VXLAN of this end, with `external`. */
  readonly srcVni?: number | undefined;
  /** The index of the link by which packets go to the other end. */
  readonly viaIndex?: number | undefined;
  /** The next-hop object by which packets go. */
  readonly nhid?: number | undefined;
}

/** A forwarding entry, as the kernel has it. */
export interface ForwardingEntry extends ForwardingEntryFields {
  /** The index of the link behind which the address is. */
  readonly linkIndex: number;
  /** The index of the bridge, of an entry of a bridge. */
  readonly master?: number;
  /** How long it stays; a number, if this library has no name for it. */
  readonly state: ForwardingState | number;
  /** True of an entry of the link itself, not of its bridge. */
  readonly self: boolean;
  /** True if another program learned it. */
  readonly externLearn: boolean;
  /** True if hardware has it, too. */
  readonly offload: boolean;
  /** True if the address never moves to another port. */
  readonly sticky: boolean;
  /** True if it goes to a router. */
  readonly router: boolean;
  /** The id that this namespace has for the one of `viaIndex`. */
  readonly linkNetnsid?: number;
  /** Attributes that this library does not know. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** A forwarding entry to add or delete. One that was listed is sent back as it is. */
export type ForwardingEntrySpec = OfLink & ForwardingEntryFields & {
  /** The link by which packets go to the other end; it wins over `viaIndex`. */
  readonly via?: LinkRef | undefined;
  /**
   * True, or the index of the bridge, for an entry of the bridge of the link.
   *
   * @default {false, an entry of the link itself}
   */
  readonly master?: boolean | number | undefined;
  /** An entry of the link itself. @default {true without `master`} */
  readonly self?: boolean | undefined;
  /** How long it stays. @default {"permanent"} */
  readonly state?: ForwardingState | number | undefined;
  /** Another program learned it. */
  readonly externLearn?: boolean | undefined;
  /** Hardware has it, too. Listed only. */
  readonly offload?: boolean | undefined;
  /** The address never moves to another port. */
  readonly sticky?: boolean | undefined;
  /** It goes to a router. */
  readonly router?: boolean | undefined;
  /** The id of the namespace of `viaIndex`. Listed only. */
  readonly linkNetnsid?: number | undefined;
  /** Adds a further other end for the address, of a VXLAN. */
  readonly append?: boolean | undefined;
  /** Replaces the entry of the address. */
  readonly replace?: boolean | undefined;
  /** Attributes that this library does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
};

/** Which forwarding entries are listed. */
export interface ForwardingFilter {
  /** Only those of this link; it wins over `linkIndex`. */
  readonly link?: LinkRef | undefined;
  /** Only those of the link with this index. */
  readonly linkIndex?: number | undefined;
  /** Only those of the ports of this bridge. */
  readonly master?: LinkRef | undefined;
}

// NTF_…
const SELF = 0x02;
const MASTER = 0x04;
const EXT_LEARNED = 0x10;
const OFFLOADED = 0x20;
const STICKY = 0x40;
const ROUTER = 0x80;

interface EntryAttributes {
  readonly ip: string;
  readonly address: string;
  readonly cacheInfo: Uint8Array<ArrayBuffer>;
  readonly vlan: number;
  readonly port: number;
  readonly vni: number;
  readonly viaIndex: number;
  readonly master: number;
  readonly linkNetnsid: number;
  readonly srcVni: number;
  readonly nhid: number;
}

/** The codec of the messages of forwarding entries. */
export const forwardingMessage: MessageCodec<
  NeighbourHeader & {
    readonly attributes: { readonly [K in keyof EntryAttributes]?: EntryAttributes[K] | undefined } & {
      readonly unknown?: readonly UnknownAttribute[] | undefined;
    };
  }
> = message(
  neighbourHeader,
  attributesOf<EntryAttributes>({
    ip: [1, ipAddress], // NDA_DST
    address: [2, mac], // NDA_LLADDR
    cacheInfo: [3, bytes], // NDA_CACHEINFO
    vlan: [5, u16], // NDA_VLAN
    port: [6, be16], // NDA_PORT
    vni: [7, u32], // NDA_VNI
    viaIndex: [8, u32], // NDA_IFINDEX
    master: [9, u32], // NDA_MASTER
    linkNetnsid: [10, s32], // NDA_LINK_NETNSID
    srcVni: [11, u32], // NDA_SRC_VNI
    nhid: [13, u32], // NDA_NH_ID
  }),
);

const fieldAt = fieldNames(forwardingMessage, { viaIndex: "via" });

/** The request for all forwarding entries. */
export const LIST_FORWARDING: NetlinkRequest = {
  type: RTM_GETNEIGH,
  flags: 0,
  body: forwardingMessage.encode({ family: AF_BRIDGE, index: 0, state: 0, flags: 0, type: 0, attributes: {} }),
  label: "RTM_GETNEIGH of bridges",
};

/** The forwarding entry that a message is about; undefined for one of another family. */
export function decodeForwardingEntry(body: Uint8Array): ForwardingEntry | undefined {
  if (body[0] !== AF_BRIDGE) return undefined;
  const { index, state, flags, attributes: a } = forwardingMessage.decode(body);
  const { address, cacheInfo: _age, unknown, ...rest } = a;
  if (address === undefined) return undefined;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return defined({
    linkIndex: index,
    address,
    ...rest,
    state: stateOf(state),
    self: has(SELF),
    externLearn: has(EXT_LEARNED),
    offload: has(OFFLOADED),
    sticky: has(STICKY),
    router: has(ROUTER),
    unknown: unknown?.map(({ type, bytes: content }) => ({ type, bytes: content.slice() })),
  });
}

const NUD_PERMANENT = 0x80;
const NUD_NOARP = 0x40;

/** What a state says: the bits of one that does not age are several. */
function stateOf(state: number): ForwardingState | number {
  if ((state & NUD_PERMANENT) !== 0) return "permanent";
  return (state & NUD_NOARP) !== 0 ? "static" : nameOf(STATES, state);
}

/** True if a request to add `spec` would add an entry that there is. */
export function isSameEntry(entry: ForwardingEntry, spec: ForwardingEntrySpec): boolean {
  return entry.linkIndex === spec.linkIndex && KEYS.every((key) => entry[key] === spec[key]);
}

/** What identifies an entry of a link for the kernel. */
const KEYS = ["address", "self", "vlan", "ip", "port", "vni", "srcVni", "viaIndex", "nhid"] as const;

const checkSpec = fieldsOf<ForwardingEntrySpec>("a forwarding entry", {
  link: true,
  linkIndex: true,
  address: true,
  ip: true,
  vlan: true,
  port: true,
  vni: true,
  srcVni: true,
  via: true,
  viaIndex: true,
  nhid: true,
  master: true,
  self: "boolean",
  state: true,
  externLearn: "boolean",
  offload: "boolean",
  sticky: "boolean",
  router: "boolean",
  linkNetnsid: true,
  append: "boolean",
  replace: "boolean",
  unknown: "list",
});

/** Checks the filter of a list. */
export const checkForwardingFilter: (filter: ForwardingFilter) => void = fieldsOf<ForwardingFilter>(
  "a filter of forwarding entries",
  { link: true, linkIndex: true, master: true },
);

/** An entry that names its links by their indexes. */
export function withIndexes(spec: ForwardingEntrySpec, indexOf: (link: LinkRef) => number): ForwardingEntrySpec {
  const own = withIndex(spec, indexOf);
  return own?.via === undefined ? own : { ...own, via: undefined, viaIndex: indexOf(own.via) };
}

/**
 * The request that adds a forwarding entry.
 *
 * @param spec Names its links by their indexes.
 */
export function addForwardingEntryRequest(spec: ForwardingEntrySpec): NetlinkRequest {
  checkEntry(spec);
  const flags = spec.append ? NLM_F_APPEND : spec.replace ? NLM_F_REPLACE : NLM_F_EXCL;
  return {
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | flags,
    body: encode(spec),
    label: `RTM_NEWNEIGH ${labelOf(spec)}`,
    fieldAt,
  };
}

/**
 * The request that deletes a forwarding entry.
 *
 * @param spec Names its links by their indexes.
 */
export function deleteForwardingEntryRequest(spec: ForwardingEntrySpec): NetlinkRequest {
  checkEntry(spec);
  return { type: RTM_DELNEIGH, flags: 0, body: encode(spec), label: `RTM_DELNEIGH ${labelOf(spec)}`, fieldAt };
}

/** @throws {TypeError} It has another field, or no address. */
function checkEntry(spec: ForwardingEntrySpec): void {
  checkSpec(spec);
  const { master } = spec;
  if (master !== undefined && typeof master !== "boolean") wholeNumber(master, "master", 1, LARGEST_INDEX);
  if (typeof spec.address === "string") return; // the kernel would say no more than that it is invalid
  throw new TypeError(`Cannot use ${shown(spec.address)} as address: expected a hardware address`);
}

function labelOf({ address, linkIndex, vlan }: ForwardingEntrySpec): string {
  return `${address} behind link ${linkIndex}${vlan === undefined ? "" : `, VLAN ${vlan}`}`;
}

function encode(spec: ForwardingEntrySpec): Uint8Array<ArrayBuffer> {
  const { address, ip, vlan, port, vni, srcVni, viaIndex, nhid, unknown, linkIndex, state = "permanent" } = spec;
  // An entry of the bridge itself has the bridge as its link, too.
  const ofBridge = spec.master === true || typeof spec.master === "number" && spec.master !== linkIndex;
  const { self = !ofBridge } = spec;
  const flags = [
    [self || !ofBridge, SELF],
    [ofBridge, MASTER],
    [spec.externLearn, EXT_LEARNED],
    [spec.sticky, STICKY],
    [spec.router, ROUTER],
  ] as const;
  return forwardingMessage.encode({
    family: AF_BRIDGE,
    index: linkIndex ?? 0,
    state: numberOf(STATES, state, "state"),
    flags: flags.reduce((sum, [isSet, flag]) => isSet ? sum | flag : sum, 0),
    type: 0,
    attributes: { address, ip, vlan, port, vni, srcVni, viaIndex, nhid, unknown },
  });
}
