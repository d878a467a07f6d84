/** The keys and the peers of the WireGuard links of a configuration, which the agent reads again and again. */
import { createHash } from "node:crypto";
import type { Namespace } from "../../namespace.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import type { NsHandle } from "../../netns/handle.ts";

/** A link that is followed. */
export interface WatchedWireguard {
  /** Its namespace; undefined is the default one. */
  readonly namespace: Namespace | undefined;
  /** Its name there. */
  readonly name: string;
}

/** What somebody may change of it, as a text. */
export function wireguardText(handle: NsHandle, { name }: WatchedWireguard): string {
  using wireguard = handle.wireguard();
  return digestOf(wireguard.getDevice({ name }));
}

/** What of a link somebody may have changed. Endpoints, handshakes and counters change by themselves. */
function digestOf({ privateKey, listenPort, fwmark, peers }: WireguardDevice): string {
  const parts = peers.map((
    { publicKey, presharedKey, persistentKeepalive, allowedIps },
  ) => [publicKey, presharedKey, persistentKeepalive, [...allowedIps].sort()]);
  // A digest, so that no key is kept.
  return createHash("sha256").update(JSON.stringify([privateKey, listenPort, fwmark, parts])).digest("base64");
}
