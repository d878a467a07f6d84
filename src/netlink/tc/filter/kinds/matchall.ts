/** Filters that find every packet: TCA_MATCHALL_…. See tc-matchall(8), linux/pkt_cls.h. */
import { defined } from "../../../../collections.ts";
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { bytes } from "../../../wire/bytes.ts";
import { u32 } from "../../../wire/numbers.ts";
import { decodeActions, encodeActions } from "../../action/actions.ts";
import type { TcAction } from "../../action/types.ts";
import { formatHandle, parseHandle } from "../../handle.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { IndexOf, TcKept, TcKind } from "../../tc_kind.ts";
import { decodeFlags, encodeFlags, type FilterFlags, FLAG_FIELDS } from "../flags.ts";

/** What is particular to matchall. */
export interface MatchallOptions extends FilterFlags, TcKept {
  /** The class that packets go to: `"1:10"`. */
  readonly classid?: string | undefined;
  /** What happens to packets, in order. */
  readonly actions?: readonly TcAction[] | undefined;
}

const data = messageCodec(attributes({
  classid: [1, u32], // TCA_MATCHALL_CLASSID
  actions: [2, bytes], // TCA_MATCHALL_ACT
  flags: [3, u32], // TCA_MATCHALL_FLAGS
  counters: [4, bytes], // TCA_MATCHALL_PCNT
  pad: [5, bytes], // TCA_MATCHALL_PAD
}));

function encode(options: MatchallOptions, indexOf: IndexOf): Uint8Array<ArrayBuffer> {
  const { classid, actions, unknown } = options;
  const flags = encodeFlags(options);
  return data.encode({
    classid: classid === undefined ? undefined : parseHandle(classid, "classid"),
    flags: flags === 0 ? undefined : flags,
    actions: encodeActions(actions, indexOf),
    unknown,
  });
}

function decode(bytes: Uint8Array): MatchallOptions {
  const { classid, actions, flags, unknown } = data.decode(bytes);
  return {
    ...defined({ classid: classid === undefined ? undefined : formatHandle(classid) }),
    actions: actions === undefined ? [] : decodeActions(actions),
    ...decodeFlags(flags ?? 0),
    ...keptOf(unknown),
  };
}

/** {@linkcode MatchallOptions} */
export const matchall: TcKind<"matchall", MatchallOptions> = {
  kind: "matchall",
  about: "finds every packet",
  kernel: { option: "CONFIG_NET_CLS_MATCHALL", module: "cls_matchall" },
  fields: { classid: true, actions: "list", ...FLAG_FIELDS, unknown: "list" },
  encode,
  decode,
};
