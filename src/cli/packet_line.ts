/** A packet in one line. */
import { ETHER_TYPES } from "../netlink/constants/tc.ts";
import { printable } from "../../ffi/mod.ts";
import { ipAddress } from "../ip/address.ts";
import type { CapturedPacket } from "../capture/packet.ts";

const { ip: IPV4, arp: ARP, ipv6: IPV6 } = ETHER_TYPES;
const FRAGMENT_OFFSET = 0x1fff;
const IPV6_HEADER = 40;
const TCP_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;

/** What is known of a packet, for a line and for JSON. */
export interface PacketSummary {
  /** `"TCP"`, `"UDP"`, `"ICMP"`, `"ICMP6"`, `"ARP"`, `"IP 47"`, `"0x88cc"`. */
  readonly protocol: string;
  /** Where it comes from and goes to, with ports. */
  readonly from?: string;
  readonly to?: string;
  /** What it says, as far as that is read. */
  readonly info?: string;
}

/** `12:34:56.123456  eth0  out  UDP 10.0.0.1:5000 > 10.0.0.2:53, 74 bytes`. */
export function packetLine(packet: CapturedPacket): string {
  const { protocol, from, to, info } = summaryOf(packet);
  const ends = from === undefined ? "" : ` ${from} > ${to}`;
  const more = info === undefined ? "" : ` ${info}`;
  return `${clock(packet.time)}  ${printable(packet.link)}  ${
    packet.direction.padEnd(3)
  }  ${protocol}${ends}${more}, ${packet.length} bytes`;
}

/** The time of the day in UTC, with microseconds. */
function clock(time: number): string {
  const micros = String(Math.floor(time * 1000) % 1000).padStart(3, "0");
  return `${new Date(time).toISOString().slice(11, 23)}${micros}`;
}

/** Reads the headers of a packet, as far as they were captured. */
export function summaryOf({ bytes, etherType, networkOffset }: CapturedPacket): PacketSummary {
  const header = new DataView(bytes.buffer, bytes.byteOffset + Math.min(networkOffset, bytes.length));
  try {
    switch (etherType) {
      case IPV4:
        return ipv4(header);
      case IPV6:
        return ipv6(header);
      case ARP:
        return arp(header);
      default:
        return { protocol: `0x${etherType.toString(16).padStart(4, "0")}` };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { protocol: etherType === ARP ? "ARP" : etherType === IPV4 ? "IP" : "IP6", info: "cut short" };
  }
}

const addressAt = (view: DataView, at: number, length: 4 | 16): string =>
  ipAddress(Array.from({ length }, (_, i) => view.getUint8(at + i))).text;

function ipv4(view: DataView): PacketSummary {
  const [from, to] = [addressAt(view, 12, 4), addressAt(view, 16, 4)];
  const offset = view.getUint16(6) & FRAGMENT_OFFSET;
  const protocol = view.getUint8(9);
  if (offset !== 0) return { protocol: name(protocol), from, to, info: `fragment at ${offset * 8}` };
  return transport(view, (view.getUint8(0) & 0xf) * 4, protocol, from, to);
}

function ipv6(view: DataView): PacketSummary {
  return transport(view, IPV6_HEADER, view.getUint8(6), addressAt(view, 8, 16), addressAt(view, 24, 16));
}

const NAMES: ReadonlyMap<number, string> = new Map([[1, "ICMP"], [6, "TCP"], [17, "UDP"], [58, "ICMP6"]]);
const name = (protocol: number): string => NAMES.get(protocol) ?? `IP ${protocol}`;

function transport(view: DataView, at: number, protocol: number, source: string, target: string): PacketSummary {
  const ends = { protocol: name(protocol), from: source, to: target };
  switch (ends.protocol) {
    case "TCP":
    case "UDP": {
      const [from, to] = [withPort(source, view.getUint16(at)), withPort(target, view.getUint16(at + 2))];
      return ends.protocol === "UDP"
        ? { ...ends, from, to }
        : { ...ends, from, to, info: flags(view.getUint8(at + 13)) };
    }
    case "ICMP":
      return { ...ends, info: icmp(view.getUint8(at), ICMP_TYPES) };
    case "ICMP6":
      return { ...ends, info: icmp(view.getUint8(at), ICMP6_TYPES) };
    default:
      return ends;
  }
}

const withPort = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

const flags = (bits: number): string => TCP_FLAGS.filter((_, i) => (bits & 1 << i) !== 0).join(",") || "no flags";

const ICMP_TYPES: ReadonlyMap<number, string> = new Map([
  [0, "echo reply"],
  [3, "destination unreachable"],
  [5, "redirect"],
  [8, "echo request"],
  [11, "time exceeded"],
]);
const ICMP6_TYPES: ReadonlyMap<number, string> = new Map([
  [1, "destination unreachable"],
  [2, "packet too big"],
  [3, "time exceeded"],
  [128, "echo request"],
  [129, "echo reply"],
  [133, "router solicitation"],
  [134, "router advertisement"],
  [135, "neighbour solicitation"],
  [136, "neighbour advertisement"],
  [143, "multicast listener report"],
]);
const icmp = (type: number, types: ReadonlyMap<number, string>): string => types.get(type) ?? `type ${type}`;

function arp(view: DataView): PacketSummary {
  const [from, to] = [addressAt(view, 14, 4), addressAt(view, 24, 4)];
  return { protocol: "ARP", from, to, info: view.getUint16(6) === 1 ? "request" : "reply" };
}
