/** The two ends of a veth pair, which may be in two namespaces. */
import { linkAt } from "./lookup.ts";
import type { LinkLocation, ObservedLink, ObservedNamespace } from "./observed_namespace.ts";

/** What tells whether a link is the end of a pair. */
export type PairEnd = Pick<ObservedLink, "index" | "kind" | "peerIndex" | "peerNamespaceId">;

/**
 * True if the two are the ends of one veth pair. Each namespace counts its links from 1, so equal indices alone do
 * not show it: the ids of the namespaces must match too.
 */
export function arePeers<N extends { namespaceId(other: N): number | undefined }>(
  a: N,
  left: PairEnd,
  b: N,
  right: PairEnd,
): boolean {
  if (left.kind !== "veth" || right.kind !== "veth") return false;
  if (left.peerIndex !== right.index || right.peerIndex !== left.index) return false;
  return a === b
    ? left.peerNamespaceId === undefined
    : left.peerNamespaceId !== undefined && left.peerNamespaceId === a.namespaceId(b);
}

/** The other end of `link`, if it is in `other`. */
export function peerIn(
  namespace: ObservedNamespace,
  link: ObservedLink,
  other: ObservedNamespace,
): ObservedLink | undefined {
  const candidate = link.peerIndex === undefined ? undefined : linkAt(other, link.peerIndex);
  return candidate !== undefined && arePeers(namespace, link, other, candidate) ? candidate : undefined;
}

/** Where the other end of `link` is, if it is the end of a pair and the other one is in one of `namespaces`. */
export function otherEnd(
  namespace: ObservedNamespace,
  link: ObservedLink,
  namespaces: Iterable<ObservedNamespace>,
): (LinkLocation & { readonly link: ObservedLink }) | undefined {
  if (link.kind !== "veth") return undefined;
  for (const other of namespaces) {
    const peer = peerIn(namespace, link, other);
    if (peer !== undefined) return { namespace: other, index: peer.index, link: peer };
  }
  return undefined;
}
