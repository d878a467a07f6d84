/** The model of a bridge. */
import { type Field, flag, integer, message, optional } from "../fields.ts";

/** What is particular to a bridge. Times are in hundredths of a second, as `ip -d` shows them. */
export interface BridgeFields {
  /** Spanning tree. Absent: the kernel's default, off. */
  readonly stp?: boolean | undefined;
  /** Keeps VLANs apart. */
  readonly vlanFiltering?: boolean | undefined;
  /** How long an address that was learned is kept, in hundredths of a second. */
  readonly ageingTime?: number | undefined;
  /** How long a port listens, and then learns, before it forwards, in hundredths of a second. */
  readonly forwardDelay?: number | undefined;
  /** The priority by which spanning tree chooses the root. */
  readonly priority?: number | undefined;
  /** Sends multicast only to ports that want it. */
  readonly multicastSnooping?: boolean | undefined;
  /** The VLAN of a new port's packets without a tag; 0 for none. */
  readonly vlanDefaultPvid?: number | undefined;
}

/** The largest time that the kernel takes, in hundredths of a second. */
const LONGEST = 2 ** 32 - 1;

/** Reads the object of a bridge. */
export const bridgeSchema: Field<BridgeFields> = message("a mapping with the options of a bridge", {
  stp: optional(flag),
  vlanFiltering: optional(flag),
  ageingTime: optional(integer(0, LONGEST, "hundredths of a second")),
  forwardDelay: optional(integer(0, LONGEST, "hundredths of a second")),
  priority: optional(integer(0, 65_535)),
  multicastSnooping: optional(flag),
  vlanDefaultPvid: optional(integer(0, 4094, "a VLAN, or 0 for none,")),
});
