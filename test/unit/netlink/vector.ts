/**
 * Messages as the kernel (6.18) and `ip` (iproute2 6.1) write them, without the 16 bytes of the netlink header.
 *
 * How they were captured, in namespaces of their own (`far` is another namespace; names and indices as in the commands):
 *
 *     strace -f -e trace=sendmsg,recvmsg -e write=all -e read=all -xx -s 65535 ip …
 *
 * Of what is read, the message of the second recvmsg counts; the first only peeks for the length.
 */

/** A captured message. */
export interface Vector {
  /** Who wrote it: the kernel, in answer to `command`, or the tool, as its request. */
  readonly from: "kernel" | "ip" | "ethtool" | "wg" | "nft" | "tc" | "ss";
  /** What was run. */
  readonly command: string;
  /** The message. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A captured message, of which the bytes are given in hexadecimal. */
export function vector(from: Vector["from"], command: string, ...hex: readonly string[]): Vector {
  return {
    from,
    command,
    bytes: Uint8Array.from(hex.join("").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
  };
}
