/** Links as the kernel reports them. See rtnetlink(7), ip-link(8). */
import { defined } from "../../collections.ts";
import {
  ADDR_GEN_MODES,
  IFF_ALLMULTI,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
  OPER_STATES,
} from "../constants/link.ts";
import type { Reply } from "../wire/framing.ts";
import { nameOf } from "../wire/values.ts";
import { bondPort } from "./bond_ports.ts";
import { bridgePort } from "./bridge_ports.ts";
import { decodeKind, KINDS } from "./kinds/kinds.ts";
import { type LinkInfo, linkMessage } from "./message.ts";
import { linkStats } from "./stats.ts";
import type { Link, LinkListOptions } from "./types.ts";

/** The link that a message of the kernel is about, with its counters if `stats` says so. */
export function decodeLink(body: Uint8Array, { stats = false }: LinkListOptions = {}): Link {
  const { index, type, flags, attributes: a } = linkMessage.decodeKnown(body);
  const addrGenMode = a.families?.inet6?.addrGenMode;
  return defined({
    index,
    name: a.name ?? "",
    altNames: a.properties?.altName ?? [],
    kind: a.info?.kind,
    data: decodeKind(a.info?.kind, a.info?.data, a.linkNetnsid === undefined ? a.link : undefined),
    rawData: rawDataOf(a.info),
    hardwareType: type,
    flags,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    up: (flags & IFF_UP) !== 0,
    lowerUp: (flags & IFF_LOWER_UP) !== 0,
    promisc: (flags & IFF_PROMISC) !== 0,
    allmulti: (flags & IFF_ALLMULTI) !== 0,
    arp: (flags & IFF_NOARP) === 0,
    carrier: a.carrier === undefined ? (flags & IFF_LOWER_UP) !== 0 : a.carrier !== 0,
    operState: OPER_STATES[a.operState ?? 0] ?? "unknown",
    mtu: a.mtu ?? 0,
    minMtu: a.minMtu,
    maxMtu: a.maxMtu,
    numTxQueues: a.numTxQueues,
    numRxQueues: a.numRxQueues,
    address: a.address,
    peerIndex: a.link || undefined, // 0 of a tunnel that is on no link
    linkNetnsid: a.linkNetnsid,
    master: a.master,
    port: a.info?.slaveKind === "bridge" && a.info.slaveData !== undefined
      ? bridgePort.decode(a.info.slaveData)
      : undefined,
    bondPort: a.info?.slaveKind === "bond" && a.info.slaveData !== undefined
      ? bondPort.decode(a.info.slaveData)
      : undefined,
    addrGenMode: addrGenMode === undefined ? undefined : nameOf(ADDR_GEN_MODES, addrGenMode),
    txQueueLength: a.txQueueLength,
    alias: a.alias,
    group: a.group || undefined,
    stats: stats && a.stats !== undefined ? linkStats(a.stats) : undefined,
  });
}

/** The options of a kind that this library does not know. */
function rawDataOf(info: LinkInfo | undefined): Uint8Array<ArrayBuffer> | undefined {
  return info?.kind === undefined || KINDS.has(info.kind) ? undefined : info.data;
}

/** The links of a dump, in the order of their indexes: before Linux 6.9 the kernel sends them in that of a hash table. */
export function linksOf(replies: readonly Reply[], options?: LinkListOptions): Link[] {
  return replies.map(({ body }) => decodeLink(body, options)).sort((a, b) => a.index - b.index);
}
