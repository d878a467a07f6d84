/** Where a route leads: struct rtnexthop, struct rtvia. See rtnetlink(7), linux/rtnetlink.h. */
import type { Reader, Writer } from "../wire/buffers.ts";
import { attributes, type Codec, struct } from "../wire/codec.ts";
import { MalformedMessageError } from "../wire/malformed.ts";
import { afOf, ip } from "../wire/ip.ts";
import { s32, u16, u8 } from "../wire/values.ts";

/** Where packets of a route go next. */
export interface NextHop {
  /** The link they leave by. */
  readonly linkIndex: number;
  /** The router; without one, the destination is on the link. */
  readonly gateway?: string;
  /** Its share among several, 1 to 256. */
  readonly weight: number;
  /** The gateway is taken to be on the link, whatever the addresses say. */
  readonly onLink: boolean;
}

/** struct rtvia: a gateway of the other family. */
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

/** struct rtnexthop */
const nextHopHeader = struct({ length: u16, flags: u8, hops: u8, index: s32 });
const nextHopAttributes = attributes({
  gateway: [5, ip], // RTA_GATEWAY
  via: [18, via], // RTA_VIA
});

/** A next hop on the wire. */
export interface WireHop {
  readonly index: number;
  readonly hops: number;
  readonly flags: number;
  readonly gateway?: string | undefined;
  readonly via?: string | undefined;
}

/** RTA_MULTIPATH: next hops one after the other, each with its own length. */
export const nextHops: Codec<readonly WireHop[]> = {
  write(out: Writer, hops): void {
    for (const { index, hops: weight, flags, gateway, via } of hops) {
      const at = out.length;
      nextHopHeader.write(out, { length: 0, flags, hops: weight, index });
      nextHopAttributes.write(out, { gateway, via });
      out.view.setUint16(at, out.length - at, true);
    }
  },
  read(input: Reader): WireHop[] {
    const hops: WireHop[] = [];
    while (input.left >= nextHopHeader.size) {
      const at = input.offset;
      const { length, flags, hops: weight, index } = nextHopHeader.read(input);
      if (length < nextHopHeader.size) throw new MalformedMessageError(`a next hop of ${length} bytes`, at);
      const content = input.within(length - nextHopHeader.size, nextHopAttributes.read);
      input.align();
      hops.push({ index, hops: weight, flags, gateway: content.gateway, via: content.via });
    }
    return hops;
  },
};
