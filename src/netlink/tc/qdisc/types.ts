/** Qdiscs: what packets of a link wait in before it sends them. See tc(8). */
import type { TcCounters } from "../counters.ts";
import type { NamesLink, OfLink } from "../../link/ref.ts";
import type { KindOptions } from "../tc_kind.ts";
import type * as registry from "./kinds/all_qdiscs.ts";

/** A kind of qdisc of which only the bytes of its options are known here. */
export type OtherQdiscKind =
  | ("bpf" | "cbs" | "choke" | "drr" | "dualpi2" | "etf" | "ets" | "fq_pie" | "gred" | "hfsc" | "hhf" | "mq" | "mqprio")
  | ("multiq" | "pfifo_head_drop" | "pie" | "plug" | "qfq" | "sfb" | "skbprio" | "taprio" | "teql0");

/** The options of a kind of which only the bytes are known here. */
export interface OtherQdiscOptions {
  /** The tag of the union. At run time it can be any other kind that the kernel has. */
  readonly kind: OtherQdiscKind;
  /** TCA_OPTIONS, as the kernel has it. */
  readonly data?: Uint8Array | undefined;
}

/** What is particular to a qdisc, by its kind. */
export type QdiscOptions =
  | KindOptions<typeof registry[keyof typeof registry]>
  | OtherQdiscOptions;

/** Where a qdisc is, and how requests name it. */
export interface QdiscPlace {
  /** Its handle: `"10:"`, hexadecimal. @default {one that the kernel chooses} */
  readonly handle?: string | undefined;
  /**
   * What it is attached to: `"root"`, the handle of a class (`"10:1"`), `"ingress"` or `"clsact"`.
   *
   * @default {"root"; of ingress and clsact, where alone they can be}
   */
  readonly parent?: string | undefined;
  /** Filters of packets that enter are those of this block, which links share. */
  readonly ingressBlock?: number | undefined;
  /** Filters of packets that leave are those of this block. */
  readonly egressBlock?: number | undefined;
  /** TCA_STAB: how long packets count as. */
  readonly stab?: Uint8Array | undefined;
}

/** What a list says of a qdisc of any kind. */
export interface QdiscState extends QdiscPlace, TcCounters {
  /** The index of the link. */
  readonly linkIndex: number;
  /** Its handle: `"10:"`; `"0:"` of a qdisc that the kernel made. */
  readonly handle: string;
  /** How many use it. */
  readonly refcnt: number;
  /** The hardware does it. */
  readonly offloaded: boolean;
}

/** A qdisc, as the kernel has it: its `kind` says which options there are. */
export type Qdisc = QdiscState & QdiscOptions;

/** A qdisc to add, change or replace. One that was listed is sent back as it is. */
export type QdiscSpec = OfLink & QdiscPlace & Partial<QdiscState> & QdiscOptions;

/** A qdisc to delete, by its parent; `handle` and `kind`, if they are given, must be what it has. */
export type QdiscRef = OfLink & QdiscPlace & Partial<QdiscState> & { readonly kind?: string | undefined };

/** Which qdiscs are listed. */
export interface QdiscFilter extends NamesLink {
  /** Also those that the kernel hides: the queues of classes that have no other. @default {false} */
  readonly invisible?: boolean | undefined;
}
