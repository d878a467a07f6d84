/** All that a kind of link is made of. Each kind is a file beside this one, and a line of all_link_kinds.ts. */
import type { FieldRule, FieldRules } from "../../../argument_fields.ts";
import type { LinkBase } from "../base.ts";
import type { OptionsCodec } from "./kind_options.ts";

/**
 * A kind of link.
 *
 * `S` is the specification of a link to make, never for a kind that netlink only reads; `O` are the options particular
 * to the kind, never for a kind without any.
 */
export interface Kind<K extends string, S extends LinkBase & { readonly kind: K }, O extends object> {
  /** Its name: IFLA_INFO_KIND. */
  readonly kind: K;
  /** What it is, in one line, for the documentation. */
  readonly about: string;
  /** What the kernel needs for it. */
  readonly kernel: KernelPart;
  /** The fields of the specification that links of other kinds lack. */
  fields(): KindFields<S>;
  /** Options that a kernel may lack though it has the kind, each with the option of the kernel that it needs. */
  readonly needs?: Readonly<Record<string, string>>;
  /** Options of which the kernel refuses some values with ERANGE, each with those that it takes. */
  readonly ranges?: Readonly<Record<string, string>>;
  /** How `netns doctor` finds out whether the kernel has it. */
  readonly probe: Probe<S>;
  /** The codec of its options, IFLA_INFO_DATA; absent for a kind without options. */
  readonly options?: OptionsCodec<O>;
  /** The options of a new link, where its specification has no others. */
  defaults?(spec: S): Partial<O>;
  /** The bytes of IFLA_INFO_DATA, of a kind whose specification has more than options. */
  encode?(spec: S): Uint8Array<ArrayBuffer>;
}

/** Each key of a specification that {@linkcode LinkBase} lacks; none of a kind that netlink only reads. */
export type KindFields<S> = [S] extends [never] ? Readonly<Record<never, FieldRule>>
  : FieldRules<Omit<S, keyof LinkBase | "kind">>;

/** The part of the kernel that makes links of a kind. */
export interface KernelPart {
  /** Its option in the kernel's configuration: `"CONFIG_VETH"`. */
  readonly option: string;
  /** The module that it may be built as: `"veth"`. */
  readonly module: string;
  /** What else a container needs for it. */
  readonly container?: string;
  /** True if nothing can be wired without it. */
  readonly required?: boolean;
}

/** How a part of the kernel is had. */
export const howToHave = ({ option, module, container }: KernelPart): string =>
  `modprobe ${module} on the host, with a kernel that has ${option}` +
  (container === undefined ? "" : `, and give a container ${container}`);

/** A trial of a kind, in a namespace that is gone afterwards. */
export type Probe<S> = {
  /** A link with as few options as can be; `lower` makes a link to stand on, another at each call, and gives its index. */
  spec(name: string, lower: () => number): S;
} | {
  /** Makes a link in the namespace of the calling thread, other than by netlink. */
  make(name: string): void;
};
