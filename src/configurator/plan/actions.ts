/** The changes that a plan is made of, with what is needed to make them. */
import type { KindChanges } from "../../netlink/link/kinds/link_spec.ts";
import type { BridgePort } from "../../netlink/link/bridge_ports.ts";
import type { ForwardingEntry } from "../../netlink/bridge/forwarding.ts";
import type { NeighbourState } from "../../netlink/constants/neighbour.ts";
import type { RouteScope, RouteType } from "../../netlink/constants/route.ts";
import type { TunSpec } from "../../netlink/link/tun.ts";
import type { DescribedTable } from "./table_rules.ts";
import type { LinkLocation, ObservedNamespace, ObservedRouteOptions } from "../observed/observed_namespace.ts";
import type { AddressBefore, PortEntryBefore } from "../ownership/prior_state.ts";
import type { QdiscBefore } from "../ownership/recorded_extras.ts";
import type { ObjectRecord, RuleFields } from "../ownership/records.ts";
import type { Step } from "../report.ts";
import type { ImpairQdisc } from "./impair_qdisc.ts";
import type { LinkCreation } from "./link_creation.ts";
import type { PlannedLink } from "./planned_link.ts";
import type { WireguardStep } from "./wireguard.ts";

/** One of several next hops of a route. */
export interface PlannedHop {
  /** The link that packets leave by. */
  readonly link: PlannedLink;
  /** The router. */
  readonly gateway?: string | undefined;
  /** Its share of the packets. */
  readonly weight: number;
}

/** The route of a request. */
export interface RouteFields {
  /** Canonical text with the prefix. */
  readonly destination: string;
  /** The routing table. */
  readonly table: number;
  /** The metric; absent: the kernel's. */
  readonly metric?: number | undefined;
  /** The next router. */
  readonly gateway?: string | undefined;
  /** The preferred source. */
  readonly source?: string | undefined;
  /** How far away the destination is. */
  readonly scope: RouteScope;
  /** What it does with a packet. @default {"unicast"} */
  readonly type?: RouteType | undefined;
  /** True if the gateway is taken to be on the link. */
  readonly onLink?: boolean | undefined;
  /** The next hops of a route that has several; `gateway` and the link of the action do not count then. */
  readonly nextHops?: readonly PlannedHop[] | undefined;
  /** The largest packet on the way, in bytes. */
  readonly mtu?: number | undefined;
  /** What else it had, if it is given back. */
  readonly options?: ObservedRouteOptions | undefined;
  /** Who makes it, RTPROT_…. @default {110, this program} */
  readonly protocol?: number | undefined;
}

/** True of a type of route by which no packet leaves: it is requested without a link. */
export function isDropping(type: RouteType | number | undefined): boolean {
  return type === "blackhole" || type === "unreachable" || type === "prohibit" || type === "throw";
}

/** What is set on a link. */
export interface LinkChange {
  /** A new name. */
  readonly name?: string | undefined;
  /** A new hardware address. */
  readonly address?: string | undefined;
  /** A new MTU. */
  readonly mtu?: number | undefined;
  /** True if the MTU is to stay whatever the ports of the bridge have: the kernel keeps one that was changed. */
  readonly keepsMtu?: boolean | undefined;
  /** Up or down. */
  readonly up?: boolean | undefined;
  /** Its bridge, bond or VRF, or the index of that; 0: none. */
  readonly master?: PlannedLink | number | undefined;
  /** True if it is set down first: a bond takes no link that is up, and some options change only while their link is down. */
  readonly downFirst?: boolean | undefined;
  /** A new alias; empty for none. */
  readonly alias?: string | undefined;
  /** A new length of its transmit queue, in packets. */
  readonly txQueueLength?: number | undefined;
  /** Further names that it gets. */
  readonly altNames?: readonly string[] | undefined;
  /** A new group. */
  readonly group?: number | undefined;
  /** True if it takes all packets from now on. */
  readonly promisc?: boolean | undefined;
  /** True if it takes all multicast packets from now on. */
  readonly allmulti?: boolean | undefined;
  /** What changes of the options of its kind, under the name of that. */
  readonly options?: KindChanges | undefined;
  /** What it is as a port of its bridge. */
  readonly port?: Partial<BridgePort> | undefined;
  /** The member of a bond that is used whenever it can be. */
  readonly primary?: PlannedLink | undefined;
  /** What is sent of them by itself, before all. */
  readonly optionsFirst?: KindChanges | undefined;
  /** The link by which the packets of a tunnel go from now on, one of its options. */
  readonly parent?: PlannedLink | undefined;
  /** The MTU that it has and keeps: with the options, the kernel would give it another one. */
  readonly keptMtu?: number | undefined;
  /** Those options as the file has them, for people: `"stp true"`. */
  readonly optionsText?: string | undefined;
  /** The same options as they are before, for people. */
  readonly optionsBefore?: string | undefined;
}

/** How a port of a bridge is in a VLAN. */
export interface VlanFlags {
  /** Packets that come in without a tag are in it. */
  readonly pvid: boolean;
  /** Packets go out without a tag. */
  readonly untagged: boolean;
}

/** One change of the system. */
export type Action =
  | {
    readonly kind: "adopt" | "use" | "release";
    readonly what: string;
    /** Where it is. */
    readonly namespace: ObservedNamespace;
    /** The link that it is, or that it is on. */
    readonly name?: string | undefined;
  }
  | {
    readonly kind: "create-namespace";
    readonly namespace: ObservedNamespace;
    readonly name: string;
    /** True if a stale file of this name is this configuration's own. */
    readonly repairs: boolean;
  }
  | { readonly kind: "name-namespace"; readonly namespace: ObservedNamespace; readonly name: string }
  | { readonly kind: "delete-namespace"; readonly namespace: ObservedNamespace; readonly name: string }
  | { readonly kind: "create-link"; readonly creation: LinkCreation }
  | {
    readonly kind: "move-link";
    readonly link: PlannedLink;
    readonly from: ObservedNamespace;
    readonly index: number;
    readonly name: string;
    /** Its index there, if that is free. @default {any} */
    readonly newIndex?: number | undefined;
    /** True if addresses, routes and state go along; otherwise the link arrives down and without any. */
    readonly whole: boolean;
  }
  | { readonly kind: "change-link"; readonly link: PlannedLink; readonly name: string; readonly change: LinkChange }
  | {
    readonly kind: "delete-link";
    readonly name: string;
    readonly ends: readonly [LinkLocation] | readonly [LinkLocation, LinkLocation];
  }
  | {
    readonly kind: "add-address";
    readonly link: PlannedLink;
    readonly address: string;
    /** How it was before, if it is given back. */
    readonly before?: AddressBefore | undefined;
  }
  | {
    readonly kind: "delete-address";
    readonly link: PlannedLink;
    readonly address: string;
    /** The other end of a point-to-point link, without which the kernel does not find the address. */
    readonly peer?: string | undefined;
  }
  | {
    readonly kind: "add-route" | "replace-route" | "delete-route";
    readonly link: PlannedLink;
    readonly route: RouteFields;
    /** True if one of this configuration is there that goes with a change of its link, unless that change fails. */
    readonly mayStay?: boolean | undefined;
    /** True if nobody looked whether one with its key is there. */
    readonly isUnseen?: boolean | undefined;
    /** True if it is added behind others with its key, as the kernel adds its own. */
    readonly append?: boolean | undefined;
  }
  | {
    readonly kind: "set-neighbour";
    readonly link: PlannedLink;
    readonly ip: string;
    readonly address: string;
    readonly state: NeighbourState;
    /** Who makes it, RTPROT_…; absent: it has the mark that it had. */
    readonly protocol?: number | undefined;
    /** NTF_…; those that it had are lost if they are not sent again. @default {0} */
    readonly flags?: number | undefined;
  }
  | {
    /** An entry of the forwarding table of a VXLAN, or of a bridge for a port of it. */
    readonly kind: "add-entry" | "delete-entry";
    readonly link: PlannedLink;
    readonly mac: string;
    /** The other end of the VXLAN behind which the address is. */
    readonly remote?: string | undefined;
    /** How it is reached, if somebody else made the entry: the kernel finds it by all of this. */
    readonly way?: Pick<ForwardingEntry, "port" | "vni" | "srcVni" | "viaIndex"> | undefined;
    /** What the entry of a bridge was. */
    readonly ofPort?: PortEntryBefore | undefined;
  }
  | {
    readonly kind: "add-vlan";
    readonly link: PlannedLink;
    /** The first VLAN and the last one. */
    readonly ids: readonly [from: number, to: number];
    readonly flags: VlanFlags;
  }
  | { readonly kind: "delete-vlan"; readonly link: PlannedLink; readonly ids: readonly [from: number, to: number] }
  | { readonly kind: "delete-neighbour"; readonly link: PlannedLink; readonly ip: string }
  | {
    readonly kind: "set-table";
    readonly namespace: ObservedNamespace;
    readonly table: DescribedTable;
    /** True if it replaces one. */
    readonly isThere: boolean;
    /** The items of the file that it is for. */
    readonly items: readonly string[];
  }
  | { readonly kind: "delete-table"; readonly namespace: ObservedNamespace; readonly name: string }
  | {
    readonly kind: "set-sysctl";
    readonly namespace: ObservedNamespace;
    readonly key: string;
    readonly value: string;
    /** Its value when the plan was made, if it was there. */
    readonly before: string | undefined;
    /** Its value when it was set. */
    former?: string | undefined;
  }
  | { readonly kind: "add-rule" | "delete-rule"; readonly namespace: ObservedNamespace; readonly rule: RuleFields }
  | {
    readonly kind: "set-qdisc";
    readonly link: PlannedLink;
    /** The qdisc at the root of the link. */
    readonly qdisc: ImpairQdisc;
    /** True if it changes one of this configuration. */
    readonly isThere: boolean;
    /** What it does, in words. */
    readonly text: string;
    /** The same of what it changes, where the record says more than the kernel. */
    readonly before?: string | undefined;
  }
  | { readonly kind: "delete-qdisc"; readonly link: PlannedLink; readonly before?: string | undefined }
  /** A qdisc of somebody else is as it was. */
  | { readonly kind: "restore-qdisc"; readonly link: PlannedLink; readonly qdisc: QdiscBefore }
  | {
    readonly kind: "set-tun";
    readonly link: PlannedLink;
    /** What it is, which opening it again would change. */
    readonly flags: Pick<TunSpec, "mode" | "pi" | "vnetHdr" | "multiQueue">;
    readonly change: Pick<TunSpec, "owner" | "group" | "persistent">;
    /** Who may open it now. */
    readonly before: Pick<TunSpec, "owner" | "group">;
    /** What cannot be as it was. */
    readonly remains?: string | undefined;
  }
  | ({ readonly kind: "set-wireguard"; readonly link: PlannedLink } & WireguardStep)
  | {
    readonly kind: "set-file";
    readonly namespace: ObservedNamespace | undefined;
    readonly path: string;
    readonly text: string;
    /** How many directories above it are made for it. */
    readonly folders: number;
  }
  | {
    readonly kind: "delete-file";
    readonly namespace: ObservedNamespace | undefined;
    readonly path: string;
    /** How many directories above it go with it, unless something else is in them. */
    readonly folders: number;
  };

/** The action of one kind. (`Extract` would miss those that share a shape with another kind.) */
export type ActionOf<K extends Action["kind"], A extends Action = Action> = A extends Action
  ? K extends A["kind"] ? A : never
  : never;

/**
 * The stages of a plan, in the order in which they run. `enslave` is a stage of its own because links get
 * addresses when they have their masters: a VRF takes those of IPv6 from a link that comes to it. `after-carrier` is a stage of its own because a
 * link gets its carrier when the other end of its pair is set up, which is a request in another namespace.
 */
export const STAGES = [
  "namespaces",
  "adopt",
  "tables", // before the links that they filter
  "delete-entries",
  "delete-links",
  "sysctls", // before the links that they are for
  "change",
  "create",
  "link-sysctls",
  "enslave",
  "configure",
  "after-carrier",
  "delete-tables",
  "delete-namespaces",
] as const;
/** A stage of a plan. */
export type Stage = (typeof STAGES)[number];

/** An action with the item that it is for. */
export interface Task {
  /** When it is done. */
  readonly stage: Stage;
  /** What is done. */
  readonly action: Action;
  /** The item of the file. */
  readonly item: string;
  /** How it is reported. */
  readonly step: Step;
  /** What is owned once it is done. Asked before it is done, too, when every index has been chosen. */
  readonly makes?: (() => ObjectRecord) | undefined;
  /** The record that ends with it. */
  readonly drops?: ObjectRecord | undefined;
}
