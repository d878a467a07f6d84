/** What a type of the file says of its kind of link, if each of its interfaces is one link. */
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { Namespace } from "../../namespace.ts";
import type { LinkBase } from "../../netlink/link/base.ts";
import type { KindChanges, LinkSpec } from "../../netlink/link/kinds/link_spec.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import type { TunOptions } from "../plan/link_creation.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import type { FoundMember, Member } from "./link_type.ts";

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
  /** True if the kernel changes no hardware address of a link that exists. */
  readonly hasFixedAddress?: boolean;
  /** True if one on a link of its own kind stands on the link below that: so the kernel makes it. */
  readonly sharesParent?: boolean;
  /** How many bytes it adds to each packet that goes by the link below. Absent: its MTU may be any, whatever that has. */
  mtuBelow?(model: LinuxInterface): number;
  /** True if the kernel gives it another MTU with what is joined to it, until its own was changed: a bridge. */
  readonly losesMtu?: boolean;
  /** True if it takes the packets of the link below from whatever else would: a bridge, a bond. */
  readonly takesPackets?: boolean;
  /** True if an option of its kind says on which link it stands; else IFLA_LINK does. */
  readonly parentIsOption?: boolean;
  /** What the kernel changes of a link that exists; any other field makes the link anew. */
  readonly changeable: readonly (keyof F & string)[];
  /** True if a field differs in a way in which the kernel does not change it, though it is changeable. */
  isMadeAnew?(fields: F, link: ObservedLink): boolean;
  /** The options that some of the fields mean, each by itself. */
  options(fields: Partial<F>): Partial<O>;
  /** The options that are times in hundredths of a second, and that the kernel keeps in ticks. */
  readonly ticks?: readonly (keyof O & string)[];
  /** The options that the kernel does not say of every link: where it does not, they are taken to be as described. */
  readonly unsaid?: readonly (keyof O & string)[];
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

/** The kind in the kernel of the link of an interface. */
export const kindOf = <F extends object, O extends object>(kind: LinkKindOfType<F, O>, model: LinuxInterface): string =>
  kind.kindOf?.(model) ?? kind.kind;

/** The namespace in which a link is made, if the file gives it one. */
export function birthNamespaceOf<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  model: LinuxInterface,
): ReturnType<PlanBuilder["input"]["namespaceOf"]> | undefined {
  const birth = kind.birthOf?.(model);
  return birth && builder.input.namespaceOf(birth);
}

/** The fields as the file has them, as a line for people. */
export function describeFields(fields: object): string {
  return Object.entries<unknown>({ ...defined(fields) })
    .filter(([name]) => name !== "parent") // which is said by itself
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(", ");
}
