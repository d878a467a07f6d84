/** The kinds of qdiscs together, as the registry lists them. */
import type { FieldRules } from "../../../argument_fields.ts";
import { COUNTER_FIELDS } from "../counters.ts";
import type { QdiscKind } from "../tc_kind.ts";
import { kindsOf, type RegisteredKind, type TcKinds } from "../kinds_by_name.ts";
import * as registry from "./kinds/all_qdiscs.ts";
import type { NamesLink } from "../../link/ref.ts";
import type { QdiscState } from "./types.ts";

/** A kind as the registry has it. */
export type RegisteredQdisc = RegisteredKind & Pick<QdiscKind<string, object>, "parent" | "probe">;

const FIELDS: FieldRules<QdiscState & NamesLink> = {
  link: true,
  linkIndex: true,
  handle: true,
  parent: true,
  ingressBlock: true,
  egressBlock: true,
  stab: "bytes",
  refcnt: true,
  offloaded: "boolean",
  ...COUNTER_FIELDS,
};

/** All kinds of qdiscs. */
export const QDISC_KINDS: TcKinds<RegisteredQdisc> = kindsOf<RegisteredQdisc>(registry, "a qdisc", FIELDS);
