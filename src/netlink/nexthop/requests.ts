/** The changes of next-hop objects. See ip-nexthop(8). */
import { shown } from "../../errors.ts";
import { withIndex } from "../link/ref.ts";
import { RouteRequests } from "../route/requests.ts";
import { deleteNextHopRequest, newNextHopRequest } from "./request.ts";
import type { NextHopObjectSpec } from "./types.ts";

function idOf(nextHop: number | { readonly id: number }): number {
  const id: unknown = typeof nextHop === "number" ? nextHop : nextHop?.id; // untyped code may give anything
  if (typeof id === "number") return id;
  throw new TypeError(`Cannot use ${shown(nextHop)} as a next hop: expected its id or { id }`);
}

/** The changes of next-hop objects. */
export abstract class NextHopRequests extends RouteRequests {
  /**
   * Adds a next-hop object, or a group of them; one that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: the id is taken. `EINVAL`: it is neither a way nor a group.
   * @throws {TypeError} It has another field.
   *
   * @example A route over two routers
   * ```ts ignore
   * netlink.addNextHop({ id: 1, gateway: "10.0.0.2", link: "eth0" });
   * netlink.addNextHop({ id: 2, gateway: "10.0.1.2", link: "eth1" });
   * netlink.addNextHop({ id: 10, group: [{ id: 1, weight: 3 }, { id: 2 }] });
   * netlink.addRoute({ dst: "default", nextHopId: 10 });
   * ```
   */
  addNextHop(nextHop: NextHopObjectSpec): void {
    this.perform(newNextHopRequest(withIndex(nextHop, (link) => this.indexOf(link)), false));
  }

  /**
   * Adds a next-hop object, or replaces the one of its id: the routes that lead to it follow.
   *
   * @throws {NetlinkError} `EINVAL`: a group cannot become a single next hop, or the reverse.
   * @throws {TypeError} It has another field.
   */
  replaceNextHop(nextHop: NextHopObjectSpec): void {
    this.perform(newNextHopRequest(withIndex(nextHop, (link) => this.indexOf(link)), true));
  }

  /**
   * Deletes a next-hop object, given by its id or as it was listed; with it go the routes that lead to it.
   *
   * @throws {NetlinkError} `ENOENT`: there is none.
   * @throws {TypeError} It is neither.
   */
  deleteNextHop(nextHop: number | { readonly id: number }): void {
    this.perform(deleteNextHopRequest(idOf(nextHop)));
  }
}
