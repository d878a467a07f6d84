/** Notices that somebody changes the keys or the peers of a WireGuard link, of which the kernel sends no event. */
import { createHash } from "node:crypto";
import { NetlinkError, SyscallError } from "../../errors.ts";
import type { Namespace } from "../../namespace.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import type { NsHandle } from "../../netns/handle.ts";

/** How often they are read, in milliseconds. */
const INTERVAL = 1000;

/** A link that is followed. */
export interface WatchedWireguard {
  /** Its namespace; undefined is the default one. */
  readonly namespace: Namespace | undefined;
  /** Its name there. */
  readonly name: string;
}

/** Reads the WireGuard links of a configuration once a second. */
export class WireguardWatch implements Disposable {
  readonly #open: (ns: Namespace | undefined) => NsHandle | undefined;
  readonly #onChange: () => void;
  #watched: readonly WatchedWireguard[] = [];
  #seen: readonly string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Calls `onChange` when one is another than before; `open` opens a namespace if it exists. */
  constructor(open: (ns: Namespace | undefined) => NsHandle | undefined, onChange: () => void) {
    this.#open = open;
    this.#onChange = onChange;
  }

  /** Follows these and no others. */
  follow(watched: readonly WatchedWireguard[]): void {
    this.#watched = watched;
    if (watched.length === 0) return this[Symbol.dispose]();
    this.#seen = watched.map((one) => this.#read(one));
    this.#timer ??= setInterval(() => this.#look(), INTERVAL);
  }

  /** Ends reading. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#watched.map((one) => this.#read(one));
    const isChanged = now.some((text, position) => text !== this.#seen[position]);
    this.#seen = now;
    if (isChanged) this.#onChange();
  }

  #read({ namespace, name }: WatchedWireguard): string {
    using handle = this.#open(namespace);
    if (handle === undefined) return "";
    try {
      using wireguard = handle.wireguard();
      return digestOf(wireguard.getDevice({ name }));
    } catch (error) {
      if (error instanceof NetlinkError || error instanceof SyscallError) return ""; // apply says why
      throw error;
    }
  }
}

/** What of a link somebody may have changed. Endpoints, handshakes and counters change by themselves. */
function digestOf({ privateKey, listenPort, fwmark, peers }: WireguardDevice): string {
  const parts = peers.map((
    { publicKey, presharedKey, persistentKeepalive, allowedIps },
  ) => [publicKey, presharedKey, persistentKeepalive, [...allowedIps].sort()]);
  // A digest, so that no key is kept.
  return createHash("sha256").update(JSON.stringify([privateKey, listenPort, fwmark, parts])).digest("base64");
}
