/** Links as ports of a bridge: IFLA_INFO_SLAVE_DATA. See ip-link(8), bridge(8), linux/if_link.h. */
import { fieldsOf } from "../fields.ts";
import { attributesOf, type MessageCodec } from "../wire/codec.ts";
import { flag, u16, u32, u8 } from "../wire/values.ts";

/** What a link is as a port of a bridge. */
export interface BridgePort {
  /** BR_STATE_…: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking. */
  readonly state?: number | undefined;
  /** The priority for spanning tree, 0 to 63. */
  readonly priority?: number | undefined;
  /** The cost for spanning tree, 1 to 65535. */
  readonly cost?: number | undefined;
  /** Sends packets back out of the port that they came in by. */
  readonly hairpin?: boolean | undefined;
  /** Drops packets of spanning tree. */
  readonly guard?: boolean | undefined;
  /** Learns which addresses are behind the port. */
  readonly learning?: boolean | undefined;
  /** Gets the packets whose destination the bridge has not learned. */
  readonly flood?: boolean | undefined;
  /** Exchanges packets only with ports that are not isolated. */
  readonly isolated?: boolean | undefined;
}

/** Checks that the options of a port have no other field. */
export const checkBridgePort: (port: BridgePort) => void = fieldsOf<BridgePort>("the options of a bridge port", {
  state: true,
  priority: true,
  cost: true,
  hairpin: true,
  guard: true,
  learning: true,
  flood: true,
  isolated: true,
});

/** The codec of what is particular to a port. */
export const bridgePort: MessageCodec<BridgePort> = attributesOf<BridgePort>({
  state: [1, u8], // IFLA_BRPORT_STATE
  priority: [2, u16], // IFLA_BRPORT_PRIORITY
  cost: [3, u32], // IFLA_BRPORT_COST
  hairpin: [4, flag], // IFLA_BRPORT_MODE
  guard: [5, flag], // IFLA_BRPORT_GUARD
  learning: [8, flag], // IFLA_BRPORT_LEARNING
  flood: [9, flag], // IFLA_BRPORT_UNICAST_FLOOD
  isolated: [33, flag], // IFLA_BRPORT_ISOLATED
});
