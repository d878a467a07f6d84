/** A type whose interfaces are one link each, of a kind that is made by one request. */
import { printable } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { LinkSpec } from "../../netlink/link/kinds/link_spec.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkCreation, NamespaceFd, NewLink, TunOptions } from "../plan/link_creation.ts";
import type { NoLink, PlanBuilder } from "../plan/plan_builder.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import { refusedBelow } from "./below.ts";
import { changeInPlace, isMadeAnew } from "./changed_or_made_anew.ts";
import { findLink } from "./find_link.ts";
import { birthNamespaceOf, describeFields, kindOf, type LinkKindOfType } from "./link_kind_of_type.ts";
import { addCreation } from "./link_records.ts";
import type { FoundMember, LinkType, Member } from "./link_type.ts";
import { baseOf, configureNew, describeNew, newLinkOf } from "./new_link.ts";
import { plannedParent } from "./parent.ts";

/** The type of the file for a kind of link. */
export function singleLink<F extends object, O extends object>(kind: LinkKindOfType<F, O>): LinkType {
  return {
    kind: kind.kind,
    members: (_builder, model) => [model],
    matches: (link) => link.kind === kind.kind || link.kind === link.data?.kind && kind.kindOf !== undefined,
    borrows: false,
    refuses: (builder, member) => refusedBelow(builder, kind, member),
    find: (builder, members) => {
      const found = members.flatMap((member) => findOne(builder, kind, member) ?? []);
      return found.length === members.length ? found : undefined;
    },
    change: (builder, member) => changeInPlace(builder, kind, member),
    create: (builder, members) => members.flatMap((member) => createOne(builder, kind, member) ?? [])[0],
    configure: kind.configure,
    isConfigured: kind.isConfigured,
  };
}

function findOne<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
): FoundMember | undefined {
  const link = findLink(builder, member);
  if (link === undefined || isMadeAnew(builder, kind, member, link)) return undefined;
  return { ...member, link, hasCarrier: true, withoutAddress: kind.withoutAddress?.(member.model) };
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
  const birth = birthNamespaceOf(builder, kind, model);
  if (birth !== undefined && !isAvailable(birth)) return { reason: `its birthNamespace: ${birth.reason}` };
  const { hostIfName, enabled } = model;
  const link = new PlannedLink({ namespace, name: hostIfName, up: enabled, carrier: carrierOf(false, enabled) });
  builder.need(namespace, item);
  if (birth !== undefined) builder.need(birth, item);
  addCreation(builder, item, new SingleLinkCreation(kind, model, link, parent, birth));
  configureNew(builder, member, link);
  kind.configure?.(builder, member, link);
  return undefined;
}

/** One link: one request, straight in its namespace. */
class SingleLinkCreation<F extends object, O extends object> implements LinkCreation {
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

  get keptMtu(): number | undefined {
    return this.#kind.losesMtu ? this.links[0].mtu : undefined;
  }

  get description(): string {
    const on = (this.parent === undefined ? "" : ` on ${this.parent.label}`) +
      (this.birth === undefined ? "" : ` with its socket in ${printable(this.birth.label)}`);
    const { owner, group } = this.tun ?? {};
    const fields = describeFields({ ...this.#fields, ...defined({ owner, group }) });
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
