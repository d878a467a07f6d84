/** Classes of a qdisc, which divide it. See tc(8). */
import type { TcCounters } from "../counters.ts";
import type { OfLink } from "../../link/ref.ts";
import type { KindOptions } from "../tc_kind.ts";
import type * as registry from "./kinds/all_classes.ts";

/** A kind of class of which only the bytes of its options are known here, if it has any. */
export type OtherClassKind =
  | ("cake" | "cbs" | "choke" | "clsact" | "codel" | "drr" | "ets" | "fq_codel" | "fq_pie" | "hfsc" | "ingress" | "mq")
  | ("mqprio" | "multiq" | "netem" | "prio" | "qfq" | "red" | "sfb" | "sfq" | "skbprio" | "taprio" | "tbf");

/** The options of a kind of which only the bytes are known here. */
export interface OtherClassOptions {
  /** The tag of the union. At run time it can be any other kind that the kernel has. */
  readonly kind: OtherClassKind;
  /** TCA_OPTIONS, as the kernel has it. */
  readonly data?: Uint8Array | undefined;
}

/** What is particular to a class, by the kind of its qdisc. */
export type TcClassOptions =
  | KindOptions<typeof registry[keyof typeof registry]>
  | OtherClassOptions;

/** Where a class is, and how requests name it. */
export interface ClassPlace {
  /** Its handle: `"1:10"`, hexadecimal; the part before the colon is that of its qdisc. @default {one that the kernel chooses} */
  readonly handle?: string | undefined;
  /** The qdisc (`"1:"`), or the class (`"1:1"`), below which it is; `"root"` is the qdisc. */
  readonly parent?: string | undefined;
}

/** What a list says of a class of any kind. */
export interface ClassState extends ClassPlace, TcCounters {
  /** The index of the link. */
  readonly linkIndex: number;
  /** Its handle: `"1:10"`. */
  readonly handle: string;
  /** The handle of the qdisc that its packets wait in, if it has one. */
  readonly leaf?: string;
}

/** A class, as the kernel has it: its `kind` says which options there are. */
export type TcClass = ClassState & TcClassOptions;

/** A class to add, change or replace. One that was listed is sent back as it is. */
export type TcClassSpec = OfLink & ClassPlace & Partial<ClassState> & TcClassOptions;

/** A class to delete, by its handle. */
export type TcClassRef = OfLink & ClassPlace & Partial<ClassState> & {
  /** Its handle: `"1:10"`. */
  readonly handle: string;
  /** The kind of its qdisc. */
  readonly kind?: string | undefined;
};
