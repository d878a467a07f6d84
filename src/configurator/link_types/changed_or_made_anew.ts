/** Decides of a link that exists whether it is changed in place or made anew, and what is changed. */
import { ticksPerSecond } from "../../../ffi/mod.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { linkAt, wayOut } from "../observed/lookup.ts";
import { isAvailable, type ObservedLink } from "../observed/observed_namespace.ts";
import type { LinkChange } from "../plan/actions.ts";
import { changeOf } from "../plan/change_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { birthNamespaceOf, describeFields, kindOf, type LinkKindOfType } from "./link_kind_of_type.ts";
import type { FoundMember, Member } from "./link_type.ts";
import { canGoBy, plannedParent, sharedParent, standsOn } from "./parent.ts";
import { foreignLinkOn } from "./used_by_others.ts";
import { neededFor, withEnd } from "./tunnel_options.ts";

/**
 * True if the kernel does not change the link into what the file describes: it has another kind or number of queues, was made
 * in another namespace, has a hardware address that stays, stands on another link, or a field differs that is set only when a link is made.
 */
export function isMadeAnew<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
  link: ObservedLink,
): boolean {
  const { model } = member;
  if (link.kind !== kindOf(kind, model) || !hasDescribedQueues(model, link)) return true;
  if (kind.hasFixedAddress && model.physAddress !== undefined && model.physAddress !== link.address) return true;
  if (!isBornAsDescribed(builder, kind, member, link)) return true;
  const parent = otherParent(builder, kind, member, link);
  if (parent !== undefined && !(kind.parentIsOption && canGoBy(builder, member, link, parent))) return true;
  const changeable: readonly string[] = kind.changeable;
  const fields = kind.fields(model);
  const different = differences(kind, fields, link);
  if (kind.isMadeAnew?.(fields, link) || different.some((name) => !changeable.includes(name))) return true;
  // Somebody's VLAN would go down with it, and lose what it has: then it is not made anew either, for that reason.
  const { downFirst } = neededFor(link, kind.options(only(fields, different)), parent !== undefined, undefined);
  return downFirst === true && foreignLinkOn(builder, member.namespace, link.index, isVlan) !== undefined;
}

const isVlan = ({ kind }: ObservedLink): boolean => kind === "vlan";

/** Some of the fields. */
function only<F extends object>(fields: F, names: readonly (keyof F)[]): Partial<F> {
  const some: Partial<F> = {};
  for (const name of names) some[name] = fields[name];
  return some;
}

/** True if a link has as many queues as the file gives it; the kernel changes none of a link that exists. */
export function hasDescribedQueues({ queues }: LinuxInterface, { txQueues, rxQueues }: ObservedLink): boolean {
  return queues === undefined || (queues === (txQueues ?? queues) && queues === (rxQueues ?? queues));
}

/** The link that the file says one stands on, if that is another one than it stands on. */
function otherParent<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
  link: ObservedLink,
): PlannedLink | undefined {
  const parent = kind.sharesParent ? sharedParent(builder, member) : plannedParent(builder, member);
  // A link whose parent has to be waited for is left on the one that it has.
  if (parent === undefined || "reason" in parent) return undefined;
  const below = kind.parentIsOption ? wayOut(link) : link.peerIndex;
  return standsOn(member, link, below, parent) ? undefined : parent;
}

/** The kernel does not say where a link was made, but the record of this configuration does. */
function isBornAsDescribed<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  { model, namespace }: Member,
  link: ObservedLink,
): boolean {
  const record = builder.input.claims.linkAt(namespace, link)?.record;
  if (kind.birthOf === undefined || record?.kind !== "link") return true;
  const birth = birthNamespaceOf(builder, kind, model);
  // A link whose namespace has to be waited for is left.
  return birth !== undefined && !isAvailable(birth) ||
    (record.birth ?? namespace.cookie) === (birth ?? namespace).cookie;
}

/** What differs between a link and its interface and is changed in place; undefined if nothing does. */
export function changeInPlace<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  { model, namespace, link }: FoundMember,
): LinkChange | undefined {
  const common = keptMtu(kind, changeOf(model, link));
  const fields = kind.fields(model);
  const different = new Set<string>(differences(kind, fields, link));
  const parent = otherParent(builder, kind, { model, namespace }, link);
  if (different.size === 0 && parent === undefined) return common;
  const changed = only(fields, kind.changeable.filter((name) => different.has(name)));
  const options = kind.options(changed);
  const former = parent && linkAt(parent.namespace, wayOut(link) ?? 0);
  const texts = (parentName: string | undefined, fields: object): string => (
    [parent && `parent ${parentName ?? "none"}`, describeFields(fields)].filter((text) => text).join(", ")
  );
  return {
    ...common,
    options: kind.changes(parent === undefined ? options : withEnd(link, options), link),
    parent,
    optionsText: texts(parent?.name, changed),
    optionsBefore: texts(former?.name, fieldsBefore(kind, changed, link)),
    ...neededFor(link, options, parent !== undefined, model.mtu),
  };
}

/** A change with an MTU that the ports of a bridge leave as it is. */
function keptMtu<F extends object, O extends object>(
  { losesMtu }: LinkKindOfType<F, O>,
  change: LinkChange | undefined,
): LinkChange | undefined {
  return losesMtu && change?.mtu !== undefined ? { ...change, keepsMtu: true } : change;
}

/** The values that a link has of the fields that change, as far as it has any. */
function fieldsBefore<F extends object, O extends object>(
  kind: LinkKindOfType<F, O>,
  changed: Partial<F>,
  { data }: ObservedLink,
): Readonly<Record<string, unknown>> {
  const has: Readonly<Record<string, unknown>> = { ...data };
  return Object.fromEntries(
    keysOf(changed).map((name) => {
      const field: Partial<F> = {};
      field[name] = changed[name];
      const before = Object.keys(kind.options(field)).map((option) => has[option]).find((value) => value !== undefined);
      return [name, typeof changed[name] === "boolean" && before !== undefined ? Boolean(before) : before ?? "none"];
    }),
  );
}

/** The fields of which the link has other options than the file gives it. */
function differences<F extends object, O extends object>(
  kind: LinkKindOfType<F, O>,
  fields: F,
  { data }: ObservedLink,
): (keyof F & string)[] {
  const has: Readonly<Record<string, unknown>> = { ...data };
  const ticks: readonly string[] = kind.ticks ?? [];
  const unsaid: readonly string[] = kind.unsaid ?? [];
  return keysOf(fields).filter((name) => {
    const field: Partial<F> = {};
    field[name] = fields[name];
    return Object.entries(kind.options(field)).some(([option, value]) =>
      !isSame(ticks.includes(option) ? asKept(value) : value, has[option]) &&
      !(unsaid.includes(option) && data !== undefined && has[option] === undefined)
    );
  });
}

/** The names of the fields that are given. */
function keysOf<F extends object>(fields: F): (keyof F & string)[] {
  const names: (keyof F & string)[] = [];
  for (const name in fields) if (fields[name] !== undefined) names.push(name);
  return names;
}

/** A time as the kernel shows it once it is set: with 250 ticks a second, an odd hundredth becomes the even one below. */
function asKept(time: unknown): unknown {
  if (typeof time !== "number") return time;
  const ticks = Math.trunc(time * ticksPerSecond() / HUNDREDTHS);
  return Math.trunc(ticks * HUNDREDTHS / ticksPerSecond());
}

/** USER_HZ: the units of these times in a second. */
const HUNDREDTHS = 100;

const isSame = (a: unknown, b: unknown): boolean =>
  a === undefined || a === b || JSON.stringify(a) === JSON.stringify(b);
