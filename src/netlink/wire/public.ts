/**
 * The wire format of netlink for families that the library has no class for: one table of attributes gives the encoder,
 * the decoder and the type. {@linkcode GenericNetlink} takes such tables.
 */
export {
  type Attributes,
  attributes,
  type Codec,
  type FixedCodec,
  list,
  NLA_F_NESTED,
  type Table,
  type Unknown,
  type UnknownAttribute,
} from "./codec.ts";
export { pad, type Padding, type Struct, struct } from "./struct.ts";
export { ip } from "./ip.ts";
export { be16, be32, be64, bytes, flag, named, presence, s32, s64, text, u16, u32, u64, u8 } from "./values.ts";
export type { Reader, Writer } from "./buffers.ts";
