/** Encapsulation in IP: LWTUNNEL_IP_… and LWTUNNEL_IP6_…. See ip-route(8), linux/lwtunnel.h. */
import { fieldsOf } from "../../../argument_fields.ts";
import { type AttributesOf, attributesOf, type Unknown } from "../../wire/attributes.ts";
import type { Codec, MessageCodec } from "../../wire/codec.ts";
import { ip } from "../../wire/ip.ts";
import { bytes } from "../../wire/bytes.ts";
import { be16, be64, u8 } from "../../wire/numbers.ts";

/** A packet goes into one of IPv4 (`ip`) or IPv6 (`ip6`), over a tunnel that takes its options from the route. */
export interface IpEncap {
  /** The version of the outer packet. */
  readonly type: "ip" | "ip6";
  /** The number of the tunnel: the key of GRE, the VNI of VXLAN; a bigint from 2 ** 53 on. */
  readonly id?: number | bigint | undefined;
  /** The destination of the outer packet. */
  readonly dst?: string | undefined;
  /** Its source. */
  readonly src?: string | undefined;
  /** Its time to live, or hop limit. */
  readonly ttl?: number | undefined;
  /** Its type of service, or traffic class. */
  readonly tos?: number | undefined;
  /** TUNNEL_… of linux/if_tunnel.h: 1 checksum, 4 key, 8 sequence numbers. */
  readonly flags?: number | undefined;
  /** Options of the tunnel, as bytes. */
  readonly options?: Uint8Array | undefined;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown | undefined;
}

type Known = Omit<IpEncap, "type" | "unknown">;

/** Checks that an encapsulation has no other field. */
export const checkIpEncap: (encap: IpEncap) => void = fieldsOf<IpEncap>("an encapsulation in IP", {
  type: true,
  id: true,
  dst: true,
  src: true,
  ttl: true,
  tos: true,
  flags: true,
  options: "bytes",
  unknown: "list",
});

/** 64 bits as a number, where that holds them. */
const id: Codec<number | bigint> = {
  write: (out, value, name) => {
    // What is no whole number is refused as what it is.
    const whole = Number.isInteger(value) ? BigInt(value) : value;
    be64.write(out, whole as bigint, name); // which refuses another
  },
  read: (input) => {
    const value = be64.read(input);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  },
};

/** The codec of either version: the numbers are the same. */
export const ipEncap: MessageCodec<AttributesOf<Known>> = attributesOf<Known>({
  id: [1, id], // LWTUNNEL_IP_ID
  dst: [2, ip], // LWTUNNEL_IP_DST
  src: [3, ip], // LWTUNNEL_IP_SRC
  ttl: [4, u8], // LWTUNNEL_IP_TTL, LWTUNNEL_IP6_HOPLIMIT
  tos: [5, u8], // LWTUNNEL_IP_TOS, LWTUNNEL_IP6_TC
  flags: [6, be16], // LWTUNNEL_IP_FLAGS
  options: [8, bytes], // LWTUNNEL_IP_OPTS
});
