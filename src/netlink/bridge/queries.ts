/** VLANs and forwarding entries that there are. See bridge(8). */
import { wholeNumber } from "../../whole_number.ts";
import { LARGEST_INDEX, type NamesLink, withIndex } from "../link/ref.ts";
import { NLM_F_APPEND, NLM_F_CREATE } from "../wire/framing.ts";
import { TrafficControlQueries } from "../tc/queries.ts";
import {
  addForwardingEntryRequest,
  checkForwardingFilter,
  decodeForwardingEntry,
  type ForwardingEntry,
  type ForwardingEntrySpec,
  type ForwardingFilter,
  isSameEntry,
  LIST_FORWARDING,
  withIndexes,
} from "./forwarding.ts";
import {
  type BridgeVlan,
  type BridgeVlanFilter,
  checkBridgeVlanFilter,
  decodeBridgeVlans,
  LIST_BRIDGE_VLANS,
} from "./vlans.ts";

/** VLANs and forwarding entries that there are. */
export abstract class BridgeQueries extends TrafficControlQueries {
  /**
   * The VLANs of the ports of bridges, and of the bridges themselves: all, or those of a link.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  listBridgeVlans(filter: BridgeVlanFilter = {}): BridgeVlan[] {
    checkBridgeVlanFilter(filter);
    const linkIndex = this.#indexIn(filter);
    const all = this.dump(LIST_BRIDGE_VLANS, decodeBridgeVlans).flat();
    return all.filter((vlan) => linkIndex === undefined || vlan.linkIndex === linkIndex);
  }

  /**
   * The forwarding entries of bridges and VXLANs: all, or those that `filter` lets through.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  listForwardingEntries(filter: ForwardingFilter = {}): ForwardingEntry[] {
    checkForwardingFilter(filter);
    const { master } = filter;
    const linkIndex = this.#indexIn(filter);
    const masterIndex = master === undefined ? undefined : this.indexOf(master);
    return this.dump(LIST_FORWARDING, decodeForwardingEntry).filter((entry) => (
      (linkIndex === undefined || entry.linkIndex === linkIndex) &&
      (masterIndex === undefined || entry.master === masterIndex)
    ));
  }

  /**
   * Adds a forwarding entry of a bridge (`master: true`) or of a VXLAN; one that was listed, as it was listed, also beside
   * others of its address.
   *
   * @throws {NetlinkError} `EEXIST`: there is one for the address. `EOPNOTSUPP`: the link is no port.
   */
  override addForwardingEntry(entry: ForwardingEntrySpec): void {
    const own = withIndexes(entry, (link) => this.indexOf(link));
    const request = addForwardingEntryRequest(own);
    const [refused] = this.tryAll([request]);
    if (refused === undefined) return;
    const isListed = own.offload !== undefined; // which a list alone gives
    if (refused.code !== "EEXIST" || !isListed) throw refused;
    if (this.listForwardingEntries().some((one) => isSameEntry(one, own))) throw refused;
    // A further other end for the address: the kernel adds it to the entry that there is.
    this.perform({ ...request, flags: NLM_F_CREATE | NLM_F_APPEND });
  }

  /** The index of the link of a filter; undefined if it lets all through. */
  #indexIn(filter: NamesLink): number | undefined {
    const { linkIndex } = withIndex(filter, (link) => this.indexOf(link));
    return linkIndex === undefined ? undefined : wholeNumber(linkIndex, "linkIndex", 0, LARGEST_INDEX);
  }
}
