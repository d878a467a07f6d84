/** Requests about qdiscs: RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC. See rtnetlink(7), tc(8). */
import { AF_UNSPEC } from "../../../../ffi/mod.ts";
import type { NetlinkError } from "../../../errors.ts";
import { RTM_DELQDISC, RTM_GETQDISC, RTM_NEWQDISC } from "../../constants/messages.ts";
import { TC_H_INGRESS, TC_H_INGRESS_HANDLE } from "../../constants/tc.ts";
import { fieldsOf } from "../../../argument_fields.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../../wire/framing.ts";
import { PARENTS, parseHandle } from "../handle.ts";
import type { IndexOf } from "../tc_kind.ts";
import { tcMessage } from "../message.ts";
import { labelOfLink, linkOf } from "../target.ts";
import type { NamesLink } from "../../link/ref.ts";
import { QDISC_KINDS } from "./qdisc_kinds.ts";
import type { QdiscFilter, QdiscRef, QdiscSpec } from "./types.ts";

const checkFilter = fieldsOf<QdiscFilter>("a filter of qdiscs", { link: true, linkIndex: true, invisible: "boolean" });

const WHAT = "a qdisc";

/** How a qdisc is sent: a new one, one in the place of another, or one that must be there. */
export type QdiscChange = "add" | "replace" | "change";

const FLAGS: Readonly<Record<QdiscChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  change: 0,
};

/** The request for all qdiscs; the kernel does not filter them. */
export function listQdiscsRequest(filter: QdiscFilter): NetlinkRequest {
  checkFilter(filter);
  const invisible = filter.invisible ? new Uint8Array(0) : undefined;
  const body = tcMessage.encode({ ...EMPTY, index: 0, attributes: { invisible } });
  return { type: RTM_GETQDISC, flags: 0, body, label: "RTM_GETQDISC" };
}

const EMPTY = { family: AF_UNSPEC, index: 0, handle: 0, parent: 0, info: 0 } as const;

/** The request that adds, replaces or changes a qdisc. */
export function newQdiscRequest(spec: QdiscSpec, change: QdiscChange, indexOf: IndexOf): NetlinkRequest {
  const options = QDISC_KINDS.encode(spec, indexOf);
  const { kind, ingressBlock, egressBlock } = spec;
  const stab = spec.stab?.slice();
  const body = tcMessage.encode({
    ...whereOf(spec, indexOf),
    attributes: { kind, options, stab, ingressBlock, egressBlock },
  });
  return {
    type: RTM_NEWQDISC,
    flags: FLAGS[change],
    body,
    label: `RTM_NEWQDISC ${kind} on ${labelOfLink(spec, WHAT)}`,
    explain: (error) => explain(spec, change, error),
    fieldAt: (body, offset) => QDISC_KINDS.fieldsOf(kind)(body, offset),
  };
}

/** The request that deletes a qdisc. */
export function deleteQdiscRequest(spec: QdiscRef, indexOf: IndexOf): NetlinkRequest {
  QDISC_KINDS.check(spec); // what was listed has options too
  const { kind } = spec;
  const label = `RTM_DELQDISC ${kind ?? spec.handle ?? spec.parent ?? "root"} on ${labelOfLink(spec, WHAT)}`;
  return {
    type: RTM_DELQDISC,
    flags: 0,
    body: tcMessage.encode({ ...whereOf(spec, indexOf), attributes: { kind } }),
    label,
    fieldAt: (body, offset) => QDISC_KINDS.fieldsOf(kind)(body, offset),
  };
}

/** Link, parent and handle, in which ingress and clsact have no choice. */
function whereOf(
  spec: NamesLink & {
    readonly kind?: string | undefined;
    readonly parent?: string | undefined;
    handle?: string | undefined;
  },
  indexOf: IndexOf,
): { family: number; index: number; handle: number; parent: number; info: number } {
  const only = spec.kind === undefined ? undefined : QDISC_KINDS.all.get(spec.kind)?.parent;
  const parent = parseHandle(spec.parent ?? only ?? "root", "parent", PARENTS);
  const chosen = spec.handle === undefined ? 0 : parseHandle(spec.handle, "handle");
  return {
    family: AF_UNSPEC,
    index: indexOf(linkOf(spec, WHAT)),
    handle: chosen === 0 && parent === TC_H_INGRESS ? TC_H_INGRESS_HANDLE : chosen,
    parent,
    info: 0,
  };
}

/** What to do about a refusal. */
function explain(spec: QdiscSpec, change: QdiscChange, { code, detail }: NetlinkError): string | undefined {
  const kernel = QDISC_KINDS.all.get(spec.kind)?.kernel;
  if (code === "ENOENT" && change !== "change" && kernel !== undefined) {
    return `modprobe ${kernel.module} on the host, with a kernel that has ${kernel.option}`;
  }
  if (code === "EINVAL" && detail === undefined && change !== "add" && spec.kind === "fq_codel") {
    return "the kernel does not change how many flows it has: leave flows out";
  }
  return undefined;
}
