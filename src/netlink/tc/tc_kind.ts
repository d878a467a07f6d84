/** What a kind of traffic control is made of: of qdiscs, classes, filters and actions alike. */
import type { FieldRules } from "../../argument_fields.ts";
import type { KernelPart } from "../link/kinds/link_kind.ts";
import type { LinkRef } from "../link/ref.ts";
import type { Unknown } from "../wire/attributes.ts";
import type { Codec } from "../wire/codec.ts";

/** The index of a link that options name. */
export type IndexOf = (link: LinkRef) => number;

/** Options that were listed are sent back with what this library does not know of them. */
export interface TcKept {
  /** Attributes that this library has no name for, as a list gave them. */
  readonly unknown?: Unknown | undefined;
}

/** A kind. `O` are its options, as a list gives them and a request takes them. */
export interface TcKind<K extends string, O extends object> {
  /** Its name: TCA_KIND. */
  readonly kind: K;
  /** What it is, in one line, for the documentation. */
  readonly about: string;
  /** What the kernel needs for it. */
  readonly kernel: KernelPart;
  /** Each key of its options. */
  readonly fields: FieldRules<O>;
  /** The bytes of TCA_OPTIONS; absent for a kind without options. */
  encode?(options: O, indexOf: IndexOf): Uint8Array<ArrayBuffer>;
  /** The options in TCA_OPTIONS; absent for a kind without options. */
  decode?(data: Uint8Array): O;
  /** The codec of TCA_OPTIONS, of a kind whose attributes have the names of its options. */
  readonly wire?: Codec<object>;
}

/** A kind of qdisc. */
export interface QdiscKind<K extends string, O extends object> extends TcKind<K, O> {
  /** Where it is, if that is the only possibility; `root` is where others are by default. */
  readonly parent?: "ingress" | "clsact";
  /** The fewest options that the kernel takes, with which `netns doctor` tries it. */
  readonly probe: O;
}

/** The options of each of the kinds `K`, with its name. */
export type KindOptions<K> = K extends { readonly kind: infer N; decode?(data: Uint8Array): infer O }
  ? { readonly kind: N } & O
  : never;

/** The options of a kind of which nothing but its name is said. */
export type NoOptions = Readonly<Record<never, never>>;
