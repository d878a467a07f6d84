/** The changes that rtnetlink can be asked for: the same for one request and for many in a batch. */
import { addAddressRequest, addListedRequest, deleteAddressRequest, deleteListedRequest } from "./address/request.ts";
import type { Address, AddressOptions } from "./address/types.ts";
import type { LinkSpec } from "./link/kinds/kinds.ts";
import type { LinkGroup, LinkRef } from "./link/ref.ts";
import { addLinkRequest, deleteLinkRequest, setLinkRequest } from "./link/request.ts";
import type { LinkChange } from "./link/types.ts";
import { deleteNeighbourRequest, newNeighbourRequest } from "./neighbour/request.ts";
import type { NeighbourSpec } from "./neighbour/types.ts";
import { newNsidRequest } from "./nsid/nsid.ts";
import { deleteRouteRequest, newRouteRequest } from "./route/request.ts";
import type { RouteSpec } from "./route/types.ts";
import type { NetlinkRequest } from "./wire/framing.ts";

/** The changes of rtnetlink. The kernel checks each; what it refuses is a {@linkcode NetlinkError}. */
export abstract class NetlinkRequests {
  /** Carries out a request, or adds it to a batch. */
  protected abstract perform(request: NetlinkRequest): void;

  /** The index of a link. */
  protected abstract indexOf(link: LinkRef): number;

  /**
   * Makes a link; of a veth pair both ends in one request, each in its namespace. Needs CAP_NET_ADMIN in all of them.
   *
   * @throws {NetlinkError} `EEXIST`: a link of the name or index exists. `EOPNOTSUPP`: the kernel lacks the kind.
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
   * Changes a link, or moves it: what the change does not name stays. A move loses its addresses and routes;
   * {@linkcode SystemHandler.linkSetNsFd} keeps them.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   * @throws {TypeError} The new name is not one that a link can have; or a batch renames a link by its name.
   */
  setLink(link: LinkRef, change: LinkChange): void {
    // By its name a link cannot be renamed: IFLA_IFNAME would hold both names.
    const ref = change?.name === undefined ? link : { index: this.indexOf(link) };
    this.perform(setLinkRequest(ref, change, link));
  }

  /**
   * Deletes a link; of a pair, both ends. The kernel waits some 20 ms for each request, so it is faster to put many
   * links into a group ({@linkcode LinkChange.group}) and delete `{ group }`.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EOPNOTSUPP`: it is hardware, or such a link is in the group.
   */
  deleteLink(link: LinkRef | LinkGroup): void {
    this.perform(deleteLinkRequest(link));
  }

  /**
   * Gives a link an address: `"10.0.0.1/24"`, `"2001:db8::1/64"`.
   *
   * @throws {NetlinkError} `EEXIST`: the link has it. `ENODEV`: there is no such link.
   * @throws {TypeError} `cidr` is not an address.
   */
  addAddress(link: LinkRef, cidr: string, options?: AddressOptions): void;
  /**
   * Gives the link of `linkIndex` an address that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: the link has it. `ENODEV`: there is no such link.
   */
  addAddress(listed: Address): void;
  addAddress(link: LinkRef | Address, cidr?: string, options?: AddressOptions): void {
    this.perform(
      isListed(link) ? addListedRequest(link) : addAddressRequest(this.indexOf(link), textOf(cidr), options),
    );
  }

  /**
   * Deletes an address of a link, and the routes that need it. Of a point-to-point link, `peer` is the other end, as it
   * was added.
   *
   * @throws {NetlinkError} `EADDRNOTAVAIL`: the link does not have it.
   * @throws {TypeError} `cidr` is not an address.
   */
  deleteAddress(link: LinkRef, cidr: string, options?: Pick<AddressOptions, "peer">): void;
  /**
   * Deletes an address that was listed, and the routes that need it.
   *
   * @throws {NetlinkError} `EADDRNOTAVAIL`: the link does not have it.
   */
  deleteAddress(listed: Address): void;
  deleteAddress(link: LinkRef | Address, cidr?: string, options?: Pick<AddressOptions, "peer">): void {
    this.perform(
      isListed(link) ? deleteListedRequest(link) : deleteAddressRequest(this.indexOf(link), textOf(cidr), options),
    );
  }

  /**
   * Adds a neighbour; one that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: the link has an entry for this address.
   */
  addNeighbour(neighbour: NeighbourSpec): void {
    this.perform(newNeighbourRequest(neighbour, false));
  }

  /**
   * Adds a neighbour, or changes the entry for its address.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  setNeighbour(neighbour: NeighbourSpec): void {
    this.perform(newNeighbourRequest(neighbour, true));
  }

  /**
   * Deletes a neighbour: `linkIndex`, `ip` and, of an entry for which this host answers, `proxy` say which.
   *
   * @throws {NetlinkError} `ENOENT`: the link has no entry for this address.
   */
  deleteNeighbour(neighbour: NeighbourSpec): void {
    this.perform(deleteNeighbourRequest(neighbour));
  }

  /**
   * Adds a route; one that was listed, as it was listed.
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
   * Deletes the first route that fits; one that was listed fits itself alone, by its type of service, source and next
   * hops too.
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
   * @param nsid The id, 0 or more. Absent: the kernel chooses.
   * @throws {NetlinkError} `EEXIST`: it has one.
   */
  addNamespaceId(netns: { readonly fd: number }, nsid?: number): void {
    this.perform(newNsidRequest(netns, nsid));
  }
}

/** True of an address that was listed, as the only argument; a link has an index or a name. */
function isListed(given: LinkRef | Address): given is Address {
  return typeof given === "object" && given !== null && "cidr" in given;
}

function textOf(cidr: string | undefined): string {
  if (cidr !== undefined) return cidr;
  throw new TypeError('Cannot use undefined as an address: expected text as "10.0.0.1/24"');
}
