/** Neighbours of links: hosts whose link-layer address is known or looked for (ARP, NDP). See ip-neighbour(8). */
import type { NeighbourState } from "../constants/neighbour.ts";

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
  /** The kernel's flags, NTF_…. */
  readonly flags: number;
}

/** A neighbour to add, change or delete. One that was listed is sent back as it is. */
export interface NeighbourSpec {
  /** The index of the link. */
  readonly linkIndex: number;
  /** Its address. */
  readonly ip: string;
  /** Its link-layer address. */
  readonly address?: string | undefined;
  /** What is known of it. @default {"permanent"} */
  readonly state?: NeighbourState | number | undefined;
  /** This host answers for it. @default {what `flags` says} */
  readonly proxy?: boolean | undefined;
  /** The kernel's flags, NTF_…. @default {0} */
  readonly flags?: number | undefined;
  /** The family of a neighbour that was listed; it is that of `ip`. */
  readonly family?: number | undefined;
}

/** Which neighbours are listed. */
export interface NeighbourFilter {
  /** Only those of this link. */
  readonly linkIndex?: number | undefined;
  /** Only those of this family. */
  readonly family?: number | undefined;
}
