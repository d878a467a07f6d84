/** VLANs and forwarding entries that there are. See bridge(8). */
import { TrafficControlQueries } from "../tc/queries.ts";
import {
  checkForwardingFilter,
  forwardingEntriesOf,
  type ForwardingEntry,
  type ForwardingFilter,
  LIST_FORWARDING,
} from "./forwarding.ts";
import {
  type BridgeVlan,
  type BridgeVlanFilter,
  bridgeVlansOf,
  checkBridgeVlanFilter,
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
    const linkIndex = filter.link === undefined ? undefined : this.indexOf(filter.link);
    return bridgeVlansOf(this.dump(LIST_BRIDGE_VLANS), linkIndex);
  }

  /**
   * The forwarding entries of bridges and VXLANs: all, or those that `filter` lets through.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  listForwardingEntries(filter: ForwardingFilter = {}): ForwardingEntry[] {
    checkForwardingFilter(filter);
    const { link, master } = filter;
    // The links first: to look them up is a request of its own, which ends the life of the replies.
    const of = {
      linkIndex: link === undefined ? undefined : this.indexOf(link),
      master: master === undefined ? undefined : this.indexOf(master),
    };
    return forwardingEntriesOf(this.dump(LIST_FORWARDING), of);
  }
}
