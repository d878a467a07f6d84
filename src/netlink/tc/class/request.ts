/** Requests about classes: RTM_NEWTCLASS, RTM_DELTCLASS, RTM_GETTCLASS. See rtnetlink(7), tc(8). */
import type { FieldRules } from "../../../argument_fields.ts";
import { AF_UNSPEC } from "../../../../ffi/mod.ts";
import { RTM_DELTCLASS, RTM_GETTCLASS, RTM_NEWTCLASS } from "../../constants/messages.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../../wire/framing.ts";
import { COUNTER_FIELDS } from "../counters.ts";
import { PARENTS, parseHandle } from "../handle.ts";
import type { IndexOf } from "../tc_kind.ts";
import { kindsOf, type RegisteredKind, type TcKinds } from "../kinds_by_name.ts";
import { tcMessage } from "../message.ts";
import { labelOfLink, linkOf } from "../target.ts";
import type { NamesLink } from "../../link/ref.ts";
import * as registry from "./kinds/all_classes.ts";
import type { ClassState, TcClassRef, TcClassSpec } from "./types.ts";

const WHAT = "a class";

const FIELDS: FieldRules<ClassState & NamesLink> = {
  link: true,
  linkIndex: true,
  handle: true,
  parent: true,
  leaf: true,
  ...COUNTER_FIELDS,
};

/** All kinds of classes. */
export const CLASS_KINDS: TcKinds<RegisteredKind> = kindsOf<RegisteredKind>(registry, WHAT, FIELDS);

/** The request for the classes of a link. */
export function listClassesRequest(index: number): NetlinkRequest {
  const body = tcMessage.encode({ family: AF_UNSPEC, index, handle: 0, parent: 0, info: 0, attributes: {} });
  return { type: RTM_GETTCLASS, flags: 0, body, label: `RTM_GETTCLASS on link ${index}` };
}

/** The request that adds a class, or changes the one of the same handle. */
export function newClassRequest(
  spec: TcClassSpec,
  change: "add" | "replace" | "change",
  indexOf: IndexOf,
): NetlinkRequest {
  const options = CLASS_KINDS.encode(spec, indexOf);
  const { kind } = spec;
  return {
    type: RTM_NEWTCLASS,
    flags: FLAGS[change],
    body: tcMessage.encode({ ...whereOf(spec, indexOf), attributes: { kind, options } }),
    label: `RTM_NEWTCLASS ${spec.handle ?? kind} on ${labelOfLink(spec, WHAT)}`,
    fieldAt: (body, offset) => CLASS_KINDS.fieldsOf(kind)(body, offset),
  };
}

const FLAGS = { add: NLM_F_CREATE | NLM_F_EXCL, replace: NLM_F_CREATE | NLM_F_REPLACE, change: 0 } as const;

/** The request that deletes a class. */
export function deleteClassRequest(spec: TcClassRef, indexOf: IndexOf): NetlinkRequest {
  CLASS_KINDS.check(spec); // what was listed has options too
  return {
    type: RTM_DELTCLASS,
    flags: 0,
    body: tcMessage.encode({ ...whereOf({ ...spec, parent: undefined }, indexOf), attributes: { kind: spec.kind } }),
    label: `RTM_DELTCLASS ${spec.handle} on ${labelOfLink(spec, WHAT)}`,
  };
}

function whereOf(
  spec: NamesLink & { readonly handle?: string | undefined; readonly parent?: string | undefined },
  indexOf: IndexOf,
): { family: number; index: number; handle: number; parent: number; info: number } {
  return {
    family: AF_UNSPEC,
    index: indexOf(linkOf(spec, WHAT)),
    handle: spec.handle === undefined ? 0 : parseHandle(spec.handle, "handle"),
    parent: spec.parent === undefined ? 0 : parseHandle(spec.parent, "parent", PARENTS),
    info: 0,
  };
}
