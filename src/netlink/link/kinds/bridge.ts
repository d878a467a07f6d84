/** Bridges: IFLA_BR_…. Their ports are in ../bridge_ports.ts. See ip-link(8), bridge(8), linux/if_link.h. */
import type { LinkBase } from "../base.ts";
import { attributesOf } from "../../wire/codec.ts";
import { flag, u32 } from "../../wire/values.ts";
import type { Kind } from "./kind.ts";

/** What is particular to a bridge. */
export interface BridgeOptions {
  /** Spanning tree, 1 for on. */
  readonly stpState?: number | undefined;
  /** Keeps VLANs apart. */
  readonly vlanFiltering?: boolean | undefined;
}

/** A switch; other links become its ports by their `master`. */
export interface BridgeSpec extends LinkBase, BridgeOptions {
  /** The tag of the union. */
  readonly kind: "bridge";
}

const data = attributesOf<BridgeOptions>({
  stpState: [5, u32], // IFLA_BR_STP_STATE
  vlanFiltering: [7, flag], // IFLA_BR_VLAN_FILTERING
});

/** {@linkcode BridgeSpec} */
export const bridge: Kind<"bridge", BridgeSpec, BridgeOptions> = {
  kind: "bridge",
  about: "a switch, whose ports are links with it as their master",
  kernel: { option: "CONFIG_BRIDGE", module: "bridge" },
  fields: { stpState: true, vlanFiltering: true },
  needs: { vlanFiltering: "CONFIG_BRIDGE_VLAN_FILTERING" },
  probe: { spec: (name) => ({ kind: "bridge", name }) },
  encode: data.encode,
  decode: data.decodeKnown,
};
