/** A link while a plan is made and while it runs. */
import { printable } from "../../../ffi/mod.ts";
import { IPV6_MIN_MTU } from "../../netlink/constants/link.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";

/**
 * The carrier of a link at the end of a plan. `comes`: the plan brings it, so what depends on it is done after
 * everything else.
 */
export type Carrier = "stays" | "comes" | "missing";

/** The carrier of a link that has one, or has none, before and after the plan. */
export function carrierOf(before: boolean, after: boolean): Carrier {
  if (!after) return "missing";
  return before ? "stays" : "comes";
}

/** What a {@linkcode PlannedLink} is made from. */
export interface PlannedLinkFields {
  /** As {@linkcode PlannedLink.namespace}. */
  readonly namespace: ObservedNamespace;
  /** As {@linkcode PlannedLink.name}. */
  readonly name: string;
  /** As {@linkcode PlannedLink.index}. @default {undefined, a link that the plan makes or moves} */
  readonly index?: number | undefined;
  /** As {@linkcode PlannedLink.up}. */
  readonly up: boolean;
  /** As {@linkcode PlannedLink.goesDown}. @default {false} */
  readonly goesDown?: boolean | undefined;
  /** As {@linkcode PlannedLink.losesNeighbours}. @default {false} */
  readonly losesNeighbours?: boolean | undefined;
  /** As {@linkcode PlannedLink.ipv6Mtu}. @default {undefined} */
  readonly ipv6Mtu?: number | undefined;
  /** As {@linkcode PlannedLink.ipv6Comes}. @default {false} */
  readonly ipv6Comes?: boolean | undefined;
  /** As {@linkcode PlannedLink.carrier}. */
  readonly carrier: Carrier;
}

/** A link as it is at the end of a plan, and what the plan does to it on the way. */
export class PlannedLink {
  /** Where it is. */
  readonly namespace: ObservedNamespace;
  /** Its name. */
  readonly name: string;
  /** Its number; undefined until the link is made or moved there. */
  index: number | undefined;
  /** True if the plan makes it, or moves it there: it has nothing of what is described yet. */
  readonly isNew: boolean;
  /** True if it is up. */
  readonly up: boolean;
  /** True if the plan sets it down: its IPv6 addresses, routes and neighbours go. */
  readonly goesDown: boolean;
  /** True if its hardware address changes: its neighbours go. */
  readonly losesNeighbours: boolean;
  /** The MTU that the kernel gives IPv6, whatever sysctl had set: where that of the link changes, or it is set up. */
  readonly ipv6Mtu: number | undefined;
  /** True if it was too small for IPv6, which comes to it: without the addresses, routes and sysctls that it once had. */
  readonly ipv6Comes: boolean;
  /** Whether it has a carrier, and whether the plan brings that. */
  readonly carrier: Carrier;
  /** The hardware address that was chosen for it. */
  hardwareAddress: string | undefined = undefined;
  /** True if its link-local address is made of that before it is set up, so that the kernel need not ask for it. */
  hasOwnLinkLocal = false;
  /** True if it is a port of a VRF at the end of the plan: the kernel's own routes are in the table of that. */
  isInVrf: boolean | undefined = undefined;
  #label: string | undefined;

  /** A link that has an index exists already; one without is new. */
  constructor(fields: PlannedLinkFields) {
    this.namespace = fields.namespace;
    this.name = fields.name;
    this.index = fields.index;
    this.isNew = fields.index === undefined;
    this.up = fields.up;
    this.goesDown = fields.goesDown ?? false;
    this.losesNeighbours = fields.losesNeighbours ?? false;
    this.ipv6Mtu = fields.ipv6Mtu;
    this.ipv6Comes = fields.ipv6Comes ?? false;
    this.carrier = fields.carrier;
  }

  /** True if it is too small for IPv6 at the end of the plan: what it has of that goes. */
  get ipv6Goes(): boolean {
    return this.ipv6Mtu !== undefined && this.ipv6Mtu < IPV6_MIN_MTU;
  }

  /** The link for people: `"eth0 in blue"`. */
  get label(): string {
    return this.#label ??= `${printable(this.name)} in ${printable(this.namespace.label)}`;
  }
}
