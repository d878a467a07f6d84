/** Links as ports of a bridge: IFLA_INFO_SLAVE_DATA. See ip-link(8), bridge(8), linux/if_link.h. */
import { attributes, messageCodec } from "../wire/codec.ts";
import type { Link } from "./types.ts";
import { u16, u32, u8 } from "../wire/values.ts";

const codec = messageCodec(attributes({
  state: [1, u8], // IFLA_BRPORT_STATE
  priority: [2, u16], // IFLA_BRPORT_PRIORITY
  cost: [3, u32], // IFLA_BRPORT_COST
  hairpin: [4, u8], // IFLA_BRPORT_MODE
  guard: [5, u8], // IFLA_BRPORT_GUARD
  learning: [8, u8], // IFLA_BRPORT_LEARNING
  flood: [9, u8], // IFLA_BRPORT_UNICAST_FLOOD
  isolated: [33, u8], // IFLA_BRPORT_ISOLATED
}));

type BridgePort = NonNullable<Link["port"]>;

const bit = (value: boolean | undefined): number | undefined => value === undefined ? undefined : Number(value);

/** The bytes of what a port is to be. */
export function encodePort(port: BridgePort): Uint8Array<ArrayBuffer> {
  const { state, priority, cost, hairpin, guard, learning, flood, isolated } = port;
  return codec.encode({
    state,
    priority,
    cost,
    hairpin: bit(hairpin),
    guard: bit(guard),
    learning: bit(learning),
    flood: bit(flood),
    isolated: bit(isolated),
  });
}

/** What the kernel says of a port. */
export function decodePort(bytes: Uint8Array | undefined): BridgePort | undefined {
  if (bytes === undefined) return undefined;
  const { state, priority, cost, hairpin = 0, guard = 0, learning = 0, flood = 0, isolated = 0 } = codec.decode(bytes);
  return {
    state,
    priority,
    cost,
    hairpin: hairpin !== 0,
    guard: guard !== 0,
    learning: learning !== 0,
    flood: flood !== 0,
    isolated: isolated !== 0,
  };
}
