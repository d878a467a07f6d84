/** VLANs: IFLA_VLAN_…. See ip-link(8), linux/if_link.h. */
import type { LinkBase } from "../base.ts";
import { attributesOf } from "../../wire/codec.ts";
import { be16, u16 } from "../../wire/values.ts";
import type { Kind } from "./kind.ts";

/** What is particular to a VLAN. */
export interface VlanOptions {
  /** 1 to 4094. */
  readonly id: number;
  /** The EtherType of the tag. @default {0x8100, IEEE 802.1Q} */
  readonly protocol?: number | undefined;
}

/** A VLAN of another link. */
export interface VlanSpec extends LinkBase, VlanOptions {
  /** The tag of the union. */
  readonly kind: "vlan";
  /** The index of the link below. */
  readonly link: number;
}

const data = attributesOf<VlanOptions>({
  id: [1, u16], // IFLA_VLAN_ID
  protocol: [5, be16], // IFLA_VLAN_PROTOCOL
});

/** {@linkcode VlanSpec} */
export const vlan: Kind<"vlan", VlanSpec, VlanOptions> = {
  kind: "vlan",
  about: "a VLAN of another link: packets with one tag",
  kernel: { option: "CONFIG_VLAN_8021Q", module: "8021q" },
  fields: { link: true, id: true, protocol: true },
  probe: { spec: (name, lower) => ({ kind: "vlan", name, link: lower(), id: 7 }) },
  encode: data.encode,
  decode: data.decodeKnown,
};
