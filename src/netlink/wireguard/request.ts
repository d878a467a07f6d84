/** Changes of devices, in as many requests as they take. */
import { shown } from "../../errors.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { parseIpOrPrefix } from "../../ip/prefix.ts";
import { afOf } from "../wire/ip.ts";
import { checkedU16 } from "../wire/numbers.ts";
import { checkEndpoint } from "./endpoint.ts";
import { keyBytes } from "./keys.ts";
import {
  type AllowedIpAttributes,
  type DeviceAttributes,
  peer as peerCodec,
  type PeerAttributes,
  REMOVE_PEER,
  REPLACE_ALLOWED_IPS,
  REPLACE_PEERS,
  UPDATE_ONLY,
} from "./message.ts";
import type { WireguardChange, WireguardDevice, WireguardPeer, WireguardPeerChange } from "./types.ts";

/** The most bytes of peers in one request: an attribute has at most 65535, and the socket's queue must have room. */
const MOST_BYTES = 32 * 1024;
/** The most addresses of a peer in one piece: 20 KiB of IPv6. */
const MOST_ADDRESSES = 512;

// What was listed can be sent back: what only says how it was then is passed over.
const checkChange = fieldsOf<WireguardChange & Partial<Pick<WireguardDevice, "index" | "name" | "publicKey">>>(
  "the change of a WireGuard link",
  {
    privateKey: true,
    listenPort: true,
    fwmark: true,
    replacePeers: "boolean",
    peers: "list",
    index: true,
    name: true,
    publicKey: true,
  },
  { secret: true },
);

const checkPeer = fieldsOf<WireguardPeerChange & Partial<Omit<WireguardPeer, keyof WireguardPeerChange>>>("a peer", {
  publicKey: true,
  presharedKey: true,
  endpoint: true,
  persistentKeepalive: true,
  allowedIps: "list",
  replaceAllowedIps: "boolean",
  remove: "boolean",
  updateOnly: "boolean",
  latestHandshake: true,
  rxBytes: true,
  txBytes: true,
  protocolVersion: true,
}, { secret: true });

/**
 * The attributes of the requests that carry out a change, in order, without the link.
 *
 * @throws {TypeError} The change has a field that it cannot have, or a value that it cannot have there.
 */
export function changeMessages(change: WireguardChange): DeviceAttributes[] {
  checkChange(change);
  const { privateKey, listenPort, fwmark, replacePeers, peers = [] } = change;
  if (privateKey !== undefined) keyBytes(privateKey, "privateKey");
  const [first = [], ...more] = packed(peers.flatMap((peer, i) => piecesOf(peer, `peers[${i}]`)));
  return [
    {
      privateKey,
      listenPort,
      fwmark,
      flags: replacePeers ? REPLACE_PEERS : undefined,
      peers: first.length === 0 ? undefined : first,
    },
    ...more.map((peers) => ({ peers })),
  ];
}

/** Spreads the pieces of peers over requests. */
function packed(pieces: readonly PeerAttributes[]): PeerAttributes[][] {
  const requests: PeerAttributes[][] = [];
  let size = Infinity;
  for (const piece of pieces) {
    const bytes = peerCodec.encode(piece).length;
    if (size + bytes > MOST_BYTES) {
      requests.push([]);
      size = 0;
    }
    requests.at(-1)?.push(piece);
    size += bytes;
  }
  return requests;
}

/** A peer in as many pieces as its addresses take: the first has all else. */
function piecesOf(change: WireguardPeerChange, at: string): PeerAttributes[] {
  checkPeer(change, at);
  const { publicKey, presharedKey, endpoint, persistentKeepalive, allowedIps } = change;
  keyBytes(publicKey, `${at}.publicKey`);
  if (presharedKey !== undefined) keyBytes(presharedKey, `${at}.presharedKey`);
  if (endpoint !== undefined) checkEndpoint(endpoint, `${at}.endpoint`);
  if (persistentKeepalive !== undefined) checkedU16(persistentKeepalive, `${at}.persistentKeepalive`);
  const addresses = allowedIps?.map((text, i) => addressOf(text, `${at}.allowedIps[${i}]`));
  const flags = (change.remove ? REMOVE_PEER : 0) | (change.replaceAllowedIps ? REPLACE_ALLOWED_IPS : 0) |
    (change.updateOnly ? UPDATE_ONLY : 0);
  const pieces: PeerAttributes[] = [{
    publicKey,
    presharedKey,
    endpoint,
    persistentKeepalive,
    flags: flags === 0 ? undefined : flags,
    allowedIps: addresses === undefined || addresses.length === 0 ? undefined : addresses.slice(0, MOST_ADDRESSES),
  }];
  for (let at = MOST_ADDRESSES; at < (addresses?.length ?? 0); at += MOST_ADDRESSES) {
    pieces.push({ publicKey, flags: UPDATE_ONLY, allowedIps: addresses?.slice(at, at + MOST_ADDRESSES) });
  }
  return pieces;
}

function addressOf(text: string, at: string): AllowedIpAttributes {
  const prefix = typeof text === "string" ? parseIpOrPrefix(text) : undefined; // untyped code may give anything
  if (prefix === undefined) {
    throw new TypeError(`Cannot use ${shown(text)} as ${at}: expected an address with a length, as 10.0.0.2/32`);
  }
  const { address, length } = prefix;
  return { family: afOf(address.text), address: address.text, prefixLength: length };
}
