/** The kinds of links that can be made, and what is particular to each: IFLA_INFO_DATA. See ip-link(8). */
import { Reader, written } from "../../wire/buffers.ts";
import { attributes, type Codec } from "../../wire/codec.ts";
import { be16, bytes, u16, u32, u8 } from "../../wire/values.ts";

/** What every link is made with. */
export interface LinkBase {
  /** Its name, 1 to 15 bytes. */
  readonly name: string;
  /** The index it is to have; without it, the kernel chooses. */
  readonly index?: number | undefined;
  /** Its link-layer address; without it, the kernel makes one up. */
  readonly address?: string | undefined;
  /** The largest packet, in bytes. */
  readonly mtu?: number | undefined;
  /** The namespace in which it is made; without it, that of the socket. */
  readonly netns?: { readonly fd: number } | undefined;
  /** Set up at once. The other end of a pair cannot be: the kernel wants both first. */
  readonly up?: boolean | undefined;
  /** The index of the bridge or VRF that it is to be a port of. */
  readonly master?: number | undefined;
}

/** Two links: what goes in at one end comes out at the other. Both are made in one request. */
export interface VethSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "veth";
  /** The other end. It can be given an index only together with the first: the kernel would pass over it. */
  readonly peer: Omit<LinkBase, "up" | "master">;
}

/** A link that drops everything. */
export interface DummySpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "dummy";
}

/** A switch; other links are its ports by their `master`. */
export interface BridgeSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "bridge";
  /** Spanning tree, 1 for on. */
  readonly stpState?: number | undefined;
  /** Tells VLANs apart. */
  readonly vlanFiltering?: boolean | undefined;
}

/** A VLAN of another link. */
export interface VlanSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "vlan";
  /** The index of the link below. */
  readonly link: number;
  /** 1 to 4094. */
  readonly id: number;
  /** The tag's EtherType. @default {0x8100, IEEE 802.1Q} */
  readonly protocol?: number | undefined;
}

/** How macvlans of one link reach each other, as MACVLAN_MODE_… numbers it. */
export type MacvlanMode = "private" | "vepa" | "bridge" | "passthru" | "source";
const MACVLAN_MODES: Readonly<Record<MacvlanMode, number>> = {
  private: 1,
  vepa: 2,
  bridge: 4,
  passthru: 8,
  source: 16,
};
/** How ipvlans of one link handle packets, as IPVLAN_MODE_… numbers it. */
export type IpvlanMode = "l2" | "l3" | "l3s";
const IPVLAN_MODES: Readonly<Record<IpvlanMode, number>> = { l2: 0, l3: 1, l3s: 2 };

/** A further link-layer address on another link. */
export interface MacvlanSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "macvlan";
  /** The index of the link below. */
  readonly link: number;
  /** How those of one link reach each other. @default {"bridge"} */
  readonly mode?: MacvlanMode | undefined;
}

/** Further addresses on another link, with its link-layer address. */
export interface IpvlanSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "ipvlan";
  /** The index of the link below. */
  readonly link: number;
  /** How packets are handled. @default {"l2"} */
  readonly mode?: IpvlanMode | undefined;
}

/** A routing domain; other links are its ports by their `master`. */
export interface VrfSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "vrf";
  /** The number of its routing table. */
  readonly table: number;
}

/** A link to make. */
export type LinkSpec = VethSpec | DummySpec | BridgeSpec | VlanSpec | MacvlanSpec | IpvlanSpec | VrfSpec;

/** What is particular to a link that is there. */
export type LinkKind =
  | { readonly kind: "bridge"; readonly stpState?: number; readonly vlanFiltering?: boolean }
  | { readonly kind: "vlan"; readonly id?: number; readonly protocol?: number }
  | { readonly kind: "macvlan"; readonly mode?: string }
  | { readonly kind: "ipvlan"; readonly mode?: string }
  | { readonly kind: "vrf"; readonly table?: number }
  | { readonly kind: "tun"; readonly mode?: string; readonly persistent?: boolean };

const veth = attributes({ peer: [1, bytes] }); // VETH_INFO_PEER: struct ifinfomsg and attributes of a link
const bridge = attributes({
  stpState: [5, u32], // IFLA_BR_STP_STATE
  vlanFiltering: [7, u8], // IFLA_BR_VLAN_FILTERING
});
const vlan = attributes({
  id: [1, u16], // IFLA_VLAN_ID
  protocol: [5, be16], // IFLA_VLAN_PROTOCOL
});
const macvlan = attributes({ mode: [1, u32] }); // IFLA_MACVLAN_MODE
const ipvlan = attributes({ mode: [1, u16] }); // IFLA_IPVLAN_MODE
const tun = attributes({
  mode: [3, u8], // IFLA_TUN_TYPE
  persistent: [6, u8], // IFLA_TUN_PERSIST
});
/** What a tun carries, as IFF_… of linux/if_tun.h numbers it. */
const TUN_MODES: Readonly<Record<string, number>> = { tun: 1, tap: 2 };
const vrf = attributes({ table: [1, u32] }); // IFLA_VRF_TABLE

function bytesOf<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
  return written((out) => codec.write(out, value));
}

/** The bytes of what is particular to a link; `encodeEnd` writes the other end of a pair. */
export function encodeKind(
  spec: LinkSpec,
  encodeEnd: (peer: VethSpec["peer"]) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | undefined {
  switch (spec.kind) {
    case "veth":
      return bytesOf(veth, { peer: encodeEnd(spec.peer) });
    case "dummy":
      return undefined;
    case "bridge": {
      const { stpState, vlanFiltering } = spec;
      return bytesOf(bridge, {
        stpState,
        vlanFiltering: vlanFiltering === undefined ? undefined : Number(vlanFiltering),
      });
    }
    case "vlan":
      return bytesOf(vlan, { id: spec.id, protocol: spec.protocol });
    case "macvlan":
      return bytesOf(macvlan, { mode: MACVLAN_MODES[spec.mode ?? "bridge"] });
    case "ipvlan":
      return bytesOf(ipvlan, { mode: IPVLAN_MODES[spec.mode ?? "l2"] });
    case "vrf":
      return bytesOf(vrf, { table: spec.table });
  }
}

/** What is particular to a link that the kernel tells of, where its kind is known here. */
export function decodeKind(kind: string | undefined, data: Uint8Array | undefined): LinkKind | undefined {
  if (data === undefined) return undefined;
  const input = new Reader(data, 0, true);
  switch (kind) {
    case "bridge": {
      const { stpState, vlanFiltering } = bridge.read(input);
      return {
        kind,
        ...(stpState === undefined ? {} : { stpState }),
        ...(vlanFiltering === undefined ? {} : { vlanFiltering: vlanFiltering !== 0 }),
      };
    }
    case "vlan": {
      const { id, protocol } = vlan.read(input);
      return { kind, ...(id === undefined ? {} : { id }), ...(protocol === undefined ? {} : { protocol }) };
    }
    case "macvlan":
      return { kind, ...modeOf(MACVLAN_MODES, macvlan.read(input).mode) };
    case "ipvlan":
      return { kind, ...modeOf(IPVLAN_MODES, ipvlan.read(input).mode) };
    case "vrf": {
      const { table } = vrf.read(input);
      return { kind, ...(table === undefined ? {} : { table }) };
    }
    case "tun": {
      const { mode, persistent } = tun.read(input);
      return {
        kind,
        ...modeOf(TUN_MODES, mode),
        ...(persistent === undefined ? {} : { persistent: persistent !== 0 }),
      };
    }
    default:
      return undefined;
  }
}

function modeOf(names: Readonly<Record<string, number>>, value: number | undefined): { mode?: string } {
  const found = Object.keys(names).find((name) => names[name] === value);
  return found === undefined ? {} : { mode: found };
}
