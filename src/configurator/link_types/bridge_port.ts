/** What a link is as a port of its bridge: its options, and the VLANs that it is in. */
import { defined } from "../../collections.ts";
import { type PortVlan, vlanRange } from "../../models/interface/bridge_port.ts";
import type { BridgePort } from "../../netlink/link/bridge_ports.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { VlanFlags } from "../plan/actions.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { Member } from "./link_type.ts";
import { describedMaster } from "./master.ts";
import {
  changeOfVlans,
  newPortVlans,
  planVlans,
  type PortVlans,
  type VlanChange,
  vlansOf,
  withDefaultPvid,
} from "./port_vlans.ts";

/** What differs between a port and its description. */
interface PortChange extends VlanChange {
  readonly options: Partial<BridgePort>;
}

const NO_CHANGE: PortChange = { options: {}, remove: [], add: new Map() };

/**
 * What makes a link the port that the file describes.
 *
 * @param link The link as it is; undefined for one that the plan makes.
 * @param isNewPort True if it comes to its bridge.
 */
function portChange(
  builder: PlanBuilder,
  member: Member,
  link: ObservedLink | undefined,
  isNewPort: boolean,
): PortChange {
  const { bridgePort } = member.model;
  if (bridgePort === undefined) return NO_CHANGE;
  const { vlans, ...wanted } = defined(bridgePort);
  const has: Readonly<Record<string, unknown>> = isNewPort ? {} : { ...link?.port };
  const options = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => has[name] !== value));
  if (vlans === undefined) return { ...NO_CHANGE, options };
  const now = isNewPort || link === undefined
    ? newPortVlans(defaultPvid(builder, member))
    : vlansToBe(builder, member, link);
  return { options, ...changeOfVlans(now, describedVlans(vlans)) };
}

/** The VLANs that a port which stays at its bridge is in when the bridge has the default one that the file gives it. */
function vlansToBe(builder: PlanBuilder, member: Member, { index, master }: ObservedLink): PortVlans {
  const now = vlansOf(member.namespace, index);
  const data = master === undefined ? undefined : linkAt(member.namespace, master)?.data;
  const described = describedMaster(builder, member.model)?.bridge?.vlanDefaultPvid;
  if (described === undefined || data?.kind !== "bridge") return now;
  return withDefaultPvid(now, data.vlanDefaultPvid ?? 1, described);
}

/** The VLANs that the file puts a port into. */
export function describedVlans(vlans: readonly PortVlan[]): PortVlans {
  const then = new Map<number, VlanFlags>();
  for (const { id, pvid = false, untagged = false } of vlans) {
    const [from, to] = vlanRange(id);
    for (let one = from; one <= to; one++) then.set(one, { pvid, untagged });
  }
  return then;
}

/** The VLAN that the bridge of a new port puts it into; 0: none. */
function defaultPvid(builder: PlanBuilder, member: Member): number {
  const { master } = member.model;
  const described = describedMaster(builder, member.model)?.bridge?.vlanDefaultPvid;
  if (described !== undefined) return described;
  const there = typeof master === "string" ? builder.remainingLink(member.namespace, master)?.data : undefined;
  return there?.kind === "bridge" ? there.vlanDefaultPvid ?? 1 : 1;
}

/** True if a link is the port that the file describes. */
export function isDescribedPort(builder: PlanBuilder, member: Member, link: ObservedLink): boolean {
  const { options, remove, add } = portChange(builder, member, link, false);
  return Object.keys(options).length + remove.length + add.size === 0;
}

/** Plans what a link is as a port of its bridge. */
export function planBridgePort(builder: PlanBuilder, member: Member, link: PlannedLink, isNewPort: boolean): void {
  const { model: { name, bridgePort }, namespace } = member;
  if (bridgePort === undefined) return;
  const item = interfaceItem(name);
  const observed = link.index === undefined ? undefined : linkAt(namespace, link.index);
  if (!isNewPort && (observed?.master === undefined || linkAt(namespace, observed.master)?.kind !== "bridge")) {
    return builder.wait(item, `${link.label} is no port of a bridge`);
  }
  const { options, remove, add } = portChange(builder, member, observed, isNewPort);
  if (Object.keys(options).length > 0) {
    const optionsText = Object.entries(options).map(([option, value]) => `${option} ${value}`).join(", ");
    const has: Readonly<Record<string, unknown>> = { ...observed?.port };
    const before = isNewPort ? [] : Object.keys(options).map((option) => `${option} ${has[option]}`);
    const optionsBefore = before.length === 0 ? undefined : before.join(", ");
    const change = { port: options, optionsText, optionsBefore };
    builder.add("configure", item, { kind: "change-link", link, name: link.name, change });
  }
  planVlans(builder, "configure", item, link, { remove, add });
}
