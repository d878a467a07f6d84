/** What a filter asks of a packet, and its form as an object. */
import { quoted } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { type IpAddress, parseIp } from "../../ip/address.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { type IpPrefix, ipPrefix, parseIpPrefix } from "../../ip/prefix.ts";

/** The protocols that a filter knows by name. */
export const PROTOCOLS: readonly CaptureProtocol[] = ["ip", "ip6", "arp", "icmp", "icmp6", "tcp", "udp"];

/** A protocol of {@linkcode CaptureFilter}; `ip` is IPv4. */
export type CaptureProtocol = "ip" | "ip6" | "arp" | "icmp" | "icmp6" | "tcp" | "udp";

/** Which packets are captured: those that fit all the fields. */
export interface CaptureFilter {
  /** The protocol. */
  readonly protocol?: CaptureProtocol | undefined;
  /** The source or the destination of TCP or UDP. */
  readonly port?: number | undefined;
  /** The source or the destination: an address of IPv4, also one that ARP asks for, or of IPv6. */
  readonly host?: string | undefined;
}

/** The protocols whose packets have no ports. */
const WITHOUT_PORTS: ReadonlySet<CaptureProtocol | undefined> = new Set(["arp", "icmp", "icmp6"]);

/** A field that there is not would let everything through. */
const checkFilter = fieldsOf<CaptureFilter>("a filter of packets", { protocol: true, port: true, host: true });

/** Which end of a packet is compared; undefined: either. */
export type End = "src" | "dst" | undefined;

/** A filter: a tree of tests. */
export type Expression =
  | { readonly kind: "protocol"; readonly protocol: CaptureProtocol }
  | { readonly kind: "ports"; readonly first: number; readonly last: number; readonly end: End }
  | { readonly kind: "net"; readonly net: IpPrefix; readonly end: End }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly inner: Expression };

/** Both, where there are two. */
export function both(left: Expression | undefined, right: Expression): Expression {
  return left === undefined ? right : { kind: "and", left, right };
}

/**
 * Reads a filter that is an object.
 *
 * @returns undefined for one without fields.
 * @throws {TypeError} A field has a value that it cannot have, or there is no such field.
 */
export function expressionOf(filter: CaptureFilter): Expression | undefined {
  checkFilter(filter);
  const { protocol, port, host } = filter;
  if (port !== undefined) requirePorts(protocol);
  let all: Expression | undefined;
  if (protocol !== undefined) all = both(all, { kind: "protocol", protocol: checkProtocol(protocol) });
  if (port !== undefined) all = both(all, portTest(checkFilterPort(port), undefined));
  if (host !== undefined) all = both(all, hostTest(checkHost(host), undefined));
  return all;
}

function checkProtocol(given: CaptureProtocol): CaptureProtocol {
  if (PROTOCOLS.includes(given)) return given;
  throw new TypeError(`Cannot use ${shown(given)} as protocol of a filter: expected ${PROTOCOLS.join(", ")}`);
}

/** The test of one port. */
export function portTest(port: number, end: End): Expression {
  return { kind: "ports", first: port, last: port, end };
}

/** The test of one address. */
export function hostTest(host: IpAddress, end: End): Expression {
  return { kind: "net", net: ipPrefix(host, 8 * host.bytes.length), end };
}

/** @throws {TypeError} The packets of a protocol have no ports: nothing would fit. */
export function requirePorts(protocol: CaptureProtocol | undefined): void {
  if (!WITHOUT_PORTS.has(protocol)) return;
  throw new TypeError(`Cannot use a port with ${protocol} in a filter: expected tcp or udp`);
}

/** Checks a port. */
export function checkFilterPort(given: number): number {
  if (Number.isInteger(given) && given >= 0 && given < 65536) return given;
  throw new TypeError(`Cannot use ${shown(given)} as port of a filter: expected a number from 0 to 65535`);
}

/** Reads an address. */
export function checkHost(given: string): IpAddress {
  const host = parseIp(given);
  if (host !== undefined) return host;
  throw new TypeError(`Cannot use ${shown(given)} as host of a filter: expected an IP address`);
}

/** Reads a network, as pcap-filter(7): without bits beyond its length. */
export function checkNet(given: string): IpPrefix {
  const net = parseIpPrefix(given);
  if (net !== undefined && `${networkOf(net).address.bytes}` === `${net.address.bytes}`) return net;
  const expected = net === undefined ? 'a network, such as "10.0.0.0/8"' : quoted(networkOf(net).text);
  throw new TypeError(`Cannot use ${shown(given)} as net of a filter: expected ${expected}`);
}
