/** Tasks of one link as requests of rtnetlink. */
import { match, P } from "ts-pattern";
import { SyscallError } from "../../ffi/mod.ts";
import { NetlinkError } from "../errors.ts";
import type { NetlinkBatch } from "../netlink/netlink.ts";
import { NEIGHBOUR_STATES, type NeighbourState } from "../netlink/neighbours.ts";
import { ROUTE_SCOPES, type RouteSpec } from "../netlink/routes.ts";
import type { Action, RouteFields, Slot } from "./actions.ts";
import type { Space } from "./space.ts";

/** What takes exactly one request. */
export type Request = Exclude<
  Action,
  { readonly kind: "create-namespace" | "delete-namespace" | "create-link" | "move-link" }
>;

/** The namespace in which a request is made. */
export function spaceOfRequest(request: Request): Space {
  return "slot" in request ? request.slot.space : request.space;
}

/** Adds the request to a batch. */
export function addRequest(batch: NetlinkBatch, request: Request): void {
  match(request)
    .with({ kind: "change-link" }, ({ slot, change }) => batch.setLink(refOf(slot), change))
    .with({ kind: "delete-link" }, ({ index }) => batch.deleteLink({ index }))
    .with({ kind: "add-address" }, ({ slot, address }) => batch.addAddress(refOf(slot), address, { noDad: true }))
    .with({ kind: "delete-address" }, ({ slot, address }) => batch.deleteAddress(refOf(slot), address))
    .with({ kind: "add-route" }, ({ slot, route }) => batch.addRoute(routeSpec(slot, route)))
    .with({ kind: "replace-route" }, ({ slot, route }) => batch.replaceRoute(routeSpec(slot, route)))
    .with({ kind: "delete-route" }, ({ slot, route }) => batch.deleteRoute(routeSpec(slot, route)))
    .with({ kind: "set-neighbour" }, ({ slot, ip, address, state }) => {
      batch.setNeighbour({ linkIndex: refOf(slot).index, ip, address, state: stateName(state) });
    })
    .with({ kind: "delete-neighbour" }, ({ slot, ip }) => {
      batch.deleteNeighbour({ linkIndex: refOf(slot).index, ip });
    })
    .exhaustive();
}

function refOf(slot: Slot): { readonly index: number } {
  if (slot.index === undefined) throw new Error(`The link ${slot.name} in ${slot.space.label} was not made`);
  return { index: slot.index };
}

/** RTPROT_STATIC of linux/rtnetlink.h: set by an administrator. */
const RTPROT_STATIC = 4;

function routeSpec(slot: Slot, { destination, table, metric, gateway, source, scope }: RouteFields): RouteSpec {
  return {
    dst: destination,
    table,
    metric,
    gateway,
    preferredSource: source,
    scope: nameOf(ROUTE_SCOPES, scope),
    linkIndex: refOf(slot).index,
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
  return match(kind)
    .with("delete-namespace", () => error.code === "ENOENT")
    .with("delete-link", () => error.code === "ENODEV")
    .with("add-address", () => error.code === "EEXIST")
    .with("delete-address", () => error.code === "EADDRNOTAVAIL" || error.code === "ENODEV")
    .with("delete-route", () => error.code === "ESRCH" || error.code === "ENODEV")
    .with("delete-neighbour", () => error.code === "ENOENT" || error.code === "ENODEV" || error.code === "ENXIO")
    .with(P.any, () => false)
    .exhaustive();
}
