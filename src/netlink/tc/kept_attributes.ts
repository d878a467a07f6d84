/** What a list keeps of attributes that this library has no name for. */
import type { Unknown } from "../wire/attributes.ts";
import type { MessageCodec } from "../wire/codec.ts";
import type { TcKept } from "./tc_kind.ts";

/** The attributes as a list gives them: copies, since what was received is written over. */
export function keptOf(unknown: Unknown | undefined): TcKept {
  return unknown === undefined ? {} : { unknown: unknown.map((one) => ({ ...one, bytes: one.bytes.slice() })) };
}

/** A decoder of options that keeps the attributes that this library has no name for. */
export function keptDecoder<T extends TcKept>(codec: MessageCodec<T>): (data: Uint8Array) => T {
  return (data) => {
    const value = codec.decode(data);
    return value.unknown === undefined ? value : { ...value, ...keptOf(value.unknown) };
  };
}
