/** Filters as the kernel reports them. See rtnetlink(7). */
import { defined } from "../../../collections.ts";
import { ETHER_TYPES } from "../../constants/tc.ts";
import { nameOf } from "../../wire/named_numbers.ts";
import { formatFilterParent } from "../handle.ts";
import { tcMessage } from "../message.ts";
import { FILTER_KINDS, swapped } from "./request.ts";
import type { TcFilter } from "./types.ts";

/**
 * The filter that a message of the kernel is about; undefined for what stands before the filters of a `pref`, which is
 * none.
 */
export function decodeFilter(body: Uint8Array): TcFilter | undefined {
  const { index, handle, parent, info, attributes: a } = tcMessage.decodeKnown(body);
  if (handle === 0 && a.options === undefined) return undefined;
  const kind = a.kind ?? "";
  return defined({
    linkIndex: index,
    parent: formatFilterParent(parent),
    protocol: nameOf(ETHER_TYPES, swapped(info & 0xffff)),
    pref: info >>> 16,
    chain: a.chain ?? 0,
    handle,
    kind,
    ...FILTER_KINDS.decode(kind, a.options),
  }) as TcFilter; // the options are those that the registry has for the kind
}
