/** Finds the other ends of links: the peer of a veth, and the parent of a link in another namespace. */
import { groupBy } from "../../collections.ts";
import { namespaceToString } from "../../namespace.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import { arePeers, type PairEnd } from "../../netns/peers.ts";
import type { PictureEdge, PictureEnd } from "../picture.ts";
import type { FoundNamespace } from "./discover.ts";

/** A namespace with its links. */
export class LiveNamespace {
  /** The namespace. */
  readonly found: FoundNamespace;
  /** Its name in the picture. */
  readonly name: string;
  /** Its links; empty if it cannot be inspected. */
  readonly links: readonly Link[];
  readonly #open: () => Netlink;
  #netlink: Netlink | undefined;
  readonly #ids = new Map<LiveNamespace, number | undefined>();

  /** `open` opens a socket in the namespace; it is called when an id is needed. */
  constructor(found: FoundNamespace, links: readonly Link[], open: () => Netlink) {
    this.found = found;
    this.name = namespaceToString(found.namespace);
    this.links = links;
    this.#open = open;
  }

  /** The id of `other` in this namespace, if it has one. See RTM_GETNSID in rtnetlink(7). */
  namespaceId(other: LiveNamespace): number | undefined {
    if (!this.#ids.has(other)) {
      this.#netlink ??= this.#open();
      this.#ids.set(other, this.#netlink.getNamespaceId(other.found.handle));
    }
    return this.#ids.get(other);
  }

  /** Closes the socket until the next id: there may be more namespaces than descriptors. */
  closeSocket(): void {
    this.#netlink?.close();
    this.#netlink = undefined;
  }
}

/** The edges of a live picture. */
export interface LiveEdges {
  /** The edges, in the order of the namespaces and their links. */
  readonly edges: readonly PictureEdge[];
  /** Remarks on links whose other end was not found, by namespace and index. */
  readonly notes: ReadonlyMap<LiveNamespace, ReadonlyMap<number, string>>;
}

/** A link and its namespace. */
interface LinkEnd {
  readonly namespace: LiveNamespace;
  readonly link: Link;
}

/** Finds the other end of each link. */
export function findEdges(namespaces: readonly LiveNamespace[]): LiveEdges {
  const partners = partnersOf(namespaces);
  const edges: PictureEdge[] = [];
  const notes = new Map<LiveNamespace, Map<number, string>>();
  const done = new Set<Link>();
  for (const namespace of namespaces) {
    for (const link of namespace.links) {
      const { peerIndex, linkNetnsid, kind = "link" } = link;
      if (peerIndex === undefined || done.has(link)) continue;
      const partner = partners.get(link);
      const isPair = kind === "veth";
      if (partner !== undefined && isPair) done.add(partner.link);
      if (!isPair && linkNetnsid === undefined) continue; // the link itself names a parent in its own namespace
      const to = partner === undefined ? hiddenEnd(namespace, link, namespaces) : endOf(partner);
      if (to !== undefined) edges.push({ from: endOf({ namespace, link }), to, kind });
      else notes.set(namespace, (notes.get(namespace) ?? new Map()).set(link.index, noteOn(link)));
    }
    namespace.closeSocket();
  }
  return { edges, notes };
}

/** The peer of each veth, and the parent of each other link that has one, as far as they are found. */
function partnersOf(namespaces: readonly LiveNamespace[]): ReadonlyMap<Link, LinkEnd | undefined> {
  const partners = new Map<Link, LinkEnd | undefined>();
  const pairEnds = pairEndsByIndices(namespaces);
  const foreign = ({ links }: LiveNamespace): number => (
    links.filter(({ linkNetnsid }) => linkNetnsid !== undefined).length
  );
  // Beginning with the namespace that has most links to others, one socket answers for most pairs.
  for (const namespace of namespaces.toSorted((a, b) => foreign(b) - foreign(a))) {
    for (const link of namespace.links) {
      if (link.peerIndex === undefined || partners.has(link)) continue;
      const end = { namespace, link };
      const partner = link.kind === "veth" ? peerOf(end, pairEnds) : parentOf(end, namespaces);
      partners.set(link, partner);
      if (link.kind === "veth" && partner !== undefined) partners.set(partner.link, end);
    }
    namespace.closeSocket();
  }
  return partners;
}

const endOf = ({ namespace, link }: LinkEnd): PictureEnd => ({ namespace: namespace.name, link: link.name });

/** The other end, if it is in a namespace that cannot be inspected. */
function hiddenEnd(
  namespace: LiveNamespace,
  link: Link,
  namespaces: readonly LiveNamespace[],
): PictureEnd | undefined {
  const other = otherNamespace(namespace, link, namespaces);
  return other === undefined || other.links.length > 0 ? undefined : { namespace: other.name };
}

function noteOn({ kind, peerIndex }: Link): string {
  return kind === "veth"
    ? `its other end, link ${peerIndex}, is in a namespace that was not found`
    : `it is on link ${peerIndex} of a namespace that was not found`;
}

type PairEnds = ReadonlyMap<string, readonly LinkEnd[]>;

const indicesKey = (index: number, peerIndex: number | undefined): string => `${index} ${peerIndex}`;

/** The veths by their own index and that of their peer. */
function pairEndsByIndices(namespaces: readonly LiveNamespace[]): PairEnds {
  const ends = namespaces.flatMap((namespace) => (
    namespace.links.filter(({ kind }) => kind === "veth").map((link) => ({ namespace, link }))
  ));
  return groupBy(ends, ({ link }) => indicesKey(link.index, link.peerIndex));
}

const pairEnd = ({ index, kind, peerIndex, linkNetnsid }: Link): PairEnd => (
  { index, kind, peerIndex, peerNamespaceId: linkNetnsid }
);

function peerOf({ namespace, link }: LinkEnd, pairEnds: PairEnds): LinkEnd | undefined {
  const candidates = pairEnds.get(indicesKey(link.peerIndex ?? 0, link.index)) ?? [];
  return candidates.find((other) => arePeers(namespace, pairEnd(link), other.namespace, pairEnd(other.link)));
}

function parentOf({ namespace, link }: LinkEnd, namespaces: readonly LiveNamespace[]): LinkEnd | undefined {
  const other = otherNamespace(namespace, link, namespaces);
  const parent = other?.links.find(({ index }) => index === link.peerIndex);
  return other === undefined || parent === undefined ? undefined : { namespace: other, link: parent };
}

/** The namespace of the other end of a link. */
function otherNamespace(
  namespace: LiveNamespace,
  { linkNetnsid }: Link,
  namespaces: readonly LiveNamespace[],
): LiveNamespace | undefined {
  return linkNetnsid === undefined
    ? namespace
    : namespaces.find((other) => other !== namespace && namespace.namespaceId(other) === linkNetnsid);
}
