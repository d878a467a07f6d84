/** Encapsulation in MPLS: MPLS_IPTUNNEL_…. See ip-route(8), linux/mpls_iptunnel.h. */
import { fieldsOf } from "../../../argument_fields.ts";
import { type AttributesOf, attributesOf, type Unknown } from "../../wire/attributes.ts";
import type { Codec, MessageCodec } from "../../wire/codec.ts";
import { be32, u8 } from "../../wire/numbers.ts";
import { wholeNumber } from "../../../whole_number.ts";

/** A packet gets a stack of labels. */
export interface MplsEncap {
  /** MPLS. */
  readonly type: "mpls";
  /** The labels, the outermost first. */
  readonly labels: readonly number[];
  /** The time to live of the labels; absent: that of the packet. */
  readonly ttl?: number | undefined;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown | undefined;
}

type Known = Omit<MplsEncap, "type" | "unknown">;

/** Checks that an encapsulation has no other field. */
export const checkMplsEncap: (encap: MplsEncap) => void = fieldsOf<MplsEncap>("an encapsulation in MPLS", {
  type: true,
  labels: "list",
  ttl: true,
  unknown: "list",
});

const MOST_LABEL = 0xfffff;
/** Marks the last label of a stack. */
const BOTTOM = 0x100;

/** A stack of labels: each is 20 bits of 32. */
const labels: Codec<readonly number[]> = {
  write: (out, value) => {
    value.forEach((label, index) => {
      be32.write(
        out,
        wholeNumber(label, "a label", 0, MOST_LABEL) * 0x1000 + (index === value.length - 1 ? BOTTOM : 0),
      );
    });
  },
  read: (input) => {
    const all: number[] = [];
    while (input.left >= be32.size) all.push(be32.read(input) >>> 12);
    return all;
  },
};

/** The codec of the attributes. */
export const mplsEncap: MessageCodec<AttributesOf<Known>> = attributesOf<Known>({
  labels: [1, labels], // MPLS_IPTUNNEL_DST
  ttl: [2, u8], // MPLS_IPTUNNEL_TTL
});
