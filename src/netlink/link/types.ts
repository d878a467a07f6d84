/** A link as the kernel has it, and what can be changed of one. See ip-link(8). */
import type { AddrGenMode, OperState } from "../constants/link.ts";
import type { BondPort } from "./bond_ports.ts";
import type { BridgePort } from "./bridge_ports.ts";
import type { KindChanges, LinkKind } from "./kinds/link_spec.ts";
import type { LinkRef } from "./ref.ts";
import type { LinkStats } from "./stats.ts";

/** What is said of links. */
export interface LinkListOptions {
  /** With their counters, which takes the kernel longer. @default {false} */
  readonly stats?: boolean | undefined;
}

/** A link, as the kernel has it. */
export interface Link {
  /** Its number, valid in its namespace. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** Its alternative names. */
  readonly altNames: readonly string[];
  /** Its kind: `"veth"`, `"bridge"`; absent for hardware and loopback. */
  readonly kind?: string;
  /** What is particular to its kind, where this library knows it: with a name, the specification of the same link. */
  readonly data?: LinkKind;
  /** The options of a kind that this library does not know, as the kernel sends them. */
  readonly rawData?: Uint8Array<ArrayBuffer>;
  /** The type of its hardware, ARPHRD_…: 1 Ethernet, 772 loopback. */
  readonly hardwareType: number;
  /** The kernel's flags, IFF_…. */
  readonly flags: number;
  /** True of `lo`. */
  readonly loopback: boolean;
  /** True if it was set up. */
  readonly up: boolean;
  /** True if it is up and has a carrier. */
  readonly lowerUp: boolean;
  /** True if it receives packets for other hosts, too. */
  readonly promisc: boolean;
  /** True if it receives all multicast packets. */
  readonly allmulti: boolean;
  /** True if it asks for link-layer addresses. */
  readonly arp: boolean;
  /** True if it has a carrier, whether it is up or not. */
  readonly carrier: boolean;
  /** Whether it can carry packets. */
  readonly operState: OperState;
  /** Its largest packet, in bytes. */
  readonly mtu: number;
  /** The smallest that `mtu` can be, if the kernel says it. */
  readonly minMtu?: number;
  /** The largest that `mtu` can be; 0 for no bound. */
  readonly maxMtu?: number;
  /** How many queues it has for what goes out. */
  readonly numTxQueues?: number;
  /** How many queues it has for what comes in. */
  readonly numRxQueues?: number;
  /** Its link-layer address: `"02:00:00:00:00:01"`. */
  readonly address?: string;
  /** The other end of a veth pair, or the link below a VLAN or macvlan: its index, in its own namespace. */
  readonly peerIndex?: number;
  /** The id that this namespace has for the one of `peerIndex`, where that is another. */
  readonly linkNetnsid?: number;
  /** The index of the bridge, bond, team or VRF that it is a port of. */
  readonly master?: number;
  /** What it is as a port of its master, if that is a bridge. */
  readonly port?: BridgePort;
  /** What it is as a port of its master, if that is a bond. */
  readonly bondPort?: BondPort;
  /** How it makes its IPv6 link-local address; absent if it has no IPv6. */
  readonly addrGenMode?: AddrGenMode | number;
  /** The length of its transmit queue, in packets. */
  readonly txQueueLength?: number;
  /** Its description, if somebody gave it one. */
  readonly alias?: string;
  /** The group that somebody put it into; absent for 0, the group of every new link. */
  readonly group?: number;
  /** What it has counted, if the list was asked for it. */
  readonly stats?: LinkStats;
}

/**
 * What is changed of a link; what is absent stays as it is. The options of a kind stand under its name: `bridge`,
 * `bond`, `vxlan`; most kinds can change only some, and refuse others.
 */
export interface LinkChange extends KindChanges {
  /** A new name. */
  readonly name?: string | undefined;
  /** Set up, or down. */
  readonly up?: boolean | undefined;
  /** The largest packet, in bytes. */
  readonly mtu?: number | undefined;
  /** Its link-layer address. */
  readonly address?: string | undefined;
  /** The bridge, bond, team or VRF that it becomes a port of; a number is its index, 0 for none. */
  readonly master?: LinkRef | number | undefined;
  /** What it is as a port of its bridge. */
  readonly port?: BridgePort | undefined;
  /** What it is as a port of its bond. */
  readonly bondPort?: BondPort | undefined;
  /** Asks for link-layer addresses. */
  readonly arp?: boolean | undefined;
  /** Receives packets for other hosts, too. */
  readonly promisc?: boolean | undefined;
  /** Receives all multicast packets. */
  readonly allmulti?: boolean | undefined;
  /** How it makes its IPv6 link-local address: `eui64` from its own link-layer one. */
  readonly addrGenMode?: AddrGenMode | undefined;
  /** The namespace into which it is moved; it arrives down, without its addresses and routes. */
  readonly netns?: { readonly fd: number } | undefined;
  /** Its index in the namespace into which it is moved: with `netns` only. */
  readonly newIndex?: number | undefined;
  /** The length of its transmit queue, in packets. */
  readonly txQueueLength?: number | undefined;
  /** A description; empty for none. */
  readonly alias?: string | undefined;
  /** Its group, by which it can be deleted; 0 is the group of every new link. */
  readonly group?: number | undefined;
}
