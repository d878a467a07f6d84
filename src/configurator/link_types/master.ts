/** The master of a link: the bridge, bond or VRF that it is a port of. */
import { printable } from "../../../ffi/mod.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { MASTER_KINDS } from "../../models/interface/interface_types.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { linkAt } from "../observed/lookup.ts";
import { isAvailable, type ObservedLink, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkChange } from "../plan/actions.ts";
import type { NoLink, PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { Member } from "./link_type.ts";

/** The kinds of links that have ports. */
const KINDS: ReadonlySet<string> = new Set(["bridge", "bond", "team", "vrf"]);

/** The kinds that set a link down and up again which comes to them or leaves them. */
const CYCLING: ReadonlySet<string> = new Set(["bond", "team", "vrf"]);

/** The kinds that take only links that are down, set them up, and down again when they leave. */
const OPENING: ReadonlySet<string | undefined> = new Set(["bond", "team"]);

/** The kinds that take all packets of their ports: nothing else may. */
export const TAKING: ReadonlySet<string | undefined> = new Set(["bridge", "bond", "team"]);

/** True of a kind of master that sets a link down and up again which comes to it or leaves it. */
const isCycling = (kind: string | undefined): boolean => kind !== undefined && CYCLING.has(kind);

/** True of a kind of master that takes only links that are down, sets them up, and down again when they leave. */
const isOpening = (kind: string | undefined): boolean => OPENING.has(kind);

/** What the kernel does on the way of a link to a master that it gets back. */
export interface Cycle {
  /** True if the kernel sets the link down for it, and mostly up again: it loses its IPv6 addresses and its routes. */
  readonly isCycled: boolean;
  /** True if the kernel leaves it down: a bond does so with what leaves it. */
  readonly isClosed: boolean;
  /** True if it has to be down for it, and is set up: a bond does so with what comes to it. */
  readonly isOpened: boolean;
}

const NO_CYCLE: Cycle = { isCycled: false, isClosed: false, isOpened: false };

/**
 * What the kernel does with a link that gets a master.
 *
 * @param master The index of the master; 0 for none, undefined if it stays as it is.
 * @param kindOf The kind of a master that is not there yet.
 */
export function cycleOf(
  namespace: ObservedNamespace,
  link: Pick<ObservedLink, "master">,
  master: number | undefined,
  kindOf: (index: number) => string | undefined = () => undefined,
): Cycle {
  if (master === undefined || master === (link.master ?? 0)) return NO_CYCLE;
  const [now, then] = [link.master ?? 0, master].map((index) => linkAt(namespace, index)?.kind ?? kindOf(index));
  return { isCycled: isCycling(now) || isCycling(then), isClosed: isOpening(now), isOpened: isOpening(then) };
}

/**
 * A change of the master, with what it needs besides.
 *
 * @param up True if the link is up then.
 */
export const withCycle = (
  change: LinkChange,
  { isClosed, isOpened }: Cycle,
  up: boolean,
): LinkChange => ({
  ...change,
  // Also one that is down: an earlier step may set it up.
  ...isOpened ? { downFirst: true } : {},
  ...isClosed && !isOpened && up || isOpened && !up ? { up } : {},
});

/** A link that has others as its ports. */
interface Master {
  readonly link: PlannedLink;
  readonly kind: string;
}

/** The master that the file gives an interface; null: none. Undefined: it stays as it is. */
function masterOf(builder: PlanBuilder, member: Member): Master | NoLink | null | undefined {
  const { model: { master }, namespace } = member;
  if (master === undefined || master === null) return master;
  const described = describedMaster(builder, member.model);
  const kind = described && MASTER_KINDS[described.type];
  if (described !== undefined && kind !== undefined) {
    const link = builder.links.get(described.name);
    if (link === undefined || "reason" in link) {
      return { reason: `its master ${described.name} is not there${link === undefined ? "" : `: ${link.reason}`}` };
    }
    return { link, kind };
  }
  const hostName = existingMaster(builder, member.model) ?? master;
  const there = builder.remainingLink(namespace, hostName);
  const label = `${printable(hostName)} in ${printable(namespace.label)}`;
  if (there === undefined) return elsewhere(builder, member) ?? { reason: `there is no bridge, bond or VRF ${label}` };
  if (there.kind === undefined || !KINDS.has(there.kind)) return { reason: `${label} is no bridge, bond or VRF` };
  return { link: builder.effects.linkOf(namespace, there), kind: there.kind };
}

/** Why the interface of the file that has the name of a master is none: its namespace is another one. */
function elsewhere({ descriptions, input }: PlanBuilder, { model, namespace }: Member): NoLink | undefined {
  const named = typeof model.master === "string" ? descriptions.index.named(model.master) : undefined;
  if (named === undefined || named === model) return undefined;
  const other = input.namespaceOf(namespaceOfItem(named));
  if (!isAvailable(other)) return { reason: `its master ${named.name} is not there: ${other.reason}` };
  if (other === namespace) return undefined;
  return { reason: `its master ${named.name} is in another namespace, ${printable(other.label)}`, broken: true };
}

/** What becomes of the master of a link. */
export interface MasterChange {
  /** The change; undefined if it stays as it is, or has to wait. */
  readonly change: LinkChange | undefined;
  /** True if it goes from a master that takes all its packets to one that does not: what takes them can then stand on it. */
  readonly isFreedFirst: boolean;
  /** True if the kernel sets the link down for it, and mostly up again. */
  readonly isCycled: boolean;
  /** True if it leaves the link down: a bond does so with what leaves it. */
  readonly isClosed: boolean;
  /** True if it sets the link up: a bond does so with what comes to it. */
  readonly isOpened: boolean;
  /** True if it is a port of a VRF at the end. */
  readonly isInVrf: boolean;
  /** What a change has to wait for, or why there is none. */
  readonly missing: NoLink | undefined;
}

/** Neither is there a master, nor is one described. */
const NO_MASTER: MasterChange = {
  change: undefined,
  isFreedFirst: false,
  isCycled: false,
  isClosed: false,
  isOpened: false,
  isInVrf: false,
  missing: undefined,
};

/** What becomes of the master of a link; `link` is undefined for one that the plan makes. */
export function masterChange(builder: PlanBuilder, member: Member, link: ObservedLink | undefined): MasterChange {
  if (member.model.master === undefined && link?.master === undefined) return NO_MASTER;
  const master = masterOf(builder, member);
  const before = link?.master === undefined ? undefined : linkAt(member.namespace, link.master);
  const wasInVrf = before?.kind === "vrf";
  const stays: MasterChange = { ...NO_MASTER, isInVrf: wasInVrf };
  if (master === undefined) return stays;
  const isClosed = isOpening(before?.kind);
  if (master === null) {
    if (before === undefined) return stays;
    return { ...stays, change: { master: 0 }, isCycled: isCycling(before.kind), isClosed, isInVrf: false };
  }
  if ("reason" in master) return { ...stays, missing: master };
  if (before !== undefined && before.index === master.link.index) return stays;
  const isOpened = isOpening(master.kind);
  // Also one that is down: the same plan may set it up before it gets its master.
  const change: LinkChange = { master: master.link, ...isOpened && link !== undefined ? { downFirst: true } : {} };
  return {
    change,
    isFreedFirst: TAKING.has(before?.kind) && !TAKING.has(master.kind),
    isCycled: isCycling(master.kind) || isCycling(before?.kind),
    isClosed: isClosed && !isOpened,
    isOpened,
    isInVrf: master.kind === "vrf",
    missing: undefined,
  };
}

/** True if a link has the master that the file gives it. */
export function hasDescribedMaster(builder: PlanBuilder, member: Member, link: ObservedLink): boolean {
  const { change, missing } = masterChange(builder, member, link);
  return change === undefined && missing === undefined;
}

/** Plans the master of a link, once there is that. */
export function planMaster(
  builder: PlanBuilder,
  { model }: Member,
  link: PlannedLink,
  { change, isFreedFirst, isClosed, isOpened, isInVrf, missing }: MasterChange,
): void {
  const item = interfaceItem(model.name);
  link.isInVrf = isInVrf;
  if (missing?.broken) builder.fail(item, { reason: missing.reason });
  else if (missing !== undefined) builder.wait(item, missing.reason);
  if (change !== undefined) {
    if (isFreedFirst && isBelowOther(builder, model)) changeMaster(builder, item, link, { master: 0 });
    // The kernel sets it up with its master, and down as the same request says.
    changeMaster(builder, item, link, isOpened && !link.up ? { ...change, up: false } : change);
  }
  if (isClosed && link.up) {
    builder.add("configure", item, { kind: "change-link", link, name: link.name, change: { up: true } });
  }
}

/** True if the file has something on an interface that takes packets of it. */
const isBelowOther = ({ descriptions: { index }, input: { config } }: PlanBuilder, model: LinuxInterface): boolean =>
  config.interfaces.some((other) => (other.macvlan ?? other.ipvlan) !== undefined && index.parentOf(other) === model);

/** Plans that a link gets a master, or leaves one: that comes first, as nothing that takes packets can stand on a port. */
export function changeMaster(builder: PlanBuilder, item: string, link: PlannedLink, change: LinkChange): void {
  const stage = change.master === 0 ? "change" : "enslave";
  builder.add(stage, item, { kind: "change-link", link, name: link.name, change });
}

/** The interface of the file that is the master of another one; none where that is there, and the file uses it. */
export function describedMaster(builder: PlanBuilder, model: LinuxInterface): LinuxInterface | undefined {
  const named = namedMaster(builder, model);
  return named?.type === "EXISTING" ? undefined : named;
}

function namedMaster({ descriptions }: PlanBuilder, { master, ...model }: LinuxInterface): LinuxInterface | undefined {
  return typeof master === "string" ? descriptions.index.in(namespaceOfItem(model), master) : undefined;
}

/** The host name of a master that is there; undefined if the file makes it, or names none. */
export function existingMaster(builder: PlanBuilder, model: LinuxInterface): string | undefined {
  const named = namedMaster(builder, model);
  if (named !== undefined) return named.type === "EXISTING" ? named.hostIfName : undefined;
  return model.master ?? undefined;
}
