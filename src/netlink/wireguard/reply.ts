/** Devices as the kernel sends them, in as many messages as they take. */
import { defined } from "../../collections.ts";
import { NO_KEY } from "./keys.ts";
import type { AllowedIpAttributes, DeviceAttributes, PeerAttributes } from "./message.ts";
import type { WireguardDevice, WireguardPeer } from "./types.ts";

const NANOSECONDS = 1_000_000_000n;

/** The device that the messages of a dump describe; a peer may begin in one and go on in the next. */
export function deviceOf(messages: readonly DeviceAttributes[]): WireguardDevice {
  const [{ index = 0, name = "", privateKey, publicKey, listenPort = 0, fwmark = 0 } = {}] = messages;
  return defined({
    index,
    name,
    privateKey: presentKey(privateKey),
    publicKey: presentKey(publicKey),
    listenPort,
    fwmark,
    peers: merged(messages.flatMap(({ peers = [] }) => peers)).map(peerOf),
  });
}

/** Puts the pieces of each peer together: the later ones have only more addresses. */
function merged(pieces: readonly PeerAttributes[]): PeerAttributes[] {
  const peers: (PeerAttributes & { readonly allowedIps: AllowedIpAttributes[] })[] = [];
  for (const piece of pieces) {
    const last = peers.at(-1);
    if (last !== undefined && last.publicKey === piece.publicKey) last.allowedIps.push(...piece.allowedIps ?? []);
    else peers.push({ ...piece, allowedIps: [...piece.allowedIps ?? []] });
  }
  return peers;
}

function peerOf(peer: PeerAttributes): WireguardPeer {
  const { publicKey = NO_KEY, presharedKey, endpoint, persistentKeepalive = 0, latestHandshake } = peer;
  const { rxBytes = 0n, txBytes = 0n, allowedIps = [], protocolVersion } = peer;
  const { seconds = 0n, nanoseconds = 0n } = latestHandshake ?? {};
  const handshake = seconds * NANOSECONDS + nanoseconds;
  return defined({
    publicKey,
    presharedKey: presentKey(presharedKey),
    endpoint,
    persistentKeepalive,
    latestHandshake: handshake === 0n ? undefined : handshake,
    rxBytes,
    txBytes,
    allowedIps: allowedIps.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    protocolVersion,
  });
}

function presentKey(key: string | undefined): string | undefined {
  return key === NO_KEY ? undefined : key;
}
