/** Filters by words of the packet, as raw data: TCA_U32_…. See tc-u32(8), linux/pkt_cls.h. */
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { bytes } from "../../../wire/bytes.ts";
import { u32 as word } from "../../../wire/numbers.ts";
import type { TcKind } from "../../tc_kind.ts";
import { sendable } from "../flags.ts";

/** What is particular to u32. */
export interface U32Options {
  /** TCA_OPTIONS, as the kernel has it; a list leaves out what the kernel would not take back. */
  readonly data?: Uint8Array | undefined;
}

const codec = messageCodec(attributes({
  counters: [9, bytes], // TCA_U32_PCNT
  flags: [11, word], // TCA_U32_FLAGS
  pad: [12, bytes], // TCA_U32_PAD
}));

function decode(data: Uint8Array): U32Options {
  const { flags = 0, unknown } = codec.decode(data);
  // Without the counters, positions are others.
  const rest = unknown?.map(({ type, bytes }) => ({ type, bytes }));
  return { data: codec.encode({ flags: sendable(flags) || undefined, unknown: rest }).slice() };
}

/** {@linkcode U32Options} */
export const u32: TcKind<"u32", U32Options> = {
  kind: "u32",
  about: "finds packets by words at offsets; as raw data",
  kernel: { option: "CONFIG_NET_CLS_U32", module: "cls_u32" },
  fields: { data: "bytes" },
  encode: ({ data }) => data?.slice() ?? new Uint8Array(0),
  decode,
};
