/** The messages of generic netlink: struct genlmsghdr and attributes. See linux/genetlink.h. */
import { type Codec, message, type MessageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import { u8 } from "../wire/numbers.ts";

/** What every message begins with. */
export interface GenericHeader {
  /** The number of the command, of its family. */
  readonly command: number;
  /** The version of the family's messages. */
  readonly version: number;
}

/** A message of a family. */
export interface GenericMessage<A extends object> extends GenericHeader {
  /** Its attributes. */
  readonly attributes: A;
}

/** struct genlmsghdr */
const header = struct({ command: u8, version: u8, reserved: pad(2) });

/** How many bytes the header has. */
export const GENERIC_HEADER: number = header.size;

/** The codec of a family's messages, from one of their attributes. */
export function genericMessage<A extends object>(attributes: Codec<A>): MessageCodec<GenericMessage<A>> {
  return message(header, attributes);
}
