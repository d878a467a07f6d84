/** How links are made: what a class for each type of link says, and what it makes. */
import type { LinkSpec } from "../../netlink/link/kinds/link_spec.ts";
import type { TunSpec } from "../../netlink/link/tun.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { PlannedLink } from "./planned_link.ts";

/** A TUN or TAP to make, but for what it has in common with other links. */
export type TunOptions = Pick<TunSpec, "mode" | "multiQueue" | "owner" | "group">;

/** A link that the plan makes. */
export interface NewLink {
  /** The item of the file that it is. */
  readonly item: string;
  /** What it becomes. */
  readonly link: PlannedLink;
  /** Its index, if that is free; absent: any. */
  readonly index?: number | undefined;
  /** Its hardware address; absent: a random one. */
  readonly address?: string | undefined;
  /** Its MTU; absent: the kernel's. */
  readonly mtu?: number | undefined;
  /** How many queues it has in each direction; absent: one. */
  readonly queues?: number | undefined;
  /** True of a link that has no hardware address of its own: none is chosen. */
  readonly withoutAddress?: boolean | undefined;
  /** True if it gets IPv6 addresses, which must be of use at once. */
  readonly ipv6?: boolean | undefined;
  /** The addresses that the file gives it. */
  readonly described?: readonly string[] | undefined;
  /** The entries that the file gives a VXLAN, as a record has them. */
  readonly entries?: readonly string[] | undefined;
}

/** An open namespace, as a request names it. */
export interface NamespaceFd {
  /** The descriptor. */
  readonly fd: number;
}

/** How a link is made, by one request of rtnetlink. Each type of link has a class of its own that says it. */
export interface LinkCreation {
  /** What the request makes: one link, or both ends of a pair. */
  readonly links: readonly NewLink[];
  /**
   * The namespaces from which the request can be sent. Requests that can go together are sent together. A pair can
   * be made from the namespace of either end; a link on a parent only from the namespace of the parent.
   */
  readonly origins: readonly [ObservedNamespace, ...ObservedNamespace[]];
  /** The link that it stands on, which is made first. */
  readonly parent?: PlannedLink | undefined;
  /** The TUN or TAP that is made in place of a request: rtnetlink makes none. */
  readonly tun?: TunOptions | undefined;
  /** The namespace of its UDP socket, of a link that is made in another one than its own. */
  readonly birth?: ObservedNamespace | undefined;
  /** The kind of each link: `"veth"`. */
  readonly kind: string;
  /** The features (ethtool(8)) that its links get, if they are made again as they were. */
  readonly features?:
    | readonly { readonly link: PlannedLink; readonly wanted: Readonly<Record<string, boolean>> }[]
    | undefined;
  /**
   * The MTU of a bridge that is its own, whatever its ports have. One that the bridge is only made with goes: with each
   * port the kernel gives the bridge the smallest MTU of them (`br_mtu_auto_adjust` of net/bridge/br_if.c).
   */
  readonly keptMtu?: number | undefined;
  /** What is made, as a line for people: `"create eth0 in blue, paired with eth0 in green"`. */
  readonly description: string;
  /**
   * The request as it is sent from `origin`, when every link of {@linkcode LinkCreation.links} has its index (or none,
   * so that the kernel chooses).
   *
   * @param fdOf Gives what names the namespace of a link in the request; undefined for `origin` itself.
   */
  request(origin: ObservedNamespace, fdOf: (namespace: ObservedNamespace) => NamespaceFd | undefined): LinkSpec;
}
