/** Packets that leave or enter by another link: TCA_MIRRED_…. See tc-mirred(8), linux/tc_act/tc_mirred.h. */
import { shown } from "../../../../errors.ts";
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { bytes } from "../../../wire/bytes.ts";
import { s32, u32 } from "../../../wire/numbers.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { IndexOf, TcKept, TcKind } from "../../tc_kind.ts";
import { linkOf } from "../../target.ts";
import type { NamesLink } from "../../../link/ref.ts";
import { generic } from "../generic.ts";
import type { TcControl } from "../verdict.ts";

/** What is particular to mirred: `link`, or the `linkIndex` of one that was listed, is the other link. */
export interface MirredOptions extends NamesLink, TcKept {
  /** The packet goes there, or a copy of it. */
  readonly action: "redirect" | "mirror";
  /** It leaves by the other link, or enters by it. @default {"egress"} */
  readonly direction?: "egress" | "ingress" | undefined;
  /** What happens to the packet afterwards. @default {"stolen"; of a copy, "pipe": the next action} */
  readonly controlAction?: TcControl | undefined;
  /** Its number among those of its kind; filters that name the same share it. @default {one that the kernel chooses} */
  readonly index?: number | undefined;
}

/** TCA_EGRESS_REDIR and so on: by direction and action. */
const EACTIONS = { egress: { redirect: 1, mirror: 2 }, ingress: { redirect: 3, mirror: 4 } } as const;

const data = attributes({
  times: [1, bytes], // TCA_MIRRED_TM
  parameters: [2, struct({ generic, eaction: s32, index: u32 })], // TCA_MIRRED_PARMS
  pad: [3, bytes], // TCA_MIRRED_PAD
});

function encode(options: MirredOptions, indexOf: IndexOf): Uint8Array<ArrayBuffer> {
  const { action, direction = "egress", index = 0, unknown } = options;
  const eaction: unknown = EACTIONS[direction]?.[action]; // untyped code may give any word
  if (typeof eaction !== "number") {
    const [what, expected] = Object.hasOwn(EACTIONS, direction)
      ? [action, "redirect or mirror"]
      : [direction, "egress or ingress"];
    throw new TypeError(
      `Cannot use ${shown(what)} as the ${what === action ? "action" : "direction"} of mirred: expected ${expected}`,
    );
  }
  const controlAction = options.controlAction ?? (action === "mirror" ? "pipe" : "stolen");
  const link = indexOf(linkOf(options, "mirred"));
  return messageCodec(data).encode({
    parameters: { generic: { index, action: controlAction }, eaction, index: link },
    unknown,
  });
}

function decode(bytes: Uint8Array): MirredOptions {
  const { parameters, unknown } = messageCodec(data).decode(bytes);
  const eaction = parameters?.eaction ?? EACTIONS.egress.redirect;
  return {
    action: eaction === EACTIONS.egress.mirror || eaction === EACTIONS.ingress.mirror ? "mirror" : "redirect",
    direction: eaction >= EACTIONS.ingress.redirect ? "ingress" : "egress",
    ...parameters === undefined ? {} : {
      linkIndex: parameters.index,
      controlAction: parameters.generic.action,
      index: parameters.generic.index,
    },
    ...keptOf(unknown),
  };
}

/** {@linkcode MirredOptions} */
export const mirred: TcKind<"mirred", MirredOptions> = {
  kind: "mirred",
  about: "the packet, or a copy, leaves or enters by another link",
  kernel: { option: "CONFIG_NET_ACT_MIRRED", module: "act_mirred" },
  fields: {
    link: true,
    linkIndex: "number",
    action: true,
    direction: true,
    controlAction: true,
    index: "number",
    unknown: "list",
  },
  encode,
  decode,
};
