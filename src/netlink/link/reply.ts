/** Links as the kernel reports them. See rtnetlink(7), ip-link(8). */
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
import { nameOf } from "../wire/named_numbers.ts";
import { bondPort } from "./bond_ports.ts";
import { bridgePort } from "./bridge_ports.ts";
import { decodeKind, KINDS } from "./kinds/link_spec.ts";
import { type LinkInfo, linkMessage } from "./message.ts";
import { linkStats } from "./stats.ts";
import type { Link, LinkListOptions } from "./types.ts";

/** The link that a message of the kernel is about, with its counters if `stats` says so. */
export function decodeLink(body: Uint8Array, { stats = false }: LinkListOptions = {}): Link {
  const { index, type, flags, attributes: a } = linkMessage.decodeKnown(body);
  // Key by key, as each link of a list has them: to copy what is not undefined takes twice as long as to read the message.
  const link: { -readonly [K in keyof Link]: Link[K] } = {
    index,
    name: a.name ?? "",
    altNames: a.properties?.altName ?? [],
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
  };
  if (a.minMtu !== undefined) link.minMtu = a.minMtu;
  if (a.maxMtu !== undefined) link.maxMtu = a.maxMtu;
  if (a.numTxQueues !== undefined) link.numTxQueues = a.numTxQueues;
  if (a.numRxQueues !== undefined) link.numRxQueues = a.numRxQueues;
  if (a.txQueueLength !== undefined) link.txQueueLength = a.txQueueLength;
  if (a.address !== undefined) link.address = a.address;
  if (a.link) link.peerIndex = a.link; // 0 of a tunnel that is on no link
  if (a.linkNetnsid !== undefined) link.linkNetnsid = a.linkNetnsid;
  if (a.master !== undefined) link.master = a.master;
  const addrGenMode = a.families?.inet6?.addrGenMode;
  if (addrGenMode !== undefined) link.addrGenMode = nameOf(ADDR_GEN_MODES, addrGenMode);
  if (a.alias !== undefined) link.alias = a.alias;
  if (a.group) link.group = a.group;
  if (a.info !== undefined) addInfo(link, a.info, a.linkNetnsid === undefined ? a.link : undefined);
  if (stats && a.stats !== undefined) link.stats = linkStats(a.stats);
  return link;
}

/** Adds what is particular to the kind of a link, and to the kind of its master. */
function addInfo(
  link: { -readonly [K in keyof Link]: Link[K] },
  { kind, data, slaveKind, slaveData }: LinkInfo,
  below: number | undefined,
): void {
  if (kind !== undefined) {
    link.kind = kind;
    const options = decodeKind(kind, data, below);
    if (options !== undefined) link.data = options;
    else if (data !== undefined && !KINDS.has(kind)) link.rawData = data;
  }
  if (slaveData === undefined) return;
  if (slaveKind === "bridge") link.port = bridgePort.decode(slaveData);
  if (slaveKind === "bond") link.bondPort = bondPort.decode(slaveData);
}
