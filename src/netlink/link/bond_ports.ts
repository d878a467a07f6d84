/** Links as ports of a bond: IFLA_BOND_SLAVE_…. See ip-link(8), linux/if_link.h. */
import { fieldsOf } from "../../argument_fields.ts";
import { mac } from "../wire/mac.ts";
import { named } from "../wire/named_numbers.ts";
import { s32, u16, u32, u8 } from "../wire/numbers.ts";
import { type KeptOptions, type OptionsCodec, optionsOf } from "./kinds/kind_options.ts";

/** Whether packets go by a port. */
export type BondPortState = "active" | "backup";

/** BOND_STATE_… */
const STATES: Readonly<Record<BondPortState, number>> = { active: 0, backup: 1 };

/** Whether a port has a carrier; `going_down` and `going_back` while a delay runs. */
export type BondMiiStatus = "up" | "going_down" | "down" | "going_back";

/** BOND_LINK_… */
const MII_STATUS: Readonly<Record<BondMiiStatus, number>> = { up: 0, going_down: 1, down: 2, going_back: 3 };

/** What a link is as a port of a bond. */
export interface BondPort extends KeptOptions {
  /** The queue whose packets go by this port. */
  readonly queueId?: number | undefined;
  /** The priority by which the port in use is chosen; the highest is used. */
  readonly prio?: number | undefined;
  /** The priority of the port in LACP. */
  readonly actorPortPrio?: number | undefined;
  /** Whether packets go by it. Listed only. */
  readonly state?: BondPortState | number | undefined;
  /** Whether it has a carrier. Listed only. */
  readonly miiStatus?: BondMiiStatus | number | undefined;
  /** How often it failed. Listed only. */
  readonly linkFailureCount?: number | undefined;
  /** The address that it had before. Listed only. */
  readonly permHwaddr?: string | undefined;
  /** The number of its aggregator in LACP. Listed only. */
  readonly adAggregatorId?: number | undefined;
  /** The state of this end in LACP, a bit each. Listed only. */
  readonly adActorOperPortState?: number | undefined;
  /** The state of the other end in LACP, a bit each. Listed only. */
  readonly adPartnerOperPortState?: number | undefined;
}

/** The codec of what is particular to a port of a bond. */
export const bondPort: OptionsCodec<BondPort> = optionsOf<BondPort>({
  state: [1, named(u8, STATES), "listed"], // IFLA_BOND_SLAVE_STATE
  miiStatus: [2, named(u8, MII_STATUS), "listed"], // IFLA_BOND_SLAVE_MII_STATUS
  linkFailureCount: [3, u32, "listed"], // IFLA_BOND_SLAVE_LINK_FAILURE_COUNT
  permHwaddr: [4, mac, "listed"], // IFLA_BOND_SLAVE_PERM_HWADDR
  queueId: [5, u16], // IFLA_BOND_SLAVE_QUEUE_ID
  adAggregatorId: [6, u16, "listed"], // IFLA_BOND_SLAVE_AD_AGGREGATOR_ID
  adActorOperPortState: [7, u8, "listed"], // IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE
  adPartnerOperPortState: [8, u16, "listed"], // IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE
  prio: [9, s32], // IFLA_BOND_SLAVE_PRIO
  actorPortPrio: [10, u16], // IFLA_BOND_SLAVE_ACTOR_PORT_PRIO
}, [11, 12]); // IFLA_BOND_SLAVE_AD_CHURN_…_STATE

/** Checks that the options of a port have no other field. */
export const checkBondPort: (port: BondPort) => void = fieldsOf<BondPort>(
  "the options of a bond port",
  () => bondPort.fields,
);
