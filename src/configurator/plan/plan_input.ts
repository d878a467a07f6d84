/** What a plan is made from. */
import type { NetworkConfig } from "../../models/config.ts";
import type { Namespace } from "../../namespace.ts";
import type {
  LinkElsewhere,
  ObservedLink,
  ObservedNamespace,
  UnavailableNamespace,
} from "../observed/observed_namespace.ts";
import type { Claims } from "../ownership/claims.ts";

/** The description, who owns what, and the namespaces as they are. */
export interface PlanInput {
  /** What is described. */
  readonly config: NetworkConfig;
  /** What this configuration and others own. */
  readonly claims: Claims;
  /** True of an item whose object goes if it is no longer described. */
  removes(item: string): boolean;
  /** True if what is in the way is taken over. */
  readonly adopt: boolean;
  /**
   * True if what the kernel refuses to add, because it is there already, need not be looked for first: a second plan,
   * which looks for everything, follows then and says what is there.
   */
  readonly leavesToKernel: boolean;
  /** The namespace that `ns` names. Undefined is the default one. */
  namespaceOf(ns?: Namespace): ObservedNamespace | UnavailableNamespace;
  /** True if the file, or what is recorded, names a namespace in two ways. */
  isNamedTwice(): boolean;
  /** Every available namespace that was asked for. */
  namespaces(): Iterable<ObservedNamespace>;
  /**
   * The end of a pair with this hardware address that nobody owns, in any namespace with a name, for people:
   * `"eth0 in blue"`.
   */
  movedEnd(address: string): string | undefined;
  /**
   * A link that stands on this one, in another namespace that the plan opened or that has a name.
   *
   * @param isMeant Gets the namespace too, if the plan opened it.
   */
  linkOn(
    namespace: ObservedNamespace,
    index: number,
    isMeant: (link: ObservedLink, namespace: ObservedNamespace | undefined) => boolean,
  ): LinkElsewhere | undefined;
  /** Who else uses a namespace, for people: `"process 42 runs in it"`; undefined if nobody does. */
  occupants(namespace: ObservedNamespace): string | undefined;
}
