/** Decides of a link that exists whether it is changed in place or made anew, and what is changed. */
import { ticksPerSecond } from "../../../ffi/mod.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { isAvailable, type ObservedLink } from "../observed/observed_namespace.ts";
import type { LinkChange } from "../plan/actions.ts";
import { changeOf } from "../plan/change_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { birthNamespaceOf, describeFields, kindOf, type LinkKindOfType } from "./link_kind_of_type.ts";
import type { Member } from "./link_type.ts";
import { plannedParent, sharedParent, standsOn } from "./parent.ts";

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
  if (!isBornAsDescribed(builder, kind, member, link) || !isOnDescribedParent(builder, kind, member, link)) return true;
  const changeable: readonly string[] = kind.changeable;
  const fields = kind.fields(model);
  return kind.isMadeAnew?.(fields, link) || differences(kind, fields, link).some((name) => !changeable.includes(name));
}

/** True if a link has as many queues as the file gives it; the kernel changes none of a link that exists. */
export function hasDescribedQueues({ queues }: LinuxInterface, { txQueues, rxQueues }: ObservedLink): boolean {
  return queues === undefined || (queues === (txQueues ?? queues) && queues === (rxQueues ?? queues));
}

function isOnDescribedParent<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
  link: ObservedLink,
): boolean {
  const parent = kind.sharesParent ? sharedParent(builder, member) : plannedParent(builder, member);
  // A link whose parent has to be waited for is left on the one that it has.
  if (parent === undefined || "reason" in parent) return true;
  const below = kind.parentIsOption && link.data !== undefined && "link" in link.data ? link.data.link : link.peerIndex;
  return standsOn(member, link, typeof below === "number" ? below : undefined, parent);
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
  kind: LinkKindOfType<F, O>,
  model: LinuxInterface,
  link: ObservedLink,
): LinkChange | undefined {
  const common = keptMtu(kind, changeOf(model, link));
  const fields = kind.fields(model);
  const different = new Set<string>(differences(kind, fields, link));
  if (different.size === 0) return common;
  const changed: Partial<F> = {};
  for (const name of kind.changeable) if (different.has(name)) changed[name] = fields[name];
  return {
    ...common,
    options: kind.changes(kind.options(changed), link),
    optionsText: describeFields(changed),
    optionsBefore: describeFields(fieldsBefore(kind, changed, link)),
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
