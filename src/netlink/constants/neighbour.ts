/** States and flags of neighbours: linux/neighbour.h. */

/** What is known of a neighbour. */
export type NeighbourState =
  | "none"
  | "incomplete"
  | "reachable"
  | "stale"
  | "delay"
  | "probe"
  | "failed"
  | "noarp"
  | "permanent";

/** NUD_… */
export const NEIGHBOUR_STATES: Readonly<Record<NeighbourState, number>> = {
  none: 0x00,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
};

export const NTF_PROXY = 0x08;
