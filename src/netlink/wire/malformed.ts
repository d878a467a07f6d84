/** What is thrown where bytes are no netlink message. */

/** Bytes that are not what netlink writes: cut short, or with lengths that cannot be. */
export class MalformedMessageError extends Error {
  /** Always `"MalformedMessageError"`. */
  override readonly name = "MalformedMessageError";
  /** Where in the bytes the fault lies. */
  readonly offset: number;

  /** Describes a fault at `offset`. */
  constructor(what: string, offset: number) {
    super(`Malformed netlink message: ${what} at byte ${offset}`);
    this.offset = offset;
  }
}
