/**
 * What a type of the file is. Each type has one file here that implements {@linkcode LinkType}, and one line in
 * `all_link_types.ts`.
 */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { Refusal } from "../ownership/refusal.ts";
import type { LinkChange } from "../plan/actions.ts";
import type { NoLink, PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";

/** An interface of the file with its namespace. */
export interface Member {
  /** The interface. */
  readonly model: LinuxInterface;
  /** Its namespace, which need not exist yet. */
  readonly namespace: ObservedNamespace;
}

/** An interface of the file whose link exists. */
export interface FoundMember extends Member {
  /** Its link. It may have another name yet. */
  readonly link: ObservedLink;
  /** Whether what is below the link carries packets at the end of the plan. */
  readonly hasCarrier: boolean;
  /** True if it has no hardware address of its own by which it could be known: that of another link, or none. */
  readonly withoutAddress?: boolean | undefined;
}

/**
 * A type of the file. The planner asks for the members of a group, then for their links. If those exist and are this
 * configuration's, it plans their changes; if not, it removes or refuses what is in the way, and lets the type create them. What a
 * type made is deleted, and what it borrowed is given back, from the records: no type needs to know how.
 */
export interface LinkType {
  /** The kind of its links, as pictures show it. */
  readonly kind: string;

  /**
   * The interfaces whose links are made together with that of `model`: itself, or both ends of a pair. If one of them
   * is missing in the file, the reason why `model` has to wait.
   */
  members(builder: PlanBuilder, model: LinuxInterface): readonly LinuxInterface[] | NoLink;

  /** True if `link` has the kind that interfaces of this type have. */
  matches(link: ObservedLink): boolean;

  /** True for a type that uses links which somebody else makes: they are borrowed, without being asked to adopt. */
  readonly borrows: boolean;

  /**
   * True for a type whose links stay somebody else's: their own addresses stay beside those of the file, and what was set
   * is put back.
   */
  readonly uses?: boolean | undefined;

  /** Why somebody's link is not made as described, also if it is adopted: that could not be given back. */
  readonly notAdopted?: ((builder: PlanBuilder, member: FoundMember) => string | undefined) | undefined;

  /** Why the interface cannot be made as described, as is known before anything is touched. */
  readonly refuses?: ((builder: PlanBuilder, member: Member) => Refusal | undefined) | undefined;

  /** The links of all members, if they exist and need not be made anew; whosever they are. */
  find(builder: PlanBuilder, members: readonly Member[]): readonly FoundMember[] | undefined;

  /** What differs between a link that was found and its interface, and can be changed in place. */
  change(builder: PlanBuilder, member: FoundMember): LinkChange | undefined;

  /**
   * Plans how the links of the members are made or fetched, and what they get then. Nothing is in the way.
   *
   * @returns What the members have to wait for, if they cannot be made yet.
   */
  create(builder: PlanBuilder, members: readonly Member[]): NoLink | undefined;

  /** True if a link has what {@linkcode LinkType.configure} gives it. */
  readonly isConfigured?: ((builder: PlanBuilder, member: FoundMember) => boolean) | undefined;

  /** Plans what a link that stays gets besides what {@linkcode LinkType.change} says. */
  readonly configure?: ((builder: PlanBuilder, member: Member, link: PlannedLink) => void) | undefined;
}
