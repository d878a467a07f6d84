/** Neighbours of links: hosts whose link-layer address is known or looked for (ARP, NDP). See ip-neighbour(8). */
import type { NeighbourState } from "../constants/neighbour.ts";
import type { LinkRef, OfLink } from "../link/ref.ts";
import type { Unknown } from "../wire/attributes.ts";

/** A neighbour of a link, as the kernel has it. */
export interface Neighbour {
  /** The index of the link. */
  readonly linkIndex: number;
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** Its address. */
  readonly ip: string;
  /** Its link-layer address, once that is known. */
  readonly address?: string;
  /** What is known of it. */
  readonly state: NeighbourState | number;
  /** True if this host answers for it. */
  readonly proxy: boolean;
  /** True of an IPv6 router, otherwise absent. */
  readonly router?: boolean;
  /** True if a control plane learned it, and not the kernel; otherwise absent. */
  readonly external?: boolean;
  /** True if the kernel keeps it reachable, otherwise absent. */
  readonly managed?: boolean;
  /** The kernel's flags, NTF_…. */
  readonly flags: number;
  /** Who made it, RTPROT_…, where that is known. */
  readonly protocol?: number;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown;
}

/** A neighbour to add, change or delete. One that was listed is sent back as it is. */
export type NeighbourSpec = NeighbourProperties & OfLink;

/** What a neighbour to add, change or delete is. */
export interface NeighbourProperties {
  /** Its address. */
  readonly ip: string;
  /** Its link-layer address. */
  readonly address?: string | undefined;
  /** What is known of it. @default {"permanent"} */
  readonly state?: NeighbourState | number | undefined;
  /** This host answers for it. @default {what `flags` says} */
  readonly proxy?: boolean | undefined;
  /** It is an IPv6 router. @default {what `flags` says} */
  readonly router?: boolean | undefined;
  /** A control plane learned it, and the kernel does not forget it. @default {what `flags` says} */
  readonly external?: boolean | undefined;
  /** The kernel finds its link-layer address, and keeps it reachable; it takes no `state`. @default {false} */
  readonly managed?: boolean | undefined;
  /** Who makes it, RTPROT_…. */
  readonly protocol?: number | undefined;
  /** The kernel's flags, NTF_…. @default {0} */
  readonly flags?: number | undefined;
  /** The family of a neighbour that was listed; it is that of `ip`. */
  readonly family?: number | undefined;
  /** Attributes of a neighbour that was listed which this library does not know. */
  readonly unknown?: Unknown | undefined;
}

/** Which neighbours are listed. */
export interface NeighbourFilter {
  /** Those for which this host answers, instead of all others. */
  readonly proxy?: boolean | undefined;
  /** Only those of this link. */
  readonly link?: LinkRef | undefined;
  /** Only those of the link with this index. */
  readonly linkIndex?: number | undefined;
  /** Only those of this family: AF_INET (2) or AF_INET6 (10); 4 and 6, the versions of IP, are taken too. */
  readonly family?: number | undefined;
}
