/** Neighbours (ARP and NDP): RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH. See rtnetlink(7), arp(7), linux/neighbour.h. */
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from "../constants/messages.ts";
import { NEIGHBOUR_STATES, type NeighbourState, NTF_PROXY } from "../constants/neighbour.ts";
import { attributes, message, type MessageCodec, pad, struct } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { afOf, ip, isIpFamily } from "../wire/ip.ts";
import { mac } from "../wire/mac.ts";
import { bytes, nameOf, s32, u16, u32, u8 } from "../wire/values.ts";

/** struct ndmsg */
const header = struct({ family: u8, pad: pad(3), index: s32, state: u16, flags: u8, type: u8 });

const codec = message(
  header,
  attributes({
    dst: [1, ip], // NDA_DST
    address: [2, mac], // NDA_LLADDR
    cacheInfo: [3, bytes], // NDA_CACHEINFO
    probes: [4, u32], // NDA_PROBES
    vlan: [5, u16], // NDA_VLAN
    linkIndex: [8, u32], // NDA_IFINDEX: what a list is asked for by
    master: [9, u32], // NDA_MASTER
    protocol: [12, u8], // NDA_PROTOCOL
  }),
);

/** The codec of the messages of this family. */
export const neighbourMessage: MessageCodec<object> = codec;

/** A neighbour of a link, as the kernel has it. */
export interface Neighbour {
  /** The link on which it is. */
  readonly linkIndex: number;
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** Its address. */
  readonly ip: string;
  /** Its link-layer address, once it is known. */
  readonly address?: string;
  /** What is known of it. */
  readonly state: NeighbourState | number;
  /** True if this host answers in its place. */
  readonly proxy: boolean;
  /** The kernel's flags, NTF_…. */
  readonly flags: number;
}

/** A neighbour to add or change. */
export interface NeighbourSpec {
  /** The link on which it is. */
  readonly linkIndex: number;
  /** Its address. */
  readonly ip: string;
  /** Its link-layer address. */
  readonly address?: string | undefined;
  /** What is to be taken as known of it. @default {"permanent"} */
  readonly state?: NeighbourState | undefined;
}

/** Which neighbours are listed. */
export interface NeighbourFilter {
  /** Those of this link alone. */
  readonly linkIndex?: number | undefined;
  /** Those of this family alone. */
  readonly family?: number | undefined;
}

/** The request for the neighbours that a filter lets through. */
export function listNeighboursRequest({ family = AF_UNSPEC, linkIndex }: NeighbourFilter): NetlinkRequest {
  const body = codec.encode({ family, index: 0, state: 0, flags: 0, type: 0, attributes: { linkIndex } });
  return { type: RTM_GETNEIGH, flags: 0, body, label: "RTM_GETNEIGH" };
}

/** The request that adds a neighbour, or changes it if it is there. */
export function newNeighbourRequest(spec: NeighbourSpec, replace: boolean): NetlinkRequest {
  return {
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL),
    body: encode(spec, NEIGHBOUR_STATES[spec.state ?? "permanent"]),
    label: `RTM_NEWNEIGH ${spec.ip} on link ${spec.linkIndex}`,
  };
}

/** The request that forgets a neighbour. */
export function deleteNeighbourRequest(spec: Pick<NeighbourSpec, "linkIndex" | "ip">): NetlinkRequest {
  const label = `RTM_DELNEIGH ${spec.ip} on link ${spec.linkIndex}`;
  return { type: RTM_DELNEIGH, flags: 0, body: encode(spec, 0), label };
}

function encode({ linkIndex, ip, address }: NeighbourSpec, state: number): Uint8Array<ArrayBuffer> {
  return codec.encode({
    family: afOf(ip),
    index: linkIndex,
    state,
    flags: 0,
    type: 0,
    attributes: { dst: ip, address },
  });
}

/** The neighbour that a message of the kernel tells of; nothing for one of a bridge, which has no IP address. */
export function decodeNeighbour(body: Uint8Array): Neighbour | undefined {
  if (!isIpFamily(body)) return undefined;
  const { family, index, state, flags, attributes: { dst, address } } = codec.decodeKnown(body);
  if (dst === undefined) return undefined;
  return {
    linkIndex: index,
    family,
    ip: dst,
    ...(address === undefined ? {} : { address }),
    state: nameOf(NEIGHBOUR_STATES, state),
    proxy: (flags & NTF_PROXY) !== 0,
    flags,
  };
}
