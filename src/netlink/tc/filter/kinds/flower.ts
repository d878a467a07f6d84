/** Filters by the fields of the headers: TCA_FLOWER_…. See tc-flower(8), linux/pkt_cls.h. */
import { shown } from "../../../../errors.ts";
import { ETHER_TYPES, type EtherType } from "../../../constants/tc.ts";
import { nameOf, numberOf } from "../../../wire/named_numbers.ts";
import { decodeActions, encodeActions } from "../../action/actions.ts";
import type { TcAction } from "../../action/types.ts";
import { formatHandle, parseHandle } from "../../handle.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { IndexOf, TcKept, TcKind } from "../../tc_kind.ts";
import { decodeFlags, encodeFlags, type FilterFlags, FLAG_FIELDS } from "../flags.ts";
import { type FlowerProtocol, type FlowerWire, flowerWire, PROTOCOLS } from "./flower_wire.ts";
import { formatMaskedIp, formatMaskedMac, type Masked, maskedIp, maskedMac } from "./masked.ts";

/** A protocol above IP, by its name or number. */
export type FlowerIpProtocol = FlowerProtocol | number;

/** A port, or the first and the last of several. */
export type FlowerPort = number | readonly [first: number, last: number];

/** What is particular to flower: a packet is found if all that is given fits. */
export interface FlowerOptions extends FilterFlags, TcKept {
  /** The class that packets go to: `"1:10"`. */
  readonly classid?: string | undefined;
  /** The name of the link by which the packet came. */
  readonly indev?: string | undefined;
  /** The protocol of the frame. @default {the `protocol` of the filter} */
  readonly ethType?: EtherType | number | undefined;
  /** Where it goes, with or without a mask: `"02:00:00:00:00:01/ff:ff:ff:00:00:00"`. */
  readonly dstMac?: string | undefined;
  /** Where it comes from, with or without a mask. */
  readonly srcMac?: string | undefined;
  /** The number of its VLAN. */
  readonly vlanId?: number | undefined;
  /** The priority in its VLAN. */
  readonly vlanPrio?: number | undefined;
  /** The protocol within the VLAN. */
  readonly vlanEthtype?: EtherType | number | undefined;
  /** The protocol above IP. */
  readonly ipProto?: FlowerIpProtocol | undefined;
  /** Where it goes: an address, with a prefix length or a mask behind a slash. */
  readonly dstIp?: string | undefined;
  /** Where it comes from. */
  readonly srcIp?: string | undefined;
  /** The port it goes to; `ipProto` says of which protocol. */
  readonly dstPort?: FlowerPort | undefined;
  /** The port it comes from. */
  readonly srcPort?: FlowerPort | undefined;
  /** The type of service. */
  readonly ipTos?: number | undefined;
  /** The bits of it that count. @default {0xff} */
  readonly ipTosMask?: number | undefined;
  /** The time to live. */
  readonly ipTtl?: number | undefined;
  /** The bits of it that count. @default {0xff} */
  readonly ipTtlMask?: number | undefined;
  /** The flags of TCP. */
  readonly tcpFlags?: number | undefined;
  /** The bits of them that count. @default {0xfff} */
  readonly tcpFlagsMask?: number | undefined;
  /** The type of ICMP; `ipProto` says of which version. */
  readonly icmpType?: number | undefined;
  /** The code of ICMP. */
  readonly icmpCode?: number | undefined;
  /** What happens to packets, in order. */
  readonly actions?: readonly TcAction[] | undefined;
  /** The protocol of the filter, which it is by default. */
  readonly protocol?: EtherType | number | undefined;
}

const [BYTE, ALL_TCP_FLAGS] = [0xff, 0xfff] as const;

function encode(options: FlowerOptions, indexOf: IndexOf): Uint8Array<ArrayBuffer> {
  const { classid, indev, vlanId, vlanPrio, ipTos, ipTtl, tcpFlags, unknown } = options;
  const protocol = options.ipProto;
  const flags = encodeFlags(options);
  return flowerWire.encode({
    ipProto: protocol === undefined ? undefined : numberOf(PROTOCOLS, protocol, "ipProto"),
    ...macs(options),
    vlanId,
    vlanPrio,
    vlanEthtype: etherType(options.vlanEthtype, "vlanEthtype"),
    ...addresses(options),
    ...ports(options),
    ...ofIcmp(options),
    ...ipTos === undefined ? {} : { ipTos, ipTosMask: options.ipTosMask ?? BYTE },
    ...ipTtl === undefined ? {} : { ipTtl, ipTtlMask: options.ipTtlMask ?? BYTE },
    ...tcpFlags === undefined ? {} : { tcpFlags, tcpFlagsMask: options.tcpFlagsMask ?? ALL_TCP_FLAGS },
    classid: classid === undefined ? undefined : parseHandle(classid, "classid"),
    indev,
    actions: encodeActions(options.actions, indexOf),
    flags,
    ethType: etherType(outerType(options), "ethType"),
    unknown,
  });
}

/** The protocol of the frame: with the fields of a VLAN it is one. */
function outerType(
  { ethType, protocol, vlanId, vlanPrio, vlanEthtype }: FlowerOptions,
): EtherType | number | undefined {
  if (ethType !== undefined) return ethType;
  if (protocol !== undefined && protocol !== "all") return protocol;
  return (vlanId ?? vlanPrio ?? vlanEthtype) === undefined ? undefined : "802.1Q";
}

function etherType(value: EtherType | number | undefined, name: string): number | undefined {
  return value === undefined ? undefined : numberOf(ETHER_TYPES, value, name);
}

function macs({ dstMac, srcMac }: FlowerOptions): FlowerWire {
  const [dst, src] = [dstMac, srcMac].map((text) => text === undefined ? undefined : maskedMac(text));
  return { dstMac: dst?.value, dstMacMask: dst?.mask, srcMac: src?.value, srcMacMask: src?.mask };
}

function addresses({ dstIp, srcIp }: FlowerOptions): FlowerWire {
  const [dst, src] = [dstIp, srcIp].map((text) => text === undefined ? undefined : maskedIp(text));
  const isIpv6 = (dst ?? src)?.value.length === 16;
  return isIpv6
    ? { dstIp6: dst?.value, dstIp6Mask: dst?.mask, srcIp6: src?.value, srcIp6Mask: src?.mask }
    : { dstIp4: dst?.value, dstIp4Mask: dst?.mask, srcIp4: src?.value, srcIp4Mask: src?.mask };
}

/** The attributes of ports of each protocol that has some. */
const PORTS = {
  tcp: { dst: "dstTcp", src: "srcTcp" },
  udp: { dst: "dstUdp", src: "srcUdp" },
  sctp: { dst: "dstSctp", src: "srcSctp" },
} as const;

function ports({ ipProto, dstPort, srcPort }: FlowerOptions): FlowerWire {
  if (dstPort === undefined && srcPort === undefined) return {};
  if (ipProto !== "tcp" && ipProto !== "udp" && ipProto !== "sctp") {
    throw new TypeError(`Cannot use ports with ${String(ipProto)} as ipProto: expected tcp, udp or sctp`);
  }
  checkPort(dstPort, "dstPort");
  checkPort(srcPort, "srcPort");
  const { dst, src } = PORTS[ipProto];
  return {
    ...typeof dstPort === "number" ? { [dst]: dstPort } : {},
    ...typeof srcPort === "number" ? { [src]: srcPort } : {},
    ...typeof srcPort === "object" ? { srcPortMin: srcPort[0], srcPortMax: srcPort[1] } : {},
    ...typeof dstPort === "object" ? { dstPortMin: dstPort[0], dstPortMax: dstPort[1] } : {},
  };
}

/** Throws a {@linkcode TypeError} for what is no port: it would silently not be looked at. */
function checkPort(port: FlowerPort | undefined, name: string): void {
  if (port === undefined || typeof port === "number" || Array.isArray(port) && port.length === 2) return;
  throw new TypeError(`Cannot use ${shown(port)} as ${name}: expected a number or [first, last]`);
}

function ofIcmp({ ipProto, icmpType, icmpCode }: FlowerOptions): FlowerWire {
  const type = icmpType === undefined ? undefined : { value: icmpType, mask: BYTE };
  const code = icmpCode === undefined ? undefined : { value: icmpCode, mask: BYTE };
  return ipProto === "icmpv6"
    ? { icmp6Type: type?.value, icmp6TypeMask: type?.mask, icmp6Code: code?.value, icmp6CodeMask: code?.mask }
    : { icmpType: type?.value, icmpTypeMask: type?.mask, icmpCode: code?.value, icmpCodeMask: code?.mask };
}

function decode(bytes: Uint8Array): FlowerOptions {
  const w = flowerWire.decode(bytes);
  const { classid, vlanId, vlanPrio, ipProto, indev, actions } = w;
  const options: { [K in keyof FlowerOptions]: FlowerOptions[K] } = {
    classid: classid === undefined ? undefined : formatHandle(classid),
    indev,
    // For a frame in a VLAN the kernel gives the type of what is within it, which is `vlanEthtype`.
    ethType: (vlanId ?? vlanPrio ?? w.vlanEthtype) === undefined ? nameOfNumber(ETHER_TYPES, w.ethType) : undefined,
    dstMac: textOf(w.dstMac, w.dstMacMask, formatMaskedMac),
    srcMac: textOf(w.srcMac, w.srcMacMask, formatMaskedMac),
    vlanId,
    vlanPrio,
    vlanEthtype: nameOfNumber(ETHER_TYPES, w.vlanEthtype),
    ipProto: nameOfNumber(PROTOCOLS, ipProto),
    dstIp: textOf(w.dstIp4 ?? w.dstIp6, w.dstIp4Mask ?? w.dstIp6Mask, formatMaskedIp),
    srcIp: textOf(w.srcIp4 ?? w.srcIp6, w.srcIp4Mask ?? w.srcIp6Mask, formatMaskedIp),
    dstPort: range(w.dstPortMin, w.dstPortMax) ?? w.dstTcp ?? w.dstUdp ?? w.dstSctp,
    srcPort: range(w.srcPortMin, w.srcPortMax) ?? w.srcTcp ?? w.srcUdp ?? w.srcSctp,
    ipTos: w.ipTos,
    ipTosMask: w.ipTosMask,
    ipTtl: w.ipTtl,
    ipTtlMask: w.ipTtlMask,
    tcpFlags: w.tcpFlags,
    tcpFlagsMask: w.tcpFlagsMask,
    icmpType: w.icmpType ?? w.icmp6Type,
    icmpCode: w.icmpCode ?? w.icmp6Code,
    ...decodeFlags(w.flags ?? 0),
    actions: actions === undefined ? [] : decodeActions(actions),
    ...keptOf(w.unknown),
  };
  return options;
}

function range(first: number | undefined, last: number | undefined): FlowerPort | undefined {
  return first === undefined || last === undefined ? undefined : [first, last];
}

function nameOfNumber<K extends string>(
  names: Readonly<Record<K, number>>,
  value: number | undefined,
): K | number | undefined {
  return value === undefined ? undefined : nameOf(names, value);
}

function textOf(
  value: Uint8Array<ArrayBuffer> | undefined,
  mask: Uint8Array<ArrayBuffer> | undefined,
  format: (masked: Masked) => string,
): string | undefined {
  if (value === undefined) return undefined;
  return format({ value, mask: mask?.length === value.length ? mask : new Uint8Array(value.length).fill(BYTE) });
}

/** {@linkcode FlowerOptions} */
export const flower: TcKind<"flower", FlowerOptions> = {
  kind: "flower",
  about: "finds packets by the fields of their headers",
  kernel: { option: "CONFIG_NET_CLS_FLOWER", module: "cls_flower" },
  fields: {
    classid: true,
    indev: true,
    ethType: true,
    dstMac: true,
    srcMac: true,
    vlanId: "number",
    vlanPrio: "number",
    vlanEthtype: true,
    ipProto: true,
    dstIp: true,
    srcIp: true,
    dstPort: true,
    srcPort: true,
    ipTos: "number",
    ipTosMask: "number",
    ipTtl: "number",
    ipTtlMask: "number",
    tcpFlags: "number",
    tcpFlagsMask: "number",
    icmpType: "number",
    icmpCode: "number",
    actions: "list",
    protocol: true,
    ...FLAG_FIELDS,
    unknown: "list",
  },
  encode,
  decode,
  wire: flowerWire,
};
