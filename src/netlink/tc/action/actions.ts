/** The actions of a filter, in order: TCA_ACT_…. See tc-actions(8), linux/pkt_cls.h. */
import type { FieldRules } from "../../../argument_fields.ts";
import { defined } from "../../../collections.ts";
import { shown } from "../../../errors.ts";
import { attributesOf, list, NLA_F_NESTED } from "../../wire/attributes.ts";
import { type Codec, messageCodec } from "../../wire/codec.ts";
import { bytes } from "../../wire/bytes.ts";
import { text } from "../../wire/text.ts";
import { countersOf } from "../counters.ts";
import type { IndexOf } from "../tc_kind.ts";
import { kindsOf, type RegisteredKind, type TcKinds } from "../kinds_by_name.ts";
import { type WireCounters, wireCounters } from "../message.ts";
import * as registry from "./kinds/all_actions.ts";
import type { ActionState, TcAction } from "./types.ts";

const FIELDS: FieldRules<ActionState> = { cookie: "bytes", stats: true };

/** All kinds of actions. */
const ACTION_KINDS: TcKinds<RegisteredKind> = kindsOf<RegisteredKind>(
  registry,
  "an action",
  FIELDS,
);

/** TCA_ACT_… */
interface WireAction {
  readonly kind?: string | undefined;
  readonly options?: Uint8Array<ArrayBuffer> | undefined;
  readonly stats?: WireCounters | undefined;
  readonly cookie?: Uint8Array<ArrayBuffer> | undefined;
}

/** The codec of the actions of a filter, before their options are read. */
const wireActions: Codec<readonly WireAction[]> = list(attributesOf<WireAction>({
  kind: [1, text], // TCA_ACT_KIND
  options: [2 | NLA_F_NESTED, bytes], // TCA_ACT_OPTIONS
  stats: [4, wireCounters], // TCA_ACT_STATS
  cookie: [6, bytes], // TCA_ACT_COOKIE
}));

const data = messageCodec(wireActions);

/** The bytes of the actions of a filter; undefined for none. */
export function encodeActions(
  actions: readonly TcAction[] | undefined,
  indexOf: IndexOf,
): Uint8Array<ArrayBuffer> | undefined {
  if (actions === undefined) return undefined;
  if (!Array.isArray(actions)) throw new TypeError(`Cannot use ${shown(actions)} as actions: expected an array`);
  if (actions.length === 0) return undefined;
  return data.encode(actions.map((action: TcAction): WireAction => {
    ACTION_KINDS.check(action); // untyped code may give what is no object
    return { kind: action.kind, options: ACTION_KINDS.encode(action, indexOf), cookie: action.cookie?.slice() };
  }));
}

/** The actions in these bytes. */
export function decodeActions(encoded: Uint8Array): TcAction[] {
  return data.decodeKnown(encoded).map(({ kind = "", options, stats, cookie }) => (
    defined({
      kind,
      cookie,
      stats: stats && countersOf(stats),
      ...ACTION_KINDS.decode(kind, options),
    }) as TcAction // the options are those that the registry has for the kind
  ));
}
