/** Neighbours as the kernel reports them. See rtnetlink(7). */
import { defined } from "../../collections.ts";
import { NEIGHBOUR_STATES, NTF_EXT_LEARNED, NTF_EXT_MANAGED, NTF_PROXY, NTF_ROUTER } from "../constants/neighbour.ts";
import type { Reply } from "../wire/framing.ts";
import { isIpFamily } from "../wire/ip.ts";
import { nameOf } from "../wire/values.ts";
import { neighbourMessage } from "./message.ts";
import type { Neighbour, NeighbourFilter } from "./types.ts";

/** The neighbour that a message of the kernel is about; undefined for one of a bridge, which has no IP address. */
export function decodeNeighbour(body: Uint8Array): Neighbour | undefined {
  if (!isIpFamily(body)) return undefined;
  const { family, index, state, flags, attributes } = neighbourMessage.decode(body);
  const { dst, address, flagsExt = 0, protocol, unknown } = attributes;
  if (dst === undefined) return undefined;
  return defined({
    linkIndex: index,
    family,
    ip: dst,
    address: address || undefined, // empty on a link without link-layer addresses
    state: nameOf(NEIGHBOUR_STATES, state),
    proxy: (flags & NTF_PROXY) !== 0,
    router: (flags & NTF_ROUTER) !== 0 || undefined,
    external: (flags & NTF_EXT_LEARNED) !== 0 || undefined,
    managed: (flagsExt & NTF_EXT_MANAGED) !== 0 || undefined,
    flags,
    protocol,
    unknown,
  });
}

/** The neighbours of a dump that a filter lets through; before Linux 4.20 the kernel filters by family alone. */
export function neighboursOf(replies: readonly Reply[], filter: NeighbourFilter): Neighbour[] {
  return replies.flatMap(({ body }) => decodeNeighbour(body) ?? [])
    .filter(({ linkIndex }) => filter.linkIndex === undefined || linkIndex === filter.linkIndex);
}
