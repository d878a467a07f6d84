/** How connections are answered on behalf of a server. NFTA_SYNPROXY_…. */
import { attributesOf } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { be16, be32, u8 } from "../../wire/numbers.ts";
import { namesOfBits } from "../constants.ts";
import { numberUpTo } from "../expressions/units.ts";
import { bitsOf } from "../flags.ts";
import type { ObjectCodec } from "../object_codec.ts";
import type { NftSynproxy } from "../object_types.ts";

/** NF_SYNPROXY_OPT_MSS | NF_SYNPROXY_OPT_WSCALE: both have a value. */
const HAS_VALUES = 1 | 2;
/** NF_SYNPROXY_OPT_… as `nft` names them. */
const FLAGS: Readonly<Record<string, number>> = { "timestamp": 8, "sack-perm": 4 };

/** NFTA_SYNPROXY_… */
interface SynproxyAttributes {
  readonly mss?: number | undefined;
  readonly wscale?: number | undefined;
  readonly flags?: number | undefined;
}

const attributes: MessageCodec<SynproxyAttributes> = attributesOf<SynproxyAttributes>({
  mss: [1, be16],
  wscale: [2, u8],
  flags: [3, be32],
});

/** The kind of objects. */
export const synproxy: ObjectCodec<NftSynproxy> = {
  keys: ["mss", "wscale", "flags"],
  encode: ({ mss, wscale, flags }, _, at) => (
    attributes.encode({
      mss: numberUpTo(0xffff, mss, `${at}.mss`),
      wscale: numberUpTo(0xff, wscale, `${at}.wscale`),
      flags: HAS_VALUES | bitsOf(FLAGS, flags, `${at}.flags`),
    })
  ),
  decode(bytes) {
    const { mss = 0, wscale = 0, flags = 0 } = attributes.decode(bytes);
    const names = namesOfBits(FLAGS, flags);
    return { mss, wscale, flags: names.length === 0 ? undefined : names };
  },
};
