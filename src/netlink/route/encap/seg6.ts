/** Segment routing over IPv6: SEG6_IPTUNNEL_SRH. See ip-route(8), linux/seg6.h, linux/seg6_iptunnel.h, RFC 8754. */
import { fieldsOf } from "../../../argument_fields.ts";
import { type AttributesOf, attributesOf, type Unknown } from "../../wire/attributes.ts";
import type { Codec, MessageCodec } from "../../wire/codec.ts";
import { struct } from "../../wire/struct.ts";
import { ip } from "../../wire/ip.ts";
import { MalformedMessageError } from "../../wire/malformed.ts";
import { named } from "../../wire/named_numbers.ts";
import { be16, s32, u8 } from "../../wire/numbers.ts";

/** How a packet gets its segments: into it, or into a new one around it. */
export type Seg6Mode = "inline" | "encap" | "l2encap" | "encap.red" | "l2encap.red";

/** A packet goes over segments. */
export interface Seg6Encap {
  /** Segment routing over IPv6. */
  readonly type: "seg6";
  /** How the packet gets them. */
  readonly mode: Seg6Mode | number;
  /** The segments, in the order of the way. Inline, the packet's own destination is the last: `"::"`. */
  readonly segments: readonly string[];
  /** The flags of the header, SR6_FLAG1_…. @default {0} */
  readonly flags?: number | undefined;
  /** The tag of the header. @default {0} */
  readonly tag?: number | undefined;
  /** What follows the segments in the header, as bytes: HMAC. */
  readonly tlvs?: Uint8Array | undefined;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown | undefined;
}

/** Checks that an encapsulation has no other field. */
export const checkSeg6Encap: (encap: Seg6Encap) => void = fieldsOf<Seg6Encap>("an encapsulation of segment routing", {
  type: true,
  mode: true,
  segments: "list",
  flags: true,
  tag: true,
  tlvs: "bytes",
  unknown: "list",
});

/** SEG6_IPTUN_MODE_… */
const MODES: Readonly<Record<Seg6Mode, number>> = {
  inline: 0,
  encap: 1,
  l2encap: 2,
  "encap.red": 3,
  "l2encap.red": 4,
};
const mode = named<Seg6Mode>(s32, MODES);

/** Type 4 of a routing header. */
const SEGMENT_ROUTING = 4;
/** What a segment is: an IPv6 address. */
const SEGMENT = 16;
/** The header's length counts 8 bytes from the second 8 bytes on. */
const UNIT = 8;

/** struct ipv6_sr_hdr, without the segments. */
const header = struct({ next: u8, length: u8, type: u8, left: u8, first: u8, flags: u8, tag: be16 });

/** struct seg6_iptunnel_encap: the mode, and the header with its segments from the last to the first. */
const tunnel: Codec<Omit<Seg6Encap, "type" | "unknown">> = {
  write(out, { mode: how, segments: given, flags = 0, tag = 0, tlvs = new Uint8Array(0) }): void {
    if (given === undefined) throw new TypeError("Cannot use undefined as segments: expected a list"); // untyped code
    const segments = how === "inline" && given.at(-1) !== "::" ? [...given, "::"] : given;
    const last = segments.length - 1;
    mode.write(out, how, "mode");
    const length = (segments.length * SEGMENT + tlvs.length) / UNIT;
    header.write(out, { next: 0, length, type: SEGMENT_ROUTING, left: last, first: last, flags, tag });
    for (const segment of [...segments].reverse()) ip.write(out, segment);
    out.append(tlvs);
  },
  read(input): Omit<Seg6Encap, "type" | "unknown"> {
    const how = mode.read(input);
    const { first, flags, tag } = header.read(input);
    const segments: string[] = [];
    for (let i = 0; i <= first; i++) {
      if (input.left < SEGMENT) throw new MalformedMessageError("a segment that is cut short", input.offset);
      segments.unshift(input.within(SEGMENT, ip.read));
    }
    const tlvs = input.rest().slice();
    return {
      mode: how,
      segments,
      ...flags === 0 ? {} : { flags },
      ...tag === 0 ? {} : { tag },
      ...tlvs.length === 0 ? {} : { tlvs },
    };
  },
};

interface Known {
  readonly srh?: Omit<Seg6Encap, "type" | "unknown"> | undefined;
}

/** The codec of the attributes. */
export const seg6Encap: MessageCodec<AttributesOf<Known>> = attributesOf<Known>({
  srh: [1, tunnel], // SEG6_IPTUNNEL_SRH
});
