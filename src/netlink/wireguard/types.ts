/** Devices and peers of WireGuard as its users see them. See wg(8). */

/** A WireGuard link. */
export interface WireguardDevice {
  /** The index of the link. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** Its private key in base64; absent if it has none. */
  readonly privateKey?: string;
  /** Its public key in base64; absent if it has no private key. */
  readonly publicKey?: string;
  /** The UDP port on which it listens, 0 while it does not. */
  readonly listenPort: number;
  /** The mark of the packets that it sends; 0 is none. */
  readonly fwmark: number;
  /** Its peers. */
  readonly peers: readonly WireguardPeer[];
}

/** A peer of a WireGuard link. */
export interface WireguardPeer {
  /** Its public key in base64, by which it is known. */
  readonly publicKey: string;
  /** The secret that both ends have, in base64; absent if they have none. */
  readonly presharedKey?: string;
  /** Where it was last seen, or is sent to first: `192.0.2.1:51820`, `[2001:db8::1]:51820`. */
  readonly endpoint?: string;
  /** How often a packet is sent to it, whether or not there is something to say, in seconds; 0 is never. */
  readonly persistentKeepalive: number;
  /** When the last handshake was, in nanoseconds since 1970; absent if there was none. */
  readonly latestHandshake?: bigint;
  /** How many bytes it sent. */
  readonly rxBytes: bigint;
  /** How many bytes were sent to it. */
  readonly txBytes: bigint;
  /** The addresses from which it may send, and that are sent to it: `["10.0.0.2/32"]`. */
  readonly allowedIps: readonly string[];
  /** The version of the protocol that it speaks. */
  readonly protocolVersion?: number;
}

/** A change of a WireGuard link: what it does not name stays. */
export interface WireguardChange {
  /** Its private key in base64; 32 zero bytes in base64 take it away. */
  readonly privateKey?: string | undefined;
  /** The UDP port on which it listens; 0: the kernel chooses one. */
  readonly listenPort?: number | undefined;
  /** The mark of the packets that it sends; 0 is none. */
  readonly fwmark?: number | undefined;
  /** True: the peers that are not among `peers` are removed. @default {false} */
  readonly replacePeers?: boolean | undefined;
  /** Peers to add, change or remove. */
  readonly peers?: readonly WireguardPeerChange[] | undefined;
}

/** A peer to add, to change or to remove: what it does not name stays. */
export interface WireguardPeerChange {
  /** Its public key in base64. */
  readonly publicKey: string;
  /** The secret that both ends have, in base64; 32 zero bytes in base64 take it away. */
  readonly presharedKey?: string | undefined;
  /** Where it is: `192.0.2.1:51820`, `[2001:db8::1]:51820`. */
  readonly endpoint?: string | undefined;
  /** How often a packet is sent to it, whether or not there is something to say, in seconds; 0 is never. */
  readonly persistentKeepalive?: number | undefined;
  /** Its addresses: from these it may send, and what goes to them is sent to it. One that another peer has moves here. */
  readonly allowedIps?: readonly string[] | undefined;
  /** True: the addresses that are not among `allowedIps` are taken away. @default {false} */
  readonly replaceAllowedIps?: boolean | undefined;
  /** True: it is removed, if it is there. @default {false} */
  readonly remove?: boolean | undefined;
  /** True: it is only changed, and not added if it is not there. @default {false} */
  readonly updateOnly?: boolean | undefined;
}
