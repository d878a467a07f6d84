/** Where a route leads: struct rtnexthop, struct rtvia. See rtnetlink(7), linux/rtnetlink.h. */
import { fieldsOf } from "../fields.ts";
import type { Reader, Writer } from "../wire/buffers.ts";
import { attributes, type Codec, struct } from "../wire/codec.ts";
import { afOf, ip } from "../wire/ip.ts";
import { MalformedMessageError } from "../wire/malformed.ts";
import { s32, u16, u8 } from "../wire/values.ts";

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
}

/** Checks that a next hop has no other field. */
export const checkNextHop: (hop: Partial<NextHop>) => void = fieldsOf<Partial<NextHop>>("a next hop", {
  linkIndex: true,
  gateway: true,
  weight: true,
  onLink: true,
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
}

const hopHeader = struct({ length: u16, flags: u8, hops: u8, index: s32 });
const hopAttributes = attributes({
  gateway: [5, ip], // RTA_GATEWAY
  via: [18, via], // RTA_VIA
});

/** RTA_MULTIPATH: next hops one after the other, each with its own length. */
export const nextHops: Codec<readonly WireHop[]> = {
  write(out: Writer, hops): void {
    for (const { index, hops: weight, flags, gateway, via } of hops) {
      const at = out.length;
      hopHeader.write(out, { length: 0, flags, hops: weight, index });
      hopAttributes.write(out, { gateway, via });
      out.view.setUint16(at, out.length - at, true);
    }
  },
  read(input: Reader): WireHop[] {
    const hops: WireHop[] = [];
    while (input.left >= hopHeader.size) {
      const at = input.offset;
      const { length, flags, hops: weight, index } = hopHeader.read(input);
      if (length < hopHeader.size) throw new MalformedMessageError(`a next hop of ${length} bytes`, at);
      const { gateway, via } = input.within(length - hopHeader.size, hopAttributes.read);
      input.align();
      hops.push({ index, hops: weight, flags, gateway, via });
    }
    return hops;
  },
};
