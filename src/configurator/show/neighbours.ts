/** The static neighbours of a namespace, as ARP entries of the file. */
import type { ArpEntryInput } from "../../models/arp.ts";
import type { Neighbour } from "../../netlink/neighbour/types.ts";
import { isSetNeighbour } from "../ownership/snapshot.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/** The neighbours that somebody set. */
export function shownNeighbours(
  { namespace, links, neighbours, proxies }: ShownNamespace,
  omissions: Omissions,
): ArpEntryInput[] {
  const { reference, label } = namespace;
  const nameOf = ({ linkIndex }: Neighbour): string => links.find(({ index }) => index === linkIndex)?.name ?? "";
  for (const one of proxies) {
    omissions.add(`${one.ip} by ${nameOf(one)} in ${label}`, "an address that the host answers for");
  }
  return neighbours.flatMap((one): ArpEntryInput[] => {
    const { ip, address, state, linkIndex } = one;
    const link = links.find(({ index }) => index === linkIndex);
    // On a link without ARP the kernel keeps 0.0.0.0 for all neighbours of IPv4.
    if (link === undefined || link.loopback || !isSetNeighbour(one, link) || ip === "0.0.0.0") return [];
    const name = `${reference}/${link.name} ${ip}`;
    if (address === undefined) {
      omissions.add(name, "a static neighbour without a hardware address");
      return [];
    }
    for (const word of ["router", "external", "managed"] as const) {
      if (one[word]) omissions.add(name, `without ${word}`);
    }
    return [{
      name,
      namespace: reference,
      interface: link.name,
      ipAddr: ip,
      hwAddress: address,
      ...state === "noarp" ? { state: "NOARP" } : {},
    }];
  });
}
