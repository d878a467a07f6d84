/** Finds the other end of a veth pair. */
import { arePeers } from "../../netns/peers.ts";
import { linkAt } from "./lookup.ts";
import type { LinkLocation, ObservedLink, ObservedNamespace } from "./observed_namespace.ts";

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
