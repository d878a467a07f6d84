/** Links as the kernel reports them. See rtnetlink(7), ip-link(8). */
import { defined } from "../../collections.ts";
import { ADDR_GEN_MODES, IFF_LOOPBACK, IFF_LOWER_UP, IFF_UP, OPER_STATES } from "../constants/link.ts";
import type { Reply } from "../wire/framing.ts";
import { nameOf } from "../wire/values.ts";
import { bridgePort } from "./bridge_ports.ts";
import { decodeKind } from "./kinds/kinds.ts";
import { linkMessage } from "./message.ts";
import type { Link } from "./types.ts";

/** The link that a message of the kernel is about. */
export function decodeLink(body: Uint8Array): Link {
  const { index, type, flags, attributes: a } = linkMessage.decodeKnown(body);
  const addrGenMode = a.families?.inet6?.addrGenMode;
  return defined({
    index,
    name: a.name ?? "",
    altNames: a.properties?.altName ?? [],
    kind: a.info?.kind,
    data: decodeKind(a.info?.kind, a.info?.data),
    hardwareType: type,
    flags,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    up: (flags & IFF_UP) !== 0,
    lowerUp: (flags & IFF_LOWER_UP) !== 0,
    carrier: a.carrier === undefined ? (flags & IFF_LOWER_UP) !== 0 : a.carrier !== 0,
    operState: OPER_STATES[a.operState ?? 0] ?? "unknown",
    mtu: a.mtu ?? 0,
    address: a.address,
    peerIndex: a.link || undefined, // 0 of a tunnel that is on no link
    linkNetnsid: a.linkNetnsid,
    master: a.master,
    port: a.info?.slaveKind === "bridge" && a.info.slaveData !== undefined
      ? bridgePort.decodeKnown(a.info.slaveData)
      : undefined,
    addrGenMode: addrGenMode === undefined ? undefined : nameOf(ADDR_GEN_MODES, addrGenMode),
    txQueueLength: a.txQueueLength,
    alias: a.alias,
    group: a.group || undefined,
  });
}

/** The links of a dump, in the order of their indexes: before Linux 6.9 the kernel sends them in that of a hash table. */
export function linksOf(replies: readonly Reply[]): Link[] {
  return replies.map(({ body }) => decodeLink(body)).sort((a, b) => a.index - b.index);
}
