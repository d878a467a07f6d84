/** Qdiscs as the kernel reports them. See rtnetlink(7). */
import { defined } from "../../../collections.ts";
import { countersOf } from "../counters.ts";
import { formatHandle, formatParent } from "../handle.ts";
import { tcMessage } from "../message.ts";
import { QDISC_KINDS } from "./qdisc_kinds.ts";
import type { Qdisc } from "./types.ts";

/** The qdisc that a message of the kernel is about. */
export function decodeQdisc(body: Uint8Array): Qdisc {
  const { index, handle, parent, info, attributes: a } = tcMessage.decodeKnown(body);
  const kind = a.kind ?? "";
  return defined({
    linkIndex: index,
    kind,
    handle: formatHandle(handle),
    parent: formatParent(parent, kind),
    refcnt: info,
    offloaded: a.offloaded === 1,
    ingressBlock: a.ingressBlock,
    egressBlock: a.egressBlock,
    stab: a.stab,
    ...QDISC_KINDS.decode(kind, a.options),
    ...countersOf(a.stats2 ?? {}),
  }) as Qdisc; // the options are those that the registry has for the kind
}
