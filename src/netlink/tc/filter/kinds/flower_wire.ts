/** The attributes of flower: TCA_FLOWER_… of linux/pkt_cls.h. */
import { type AttributesOf, attributesOf } from "../../../wire/attributes.ts";
import type { MessageCodec } from "../../../wire/codec.ts";
import { bytes } from "../../../wire/bytes.ts";
import { be16, u16, u32, u8 } from "../../../wire/numbers.ts";
import { text } from "../../../wire/text.ts";

/** A protocol above IP of which flower knows fields. */
export type FlowerProtocol = "icmp" | "tcp" | "udp" | "icmpv6" | "sctp";

/** IPPROTO_… */
export const PROTOCOLS: Readonly<Record<FlowerProtocol, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 };

type Bytes = Uint8Array<ArrayBuffer>;

/** TCA_FLOWER_… */
export interface FlowerAttributes {
  readonly classid?: number | undefined;
  readonly indev?: string | undefined;
  readonly actions?: Bytes | undefined;
  readonly dstMac?: Bytes | undefined;
  readonly dstMacMask?: Bytes | undefined;
  readonly srcMac?: Bytes | undefined;
  readonly srcMacMask?: Bytes | undefined;
  readonly ethType?: number | undefined;
  readonly ipProto?: number | undefined;
  readonly srcIp4?: Bytes | undefined;
  readonly srcIp4Mask?: Bytes | undefined;
  readonly dstIp4?: Bytes | undefined;
  readonly dstIp4Mask?: Bytes | undefined;
  readonly srcIp6?: Bytes | undefined;
  readonly srcIp6Mask?: Bytes | undefined;
  readonly dstIp6?: Bytes | undefined;
  readonly dstIp6Mask?: Bytes | undefined;
  readonly srcTcp?: number | undefined;
  readonly dstTcp?: number | undefined;
  readonly srcUdp?: number | undefined;
  readonly dstUdp?: number | undefined;
  readonly flags?: number | undefined;
  readonly vlanId?: number | undefined;
  readonly vlanPrio?: number | undefined;
  readonly vlanEthtype?: number | undefined;
  readonly srcSctp?: number | undefined;
  readonly dstSctp?: number | undefined;
  readonly icmpCode?: number | undefined;
  readonly icmpCodeMask?: number | undefined;
  readonly icmpType?: number | undefined;
  readonly icmpTypeMask?: number | undefined;
  readonly icmp6Code?: number | undefined;
  readonly icmp6CodeMask?: number | undefined;
  readonly icmp6Type?: number | undefined;
  readonly icmp6TypeMask?: number | undefined;
  readonly tcpFlags?: number | undefined;
  readonly tcpFlagsMask?: number | undefined;
  readonly ipTos?: number | undefined;
  readonly ipTosMask?: number | undefined;
  readonly ipTtl?: number | undefined;
  readonly ipTtlMask?: number | undefined;
  readonly inHwCount?: number | undefined;
  readonly srcPortMin?: number | undefined;
  readonly srcPortMax?: number | undefined;
  readonly dstPortMin?: number | undefined;
  readonly dstPortMax?: number | undefined;
}

/** The attributes, and those that the table lacks. */
export type FlowerWire = AttributesOf<FlowerAttributes>;

/** The codec of the options of flower. Masks of ports that are not whole stay unknown attributes, and are sent back. */
export const flowerWire: MessageCodec<FlowerWire> = attributesOf<FlowerAttributes>({
  classid: [1, u32],
  indev: [2, text],
  actions: [3, bytes],
  dstMac: [4, bytes],
  dstMacMask: [5, bytes],
  srcMac: [6, bytes],
  srcMacMask: [7, bytes],
  ethType: [8, be16],
  ipProto: [9, u8],
  srcIp4: [10, bytes],
  srcIp4Mask: [11, bytes],
  dstIp4: [12, bytes],
  dstIp4Mask: [13, bytes],
  srcIp6: [14, bytes],
  srcIp6Mask: [15, bytes],
  dstIp6: [16, bytes],
  dstIp6Mask: [17, bytes],
  srcTcp: [18, be16],
  dstTcp: [19, be16],
  srcUdp: [20, be16],
  dstUdp: [21, be16],
  flags: [22, u32],
  vlanId: [23, u16],
  vlanPrio: [24, u8],
  vlanEthtype: [25, be16],
  srcSctp: [41, be16],
  dstSctp: [42, be16],
  icmpCode: [49, u8],
  icmpCodeMask: [50, u8],
  icmpType: [51, u8],
  icmpTypeMask: [52, u8],
  icmp6Code: [53, u8],
  icmp6CodeMask: [54, u8],
  icmp6Type: [55, u8],
  icmp6TypeMask: [56, u8],
  tcpFlags: [71, be16],
  tcpFlagsMask: [72, be16],
  ipTos: [73, u8],
  ipTosMask: [74, u8],
  ipTtl: [75, u8],
  ipTtlMask: [76, u8],
  inHwCount: [86, u32],
  srcPortMin: [87, be16],
  srcPortMax: [88, be16],
  dstPortMin: [89, be16],
  dstPortMax: [90, be16],
});
