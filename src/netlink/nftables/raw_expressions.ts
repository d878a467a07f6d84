/** The expressions of a rule as bytes, which are sent back with what the library does not know of them. */
import { attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import { bytes } from "../wire/bytes.ts";
import { type MessageCodec, messageCodec } from "../wire/codec.ts";
import { text } from "../wire/text.ts";
import { elements } from "./element_list.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An expression by its name: NFTA_EXPR_NAME, NFTA_EXPR_DATA. */
export interface RawExpression {
  readonly name?: string | undefined;
  readonly data?: Bytes | undefined;
}

/** The codec of an expression whose attributes are bytes. */
export const rawExpression: MessageCodec<RawExpression> = attributesOf<RawExpression>({
  name: [1, text],
  data: [2 | NLA_F_NESTED, bytes],
});

const list = messageCodec(elements(rawExpression));

/** Of an expression that reads or writes an option of a header, NFTA_EXTHDR_…; all others are kept as they are. */
const headerOption = attributesOf<{ readonly flags: Bytes | undefined; readonly source: Bytes }>({
  flags: [5, bytes],
  source: [7, bytes],
});

/** Of a fingerprint, NFTA_OSF_…. */
const fingerprint = attributesOf<{ readonly flags: Bytes | undefined }>({ flags: [3, bytes] });

/** The expressions that a list gave, without what the kernel lists and does not take back. */
export function acceptable(listed: Bytes): Bytes {
  const all = list.decodeKnown(listed);
  const withoutFlags = all.map((one): RawExpression => {
    if (one.name === "osf" && one.data !== undefined) {
      const known = fingerprint.decode(one.data);
      if (known.flags?.some((byte) => byte !== 0)) return one;
      return { ...one, data: fingerprint.encode({ ...known, flags: undefined }) };
    }
    if (one.name !== "exthdr" || one.data === undefined) return one;
    const option = headerOption.decode(one.data);
    return option.source === undefined ? one : { ...one, data: headerOption.encode({ ...option, flags: undefined }) };
  });
  return withoutFlags.every((one, i) => one === all[i]) ? listed : list.encode(withoutFlags);
}
