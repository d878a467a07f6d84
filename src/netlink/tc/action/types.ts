/** Actions of filters: what happens to packets that a filter finds. See tc-actions(8). */
import type { TcCounters } from "../counters.ts";
import type { KindOptions } from "../tc_kind.ts";
import type * as registry from "./kinds/all_actions.ts";

/** A kind of action of which only the bytes of its options are known here. */
export type OtherActionKind =
  | ("bpf" | "connmark" | "csum" | "ct" | "ctinfo" | "gate" | "ife" | "mpls" | "nat" | "pedit" | "sample" | "simple")
  | ("skbedit" | "skbmod" | "tunnel_key" | "vlan");

/** The options of a kind of which only the bytes are known here. */
export interface OtherActionOptions {
  /** The tag of the union. At run time it can be any other kind that the kernel has. */
  readonly kind: OtherActionKind;
  /** TCA_ACT_OPTIONS, as the kernel has it. */
  readonly data?: Uint8Array | undefined;
}

/** What is particular to an action, by its kind. */
export type ActionOptions =
  | KindOptions<typeof registry[keyof typeof registry]>
  | OtherActionOptions;

/** What an action of any kind has. */
export interface ActionState {
  /** A mark of whoever made it: up to 16 bytes. */
  readonly cookie?: Uint8Array | undefined;
  /** What was counted; a request does not need it. */
  readonly stats?: TcCounters | undefined;
}

/** An action: its `kind` says which options there are. */
export type TcAction = ActionState & ActionOptions;
