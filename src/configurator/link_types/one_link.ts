/** A type whose interfaces are one link each, of a kind that is made by one request. */
import { printable } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import type { Namespace } from "../../namespace.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import type { LinkBase } from "../../netlink/link/base.ts";
import type { KindChanges, LinkSpec } from "../../netlink/link/kinds/kinds.ts";
import { isAvailable, type ObservedLink, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkChange, LinkCreation, NamespaceFd, NewLink, TunOptions } from "../plan/actions.ts";
import { changeOf } from "../plan/change_link.ts";
import type { NoLink, PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { findLink } from "./find_link.ts";
import { addCreation } from "./link_records.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";
import { plannedParent, standsOn } from "./parent.ts";
import { baseOf, configureNew, describeNew, hasDescribedQueues, newLinkOf } from "./new_link.ts";

/** A kind of link, as a type of the file has it; `F` is what the file says of it, `O` are its options for netlink. */
export interface LinkKindOfType<F extends object, O extends object> {
  /** Its kind in the kernel, or what pictures show of a type that has several. */
  readonly kind: string;
  /** Its kind in the kernel, of a type that has several. */
  kindOf?(model: LinuxInterface): string;
  /** What the file says of it, but for the link that it stands on. */
  fields(model: LinuxInterface): F;
  /** True if it has no hardware address of its own: that of the link below, or none. */
  withoutAddress?(model: LinuxInterface): boolean;
  /** True if an option of its kind says on which link it stands; else IFLA_LINK does. */
  readonly parentIsOption?: boolean;
  /** What the kernel changes of a link that exists; any other field makes the link anew. */
  readonly changeable: readonly (keyof F & string)[];
  /** The options that some of the fields mean, each by itself. */
  options(fields: Partial<F>): Partial<O>;
  /** The options of a change, under the name of the kind. */
  changes(options: Partial<O>, link: ObservedLink): KindChanges;
  /**
   * The request that makes a link; absent of one that rtnetlink does not make.
   *
   * @param parent The index of the link that it stands on; 0 for none.
   */
  spec?(base: LinkBase, fields: F, parent: number): LinkSpec;
  /** The TUN or TAP that is made in place of a request. */
  tun?(model: LinuxInterface, fields: F): TunOptions;
  /** The namespace in which it is made, if that is not its own. */
  birthOf?(model: LinuxInterface): Namespace | undefined;
  /** As {@linkcode LinkType.isConfigured}. */
  isConfigured?(builder: PlanBuilder, member: FoundMember): boolean;
  /** Plans what it gets besides, once it is there. */
  configure?(builder: PlanBuilder, member: Member, link: PlannedLink): void;
}

/** The type of the file for a kind of link. */
export function oneLink<F extends object, O extends object>(kind: LinkKindOfType<F, O>): LinkType {
  return {
    kind: kind.kind,
    members: (_builder, model) => [model],
    matches: (link) => link.kind === kind.kind || link.kind === link.data?.kind && kind.kindOf !== undefined,
    borrows: false,
    find: (builder, members) => {
      const found = members.flatMap((member) => findOne(builder, kind, member) ?? []);
      return found.length === members.length ? found : undefined;
    },
    change: (model, link) => changeOfOne(kind, model, link),
    create: (builder, members) => members.flatMap((member) => createOne(builder, kind, member) ?? [])[0],
    configure: kind.configure,
    isConfigured: kind.isConfigured,
  };
}

const kindOf = <F extends object, O extends object>(kind: LinkKindOfType<F, O>, model: LinuxInterface): string =>
  kind.kindOf?.(model) ?? kind.kind;

function findOne<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
): FoundMember | undefined {
  const { model } = member;
  const link = findLink(builder, member);
  if (link === undefined || link.kind !== kindOf(kind, model) || !hasDescribedQueues(model, link)) return undefined;
  const parent = plannedParent(builder, member);
  if (!isBornAsDescribed(builder, kind, member, link)) return undefined;
  // One whose parent has to be waited for is left on the one that it has.
  if (parent !== undefined && !("reason" in parent)) {
    const below = kind.parentIsOption && link.data !== undefined && "link" in link.data
      ? link.data.link
      : link.peerIndex;
    if (!standsOn(member, link, typeof below === "number" ? below : undefined, parent)) return undefined;
  }
  const changeable: readonly string[] = kind.changeable;
  const isToMakeAnew = differences(kind, kind.fields(model), link).some((name) => !changeable.includes(name));
  if (isToMakeAnew) return undefined;
  return { ...member, link, hasCarrier: true, withoutAddress: kind.withoutAddress?.(model) };
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
  const birth = birthPlace(builder, kind, model);
  // One whose namespace has to be waited for is left.
  return birth !== undefined && !isAvailable(birth) ||
    (record.birth ?? namespace.cookie) === (birth ?? namespace).cookie;
}

/** The namespace in which a link is made, if the file gives it one. */
function birthPlace<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  model: LinuxInterface,
): ReturnType<PlanBuilder["input"]["namespaceOf"]> | undefined {
  const birth = kind.birthOf?.(model);
  return birth && builder.input.namespaceOf(birth);
}

function changeOfOne<F extends object, O extends object>(
  kind: LinkKindOfType<F, O>,
  model: LinuxInterface,
  link: ObservedLink,
): LinkChange | undefined {
  const common = changeOf(model, link);
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
  return keysOf(fields).filter((name) => {
    const field: Partial<F> = {};
    field[name] = fields[name];
    return Object.entries(kind.options(field)).some(([option, value]) => !isSame(value, has[option]));
  });
}

/** The names of the fields that are given. */
function keysOf<F extends object>(fields: F): (keyof F & string)[] {
  const names: (keyof F & string)[] = [];
  for (const name in fields) if (fields[name] !== undefined) names.push(name);
  return names;
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === undefined || a === b || JSON.stringify(a) === JSON.stringify(b);

/** The fields as the file has them, as a line for people. */
function describeFields(fields: object): string {
  return Object.entries<unknown>({ ...defined(fields) })
    .filter(([name]) => name !== "parent") // which is said by itself
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(", ");
}

function createOne<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
): NoLink | undefined {
  const { model, namespace } = member;
  const parent = plannedParent(builder, member);
  if (parent !== undefined && "reason" in parent) return parent;
  const item = interfaceItem(model.name);
  const birth = birthPlace(builder, kind, model);
  if (birth !== undefined && !isAvailable(birth)) return { reason: `its birthNamespace: ${birth.reason}` };
  const { hostIfName, enabled } = model;
  const link = new PlannedLink({ namespace, name: hostIfName, up: enabled, carrier: carrierOf(false, enabled) });
  builder.need(namespace, item);
  if (birth !== undefined) builder.need(birth, item);
  addCreation(builder, item, new OneLinkCreation(kind, model, link, parent, birth));
  configureNew(builder, member, link);
  kind.configure?.(builder, member, link);
  return undefined;
}

/** One link: one request, straight in its namespace. */
class OneLinkCreation<F extends object, O extends object> implements LinkCreation {
  readonly kind: string;
  readonly links: readonly [NewLink];
  readonly parent: PlannedLink | undefined;
  readonly birth: ObservedNamespace | undefined;
  readonly tun: TunOptions | undefined;
  readonly #kind: LinkKindOfType<F, O>;
  readonly #fields: F;

  constructor(
    kind: LinkKindOfType<F, O>,
    model: LinuxInterface,
    link: PlannedLink,
    parent: PlannedLink | undefined,
    birth: ObservedNamespace | undefined,
  ) {
    this.kind = kindOf(kind, model);
    this.links = [{ ...newLinkOf(model, link), withoutAddress: kind.withoutAddress?.(model) }];
    this.parent = parent;
    this.#kind = kind;
    this.birth = birth === link.namespace ? undefined : birth;
    this.#fields = kind.fields(model);
    this.tun = kind.tun?.(model, this.#fields);
  }

  /** The kernel looks for the parent where it is asked, and leaves a socket there. */
  get origins(): readonly [ObservedNamespace] {
    return [this.parent?.namespace ?? this.birth ?? this.links[0].link.namespace];
  }

  get description(): string {
    const on = (this.parent === undefined ? "" : ` on ${this.parent.label}`) +
      (this.birth === undefined ? "" : ` with its socket in ${printable(this.birth.label)}`);
    const fields = describeFields(this.#fields);
    const kind = this.tun === undefined ? this.kind : this.#kind.kind;
    return `create ${kind} ${describeNew(this.links[0])}${on}${fields === "" ? "" : `: ${fields}`}`;
  }

  /** @throws {TypeError} It is a TUN or TAP. */
  request(_origin: ObservedNamespace, fdOf: (namespace: ObservedNamespace) => NamespaceFd | undefined): LinkSpec {
    const [link] = this.links;
    const base = { ...baseOf(link), netns: fdOf(link.link.namespace) };
    if (this.#kind.spec === undefined) throw new TypeError(`Cannot request a ${this.#kind.kind} of rtnetlink`);
    return this.#kind.spec(base, this.#fields, this.parent?.index ?? 0);
  }
}
