/** TAPs that another program makes in the default namespace: taken to where the file wants them, and given back. */
import type { LinuxInterface } from "../../models/interface.ts";
import { isLinkLocal6 } from "../../ip/address.ts";
import { carrierOf, type Slot } from "../plan/actions.ts";
import { planAddresses } from "../plan/addresses.ts";
import { type Draft, interfaceItem, isSpace } from "../plan/plan_builder.ts";
import { changeLink } from "../plan/change_link.ts";
import { type ActualLink, addressesOf, linkNamed, type Space } from "../observed/observed_namespace.ts";

const temporaryName = ({ tap, hostIfName }: LinuxInterface): string => tap?.tempIfName ?? hostIfName;

/** Plans every TAP of the file. */
export function planTaps(draft: Draft): void {
  for (const model of draft.situation.config.interfaces) {
    if (model.type !== "AUTO_TAP") continue;
    const missing = planTap(draft, model);
    if (missing === undefined) continue;
    draft.links.set(model.name, { reason: missing.reason });
    if (missing.broken) draft.fail(interfaceItem(model.name), missing.reason);
    else draft.wait(interfaceItem(model.name), missing.reason);
  }
}

function planTap(
  draft: Draft,
  model: LinuxInterface,
): { readonly reason: string; readonly broken: boolean } | undefined {
  const item = interfaceItem(model.name);
  const space = draft.situation.spaceOf(model.namespace);
  if (!isSpace(space)) return { reason: space.unavailable, broken: space.broken };
  const there = linkNamed(space, model.hostIfName);
  if (there?.kind === "tun") return void keep(draft, model, space, there);
  // The file may have had a pair of this name here before.
  const wasPair = there?.kind === "veth" && draft.formerly(model)?.type === "VETH";
  if (there !== undefined && !wasPair) {
    return { reason: `${there.name} in ${space.label} is no TAP (${there.kind ?? "hardware"})`, broken: true };
  }
  if (there !== undefined) draft.unlink(item, space, there);
  const former = draft.formerly(model);
  const before = former === undefined || draft.isDescribed(space, former.hostIfName)
    ? undefined
    : linkNamed(space, former.hostIfName);
  if (before?.kind === "tun") return void keep(draft, model, space, before);
  const home = draft.situation.spaceOf();
  const waiting = isSpace(home) ? linkNamed(home, temporaryName(model)) : undefined;
  if (!isSpace(home) || waiting?.kind !== "tun") {
    return { reason: `there is no TAP ${temporaryName(model)} in the default namespace`, broken: false };
  }
  if (home === space) return void keep(draft, model, space, waiting);
  move(draft, model, space, home, waiting);
  return undefined;
}

function keep(draft: Draft, model: LinuxInterface, space: Space, link: ActualLink): void {
  draft.keep(space, link);
  const slot = changeLink(draft, model, space, link, link.carrier);
  draft.links.set(model.name, slot);
  planAddresses(draft, model, slot);
}

/** Moves `link` with what is on it, and changes what the file has otherwise. */
function move(draft: Draft, model: LinuxInterface, space: Space, home: Space, link: ActualLink): void {
  const item = interfaceItem(model.name);
  const slot = movedSlot(space, model.hostIfName, model.enabled, link.carrier);
  draft.need(space, item);
  draft.moveAway(home, link);
  draft.links.set(model.name, slot);
  draft.do("create", item, { kind: "move-link", slot, from: home, index: link.index, name: link.name, whole: true });
  const change = {
    ...model.physAddress === undefined || model.physAddress === link.address ? {} : { address: model.physAddress },
    ...model.mtu === undefined || model.mtu === link.mtu ? {} : { mtu: model.mtu },
    ...model.enabled === link.up ? {} : { up: model.enabled },
  };
  planAddresses(draft, model, slot, addressesOf(home, link.index).filter(({ text }) => !isLinkLocal6(text)));
  if (Object.keys(change).length > 0) {
    draft.do("configure", item, { kind: "change-link", slot, name: slot.name, change });
  }
}

const movedSlot = (space: Space, name: string, up: boolean, carried: boolean): Slot => ({
  space,
  name,
  index: undefined,
  fresh: true,
  up,
  goesDown: false,
  losesNeighbours: false,
  carrier: carrierOf(false, up && carried),
});

/** Plans that a TAP that is described no longer goes back to the default namespace, under its first name. */
export function releaseTap(draft: Draft, model: LinuxInterface, space: Space, link: ActualLink): void {
  const item = interfaceItem(model.name);
  const home = draft.situation.spaceOf();
  const name = temporaryName(model);
  if (!isSpace(home)) return draft.leave(item, home.unavailable);
  if (link.kind !== "tun") {
    return draft.leave(item, `${link.name} in ${space.label} is left: it is no TAP (${link.kind ?? "hardware"})`);
  }
  if (home === space && name === link.name) return;
  if (linkNamed(home, name) !== undefined) {
    return draft.leave(item, `${link.name} in ${space.label} is left: the default namespace has a link ${name}`);
  }
  if (home === space) {
    const slot = draft.slotOf(space, link);
    return draft.do("unlink", item, { kind: "change-link", slot, name: link.name, change: { name } });
  }
  draft.moveAway(space, link);
  const slot = movedSlot(home, name, link.up, link.carrier);
  draft.do("unlink", item, { kind: "move-link", slot, from: space, index: link.index, name: link.name, whole: false });
  if (link.up) draft.do("configure", item, { kind: "change-link", slot, name, change: { up: true } });
}
