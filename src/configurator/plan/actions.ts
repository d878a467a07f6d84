/** The changes that a plan is made of, with what is needed to make them, and how each is told. */
import { printable } from "../../../ffi/mod.ts";
import type { Step } from "../report.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";

/** A link while a plan is carried out. */
export interface PlannedLink {
  /** Where it is. */
  readonly namespace: ObservedNamespace;
  /** The name that it has in the end. */
  readonly name: string;
  /** Its number; undefined until it is made. */
  index: number | undefined;
  /** True if the plan makes it, or brings it here: it has nothing of what is described yet. */
  readonly fresh: boolean;
  /** True if it is up in the end. */
  readonly up: boolean;
  /** True if the plan sets it down: its IPv6 addresses, routes and neighbours go. */
  readonly goesDown: boolean;
  /** True if its hardware address changes: its neighbours go. */
  readonly losesNeighbours: boolean;
  /** Whether it has a carrier in the end, and whether that comes with the plan. */
  readonly carrier: "stays" | "comes" | "missing";
  /** The hardware address that it was made with, if its link-local address is to be made of that. */
  hardwareAddress?: string | undefined;
  /** What each task calls it, from the first that is told on: `"eth0 in blue"`. */
  told?: string | undefined;
}

/** The carrier of a link whose link has one, or has none, before and after the plan. */
export function carrierOf(before: boolean, after: boolean): PlannedLink["carrier"] {
  if (!after) return "missing";
  return before ? "stays" : "comes";
}

/** Where a link is. */
export interface LinkLocation {
  /** Its namespace. */
  readonly namespace: ObservedNamespace;
  /** Its number there. */
  readonly index: number;
}

/** One end of a pair that is made. */
export interface VethEnd {
  /** What the end becomes. */
  readonly link: PlannedLink;
  /** Its hardware address; absent: one by chance. */
  readonly address?: string | undefined;
  /** Its MTU; absent: the kernel's. */
  readonly mtu?: number | undefined;
  /** True if it gets IPv6 addresses, which are to be of use at once. */
  readonly ipv6?: boolean | undefined;
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
  /** RT_SCOPE_* of linux/rtnetlink.h. */
  readonly scope: number;
}

/** What is set on a link. */
export interface LinkChange {
  /** A new name. */
  readonly name?: string | undefined;
  /** A new hardware address. */
  readonly address?: string | undefined;
  /** A new MTU. */
  readonly mtu?: number | undefined;
  /** Up or down. */
  readonly up?: boolean | undefined;
}

/** One change of the system. */
export type Action =
  | { readonly kind: "create-namespace"; readonly namespace: ObservedNamespace; readonly name: string }
  | { readonly kind: "delete-namespace"; readonly namespace: ObservedNamespace; readonly name: string }
  | { readonly kind: "create-link"; readonly ends: readonly [VethEnd, VethEnd] }
  | {
    readonly kind: "move-link";
    readonly link: PlannedLink;
    readonly from: ObservedNamespace;
    readonly index: number;
    readonly name: string;
    /** True if it keeps what is on it; otherwise it is down, and bare. */
    readonly whole: boolean;
  }
  | { readonly kind: "change-link"; readonly link: PlannedLink; readonly name: string; readonly change: LinkChange }
  | {
    readonly kind: "delete-link";
    readonly name: string;
    readonly ends: readonly [LinkLocation] | readonly [LinkLocation, LinkLocation];
  }
  | { readonly kind: "add-address" | "delete-address"; readonly link: PlannedLink; readonly address: string }
  | {
    readonly kind: "add-route" | "replace-route" | "delete-route";
    readonly link: PlannedLink;
    readonly route: RouteFields;
  }
  | {
    readonly kind: "set-neighbour";
    readonly link: PlannedLink;
    readonly ip: string;
    readonly address: string;
    readonly state: number;
  }
  | { readonly kind: "delete-neighbour"; readonly link: PlannedLink; readonly ip: string };

/**
 * The stages of a plan, in the order in which they are carried out. What a link has by its carrier comes after
 * everything that may bring that: the other end of a pair is set up by a request in another namespace.
 */
export const STAGES = [
  "namespaces",
  "delete-entries",
  "delete-links",
  "change",
  "create",
  "configure",
  "after-carrier",
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
  /** What is told of it. */
  readonly step: Step;
}

/** `action`, done for `item` in `stage`. */
export function task(stage: Stage, item: string, action: Action): Task {
  return { stage, action, item, step: { kind: action.kind, item, description: describe(action) } };
}

const at = (link: PlannedLink): string => link.told ??= `${printable(link.name)} in ${printable(link.namespace.label)}`;

/** What is told of each kind of action. A table rather than a match: there may be ten thousands of them. */
const DESCRIPTIONS: { readonly [K in Action["kind"]]: (action: Extract<Action, { readonly kind: K }>) => string } = {
  "create-namespace": ({ name }) => `create namespace ${printable(name)}`,
  "delete-namespace": ({ name }) => `delete namespace ${printable(name)}`,
  "create-link": ({ ends: [a, b] }) => `create ${describeEnd(a)}, paired with ${describeEnd(b)}`,
  "move-link": ({ link, from, name }) => `move ${printable(name)} from ${printable(from.label)}, to be ${at(link)}`,
  "change-link": ({ link, name, change }) => {
    const before = name === link.name ? at(link) : `${printable(name)} in ${printable(link.namespace.label)}`;
    return `set ${before}: ${describeChange(change)}`;
  },
  "delete-link": ({ ends: [{ namespace }], name }) => `delete ${printable(name)} in ${printable(namespace.label)}`,
  "add-address": ({ link, address }) => `add ${address} to ${at(link)}`,
  "delete-address": ({ link, address }) => `take ${address} from ${at(link)}`,
  "add-route": ({ link, route }) => `add the route to ${describeRoute(route, link)}`,
  "replace-route": ({ link, route }) => `replace the route to ${describeRoute(route, link)}`,
  "delete-route": ({ link, route }) => `delete the route to ${describeRoute(route, link)}`,
  "set-neighbour": ({ link, ip, address }) => `set ${ip} to ${address} on ${at(link)}`,
  "delete-neighbour": ({ link, ip }) => `forget ${ip} on ${at(link)}`,
};

function describe<K extends Action["kind"]>(
  action: Extract<Action, { readonly kind: K }> & { readonly kind: K },
): string {
  return DESCRIPTIONS[action.kind](action);
}

function describeEnd({ link, address, mtu }: VethEnd): string {
  return at(link) + (mtu === undefined ? "" : ` mtu ${mtu}`) + (address === undefined ? "" : ` address ${address}`);
}

function describeChange({ name, address, mtu, up }: LinkChange): string {
  const parts: string[] = [];
  if (name !== undefined) parts.push(`name ${printable(name)}`);
  if (address !== undefined) parts.push(`address ${address}`);
  if (mtu !== undefined) parts.push(`mtu ${mtu}`);
  if (up !== undefined) parts.push(up ? "up" : "down");
  return parts.join(", ");
}

function describeRoute({ destination, gateway, source, metric, table }: RouteFields, link: PlannedLink): string {
  return destination + (gateway === undefined ? "" : ` via ${gateway}`) + ` by ${at(link)}` +
    (source === undefined ? "" : ` from ${source}`) +
    (metric === undefined ? "" : ` metric ${metric}`) + (table === 254 ? "" : ` table ${table}`);
}
