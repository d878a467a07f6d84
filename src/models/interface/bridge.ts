/** The model of a bridge. */
import { type Field, flag, integer, message, optional } from "../fields.ts";
import { fieldFits, ifThen } from "../json_schema.ts";

/** What is particular to a bridge. Times are in hundredths of a second, as `ip -d` shows them. */
export interface BridgeFields {
  /** Spanning tree. Absent: the kernel's default, off. */
  readonly stp?: boolean | undefined;
  /** Keeps VLANs apart. */
  readonly vlanFiltering?: boolean | undefined;
  /** How long an address that was learned is kept, in hundredths of a second. */
  readonly ageingTime?: number | undefined;
  /** How long a port listens, and then learns, before it forwards, in hundredths of a second; with `stp` 200 to 3000. */
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

/** The forward delays that the kernel takes with spanning tree, in hundredths of a second: BR_MIN_FORWARD_DELAY and so on. */
const [LEAST_OF_TREE, MOST_OF_TREE] = [200, 3000];

/** Reads the object of a bridge. */
export const bridgeSchema: Field<BridgeFields> = message(
  "a mapping with the options of a bridge",
  {
    stp: optional(flag),
    vlanFiltering: optional(flag),
    ageingTime: optional(integer(0, LONGEST, "hundredths of a second")),
    forwardDelay: optional(integer(0, LONGEST, "hundredths of a second")),
    priority: optional(integer(0, 65_535)),
    multicastSnooping: optional(flag),
    vlanDefaultPvid: optional(integer(0, 4094, "a VLAN, or 0 for none,")),
  },
  ({ stp, forwardDelay }, _given, report): void => {
    if (stp !== true || forwardDelay === undefined) return;
    if (forwardDelay < LEAST_OF_TREE || forwardDelay > MOST_OF_TREE) {
      report("forwardDelay", `${LEAST_OF_TREE} to ${MOST_OF_TREE} hundredths of a second, as stp is true`);
    }
  },
  () => [ifThen(
    { properties: { stp: { const: true } }, required: ["stp"] },
    fieldFits("forwardDelay", { minimum: LEAST_OF_TREE, maximum: MOST_OF_TREE }),
  )],
);
