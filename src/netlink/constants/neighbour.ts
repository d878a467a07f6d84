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

/** This host answers for it. */
export const NTF_PROXY = 0x08;
/** Another program, a control plane, learned it. */
export const NTF_EXT_LEARNED = 0x10;
/** IPv6: it is a router. */
export const NTF_ROUTER = 0x80;
/** The kernel keeps it reachable; one of NDA_FLAGS_EXT. */
export const NTF_EXT_MANAGED = 0x01;
