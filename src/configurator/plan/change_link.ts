/** What differs between a link that exists and the interface that describes it. */
import { utf8Length } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { interfaceItem } from "../report.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import type { LinkChange } from "./actions.ts";
import { ipv6Of, keepIpv6Mtu } from "./ipv6_mtu.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { carrierOf, PlannedLink } from "./planned_link.ts";

/** The change that makes a link what the interface says; undefined if it is that already. */
export function changeOf(
  model: LinuxInterface,
  { name, address, mtu, up, alias = "", txQueueLength }: ObservedLink,
): LinkChange | undefined {
  const described = aliasOf(model);
  const isAsDescribed = model.hostIfName === name && model.enabled === up && isOr(model.physAddress, address) &&
    isOr(model.mtu, mtu) && isOr(described, alias) && isOr(model.txQueueLength, txQueueLength);
  if (isAsDescribed) return undefined; // as nearly every link that exists
  const change: LinkChange = defined({
    name: model.hostIfName === name ? undefined : model.hostIfName,
    address: model.physAddress === address ? undefined : model.physAddress,
    mtu: model.mtu === mtu ? undefined : model.mtu,
    alias: described === alias ? undefined : described,
    txQueueLength: model.txQueueLength === txQueueLength ? undefined : model.txQueueLength,
    up: model.enabled === up ? undefined : model.enabled,
  });
  return Object.keys(change).length === 0 ? undefined : change;
}

/** True if a field is what the file gives it, or the file gives it nothing. */
const isOr = <T>(described: T | undefined, is: T | undefined): boolean => described === undefined || described === is;

/** IFALIASZ of linux/if.h, with its NUL. */
const IFALIASZ = 256;

/** The alias that the description of an interface becomes: as much of it as the kernel keeps. */
export function aliasOf({ description }: LinuxInterface): string | undefined {
  if (description === undefined) return undefined;
  const characters = [...description.slice(0, IFALIASZ)].filter((one) => one !== "\0" && one.isWellFormed());
  while (utf8Length(characters.join("")) >= IFALIASZ) characters.pop();
  return characters.join("");
}

/** Plans a change; what needs a link that the plan makes comes after that. */
function addChange(builder: PlanBuilder, item: string, link: PlannedLink, name: string, change: LinkChange): void {
  if (change.parent?.isNew !== true) return builder.add("change", item, { kind: "change-link", link, name, change });
  const { options, optionsFirst, optionsText, optionsBefore, parent, keptMtu = change.mtu, downFirst, ...own } = change;
  const later = defined({ options, optionsFirst, optionsText, optionsBefore, parent, keptMtu, downFirst });
  if (Object.keys(own).length > 0) builder.add("change", item, { kind: "change-link", link, name, change: own });
  // Before it gets addresses, which it loses if it is set down for this.
  builder.add("enslave", item, { kind: "change-link", link, name: link.name, change: later });
}

/**
 * Plans the change of a link that stays in its namespace.
 *
 * @param hasCarrier Whether what is below it will carry packets.
 * @param change What differs; undefined if nothing does.
 * @param isCycled True if the kernel sets it down and up again on the way.
 * @param before What it was before this configuration used it, if it is somebody else's.
 */
export function changeLink(
  builder: PlanBuilder,
  model: LinuxInterface,
  namespace: ObservedNamespace,
  observed: ObservedLink,
  hasCarrier: boolean,
  change: LinkChange | undefined,
  isCycled = false,
  before?: LinkBefore,
): PlannedLink {
  const { hostIfName, enabled } = model;
  // A bridge without ports, a TAP that nothing has open: nothing brings it a carrier. That of a pair comes with its other end.
  const isLeft = change === undefined && observed.kind !== "veth";
  const hasOwn = observed.up && (observed.carrier || isLeft) && !isCycled;
  const link = builder.effects.add(
    new PlannedLink({
      namespace,
      name: hostIfName,
      index: observed.index,
      up: enabled,
      goesDown: observed.up && (!enabled || isCycled),
      losesNeighbours: change?.address !== undefined || change?.up === false || isCycled,
      ...ipv6Of(observed, change, enabled && (!observed.up || isCycled)),
      carrier: carrierOf(hasOwn, enabled && hasCarrier),
    }),
  );
  if (change !== undefined) addChange(builder, interfaceItem(model.name), link, observed.name, change);
  keepIpv6Mtu(builder, interfaceItem(model.name), link, observed, before);
  return link;
}
