/** Requests about filters: RTM_NEWTFILTER, RTM_DELTFILTER, RTM_GETTFILTER. See rtnetlink(7), tc(8). */
import type { FieldRules } from "../../../argument_fields.ts";
import { wholeNumber } from "../../../whole_number.ts";
import { AF_UNSPEC } from "../../../../ffi/mod.ts";
import { RTM_DELTFILTER, RTM_GETTFILTER, RTM_NEWTFILTER } from "../../constants/messages.ts";
import { ETHER_TYPES } from "../../constants/tc.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL } from "../../wire/framing.ts";
import { numberOf } from "../../wire/named_numbers.ts";
import { FILTER_PARENTS, parseHandle } from "../handle.ts";
import type { IndexOf } from "../tc_kind.ts";
import { kindsOf, type RegisteredKind, type TcKinds } from "../kinds_by_name.ts";
import { tcMessage } from "../message.ts";
import { labelOfLink, linkOf } from "../target.ts";
import type { NamesLink } from "../../link/ref.ts";
import * as registry from "./kinds/all_filters.ts";
import type { FilterPlace, FilterState, TcFilterRef, TcFilterSpec } from "./types.ts";

const WHAT = "a filter";
const MOST_PREF = 0xffff;

const FIELDS: FieldRules<FilterState & NamesLink> = {
  link: true,
  linkIndex: true,
  parent: true,
  protocol: true,
  pref: true,
  chain: true,
  handle: true,
};

/** All kinds of filters. */
export const FILTER_KINDS: TcKinds<RegisteredKind> = kindsOf<RegisteredKind>(registry, WHAT, FIELDS);

/** The request for the filters of a parent. */
export function listFiltersRequest(index: number, parent: string, chain?: number): NetlinkRequest {
  const where = { family: AF_UNSPEC, index, handle: 0, parent: parseHandle(parent, "parent", FILTER_PARENTS), info: 0 };
  const body = tcMessage.encode({ ...where, attributes: { chain } });
  return { type: RTM_GETTFILTER, flags: 0, body, label: `RTM_GETTFILTER ${parent} on link ${index}` };
}

/** The request that adds a filter, or replaces the one of the same parent, chain, pref and handle. */
export function newFilterRequest(spec: TcFilterSpec, change: "add" | "replace", indexOf: IndexOf): NetlinkRequest {
  FILTER_KINDS.check(spec);
  const protocol = numberOf(ETHER_TYPES, spec.protocol ?? "all", "protocol");
  const options = FILTER_KINDS.encode(spec, indexOf);
  const { kind, chain } = spec;
  return {
    type: RTM_NEWTFILTER,
    flags: change === "add" ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE,
    body: tcMessage.encode({ ...whereOf(spec, protocol, indexOf), attributes: { kind, options, chain } }),
    label: `RTM_NEWTFILTER ${kind} on ${labelOfLink(spec, WHAT)}`,
    fieldAt: (body, offset) => FILTER_KINDS.fieldsOf(kind)(body, offset),
  };
}

/** The request that deletes filters. */
export function deleteFilterRequest(spec: TcFilterRef, indexOf: IndexOf): NetlinkRequest {
  FILTER_KINDS.check(spec); // what was listed has options too
  const { kind, chain } = spec;
  const protocol = spec.protocol === undefined ? 0 : numberOf(ETHER_TYPES, spec.protocol, "protocol");
  return {
    type: RTM_DELTFILTER,
    flags: 0,
    body: tcMessage.encode({ ...whereOf(spec, protocol, indexOf), attributes: { kind, chain } }),
    label: `RTM_DELTFILTER ${kind ?? ""} on ${labelOfLink(spec, WHAT)}`,
    fieldAt: (body, offset) => FILTER_KINDS.fieldsOf(kind)(body, offset),
  };
}

function whereOf(
  spec: NamesLink & FilterPlace,
  protocol: number,
  indexOf: IndexOf,
): { family: number; index: number; handle: number; parent: number; info: number } {
  const { pref = 0 } = spec;
  wholeNumber(pref, "pref", 0, MOST_PREF);
  return {
    family: AF_UNSPEC,
    index: indexOf(linkOf(spec, WHAT)),
    handle: spec.handle ?? 0,
    parent: parseHandle(spec.parent ?? "root", "parent", FILTER_PARENTS),
    info: pref * 0x10000 + swapped(protocol),
  };
}

/** The bytes of a number of 16 bits the other way round. */
export function swapped(value: number): number {
  return (value & 0xff) << 8 | value >> 8;
}
