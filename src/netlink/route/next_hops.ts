/** Where a route leads: struct rtnexthop, struct rtvia. See rtnetlink(7), linux/rtnetlink.h. */
import { fieldsOf } from "../../argument_fields.ts";
import type { NamesLink } from "../link/ref.ts";
import type { Reader, Writer } from "../wire/buffers.ts";
import { attributes, type Unknown } from "../wire/attributes.ts";
import type { Codec } from "../wire/codec.ts";
import { struct } from "../wire/struct.ts";
import { afOf, ip } from "../wire/ip.ts";
import { MalformedMessageError } from "../wire/malformed.ts";
import type { RouteEncap } from "./encap/encap.ts";
import { bytes } from "../wire/bytes.ts";
import { s32, u16, u32, u8 } from "../wire/numbers.ts";

/** Where packets of a route go next. */
export interface NextHop {
  /** The index of the link they leave by. */
  readonly linkIndex: number;
  /** The router; absent, the destination is on the link. */
  readonly gateway?: string;
  /** Its share among several, 1 to 256. */
  readonly weight: number;
  /** The gateway is on the link even if no address there is in its network. */
  readonly onLink: boolean;
  /** What is put around packets, where the route has several next hops. */
  readonly encap?: RouteEncap;
  /** Its realm, where the route has several next hops: the source's in the upper 16 bits. */
  readonly realm?: number;
  /** The kernel's flags, RTNH_F_…, where one beside onLink is set: 1 dead, 16 its link is down. */
  readonly flags?: number;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown;
}

/** A next hop of a route to add, replace or delete: a gateway, a link, or both. */
export type NextHopSpec = NamesLink & {
  /** The router; absent, the destination is on the link. */
  readonly gateway?: string | undefined;
  /** Its share among several, 1 to 256. @default {1} */
  readonly weight?: number | undefined;
  /** The gateway is on the link even if no address there is in its network. */
  readonly onLink?: boolean | undefined;
  /** What is put around packets. */
  readonly encap?: RouteEncap | undefined;
  /** Its realm: the source's in the upper 16 bits. */
  readonly realm?: number | undefined;
  /** The flags of a next hop that was listed; the kernel alone sets them, so they are not sent. */
  readonly flags?: number | undefined;
  /** Attributes of a next hop that was listed which this library does not know. */
  readonly unknown?: Unknown | undefined;
};

/** Checks that a next hop has no other field. */
export const checkNextHop: (hop: NextHopSpec) => void = fieldsOf<NextHopSpec>("a next hop", {
  link: true,
  linkIndex: true,
  gateway: true,
  weight: true,
  onLink: "boolean",
  encap: true,
  realm: true,
  flags: true,
  unknown: "list",
});

/** RTA_VIA: a gateway of the other family. */
export const via: Codec<string> = {
  write: (out, value) => {
    u16.write(out, afOf(value));
    ip.write(out, value);
  },
  read: (input) => {
    u16.read(input);
    return ip.read(input);
  },
};

/** struct rtnexthop, and the attributes behind it. */
export interface WireHop {
  readonly index: number;
  /** The weight less one. */
  readonly hops: number;
  /** RTNH_F_… */
  readonly flags: number;
  readonly gateway?: string | undefined;
  readonly via?: string | undefined;
  readonly encapType?: number | undefined;
  readonly encap?: Uint8Array<ArrayBuffer> | undefined;
  readonly flow?: number | undefined;
  readonly unknown?: Unknown | undefined;
}

const hopHeader = struct({ length: u16, flags: u8, hops: u8, index: s32 });
const hopAttributes = attributes({
  gateway: [5, ip], // RTA_GATEWAY
  flow: [11, u32], // RTA_FLOW
  via: [18, via], // RTA_VIA
  encapType: [21, u16], // RTA_ENCAP_TYPE
  encap: [22, bytes], // RTA_ENCAP
});

/** RTA_MULTIPATH: next hops one after the other, each with its own length. */
export const nextHops: Codec<readonly WireHop[]> = {
  write(out: Writer, hops): void {
    for (const { index, hops: weight, flags, ...attributes } of hops) {
      const at = out.length;
      hopHeader.write(out, { length: 0, flags, hops: weight, index });
      hopAttributes.write(out, attributes);
      out.view.setUint16(at, out.length - at, true);
    }
  },
  read(input: Reader): WireHop[] {
    const hops: WireHop[] = [];
    while (input.left >= hopHeader.size) {
      const at = input.offset;
      const { length, flags, hops: weight, index } = hopHeader.read(input);
      if (length < hopHeader.size) throw new MalformedMessageError(`a next hop of ${length} bytes`, at);
      const attributes = input.within(length - hopHeader.size, hopAttributes.read);
      input.align();
      hops.push({ index, hops: weight, flags, ...attributes });
    }
    return hops;
  },
};
