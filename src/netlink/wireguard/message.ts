/** The messages of WireGuard: WGDEVICE_A_…. See linux/wireguard.h. */
import { attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import { type Codec, type MessageCodec, messageCodec } from "../wire/codec.ts";
import { struct } from "../wire/struct.ts";
import { ip } from "../wire/ip.ts";
import { s64, u16, u32, u64, u8 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";
import { endpoint } from "./endpoint.ts";
import { key } from "./keys.ts";

/** WG_CMD_GET_DEVICE, a dump. */
export const WG_CMD_GET_DEVICE = 0;
/** WG_CMD_SET_DEVICE */
export const WG_CMD_SET_DEVICE = 1;
/** WGDEVICE_F_REPLACE_PEERS */
export const REPLACE_PEERS = 1;
/** WGPEER_F_REMOVE_ME */
export const REMOVE_PEER = 1;
/** WGPEER_F_REPLACE_ALLOWEDIPS */
export const REPLACE_ALLOWED_IPS = 2;
/** WGPEER_F_UPDATE_ONLY */
export const UPDATE_ONLY = 4;

/** WGALLOWEDIP_A_… */
export interface AllowedIpAttributes {
  readonly family?: number | undefined;
  readonly address?: string | undefined;
  readonly prefixLength?: number | undefined;
}

/** The codec of one address of a peer. */
const allowedIp: MessageCodec<AllowedIpAttributes> = attributesOf<AllowedIpAttributes>({
  family: [1, u16], // WGALLOWEDIP_A_FAMILY
  address: [2, ip], // WGALLOWEDIP_A_IPADDR
  prefixLength: [3, u8], // WGALLOWEDIP_A_CIDR_MASK
});

/** struct __kernel_timespec */
interface Time {
  readonly seconds: bigint;
  readonly nanoseconds: bigint;
}

/** WGPEER_A_… */
export interface PeerAttributes {
  readonly publicKey?: string | undefined;
  readonly presharedKey?: string | undefined;
  readonly flags?: number | undefined;
  readonly endpoint?: string | undefined;
  readonly persistentKeepalive?: number | undefined;
  readonly latestHandshake?: Time | undefined;
  readonly rxBytes?: bigint | undefined;
  readonly txBytes?: bigint | undefined;
  readonly allowedIps?: readonly AllowedIpAttributes[] | undefined;
  readonly protocolVersion?: number | undefined;
}

/** An array as this family has it: each of its attributes has the number 0. */
function array<T>(codec: Codec<T>): Codec<readonly T[]> {
  const table = attributesOf<{ readonly one?: readonly T[] }>({ one: [0 | NLA_F_NESTED, codec, "many"] });
  return {
    write: (out, values) => table.write(out, { one: values }),
    read: (input) => table.read(input).one ?? [],
  };
}

/** The codec of one peer. */
export const peer: MessageCodec<PeerAttributes> = attributesOf<PeerAttributes>({
  publicKey: [1, key], // WGPEER_A_PUBLIC_KEY
  presharedKey: [2, key], // WGPEER_A_PRESHARED_KEY
  flags: [3, u32], // WGPEER_A_FLAGS
  endpoint: [4, endpoint], // WGPEER_A_ENDPOINT
  persistentKeepalive: [5, u16], // WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL
  latestHandshake: [6, struct({ seconds: s64, nanoseconds: s64 })], // WGPEER_A_LAST_HANDSHAKE_TIME
  rxBytes: [7, u64], // WGPEER_A_RX_BYTES
  txBytes: [8, u64], // WGPEER_A_TX_BYTES
  allowedIps: [9 | NLA_F_NESTED, array(allowedIp)], // WGPEER_A_ALLOWEDIPS
  protocolVersion: [10, u32], // WGPEER_A_PROTOCOL_VERSION
});

/** WGDEVICE_A_… */
export interface DeviceAttributes {
  readonly index?: number | undefined;
  readonly name?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly flags?: number | undefined;
  readonly listenPort?: number | undefined;
  readonly fwmark?: number | undefined;
  readonly peers?: readonly PeerAttributes[] | undefined;
}

/** The codec of a device, or of a piece of it. */
export const device: MessageCodec<DeviceAttributes> = messageCodec(attributesOf<DeviceAttributes>({
  index: [1, u32], // WGDEVICE_A_IFINDEX
  name: [2, text], // WGDEVICE_A_IFNAME
  privateKey: [3, key], // WGDEVICE_A_PRIVATE_KEY
  publicKey: [4, key], // WGDEVICE_A_PUBLIC_KEY
  flags: [5, u32], // WGDEVICE_A_FLAGS
  listenPort: [6, u16], // WGDEVICE_A_LISTEN_PORT
  fwmark: [7, u32], // WGDEVICE_A_FWMARK
  peers: [8 | NLA_F_NESTED, array(peer)], // WGDEVICE_A_PEERS
}));
