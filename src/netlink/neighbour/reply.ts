/** Neighbours as the kernel reports them. See rtnetlink(7). */
import { defined } from "../../collections.ts";
import { NEIGHBOUR_STATES, NTF_PROXY } from "../constants/neighbour.ts";
import type { Reply } from "../wire/framing.ts";
import { isIpFamily } from "../wire/ip.ts";
import { nameOf } from "../wire/values.ts";
import { neighbourMessage } from "./message.ts";
import type { Neighbour, NeighbourFilter } from "./types.ts";

/** The neighbour that a message of the kernel is about; undefined for one of a bridge, which has no IP address. */
export function decodeNeighbour(body: Uint8Array): Neighbour | undefined {
  if (!isIpFamily(body)) return undefined;
  const { family, index, state, flags, attributes: { dst, address } } = neighbourMessage.decodeKnown(body);
  if (dst === undefined) return undefined;
  return defined({
    linkIndex: index,
    family,
    ip: dst,
    address,
    state: nameOf(NEIGHBOUR_STATES, state),
    proxy: (flags & NTF_PROXY) !== 0,
    flags,
  });
}

/** The neighbours of a dump that a filter lets through; before Linux 4.20 the kernel filters by family alone. */
export function neighboursOf(replies: readonly Reply[], filter: NeighbourFilter): Neighbour[] {
  return replies.flatMap(({ body }) => decodeNeighbour(body) ?? [])
    .filter(({ linkIndex }) => filter.linkIndex === undefined || linkIndex === filter.linkIndex);
}
