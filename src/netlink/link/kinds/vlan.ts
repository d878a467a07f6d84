/** VLANs: IFLA_VLAN_…. See ip-link(8), linux/if_link.h, linux/if_vlan.h. */
import type { LinkBase } from "../base.ts";
import type { LinkRef } from "../ref.ts";
import { attributes } from "../../wire/attributes.ts";
import type { Codec } from "../../wire/codec.ts";
import { struct } from "../../wire/struct.ts";
import { be16, u16, u32 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { bitsOf, type KeptOptions, maskedWord, optionsOf } from "./kind_options.ts";

/** Which priority becomes which. */
export interface QosMapping {
  /** The priority of the tag, 0 to 7, of what comes in; that of the packet of what goes out. */
  readonly from: number;
  /** The priority that it gets. */
  readonly to: number;
}

/** What is particular to a VLAN. */
export interface VlanOptions extends KeptOptions {
  /** 1 to 4094. */
  readonly id: number;
  /** The EtherType of the tag. @default {0x8100, IEEE 802.1Q} */
  readonly protocol?: number | undefined;
  /** Takes the tag out of what comes in. @default {true} */
  readonly reorderHdr?: boolean | undefined;
  /** Registers the VLAN with switches by GVRP. */
  readonly gvrp?: boolean | undefined;
  /** Registers the VLAN with switches by MVRP. */
  readonly mvrp?: boolean | undefined;
  /** Does not follow the link below when that is set down. */
  readonly looseBinding?: boolean | undefined;
  /** Has a carrier only while a port of the bridge below is up that is in the VLAN. */
  readonly bridgeBinding?: boolean | undefined;
  /** Priorities of tags that come in. */
  readonly ingressQos?: readonly QosMapping[] | undefined;
  /** Priorities of packets that go out. */
  readonly egressQos?: readonly QosMapping[] | undefined;
}

/** A VLAN of another link. */
export interface VlanSpec extends LinkBase, VlanOptions {
  /** The tag of the union. */
  readonly kind: "vlan";
  /** The link below; a number is its index. */
  readonly link: LinkRef | number;
}

const flag = bitsOf(2, maskedWord(u32)); // IFLA_VLAN_FLAGS: struct ifla_vlan_flags

const mappings = attributes({ mapping: [1, struct({ from: u32, to: u32 }), "many"] }); // IFLA_VLAN_QOS_MAPPING
const qos: Codec<readonly QosMapping[]> = {
  write: (out, mapping) => mappings.write(out, { mapping }),
  read: (input) => mappings.read(input).mapping ?? [],
};

const options = optionsOf<VlanOptions>({
  id: [1, u16], // IFLA_VLAN_ID
  protocol: [5, be16], // IFLA_VLAN_PROTOCOL
  reorderHdr: flag(0x1), // VLAN_FLAG_REORDER_HDR
  gvrp: flag(0x2), // VLAN_FLAG_GVRP
  looseBinding: flag(0x4), // VLAN_FLAG_LOOSE_BINDING
  mvrp: flag(0x8), // VLAN_FLAG_MVRP
  bridgeBinding: flag(0x10), // VLAN_FLAG_BRIDGE_BINDING
  egressQos: [3, qos], // IFLA_VLAN_EGRESS_QOS
  ingressQos: [4, qos], // IFLA_VLAN_INGRESS_QOS
});

/** {@linkcode VlanSpec} */
export const vlan: Kind<"vlan", VlanSpec, VlanOptions> = {
  kind: "vlan",
  about: "a VLAN of another link: packets with one tag",
  kernel: { option: "CONFIG_VLAN_8021Q", module: "8021q" },
  fields: () => ({ link: true, ...options.fields }),
  probe: { spec: (name, lower) => ({ kind: "vlan", name, link: lower(), id: 7 }) },
  options,
};
