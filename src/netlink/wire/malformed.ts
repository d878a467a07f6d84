/** The error of bytes that are not a netlink message. */

/** Bytes are not a netlink message: they are cut short, or a length in them is impossible. */
export class MalformedMessageError extends Error {
  /** Always `"MalformedMessageError"`. */
  override readonly name = "MalformedMessageError";
  /** The offset of the fault, in bytes. */
  readonly offset: number;

  /** Describes a fault at `offset`. */
  constructor(what: string, offset: number) {
    super(`Malformed netlink message: ${what} at byte ${offset}`);
    this.offset = offset;
  }
}
