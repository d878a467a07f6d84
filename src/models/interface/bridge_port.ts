/** The model of a port of a bridge. */
import * as v from "npm:valibot@1.5.0";
import { type Field, flag, integer, list, message, optional } from "../fields.ts";
import { jsonSchema } from "../json_schema.ts";
import { rangePattern } from "../number_pattern.ts";

/** A VLAN that a port is in. */
export interface PortVlan {
  /** The number of the VLAN, or the first and last of several: `"10-20"`. */
  readonly id: number | string;
  /** Packets that come in without a tag are in this VLAN. */
  readonly pvid?: boolean | undefined;
  /** Packets go out without a tag. */
  readonly untagged?: boolean | undefined;
}

/** What a link is as a port of its bridge. Absent: as it is. */
export interface BridgePortFields {
  /** The cost for spanning tree. */
  readonly cost?: number | undefined;
  /** The priority for spanning tree. */
  readonly priority?: number | undefined;
  /** Sends packets back out of the port that they came in by. */
  readonly hairpin?: boolean | undefined;
  /** Exchanges packets only with ports that are not isolated. */
  readonly isolated?: boolean | undefined;
  /** Learns which addresses are behind the port. */
  readonly learning?: boolean | undefined;
  /** Gets the packets whose destination the bridge has not learned. */
  readonly flood?: boolean | undefined;
  /** The VLANs that it is in, and no others: the default one goes unless it is listed. */
  readonly vlans?: readonly PortVlan[] | undefined;
}

/** The first and the last VLAN that `id` means. */
export function vlanRange(id: number | string): readonly [from: number, to: number] {
  const [from = 0, to = from] = String(id).split("-").map(Number);
  return [from, to];
}

const LAST_VLAN = 4094;
const VLANS = `a VLAN from 1 to ${LAST_VLAN}, or a range such as "10-20"`;

const vlanId: Field<number | string> = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    if (typeof value === "number" || typeof value === "string" && /^\d{1,4}(-\d{1,4})?$/.test(value)) {
      const [from, to] = vlanRange(value);
      if (Number.isInteger(from) && from >= 1 && to >= from && to <= LAST_VLAN) {
        return from === to ? from : `${from}-${to}`;
      }
    }
    addIssue({ message: VLANS });
    return NEVER;
  }),
  jsonSchema(() => ({
    type: ["integer", "string"],
    description: VLANS,
    minimum: 1,
    maximum: LAST_VLAN,
    pattern: `^${rangePattern(LAST_VLAN)}$`,
  })),
);

const vlanSchema: Field<PortVlan> = message(
  "a mapping with id",
  { id: vlanId, pvid: optional(flag), untagged: optional(flag) },
  ({ id, pvid }, _given, report): void => {
    if (pvid && typeof id === "string") report("pvid", "no pvid for several VLANs");
  },
);

/** Reads the object of a port of a bridge. */
export const bridgePortSchema: Field<BridgePortFields> = message(
  "a mapping with the options of a port",
  {
    cost: optional(integer(1, 65_535)),
    priority: optional(integer(0, 63)),
    hairpin: optional(flag),
    isolated: optional(flag),
    learning: optional(flag),
    flood: optional(flag),
    vlans: optional(list("a list of VLANs", vlanSchema)),
  },
  ({ vlans = [] }, _given, report): void => {
    if (vlans.filter(({ pvid }) => pvid).length > 1) report("vlans", "at most one with pvid");
    const ranges = vlans.map(({ id }) => vlanRange(id)).sort(([a], [b]) => a - b);
    const overlaps = ranges.some(([from], position) => from <= (ranges[position - 1]?.[1] ?? 0));
    if (overlaps) report("vlans", "each VLAN once");
  },
);
