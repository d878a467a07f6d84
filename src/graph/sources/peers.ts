/** What joins the links of namespaces: veth pairs, and links that are on a link of another namespace. */
import { arePeers, type PairEnd } from "../../netns/peers.ts";
import type { Link } from "../../netlink/link/link.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import type { Found } from "./discover.ts";
import type { DrawnEdge, DrawnEnd } from "../picture.ts";

/** A namespace with its links. */
export class LiveSpace {
  /** The namespace. */
  readonly found: Found;
  /** Its links, in the order of their indices. */
  readonly links: readonly Link[];
  readonly #open: () => Netlink;
  #netlink: Netlink | undefined;
  readonly #ids = new Map<LiveSpace, number | undefined>();

  /** `open` opens a socket in it, when it is asked for ids. */
  constructor(found: Found, links: readonly Link[], open: () => Netlink) {
    this.found = found;
    this.links = links;
    this.#open = open;
  }

  /** The id that `other` has in this namespace, if it has one. See RTM_GETNSID in rtnetlink(7). */
  namespaceId(other: LiveSpace): number | undefined {
    if (!this.#ids.has(other)) {
      this.#netlink ??= this.#open();
      this.#ids.set(other, this.#netlink.getNamespaceId(other.found.handle));
    }
    return this.#ids.get(other);
  }

  /** Closes the socket, which ids are asked over. There may be thousands of namespaces, and fewer descriptors. */
  rest(): void {
    this.#netlink?.close();
    this.#netlink = undefined;
  }
}

/** What was found out about links that lead somewhere. */
export interface Joined {
  /** What joins them, in the order of the namespaces and of the links. */
  readonly edges: readonly DrawnEdge[];
  /** What is to be said of links whose other ends were not found, by namespace and index. */
  readonly notes: ReadonlyMap<LiveSpace, ReadonlyMap<number, string>>;
}

/** A link, with where it is. */
interface Place {
  readonly space: LiveSpace;
  readonly link: Link;
}

/** Finds out what joins the links. */
export function joinLinks(spaces: readonly LiveSpace[]): Joined {
  const partners = new Map<Link, Place | undefined>();
  const ends = endsByIndices(spaces);
  const foreign = ({ links }: LiveSpace): number => links.filter(({ linkNetnsid }) => linkNetnsid !== undefined).length;
  // Where most links lead away, one socket answers for most pairs.
  for (const space of spaces.toSorted((a, b) => foreign(b) - foreign(a))) {
    for (const link of space.links) {
      if (link.peerIndex === undefined || partners.has(link)) continue;
      const partner = link.kind === "veth" ? peerOf(space, link, ends) : linkBelow(space, link, spaces);
      partners.set(link, partner);
      if (link.kind === "veth" && partner !== undefined) partners.set(partner.link, { space, link });
    }
    space.rest();
  }
  const edges: DrawnEdge[] = [];
  const notes = new Map<LiveSpace, Map<number, string>>();
  const drawn = new Set<Link>();
  for (const space of spaces) {
    for (const link of space.links) {
      const { peerIndex, linkNetnsid, kind = "link" } = link;
      if (peerIndex === undefined || drawn.has(link)) continue;
      const partner = partners.get(link);
      const isPair = kind === "veth";
      if (partner !== undefined && isPair) drawn.add(partner.link);
      if (!isPair && linkNetnsid === undefined) continue; // the link itself says on which one it is
      const to = endOf(partner) ?? closedEnd(space, link, spaces);
      if (to !== undefined) edges.push({ from: { namespace: space.found.name, link: link.name }, to, kind });
      else notes.set(space, (notes.get(space) ?? new Map()).set(link.index, lost(link)));
    }
    space.rest();
  }
  return { edges, notes };
}

const endOf = (place: Place | undefined): DrawnEnd | undefined =>
  place && { namespace: place.space.found.name, link: place.link.name };

/** The other end, if it is in a namespace that is known but cannot be looked into. */
function closedEnd(space: LiveSpace, link: Link, spaces: readonly LiveSpace[]): DrawnEnd | undefined {
  const other = namespaceBehind(space, link, spaces);
  return other === undefined || other.links.length > 0 ? undefined : { namespace: other.found.name };
}

function lost({ kind, peerIndex }: Link): string {
  return kind === "veth"
    ? `its other end, link ${peerIndex}, is in a namespace that was not found`
    : `it is on link ${peerIndex} of a namespace that was not found`;
}

const keyOf = (index: number, peerIndex: number): string => `${index} ${peerIndex}`;

/** The ends of pairs by their own index and that of the other end. */
function endsByIndices(spaces: readonly LiveSpace[]): ReadonlyMap<string, readonly Place[]> {
  const ends = new Map<string, Place[]>();
  for (const space of spaces) {
    for (const link of space.links) {
      if (link.kind !== "veth" || link.peerIndex === undefined) continue;
      const key = keyOf(link.index, link.peerIndex);
      const places = ends.get(key);
      if (places === undefined) ends.set(key, [{ space, link }]);
      else places.push({ space, link });
    }
  }
  return ends;
}

const pairEnd = ({ index, kind, peerIndex, linkNetnsid }: Link): PairEnd => (
  { index, kind, peerIndex, peerNamespaceId: linkNetnsid }
);

function peerOf(space: LiveSpace, link: Link, ends: ReadonlyMap<string, readonly Place[]>): Place | undefined {
  const candidates = ends.get(keyOf(link.peerIndex ?? 0, link.index)) ?? [];
  return candidates.find((other) => arePeers(space, pairEnd(link), other.space, pairEnd(other.link)));
}

function linkBelow(space: LiveSpace, link: Link, spaces: readonly LiveSpace[]): Place | undefined {
  const other = namespaceBehind(space, link, spaces);
  const below = other?.links.find(({ index }) => index === link.peerIndex);
  return other === undefined || below === undefined ? undefined : { space: other, link: below };
}

/** The namespace in which the other end of a link is, or the link below it. */
function namespaceBehind(space: LiveSpace, { linkNetnsid }: Link, spaces: readonly LiveSpace[]): LiveSpace | undefined {
  return linkNetnsid === undefined
    ? space
    : spaces.find((other) => other !== space && space.namespaceId(other) === linkNetnsid);
}
