/** Tasks of one link as requests of rtnetlink. */
import { SyscallError } from "../../../ffi/mod.ts";
import { NetlinkError } from "../../errors.ts";
import type { NetlinkBatch } from "../../netlink/netlink.ts";
import { NEIGHBOUR_STATES, type NeighbourState } from "../../netlink/constants/neighbour.ts";
import { ROUTE_SCOPES } from "../../netlink/constants/route.ts";
import type { RouteSpec } from "../../netlink/route/route.ts";
import type { Action, PlannedLink, RouteFields } from "../plan/actions.ts";
import { addLinkLocal } from "./link_local.ts";

/** What is one request; what is sent before it to help it does not count. */
export type Request = Exclude<
  Action,
  { readonly kind: "create-namespace" | "delete-namespace" | "create-link" | "delete-link" | "move-link" }
>;

/** How each kind of request is added to a batch. A table rather than a match: there may be ten thousands of them. */
const REQUESTS: {
  readonly [K in Request["kind"]]: (batch: NetlinkBatch, request: Extract<Request, { readonly kind: K }>) => void;
} = {
  "change-link": (batch, { link, change }) => {
    const ref = refOf(link);
    if (change.up && link.hardwareAddress !== undefined) addLinkLocal(batch, ref.index, link.hardwareAddress);
    batch.setLink(ref, change);
  },
  "add-address": (batch, { link, address }) => batch.addAddress(refOf(link), address, { noDad: true }),
  "delete-address": (batch, { link, address }) => batch.deleteAddress(refOf(link), address),
  "add-route": (batch, { link, route }) => batch.addRoute(routeSpec(link, route)),
  "replace-route": (batch, { link, route }) => batch.replaceRoute(routeSpec(link, route)),
  "delete-route": (batch, { link, route }) => batch.deleteRoute(routeSpec(link, route)),
  "set-neighbour": (batch, { link, ip, address, state }) => (
    batch.setNeighbour({ linkIndex: refOf(link).index, ip, address, state: stateName(state) })
  ),
  "delete-neighbour": (batch, { link, ip }) => batch.deleteNeighbour({ linkIndex: refOf(link).index, ip }),
};

/** Adds the request to a batch, as the last that is added. */
export function addRequest<K extends Request["kind"]>(
  batch: NetlinkBatch,
  request: Extract<Request, { readonly kind: K }> & { readonly kind: K },
): void {
  REQUESTS[request.kind](batch, request);
}

function refOf(link: PlannedLink): { readonly index: number } {
  if (link.index === undefined) throw new Error(`The link ${link.name} in ${link.namespace.label} was not made`);
  return { index: link.index };
}

/** RTPROT_STATIC of linux/rtnetlink.h: set by an administrator. */
const RTPROT_STATIC = 4;

function routeSpec(link: PlannedLink, { destination, table, metric, gateway, source, scope }: RouteFields): RouteSpec {
  return {
    dst: destination,
    table,
    metric,
    gateway,
    preferredSource: source,
    scope: nameOf(ROUTE_SCOPES, scope),
    linkIndex: refOf(link).index,
    protocol: RTPROT_STATIC,
  };
}

const stateName = (state: number): NeighbourState | undefined => nameOf(NEIGHBOUR_STATES, state);

/** The key of `table` for a value; the values here come from the keys, so there is one. */
function nameOf<T extends Readonly<Record<string, number>>>(table: T, value: number): keyof T & string | undefined {
  return Object.keys(table).find((name) => table[name] === value);
}

/**
 * True if a failure means that what was to be is so already: gone what was to go, there what was to be there. What
 * was read may have changed since, and the kernel takes some things along by itself.
 */
export function tolerated(kind: Action["kind"], error: unknown): boolean {
  if (!(error instanceof NetlinkError || error instanceof SyscallError)) return false;
  return TOLERATED[kind]?.includes(error.code) ?? false;
}

const TOLERATED: { readonly [K in Action["kind"]]?: readonly string[] } = {
  "delete-namespace": ["ENOENT"],
  "delete-link": ["ENODEV"],
  "add-address": ["EEXIST"],
  "delete-address": ["EADDRNOTAVAIL", "ENODEV"],
  "delete-route": ["ESRCH", "ENODEV"],
  "delete-neighbour": ["ENOENT", "ENODEV", "ENXIO"],
};
