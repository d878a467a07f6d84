/** A type whose interfaces are one link each, of a kind that rtnetlink makes by one request. */
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import type { LinkBase } from "../../netlink/link/base.ts";
import type { KindChanges, LinkSpec } from "../../netlink/link/kinds/kinds.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkChange, LinkCreation, NamespaceFd, NewLink } from "../plan/actions.ts";
import { changeOf } from "../plan/change_link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { findLink } from "./find_link.ts";
import { addCreation } from "./link_records.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";
import { baseOf, configureNew, describeNew, hasDescribedQueues, newLinkOf } from "./new_link.ts";

/** A kind of link, as a type of the file has it; `F` is what the file says of it, `O` are its options for netlink. */
export interface LinkKindOfType<F extends object, O extends object> {
  /** Its kind in the kernel. */
  readonly kind: string;
  /** What the file says of it. */
  fields(model: LinuxInterface): F;
  /** What the kernel changes of a link that exists; any other field makes the link anew. */
  readonly changeable: readonly (keyof F & string)[];
  /** The options that some of the fields mean, each by itself. */
  options(fields: Partial<F>): Partial<O>;
  /** The options of a change, under the name of the kind. */
  changes(options: Partial<O>): KindChanges;
  /** The request that makes a link. */
  spec(base: LinkBase, fields: F): LinkSpec;
}

/** The type of the file for a kind of link. */
export function oneLink<F extends object, O extends object>(kind: LinkKindOfType<F, O>): LinkType {
  return {
    kind: kind.kind,
    members: (_builder, model) => [model],
    matches: (link) => link.kind === kind.kind,
    borrows: false,
    find: (builder, members) => {
      const found = members.flatMap((member) => findOne(builder, kind, member) ?? []);
      return found.length === members.length ? found : undefined;
    },
    change: (model, link) => changeOfOne(kind, model, link),
    create: (builder, members) => {
      for (const member of members) createOne(builder, kind, member);
      return undefined;
    },
  };
}

function findOne<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
): FoundMember | undefined {
  const link = findLink(builder, member);
  if (link === undefined || link.kind !== kind.kind || !hasDescribedQueues(member.model, link)) return undefined;
  const changeable: readonly string[] = kind.changeable;
  const isToMakeAnew = differences(kind, kind.fields(member.model), link).some((name) => !changeable.includes(name));
  return isToMakeAnew ? undefined : { ...member, link, hasCarrier: true };
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
  return { ...common, options: kind.changes(kind.options(changed)), optionsText: describeFields(changed) };
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
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(", ");
}

function createOne<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
): void {
  const { model, namespace } = member;
  const item = interfaceItem(model.name);
  const { hostIfName, enabled } = model;
  const link = new PlannedLink({ namespace, name: hostIfName, up: enabled, carrier: carrierOf(false, enabled) });
  builder.need(namespace, item);
  addCreation(builder, item, new OneLinkCreation(kind, newLinkOf(model, link), kind.fields(model)));
  configureNew(builder, member, link);
}

/** One link: one request, straight in its namespace. */
class OneLinkCreation<F extends object, O extends object> implements LinkCreation {
  readonly kind: string;
  readonly links: readonly [NewLink];
  readonly #kind: LinkKindOfType<F, O>;
  readonly #fields: F;

  constructor(kind: LinkKindOfType<F, O>, link: NewLink, fields: F) {
    this.kind = kind.kind;
    this.links = [link];
    this.#kind = kind;
    this.#fields = fields;
  }

  get origins(): readonly [ObservedNamespace] {
    return [this.links[0].link.namespace];
  }

  get description(): string {
    const fields = describeFields(this.#fields);
    return `create ${this.kind} ${describeNew(this.links[0])}${fields === "" ? "" : `: ${fields}`}`;
  }

  request(_origin: ObservedNamespace, fdOf: (namespace: ObservedNamespace) => NamespaceFd | undefined): LinkSpec {
    const [link] = this.links;
    return this.#kind.spec({ ...baseOf(link), netns: fdOf(link.link.namespace) }, this.#fields);
  }
}
