/** Classes as the kernel reports them. See rtnetlink(7). */
import { defined } from "../../../collections.ts";
import { countersOf } from "../counters.ts";
import { formatHandle, formatParent } from "../handle.ts";
import { tcMessage } from "../message.ts";
import { CLASS_KINDS } from "./request.ts";
import type { TcClass } from "./types.ts";

/** The class that a message of the kernel is about. */
export function decodeClass(body: Uint8Array): TcClass {
  const { index, handle, parent, info, attributes: a } = tcMessage.decodeKnown(body);
  const kind = a.kind ?? "";
  return defined({
    linkIndex: index,
    kind,
    handle: formatHandle(handle),
    parent: formatParent(parent),
    leaf: info === 0 ? undefined : formatHandle(info),
    ...CLASS_KINDS.decode(kind, a.options),
    ...countersOf(a.stats2 ?? {}),
  }) as TcClass; // the options are those that the registry has for the kind
}
