/** The two ends of a veth pair, which may be in two namespaces. */

/** What shows whether a link is an end of a pair. */
export interface PairEnd {
  /** Its number in its namespace. */
  readonly index: number;
  /** `"veth"` of an end of a pair; hardware has none. */
  readonly kind?: string | undefined;
  /** The index of the other end, in the namespace where that is (IFLA_LINK). */
  readonly peerIndex?: number | undefined;
  /** The id of that namespace in this one; absent if it is the same (IFLA_LINK_NETNSID). */
  readonly peerNamespaceId?: number | undefined;
}

/** A namespace that can say which id another one has in it. */
export interface NamespaceWithIds<Other> {
  /** The id that `other` has in this namespace, if it has one. See RTM_GETNSID in rtnetlink(7). */
  namespaceId(other: Other): number | undefined;
}

/**
 * True if the two are the ends of one veth pair. Each namespace counts its links from 1, so equal indices alone do
 * not show it: the ids of the namespaces must match too.
 */
export function arePeers<N extends NamespaceWithIds<N>>(a: N, left: PairEnd, b: N, right: PairEnd): boolean {
  if (left.kind !== "veth" || right.kind !== "veth") return false;
  if (left.peerIndex !== right.index || right.peerIndex !== left.index) return false;
  return a === b
    ? left.peerNamespaceId === undefined
    : left.peerNamespaceId !== undefined && left.peerNamespaceId === a.namespaceId(b);
}
