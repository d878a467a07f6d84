/** What every link that is made has in common: how it is requested, how its step is worded, and what it gets then. */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { LinkBase } from "../../netlink/link/base.ts";
import { entryKey } from "../ownership/snapshot.ts";
import type { LinkChange } from "../plan/actions.ts";
import type { NewLink } from "../plan/link_creation.ts";
import { planAddresses } from "../plan/addresses.ts";
import { aliasOf } from "../plan/change_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { planBridgePort } from "./bridge_port.ts";
import type { Member } from "./link_type.ts";
import { masterChange, planMaster } from "./master.ts";

/** The link that is made for an interface. */
export function newLinkOf(
  { name, physAddress, mtu, queues, ipAddresses, vxlan }: LinuxInterface,
  link: PlannedLink,
): NewLink {
  return {
    item: interfaceItem(name),
    link,
    address: physAddress,
    mtu,
    queues,
    ipv6: ipAddresses?.some((text) => familyOf(text) === 6),
    described: ipAddresses,
    entries: vxlan?.entries?.map(entryKey),
  };
}

/** What a request has of a new link, whatever its kind is. */
export function baseOf(
  { link: { name, index, hardwareAddress }, address = hardwareAddress, mtu, queues }: NewLink,
): LinkBase {
  return { name, index, address, mtu, numTxQueues: queues, numRxQueues: queues };
}

/** A new link, as a line for people. */
export function describeNew({ link, address, mtu, queues }: NewLink): string {
  return link.label + (mtu === undefined ? "" : ` mtu ${mtu}`) + (address === undefined ? "" : ` address ${address}`) +
    (queues === undefined ? "" : ` queues ${queues}`);
}

/** Plans what a link gets once it is made: its master, its addresses, what a change sets; then it is set up. */
export function configureNew(builder: PlanBuilder, member: Member, link: PlannedLink): void {
  const { model } = member;
  builder.links.set(model.name, link);
  const master = masterChange(builder, member, undefined);
  planMaster(builder, member, link, master);
  planBridgePort(builder, member, link, master.change !== undefined);
  planAddresses(builder, model, link);
  const change: LinkChange = defined({
    alias: aliasOf(model) || undefined,
    txQueueLength: model.txQueueLength,
    up: link.up || undefined,
  });
  if (Object.keys(change).length === 0) return;
  builder.add("configure", interfaceItem(model.name), { kind: "change-link", link, name: link.name, change });
}
