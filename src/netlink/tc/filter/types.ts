/** Filters: which packets of a qdisc go to which class, or to which actions. See tc(8). */
import type { EtherType } from "../../constants/tc.ts";
import type { NamesLink, OfLink } from "../../link/ref.ts";
import type { KindOptions } from "../tc_kind.ts";
import type * as registry from "./kinds/all_filters.ts";

/** A kind of filter of which only the bytes of its options are known here. */
export type OtherFilterKind = "basic" | "bpf" | "cgroup" | "flow" | "fw" | "route" | "rsvp" | "rsvp6" | "tcindex";

/** The options of a kind of which only the bytes are known here. */
export interface OtherFilterOptions {
  /** The tag of the union. At run time it can be any other kind that the kernel has. */
  readonly kind: OtherFilterKind;
  /** TCA_OPTIONS, as the kernel has it. */
  readonly data?: Uint8Array | undefined;
}

/** What is particular to a filter, by its kind. */
export type FilterOptions =
  | KindOptions<typeof registry[keyof typeof registry]>
  | OtherFilterOptions;

/** Where a filter is, and how requests name it. */
export interface FilterPlace {
  /**
   * What it is attached to: `"ingress"` or `"egress"` of clsact, `"ingress"` of ingress, a qdisc (`"1:"`), a class
   * (`"1:1"`), or `"root"`, the qdisc of the link.
   *
   * @default {"root"}
   */
  readonly parent?: string | undefined;
  /** The protocol of the packets. @default {"all"} */
  readonly protocol?: EtherType | number | undefined;
  /** Filters with a lower number come first. @default {one that the kernel chooses} */
  readonly pref?: number | undefined;
  /** The number of its chain. @default {0} */
  readonly chain?: number | undefined;
  /** Its number among those of the same `pref`. @default {one that the kernel chooses} */
  readonly handle?: number | undefined;
}

/** What a list says of a filter of any kind. */
export interface FilterState extends FilterPlace {
  /** The index of the link. */
  readonly linkIndex: number;
  /** What it is attached to. */
  readonly parent: string;
  /** The protocol of the packets. */
  readonly protocol: EtherType | number;
  /** Filters with a lower number come first. */
  readonly pref: number;
  /** The number of its chain. */
  readonly chain: number;
  /** Its number among those of the same `pref`. */
  readonly handle: number;
}

/** A filter, as the kernel has it: its `kind` says which options there are. */
export type TcFilter = FilterState & FilterOptions;

/** A filter to add or replace. One that was listed is sent back as it is. */
export type TcFilterSpec = OfLink & FilterPlace & FilterOptions;

/** A filter to delete; without `handle` all of its `pref`, without `pref` all that are attached to `parent`. */
export type TcFilterRef = OfLink & FilterPlace & {
  /** The kind that it must have. */
  readonly kind?: string | undefined;
};

/** Which filters are listed. */
export interface TcFilterFilter extends NamesLink {
  /** What they are attached to. @default {everything on the link that filters can be attached to} */
  readonly parent?: string | undefined;
  /** Only those of this chain. */
  readonly chain?: number | undefined;
}
