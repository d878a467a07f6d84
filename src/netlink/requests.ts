/** What can be asked of rtnetlink to change: the same for one request and for many in a batch. */
import { addAddressRequest, type AddressOptions, deleteAddressRequest } from "./address/address.ts";
import type { LinkSpec } from "./link/kinds/kinds.ts";
import {
  addLinkRequest,
  deleteLinkRequest,
  type LinkChange,
  type LinkGroup,
  type LinkRef,
  setLinkRequest,
} from "./link/link.ts";
import { deleteNeighbourRequest, type NeighbourSpec, newNeighbourRequest } from "./neighbour/neighbour.ts";
import { newNsidRequest } from "./nsid/nsid.ts";
import type { NetlinkRequest } from "./wire/framing.ts";
import { deleteRouteRequest, newRouteRequest, type RouteSpec } from "./route/route.ts";

/** The changes of rtnetlink. Each is checked by the kernel; what it refuses is a {@linkcode NetlinkError}. */
export abstract class NetlinkRequests {
  /** Carries a request out, or takes it into a batch. */
  protected abstract perform(request: NetlinkRequest): void;

  /** The index of a link. */
  protected abstract indexOf(link: LinkRef): number;

  /**
   * Makes a link; of a veth pair both ends in one request, each straight in its namespace. Needs CAP_NET_ADMIN in all
   * of them.
   *
   * @throws {NetlinkError} `EEXIST`: a link of the name or index is there. `EOPNOTSUPP`: the kernel lacks the kind.
   *
   * @example A pair with one end in each of two namespaces
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { NsHandle } from "@netns/netns";
   *
   * using left = NsHandle.create();
   * using right = NsHandle.create();
   * using netlink = left.netlink();
   * netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "eth0", netns: right } });
   * assertEquals(netlink.getLink({ name: "eth0" }).kind, "veth");
   * ```
   */
  addLink(spec: LinkSpec): void {
    this.perform(addLinkRequest(spec));
  }

  /**
   * Changes a link, or moves it: what the change does not name stays. A move takes its addresses and routes;
   * {@linkcode SystemHandler.linkSetNsFd} keeps them.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   * @throws {TypeError} A link has a name that none can have; in a batch, one is renamed by its name.
   */
  setLink(link: LinkRef, change: LinkChange): void {
    // IFLA_IFNAME is both what a link is found by and what it is called from then on.
    const ref = change.name === undefined ? link : { index: this.indexOf(link) };
    this.perform(setLinkRequest(ref, change));
  }

  /**
   * Deletes a link; of a pair, both ends. For each request the kernel waits some 20 ms, so many links go sooner when
   * they are put into a group ({@linkcode LinkChange.group}) and deleted as `{ group }`.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EOPNOTSUPP`: of hardware, also if it is in the group.
   */
  deleteLink(link: LinkRef | LinkGroup): void {
    this.perform(deleteLinkRequest(link));
  }

  /**
   * Gives a link an address: `"10.0.0.1/24"`, `"2001:db8::1/64"`.
   *
   * @throws {NetlinkError} `EEXIST`: it has it. `ENODEV`: there is no such link.
   * @throws {TypeError} It is no address.
   */
  addAddress(link: LinkRef, cidr: string, options: AddressOptions = {}): void {
    this.perform(addAddressRequest(this.indexOf(link), cidr, options));
  }

  /**
   * Takes an address off a link, and the routes that need it. Of a point-to-point link, `peer` is the other end, as
   * it was added.
   *
   * @throws {NetlinkError} `EADDRNOTAVAIL`: it does not have it.
   * @throws {TypeError} It is no address.
   */
  deleteAddress(link: LinkRef, cidr: string, options: Pick<AddressOptions, "peer"> = {}): void {
    this.perform(deleteAddressRequest(this.indexOf(link), cidr, options));
  }

  /**
   * Adds what is known of a neighbour.
   *
   * @throws {NetlinkError} `EEXIST`: something is known of it.
   */
  addNeighbour(neighbour: NeighbourSpec): void {
    this.perform(newNeighbourRequest(neighbour, false));
  }

  /**
   * Sets what is known of a neighbour, whether something is or not.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  setNeighbour(neighbour: NeighbourSpec): void {
    this.perform(newNeighbourRequest(neighbour, true));
  }

  /**
   * Forgets a neighbour.
   *
   * @throws {NetlinkError} `ENOENT`: nothing is known of it.
   */
  deleteNeighbour(neighbour: Pick<NeighbourSpec, "linkIndex" | "ip">): void {
    this.perform(deleteNeighbourRequest(neighbour));
  }

  /**
   * Adds a route.
   *
   * @throws {NetlinkError} `EEXIST`: there is one. `ENETUNREACH`: the gateway is on no link.
   */
  addRoute(route: RouteSpec): void {
    this.perform(newRouteRequest(route, false));
  }

  /**
   * Adds a route, or replaces the one with the same destination, table and metric.
   *
   * @throws {NetlinkError} `ENETUNREACH`: the gateway is on no link.
   */
  replaceRoute(route: RouteSpec): void {
    this.perform(newRouteRequest(route, true));
  }

  /**
   * Deletes the first route that fits.
   *
   * @throws {NetlinkError} `ESRCH`: there is none.
   */
  deleteRoute(route: RouteSpec): void {
    this.perform(deleteRouteRequest(route));
  }

  /**
   * Gives another namespace an id in this one, by which messages name it.
   *
   * @param netns The other namespace.
   * @param nsid The id, 0 or more; without it the kernel chooses.
   * @throws {NetlinkError} `EEXIST`: it has one.
   */
  addNamespaceId(netns: { readonly fd: number }, nsid?: number): void {
    this.perform(newNsidRequest(netns, nsid));
  }
}
