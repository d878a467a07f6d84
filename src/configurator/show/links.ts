/** Links as interfaces of the file. */
import { defined } from "../../collections.ts";
import { INITIAL_LINKS } from "../plan/initial_links.ts";
import type { InterfaceInput } from "../../models/interface/linux_interface.ts";
import { isUnicastMac, MTU_MIN } from "../../models/values.ts";
import type { Link } from "../../netlink/link/types.ts";
import { linkAt } from "../observed/lookup.ts";
import { otherEnd } from "../observed/other_end.ts";
import { shownAddresses } from "./addresses.ts";
import { shownPort } from "./bridge_ports.ts";
import { type DescribedKind, describeKind, isDescribable, type LinkNames } from "./link_kinds.ts";
import type { Omissions } from "./omissions.ts";
import { otherOptions } from "./other_options.ts";
import { shownImpairment } from "./qdiscs.ts";
import { fileName, type ShownNamespace } from "./shown_namespace.ts";
import { existingOf, loopbackOf, otherFields, type UsedLinks, usedOf } from "./used_links.ts";

/** The interfaces of a file, and what the file calls each link. */
export interface ShownLinks {
  /** The interfaces. */
  readonly interfaces: readonly InterfaceInput[];
  /** The interface of a link, by its name in the file; else the host name. */
  nameOf(shown: ShownNamespace, index: number): string | undefined;
}

const keyOf = ({ namespace: { reference } }: ShownNamespace, index: number): string => `${reference} ${index}`;

/** A link of which the file describes everything but what it refers to. */
interface Candidate {
  readonly shown: ShownNamespace;
  readonly link: Link;
}

/**
 * The links of all namespaces that are shown, as interfaces.
 *
 * @param own Those that the configuration whose file it is uses, and did not make.
 */
export function shownLinks(all: readonly ShownNamespace[], own: UsedLinks, omissions: Omissions): ShownLinks {
  const described = new Map<string, Candidate>();
  const isUsed = (shown: ShownNamespace, link: Link): boolean => {
    const record = own.recordOf(shown, link);
    return record !== undefined && (record.used !== undefined || !isPersistent(link));
  };
  for (const shown of all) {
    for (const link of shown.links) {
      if (isDescribable(link.kind) && !isUntouched(shown, link) && !isUsed(shown, link)) {
        described.set(keyOf(shown, link.index), { shown, link });
      }
    }
  }
  const refusals = refuseUndescribable(all, described);
  const nameOf = (shown: ShownNamespace, index: number): string | undefined => {
    const one = described.get(keyOf(shown, index));
    return one === undefined ? shown.links.find((link) => link.index === index)?.name : fileName(shown, one.link);
  };
  const interfaces = [...described.values()].flatMap(({ shown, link }) =>
    interfaceOf(all, described, shown, link, own, nameOf, omissions) ?? []
  );
  const used = all.flatMap((shown) =>
    shown.links.flatMap((link) => {
      if (described.has(keyOf(shown, link.index)) || isUntouched(shown, link)) return [];
      const record = own.recordOf(shown, link);
      if (link.loopback) return loopbackOf(shown, link, record, own, omissions);
      if (record !== undefined) {
        omissions.add(fileName(shown, link), "only what the configuration gives it: somebody else made it");
        return usedOf(shown, link, record, own, nameOf, omissions);
      }
      const reason = refusals.get(keyOf(shown, link.index)) ?? reasonFor(link);
      omissions.add(fileName(shown, link), `only as a link that is there: ${reason}`);
      return existingOf(shown, link, nameOf, omissions);
    })
  );
  return { nameOf, interfaces: [...interfaces, ...used] };
}

/** True of a TUN or TAP that stays without its program. */
const isPersistent = ({ data }: Link): boolean => data?.kind === "tun" && data.persistent === true;

const reasonFor = ({ kind }: Link): string => kind === undefined ? "a link of hardware" : `a link of the kind ${kind}`;

/** Takes out, until nothing changes, what refers to what is not described; gives the reasons. */
function refuseUndescribable(all: readonly ShownNamespace[], described: Map<string, Candidate>): Map<string, string> {
  const reasons = new Map<string, string>();
  for (let before = -1; before !== described.size;) {
    before = described.size;
    for (const [key, { shown, link }] of described) {
      const kind = kindOf(all, described, shown, link);
      if (typeof kind !== "string") continue;
      described.delete(key);
      reasons.set(key, kind);
    }
  }
  return reasons;
}

/** A link that the kernel puts into each namespace, as it puts it there. */
function isUntouched({ addresses }: ShownNamespace, { name, index, up, loopback }: Link): boolean {
  return !loopback && INITIAL_LINKS.has(name) && !up && !addresses.some(({ linkIndex }) => linkIndex === index);
}

function kindOf(
  all: readonly ShownNamespace[],
  described: ReadonlyMap<string, Candidate>,
  shown: ShownNamespace,
  link: Link,
): DescribedKind | string {
  if (link.kind === "veth") {
    const peer = peerOf(all, shown, link);
    if (peer === undefined) return "the other end of its pair is elsewhere";
    if (!described.has(keyOf(peer.shown, peer.link.index))) return "so is the other end of its pair";
    return { type: "VETH", object: { veth: { peerIfName: fileName(peer.shown, peer.link) } } };
  }
  return describeKind(link, namesFor(all, described, shown, link));
}

function peerOf(all: readonly ShownNamespace[], shown: ShownNamespace, { index }: Link): Candidate | undefined {
  const link = linkAt(shown.namespace, index);
  const end = link && otherEnd(shown.namespace, link, all.map(({ namespace }) => namespace));
  const other = end && all.find(({ namespace }) => namespace === end.namespace);
  const peer = other?.links.find((one) => one.index === end?.index);
  return other === undefined || peer === undefined ? undefined : { shown: other, link: peer };
}

function namesFor(
  all: readonly ShownNamespace[],
  described: ReadonlyMap<string, Candidate>,
  shown: ShownNamespace,
  link: Link,
): LinkNames {
  const nameIn = (there: ShownNamespace, index: number): string | undefined => {
    const one = described.get(keyOf(there, index));
    if (one !== undefined) return fileName(there, one.link);
    // What the file does not make is named as the kernel names it; in another namespace, by its item.
    const other = there.links.find((other) => other.index === index);
    if (other === undefined || there === shown) return other?.name;
    return isUntouched(there, other) ? undefined : fileName(there, other);
  };
  const below = parentOf(all, shown, link);
  return {
    parent: below && nameIn(below.shown, below.link.index),
    at: (index) => nameIn(shown, index),
    entries: link.kind === "vxlan" ? entriesOf(shown, link) : [],
    device: link.kind === "wireguard" ? shown.namespace.wireguard(link.index) : undefined,
    birthNamespace: link.kind === "wireguard" ? namespaceWithId(all, shown, link)?.namespace.reference : undefined,
  };
}

/** The link that another one stands on, if that is in a namespace that is shown. */
function parentOf(all: readonly ShownNamespace[], shown: ShownNamespace, link: Link): Candidate | undefined {
  const { linkNetnsid, peerIndex, data } = link;
  const option = data !== undefined && "link" in data && typeof data.link === "number" ? data.link : undefined;
  const index = option || peerIndex;
  if (index === undefined || index === 0) return undefined;
  const there = linkNetnsid === undefined ? shown : namespaceWithId(all, shown, link);
  const parent = there?.links.find((one) => one.index === index && (there !== shown || index !== link.index));
  return there === undefined || parent === undefined ? undefined : { shown: there, link: parent };
}

/** The namespace, among those that are shown, in which the other end of a link or the link below it is. */
function namespaceWithId(
  all: readonly ShownNamespace[],
  { namespace }: ShownNamespace,
  { linkNetnsid }: Link,
): ShownNamespace | undefined {
  if (linkNetnsid === undefined) return undefined;
  return all.find((one) => one.namespace !== namespace && namespace.namespaceId(one.namespace) === linkNetnsid);
}

/** The address of all hardware addresses that have no entry. */
const OTHERS = "00:00:00:00:00:00";

function entriesOf({ forwarding }: ShownNamespace, { index, data }: Link): LinkNames["entries"] {
  const { remote, remote6, group, group6 } = data?.kind === "vxlan" ? data : {};
  const given = remote ?? remote6 ?? group ?? group6; // the kernel makes an entry of it
  return forwarding.flatMap(({ linkIndex, address: mac, ip, state }) => {
    if (linkIndex !== index || ip === undefined || state !== "permanent") return [];
    return mac === OTHERS && ip === given ? [] : [{ mac, remote: ip }];
  });
}

function interfaceOf(
  all: readonly ShownNamespace[],
  described: ReadonlyMap<string, Candidate>,
  shown: ShownNamespace,
  link: Link,
  own: UsedLinks,
  nameOf: ShownLinks["nameOf"],
  omissions: Omissions,
): InterfaceInput | undefined {
  const name = fileName(shown, link);
  const kind = kindOf(all, described, shown, link);
  if (typeof kind === "string") return undefined;
  const master = link.master === undefined ? undefined : shown.links.find(({ index }) => index === link.master);
  reportOthers(all, shown, link, kind, omissions);
  const { mtu, numTxQueues = 1, numRxQueues = 1, txQueueLength, alias } = link;
  return defined({
    name,
    type: kind.type,
    namespace: shown.namespace.reference,
    hostIfName: link.name,
    enabled: link.up,
    description: alias,
    mtu: mtu < MTU_MIN ? undefined : mtu,
    physAddress: hardwareAddressOf(all, shown, link),
    ipAddresses: shownAddresses(shown, link, omissions),
    master: master && nameOf(shown, master.index),
    bridgePort: master?.kind === "bridge" ? shownPort(shown, link, master, omissions) : undefined,
    txQueueLength: txQueueLength === usualQueueLength(link) ? undefined : txQueueLength,
    queues: numTxQueues !== numRxQueues || numTxQueues === 1 || link.kind === "tun" ? undefined : numTxQueues,
    impair: shownImpairment(shown, link, name, omissions, own.impairmentOf(shown, link)),
    ...kind.object,
  });
}

/** The queue that the kernel gives a new link, in packets. */
const usualQueueLength = ({ kind }: Link): number => kind === "ifb" ? 32 : 1000;

/** The hardware address, where the link has one of its own. */
function hardwareAddressOf(all: readonly ShownNamespace[], shown: ShownNamespace, link: Link): string | undefined {
  const address = link.bondPort?.permHwaddr ?? link.address;
  const isOfParent = link.kind === "ipvlan" || link.data?.kind === "macvlan" && link.data.mode === "passthru";
  if (address === undefined || isOfParent || !isUnicastMac(address)) return undefined;
  return link.kind === "vlan" && parentOf(all, shown, link)?.link.address === address ? undefined : address;
}

/** What a file cannot say of a link. */
function reportOthers(
  all: readonly ShownNamespace[],
  shown: ShownNamespace,
  link: Link,
  { said = [], secrets = [], object }: DescribedKind,
  omissions: Omissions,
): void {
  const name = fileName(shown, link);
  const { kind = "", data, numTxQueues = 1, numRxQueues = 1, linkNetnsid, peerIndex } = link;
  const others = [
    ...otherOptions(kind, data ?? {}, said),
    ...otherFields(link),
    ...numTxQueues === numRxQueues || kind === "tun" ? [] : [`${numTxQueues} queues out and ${numRxQueues} in`],
    ...link.arp || isWithoutArp(kind, link) || isOnOneWithoutArp(all, shown, link) ? [] : ["no ARP"],
    ...secrets,
    ...linkNetnsid !== undefined && !peerIndex && object?.wireguard?.birthNamespace === undefined
      ? ["its packets leave in another namespace"]
      : [],
  ];
  for (const one of others) omissions.add(name, `without ${one}`);
}

/** True of a link that asks for no hardware addresses by its kind, or by the mode of its kind. */
const isWithoutArp = (kind: string, { data }: Link): boolean =>
  WITHOUT_ARP.has(kind) || data?.kind === "ipvlan" && data.mode !== "l2" || data?.kind === "tun" && data.mode === "tun";

/** True of a VLAN that is as the link below: so the kernel makes it. */
const isOnOneWithoutArp = (all: readonly ShownNamespace[], shown: ShownNamespace, link: Link): boolean =>
  link.kind === "vlan" && parentOf(all, shown, link)?.link.arp === false;

/** The kinds whose new links ask for no hardware addresses. */
const WITHOUT_ARP: ReadonlySet<string> = new Set([
  "dummy",
  "vrf",
  "ifb",
  "gre",
  "ip6gre",
  "ipip",
  "sit",
  "ip6tnl",
  "wireguard",
]);
