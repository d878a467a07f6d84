/** The kinds of links together, as the registry lists them: their types, and IFLA_INFO_DATA. */
import { BASE_FIELDS, type LinkBase } from "../base.ts";
import { checkOf } from "../../../argument_fields.ts";
import type { LinkRef } from "../ref.ts";
import type { Kind } from "./link_kind.ts";
import * as registry from "./all_link_kinds.ts";

/** A link to make: the specification of one of the kinds. */
export type LinkSpec = typeof registry[keyof typeof registry] extends infer K
  ? K extends { readonly probe: infer P } ? P extends { spec(name: string, lower: () => number): infer S } ? S : never
  : never
  : never;

/**
 * What is particular to a link that exists: the options of its kind; those that a link of the kind needs are always
 * listed. `link` is absent where the link below is in another namespace.
 */
export type LinkKind = typeof registry[keyof typeof registry] extends infer K ? K extends {
    readonly kind: infer N;
    readonly probe: infer P;
    readonly options?: { encode(options: infer O): Uint8Array };
  } ?
      & { readonly kind: N; readonly link?: LinkRef | number }
      & O
      // What the specification of a probe needs.
      & (Extract<P, { readonly spec: unknown }> extends { spec(...of: never[]): infer S }
        ? [S] extends [never] ? unknown
        : { readonly [F in keyof S & keyof O as undefined extends S[F] ? never : F]: S[F] }
        : unknown)
  : never
  : never;

/** The options of a link that are changed, under the name of its kind. */
export type KindChanges = {
  readonly [K in LinkKind["kind"]]?: Partial<Omit<Extract<LinkKind, { readonly kind: K }>, "kind">> | undefined;
};

/** A link to make of any kind, its options as the kernel reads them. */
export interface OtherLinkSpec extends LinkBase {
  /** Its kind: IFLA_INFO_KIND. */
  readonly kind: string;
  /** Its options: the attributes in IFLA_INFO_DATA. */
  readonly data: Uint8Array;
  /** The link below; a number is its index. */
  readonly link?: LinkRef | number | undefined;
}

/** A kind as the registry has it: what it makes is one of {@linkcode LinkSpec}. */
export type RegisteredKind = Kind<string, LinkSpec, object>;

/** All kinds by name, in the order of their names. */
export const KINDS: ReadonlyMap<string, RegisteredKind> = new Map(
  Object.values<RegisteredKind>(registry).map((kind): [string, RegisteredKind] => [kind.kind, kind]),
);

const COMMON_FIELDS = { kind: true, ...BASE_FIELDS } as const;

const CHECKS: ReadonlyMap<string, (spec: object) => void> = new Map(
  [...KINDS.values()].map(({ kind, fields }) => [
    kind,
    checkOf(`a link of the kind ${kind}`, () => ({ ...COMMON_FIELDS, ...fields() })),
  ]),
);
/** Of a kind that is not registered the kernel decides. */
const checkOther = checkOf("a link to make", { ...COMMON_FIELDS, link: true, data: true });

/**
 * Checks that the specification of a link has no field that links of its kind lack.
 *
 * @throws {TypeError} It has one; or it is no object.
 */
export function checkLinkSpec(spec: LinkSpec | OtherLinkSpec): void {
  const check = hasRawData(spec) ? undefined : CHECKS.get(spec?.kind);
  (check ?? checkOther)(spec);
}

/** True of a specification whose options are bytes. */
function hasRawData(spec: LinkSpec | OtherLinkSpec): spec is OtherLinkSpec {
  return typeof spec === "object" && spec !== null && "data" in spec && spec.data instanceof Uint8Array;
}

/** True of a kind whose link below is IFLA_LINK, not one of its options. */
export function hasLinkBelow({ kind }: { readonly kind: string }): boolean {
  const known = KINDS.get(kind);
  return known === undefined || "link" in known.fields() && !("link" in (known.options?.fields ?? {}));
}

/** The bytes of what is particular to a link to make; undefined for nothing. */
export function encodeKind(spec: LinkSpec | OtherLinkSpec): Uint8Array<ArrayBuffer> | undefined {
  if (hasRawData(spec)) return Uint8Array.from(spec.data);
  const kind = KINDS.get(spec.kind);
  if (kind?.encode !== undefined) return kind.encode(spec);
  return kind?.options?.encode({ ...kind.defaults?.(spec), ...spec });
}

/**
 * What is particular to a link of this kind; undefined for a kind that is not registered or has no options.
 *
 * @param below The index of the link below, if that is in the same namespace.
 */
export function decodeKind(
  kind: string | undefined,
  data: Uint8Array | undefined,
  below?: number,
): LinkKind | undefined {
  const options = kind === undefined || data === undefined ? undefined : KINDS.get(kind)?.options;
  if (kind === undefined || data === undefined || options === undefined) return undefined;
  const common = below !== undefined && hasLinkBelow({ kind }) ? { kind, link: below } : { kind };
  return options.decode(data, common) as LinkKind; // the registry has it under this name
}
