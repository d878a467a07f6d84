/** A captured packet. */

/** A packet of {@linkcode Capture}. */
export interface CapturedPacket {
  /** When the kernel saw it, in milliseconds since 1970, with a fraction. */
  readonly time: number;
  /** `"out"`: this namespace sends it by the link. A packet of a loopback link comes once, as `"in"`. */
  readonly direction: "in" | "out";
  /** The packet with the header of its link, or the beginning of it: as many bytes as `snapLength` says. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The name of the link. */
  readonly link: string;
  /** How long the packet is, in bytes. */
  readonly length: number;
  /** The protocol above the link: `0x0800` for IPv4. */
  readonly etherType: number;
  /** Where the header of that protocol begins in `bytes`. */
  readonly networkOffset: number;
}
