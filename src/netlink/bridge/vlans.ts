/** VLANs of the ports of bridges: IFLA_BRIDGE_VLAN_INFO. See bridge(8), linux/if_bridge.h. */
import { shown } from "../../errors.ts";
import { AF_BRIDGE } from "../../../ffi/mod.ts";
import { RTEXT_FILTER_BRVLAN } from "../constants/link.ts";
import { RTM_DELLINK, RTM_GETLINK, RTM_SETLINK } from "../constants/messages.ts";
import { fieldsOf } from "../../argument_fields.ts";
import type { LinkRef } from "../link/ref.ts";
import { attributes } from "../wire/attributes.ts";
import { fieldNames, message, type MessageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import type { NetlinkRequest } from "../wire/framing.ts";
import { s32, u16, u32, u8 } from "../wire/numbers.ts";

/** A VLAN that a port of a bridge, or the bridge itself, is in. */
export interface BridgeVlan {
  /** The index of the link. */
  readonly linkIndex: number;
  /** 1 to 4094. */
  readonly id: number;
  /** True if packets that come in without a tag are in this VLAN. */
  readonly pvid: boolean;
  /** True if packets go out without a tag. */
  readonly untagged: boolean;
  /** True of the bridge itself, as a host in the VLAN. */
  readonly self: boolean;
}

/** Which VLANs are listed. */
export interface BridgeVlanFilter {
  /** Only those of this link; it wins over `linkIndex`. */
  readonly link?: LinkRef | undefined;
  /** Only those of the link with this index. */
  readonly linkIndex?: number | undefined;
}

/** A VLAN that a port of a bridge, or the bridge itself, comes into or leaves. */
export interface BridgeVlanSpec {
  /** 1 to 4094; a range is `[from, to]`, both included. */
  readonly id: number | readonly [from: number, to: number];
  /** Packets that come in without a tag are in this VLAN. */
  readonly pvid?: boolean | undefined;
  /** Packets go out without a tag. */
  readonly untagged?: boolean | undefined;
  /** The link is the bridge itself, not a port. @default {false} */
  readonly self?: boolean | undefined;
  /** The index of the link of one that was listed. */
  readonly linkIndex?: number | undefined;
}

// BRIDGE_VLAN_INFO_…
const PVID = 0x2;
const UNTAGGED = 0x4;
const RANGE_BEGIN = 0x8;
const RANGE_END = 0x10;
// BRIDGE_FLAGS_…
const MASTER = 0x1;
const SELF = 0x2;

/** struct ifinfomsg, and of the attributes of a link those that are needed. */
const vlanMessage = message(
  struct({ family: u8, pad: pad(1), type: u16, index: s32, flags: u32, change: u32 }),
  attributes({
    master: [10, u32], // IFLA_MASTER
    bridge: [
      26, // IFLA_AF_SPEC
      attributes({
        flags: [0, u16], // IFLA_BRIDGE_FLAGS
        vlans: [2, struct({ flags: u16, id: u16 }), "many"], // IFLA_BRIDGE_VLAN_INFO
      }),
    ],
    extMask: [29, u32], // IFLA_EXT_MASK
  }),
);

/** The codec of messages of bridges about a port, as far as VLANs go. */
export const bridgeVlanMessage: MessageCodec<object> = vlanMessage;

const fieldAt = fieldNames(vlanMessage, { "bridge.vlans": "id", "bridge.flags": "self" });

const HEADER = { family: AF_BRIDGE, type: 0, index: 0, flags: 0, change: 0 };

/** The request for the VLANs of all ports. */
export const LIST_BRIDGE_VLANS: NetlinkRequest = {
  type: RTM_GETLINK,
  flags: 0,
  body: vlanMessage.encode({ ...HEADER, attributes: { extMask: RTEXT_FILTER_BRVLAN } }),
  label: "RTM_GETLINK of bridges",
};

/** The VLANs that a message of a bridge holds. */
export function decodeBridgeVlans(body: Uint8Array): BridgeVlan[] {
  if (body[0] !== AF_BRIDGE) return []; // hardware answers for itself, too
  const { index, attributes: { master, bridge } } = vlanMessage.decodeKnown(body);
  return (bridge?.vlans ?? []).map(({ flags, id }) => ({
    linkIndex: index,
    id,
    pvid: (flags & PVID) !== 0,
    untagged: (flags & UNTAGGED) !== 0,
    self: master === index,
  }));
}

const checkSpec = fieldsOf<BridgeVlanSpec>("a VLAN of a bridge", {
  id: true,
  pvid: "boolean",
  untagged: "boolean",
  self: "boolean",
  linkIndex: true,
});

/** Checks the filter of a list. */
export const checkBridgeVlanFilter: (filter: BridgeVlanFilter) => void = fieldsOf<BridgeVlanFilter>(
  "a filter of VLANs",
  { link: true, linkIndex: true },
);

/**
 * The request by which a port comes into a VLAN.
 *
 * @throws {TypeError} The VLAN has a field that it cannot have.
 */
export function addBridgeVlanRequest(index: number, spec: BridgeVlanSpec): NetlinkRequest {
  return {
    type: RTM_SETLINK,
    flags: 0,
    body: encode(index, spec),
    label: `RTM_SETLINK ${labelOf(index, spec)}`,
    fieldAt,
    explain: ({ code }) => code === "EOPNOTSUPP" ? NO_PORT : undefined,
  };
}

/**
 * The request by which a port leaves a VLAN.
 *
 * @throws {TypeError} The VLAN has a field that it cannot have.
 */
export function deleteBridgeVlanRequest(index: number, spec: BridgeVlanSpec): NetlinkRequest {
  return {
    type: RTM_DELLINK,
    flags: 0,
    body: encode(index, spec),
    label: `RTM_DELLINK ${labelOf(index, spec)}`,
    fieldAt,
  };
}

const NO_PORT = "expected a port of a bridge, or the bridge itself with self: true, " +
  "and a kernel that has CONFIG_BRIDGE_VLAN_FILTERING";

function labelOf(index: number, spec: BridgeVlanSpec): string {
  const [from, to] = rangeOf(spec);
  return `of link ${index}, VLAN ${from === to ? from : `${from} to ${to}`}`;
}

/** The first and the last VLAN. */
function rangeOf({ id }: BridgeVlanSpec): readonly [number, number] {
  if (typeof id === "number") return [id, id];
  if (Array.isArray(id) && id.length === 2) return id; // untyped code may give anything
  throw new TypeError(`Cannot use ${shown(id)} as id: expected a number, or the first and the last`);
}

function encode(index: number, spec: BridgeVlanSpec): Uint8Array<ArrayBuffer> {
  checkSpec(spec);
  const { pvid, untagged, self } = spec;
  const flags = (pvid ? PVID : 0) | (untagged ? UNTAGGED : 0);
  const [from, to] = rangeOf(spec);
  const vlans = from === to // the kernel refuses a range of one
    ? [{ flags, id: from }]
    : [{ flags: flags | RANGE_BEGIN, id: from }, { flags: flags | RANGE_END, id: to }];
  return vlanMessage.encode({ ...HEADER, index, attributes: { bridge: { flags: self ? SELF : MASTER, vlans } } });
}
