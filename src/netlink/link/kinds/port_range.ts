/** A range of UDP ports, as two big-endian numbers. */
import type { Codec } from "../../wire/codec.ts";
import { struct } from "../../wire/struct.ts";
import { be16 } from "../../wire/numbers.ts";

/** A range of UDP ports. */
export interface PortRange {
  /** The first. */
  readonly low: number;
  /** The last; the kernel does not use it. */
  readonly high: number;
}

/** struct ifla_vxlan_port_range, struct ifla_geneve_port_range */
export const portRange: Codec<PortRange> = struct({ low: be16, high: be16 });
