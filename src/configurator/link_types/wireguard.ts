/** WIREGUARD: an encrypted tunnel, whose keys and peers generic netlink sets. */
import { namespaceOfItem } from "../../models/references.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { Refusal } from "../ownership/refusal.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { type DescribedDevice, describedDevice, peerOfItself, wireguardChanges } from "../plan/wireguard.ts";
import { interfaceItem } from "../report.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type WIREGUARD. */
export const wireguard: LinkType = {
  ...singleLink<object, object>({
    kind: "wireguard",
    fields: () => ({}),
    withoutAddress: () => true,
    changeable: [],
    options: () => ({}),
    changes: () => ({}),
    spec: (base) => ({ kind: "wireguard", ...base }),
    birthOf: ({ wireguard }) => wireguard?.birthNamespace && namespaceOfItem({ namespace: wireguard.birthNamespace }),
    isConfigured,
    configure: planDevice,
  }),
  refuses,
  notAdopted: (builder, found) => (
    isConfigured(builder, found) ? undefined : "its keys and peers could not be given back: they are not recorded"
  ),
};

/** A key that cannot be read, or a peer that the kernel silently leaves out: the link stays as it is. */
function refuses(_builder: PlanBuilder, { model: { wireguard = {} } }: Member): Refusal | undefined {
  const device = describedDevice(wireguard);
  return "reason" in device ? device : peerOfItself(device);
}

/** The keys and the peers of the file; nothing of them if a key cannot be read, which {@linkcode refuses} says. */
function deviceOf({ wireguard = {} }: LinuxInterface): DescribedDevice {
  const device = describedDevice(wireguard);
  return "reason" in device ? {} : device;
}

function isConfigured(_builder: PlanBuilder, { model, namespace, link }: FoundMember): boolean {
  return wireguardChanges(deviceOf(model), namespace.wireguard(link.index)).length === 0;
}

/** Plans that a link has the keys, the port and the peers of the file. */
function planDevice(builder: PlanBuilder, { model }: Member, link: PlannedLink): void {
  const observed = link.isNew || link.index === undefined ? undefined : link.namespace.wireguard(link.index);
  for (const one of wireguardChanges(deviceOf(model), observed)) {
    builder.add("configure", interfaceItem(model.name), { kind: "set-wireguard", link, ...one });
  }
}
