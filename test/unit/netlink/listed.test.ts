/** What netlink lists is accepted, as it is, by what adds, replaces and deletes: checked by the compiler. */
import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Address, Link, Neighbour, NetlinkBatch, Qdisc, Route, TcClass, TcFilter } from "@netns/netns";

/** Compiles, under `exactOptionalPropertyTypes`; nothing calls it. */
function sendBack(
  batch: NetlinkBatch,
  listed: {
    link: Link;
    address: Address;
    neighbour: Neighbour;
    route: Route;
    qdisc: Qdisc;
    tcClass: TcClass;
    filter: TcFilter;
  },
): void {
  const { link, address, neighbour, route, qdisc, tcClass, filter } = listed;
  for (const change of [batch.addRoute, batch.replaceRoute, batch.deleteRoute]) change.call(batch, route);
  for (const change of [batch.addNeighbour, batch.setNeighbour, batch.deleteNeighbour]) change.call(batch, neighbour);
  batch.addAddress(address);
  batch.deleteAddress(address);
  batch.setLink(link, { up: true });
  batch.deleteLink(link);
  batch.addRoute({ ...route, metric: 7, nextHops: [] });
  batch.deleteNeighbour({ linkIndex: 1, ip: "192.0.2.1" });
  batch.setLink("eth0", { up: true });
  for (const change of [batch.addQdisc, batch.replaceQdisc, batch.changeQdisc]) change.call(batch, qdisc);
  batch.deleteQdisc(qdisc);
  batch.addClass(tcClass);
  batch.deleteClass(tcClass);
  batch.addFilter(filter);
  batch.deleteFilter(filter);
  if (qdisc.kind === "netem") batch.changeQdisc({ ...qdisc, delay: (qdisc.delay ?? 0) + 1 });
  // @ts-expect-error: an option of another kind
  batch.addQdisc({ link: "eth0", kind: "netem", burst: 1 });
  // @ts-expect-error: a kind that there is not
  batch.addQdisc({ link: "eth0", kind: "netme" });
  // @ts-expect-error: a link is no number
  batch.setLink(1, { up: true });
  // @ts-expect-error: a field that there is not
  batch.setLink(link, { uP: true });
  // @ts-expect-error: a route has a destination
  batch.addRoute({ gateway: "192.0.2.1" });
  // @ts-expect-error: an address beside the one that was listed
  batch.addAddress(address, "192.0.2.1/24");
  const { data } = link;
  if (data === undefined) return;
  switch (data.kind) {
    case "tun": // made by createTun
      break;
    case "netkit":
      batch.addLink({ ...data, name: "x", peer: { name: "y" } });
      break;
    case "vlan":
    case "macvlan":
    case "macvtap":
    case "ipvlan":
    case "macsec":
      batch.addLink({ ...data, name: "x", link: data.link ?? 1 }); // which may be in another namespace
      break;
    default: // hsr and vrf too, which need some of their options
      batch.addLink({ ...data, name: "x" });
  }
}

describe("what was listed", () => {
  it("is what requests take (N22)", () => assert(sendBack.length === 2));
});
