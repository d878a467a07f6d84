/** Neighbours as the kernel reports them. See rtnetlink(7). */
import { NEIGHBOUR_STATES, NTF_EXT_LEARNED, NTF_EXT_MANAGED, NTF_PROXY, NTF_ROUTER } from "../constants/neighbour.ts";
import { isIpFamily } from "../wire/ip.ts";
import { nameOf } from "../wire/named_numbers.ts";
import { neighbourMessage } from "./message.ts";
import type { Neighbour } from "./types.ts";

/** The neighbour that a message of the kernel is about; undefined for one of a bridge, which has no IP address. */
export function decodeNeighbour(body: Uint8Array): Neighbour | undefined {
  if (!isIpFamily(body)) return undefined;
  const { family, index, state, flags, attributes } = neighbourMessage.decode(body);
  const { dst, address, flagsExt = 0, protocol, unknown } = attributes;
  if (dst === undefined) return undefined;
  // Key by key, as there can be a hundred thousand, most of which have few of the properties.
  const neighbour: { -readonly [K in keyof Neighbour]: Neighbour[K] } = {
    linkIndex: index,
    family,
    ip: dst,
    state: nameOf(NEIGHBOUR_STATES, state),
    proxy: (flags & NTF_PROXY) !== 0,
    flags,
  };
  if (address !== undefined && address !== "") neighbour.address = address; // empty on a link without such addresses
  if (flags & NTF_ROUTER) neighbour.router = true;
  if (flags & NTF_EXT_LEARNED) neighbour.external = true;
  if (flagsExt & NTF_EXT_MANAGED) neighbour.managed = true;
  if (protocol !== undefined) neighbour.protocol = protocol;
  if (unknown !== undefined) neighbour.unknown = unknown;
  return neighbour;
}
