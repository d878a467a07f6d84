/** What a link is, and what is changed of one. See ip-link(8). */
import type { AddrGenMode, OperState } from "../constants/link.ts";
import type { LinkKind } from "./kinds/kinds.ts";

/** A link, as the kernel has it. */
export interface Link {
  /** Its number, good in its namespace. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** Further names. */
  readonly altNames: readonly string[];
  /** What it is: `"veth"`, `"bridge"`; missing for hardware and loopback. */
  readonly kind?: string;
  /** What is particular to its kind, where this library knows it. */
  readonly data?: LinkKind;
  /** The type of its hardware, ARPHRD_…: 1 Ethernet, 772 loopback. */
  readonly hardwareType: number;
  /** The kernel's flags, IFF_…. */
  readonly flags: number;
  /** True of `lo`. */
  readonly loopback: boolean;
  /** True if it was set up. */
  readonly up: boolean;
  /** True if what is below it carries packets, and it is up. */
  readonly lowerUp: boolean;
  /** True if what is below it carries packets, whether it is up or not. */
  readonly carrier: boolean;
  /** Whether it can carry packets. */
  readonly operState: OperState;
  /** The largest packet, in bytes. */
  readonly mtu: number;
  /** Its link-layer address: `"02:00:00:00:00:01"`. */
  readonly address?: string;
  /** The other end of a veth pair, the link below a VLAN or macvlan: its index, in its own namespace. */
  readonly peerIndex?: number;
  /** The id that this namespace has for the one of `peerIndex`, where that is another. */
  readonly linkNetnsid?: number;
  /** The bridge or VRF that it is a port of. */
  readonly master?: number;
  /** What it is as a port of its master, where that is a bridge. */
  readonly port?: {
    /** BR_STATE_…: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking. */
    readonly state?: number | undefined;
    /** The priority for spanning tree, 0 to 63. */
    readonly priority?: number | undefined;
    /** The cost for spanning tree, 1 to 65535. */
    readonly cost?: number | undefined;
    /** Sends packets back out of the port that they came in by. */
    readonly hairpin?: boolean | undefined;
    /** Drops packets of spanning tree. */
    readonly guard?: boolean | undefined;
    /** Learns who is behind the port. */
    readonly learning?: boolean | undefined;
    /** Gets what is for nobody the bridge knows. */
    readonly flood?: boolean | undefined;
    /** Speaks only with ports that are not isolated. */
    readonly isolated?: boolean | undefined;
  };
  /** How it makes its IPv6 link-local address; missing where it has no IPv6. */
  readonly addrGenMode?: AddrGenMode | number;
  /** The length of its queue, in packets. */
  readonly txQueueLength?: number;
  /** A description that somebody gave it. */
  readonly alias?: string;
  /** The group that somebody put it into; missing for 0, in which every link is at first. */
  readonly group?: number;
}

/** What is changed of a link; what is missing stays as it is. */
export interface LinkChange {
  /** A new name. */
  readonly name?: string | undefined;
  /** Set up, or down. */
  readonly up?: boolean | undefined;
  /** The largest packet, in bytes. */
  readonly mtu?: number | undefined;
  /** Its link-layer address. */
  readonly address?: string | undefined;
  /** The index of the bridge or VRF that it is to be a port of; 0 for none. */
  readonly master?: number | undefined;
  /** What it is to be as a port of its bridge. */
  readonly port?: Link["port"] | undefined;
  /** How it makes its IPv6 link-local address: `eui64` from its own link-layer one. */
  readonly addrGenMode?: AddrGenMode | undefined;
  /** The namespace into which it is moved: down, and without its addresses and routes. */
  readonly netns?: { readonly fd: number } | undefined;
  /** The index that it is to have in the namespace into which it is moved. */
  readonly newIndex?: number | undefined;
  /** The length of its queue, in packets. */
  readonly txQueueLength?: number | undefined;
  /** A description; empty for none. */
  readonly alias?: string | undefined;
  /** The group that it is to be in, with which it can be deleted; 0 is where every link is at first. */
  readonly group?: number | undefined;
}
