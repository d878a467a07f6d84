/** The changes of links. See ip-link(8). */
import { FamilyRequests } from "../family_requests.ts";
import { changeWithIndexes, specWithIndexes } from "./indexes.ts";
import type { LinkSpec, OtherLinkSpec } from "./kinds/link_spec.ts";
import type { LinkGroup, LinkRef } from "./ref.ts";
import { addLinkRequest, altNameRequest, deleteLinkRequest, setLinkRequest } from "./request.ts";
import type { LinkChange } from "./types.ts";

/** The changes of links. */
export abstract class LinkRequests extends FamilyRequests {
  /**
   * Makes a link; of a veth pair both ends in one request, each in its namespace. Needs CAP_NET_ADMIN in all of them.
   *
   * The options of a link that was listed, `{ ...link.data, name }`, make another one like it; add the `link` below, where
   * that is in another namespace and so was not listed, and the `peer` of a netkit. Of a kind that this library does not
   * know, `data` has the options as bytes.
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
  addLink(spec: LinkSpec | OtherLinkSpec): void {
    this.perform(addLinkRequest(specWithIndexes(spec, (link) => this.indexOf(link))));
  }

  /**
   * Changes a link, or moves it: what the change does not name stays. A move loses its addresses and routes;
   * {@linkcode SystemHandler.linkSetNsFd} keeps them. The options of its kind stand under the name of the kind:
   * `{ bridge: { vlanFiltering: true } }`.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   * @throws {TypeError} The new name is not one that a link can have; `newIndex` is there without `netns`; or a batch renames
   *   a link by its name.
   */
  setLink(link: LinkRef, change: LinkChange): void {
    // By its name a link cannot be renamed: IFLA_IFNAME would hold both names.
    const ref = change?.name === undefined ? link : { index: this.indexOf(link) };
    this.perform(setLinkRequest(ref, changeWithIndexes(change, (named) => this.indexOf(named)), link));
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
   * Gives a link an alternative name, by which it is found, too.
   *
   * @param name 1 to 127 bytes.
   * @throws {NetlinkError} `EEXIST`: a link of the namespace has the name. `ENODEV`: there is no such link.
   * @throws {TypeError} The name is empty or too long.
   */
  addAltName(link: LinkRef, name: string): void {
    this.perform(altNameRequest(link, name, true));
  }

  /**
   * Takes an alternative name from a link.
   *
   * @throws {NetlinkError} `ENOENT`, `EINVAL`: the link does not have the name. `ENODEV`: there is no such link.
   */
  deleteAltName(link: LinkRef, name: string): void {
    this.perform(altNameRequest(link, name, false));
  }
}
