/** The changes of VLANs and forwarding entries. See bridge(8). */
import { TrafficControlRequests } from "../tc/requests.ts";
import type { LinkRef } from "../link/ref.ts";
import {
  addForwardingEntryRequest,
  deleteForwardingEntryRequest,
  type ForwardingEntrySpec,
  withIndexes,
} from "./forwarding.ts";
import { addBridgeVlanRequest, type BridgeVlan, type BridgeVlanSpec, deleteBridgeVlanRequest } from "./vlans.ts";

/** The changes of VLANs and forwarding entries. */
export abstract class BridgeRequests extends TrafficControlRequests {
  /**
   * Puts a port of a bridge, or with `self` the bridge itself, into a VLAN, or changes how it is in it.
   *
   * @throws {NetlinkError} `EOPNOTSUPP`: the link is no port, or the kernel lacks VLANs of bridges.
   */
  addBridgeVlan(link: LinkRef, vlan: BridgeVlanSpec): void;
  /**
   * Puts the link of `linkIndex` into a VLAN that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EOPNOTSUPP`: the link is no port.
   */
  addBridgeVlan(listed: BridgeVlan): void;
  addBridgeVlan(link: LinkRef | BridgeVlan, vlan?: BridgeVlanSpec): void {
    const [ref, spec] = given(link, vlan);
    this.perform(addBridgeVlanRequest(this.indexOf(ref), spec));
  }

  /**
   * Takes a port of a bridge, or with `self` the bridge itself, out of a VLAN.
   *
   * @throws {NetlinkError} `EOPNOTSUPP`: the link is no port, or the kernel lacks VLANs of bridges.
   */
  deleteBridgeVlan(link: LinkRef, vlan: BridgeVlanSpec): void;
  /**
   * Takes the link of `linkIndex` out of a VLAN that was listed.
   *
   * @throws {NetlinkError} `EOPNOTSUPP`: the link is no port.
   */
  deleteBridgeVlan(listed: BridgeVlan): void;
  deleteBridgeVlan(link: LinkRef | BridgeVlan, vlan?: BridgeVlanSpec): void {
    const [ref, spec] = given(link, vlan);
    this.perform(deleteBridgeVlanRequest(this.indexOf(ref), spec));
  }

  /**
   * Adds a forwarding entry of a bridge (`master: true`) or of a VXLAN; one that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: there is one for the address. `EOPNOTSUPP`: the link is no port.
   */
  addForwardingEntry(entry: ForwardingEntrySpec): void {
    this.perform(addForwardingEntryRequest(withIndexes(entry, (link) => this.indexOf(link))));
  }

  /**
   * Deletes a forwarding entry: of a bridge the one of the address and VLAN, of a VXLAN that of the address and other end.
   *
   * @throws {NetlinkError} `ENOENT`: there is none.
   */
  deleteForwardingEntry(entry: ForwardingEntrySpec): void {
    this.perform(deleteForwardingEntryRequest(withIndexes(entry, (link) => this.indexOf(link))));
  }
}

/** The link and the VLAN; one that was listed has both. */
function given(link: LinkRef | BridgeVlan, vlan: BridgeVlanSpec | undefined): [LinkRef, BridgeVlanSpec] {
  if (typeof link === "object" && link !== null && "linkIndex" in link) return [{ index: link.linkIndex }, link];
  if (vlan !== undefined) return [link, vlan];
  throw new TypeError("Cannot use undefined as a VLAN of a bridge: expected { id }");
}
