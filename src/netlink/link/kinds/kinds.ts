/** The kinds of links together, as the registry lists them: their types, and IFLA_INFO_DATA. */
import { BASE_FIELDS } from "../base.ts";
import { fieldsOf } from "../../fields.ts";
import type { Kind } from "./kind.ts";
import * as registry from "./registry.ts";

/** A link to make: the specification of one of the kinds. */
export type LinkSpec = typeof registry[keyof typeof registry] extends infer K
  ? K extends { encode?(spec: infer S): unknown } ? S : never
  : never;

/** What is particular to a link that exists: the options of its kind. */
export type LinkKind = typeof registry[keyof typeof registry] extends infer K
  ? K extends { readonly kind: infer N; decode?(data: Uint8Array): infer O } ? { readonly kind: N } & O : never
  : never;

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
    fieldsOf<object>(`a link of the kind ${kind}`, { ...COMMON_FIELDS, ...fields }),
  ]),
);
/** Of a kind that is not registered the kernel decides. */
const checkOther = fieldsOf<object>("a link to make", COMMON_FIELDS);

/**
 * Checks that the specification of a link has no field that links of its kind lack.
 *
 * @throws {TypeError} It has one; or it is no object.
 */
export function checkLinkSpec(spec: LinkSpec): void {
  (CHECKS.get(spec?.kind) ?? checkOther)(spec);
}

/** The bytes of what is particular to a link to make; undefined for nothing. */
export function encodeKind(spec: LinkSpec): Uint8Array<ArrayBuffer> | undefined {
  return KINDS.get(spec.kind)?.encode?.(spec);
}

/** What is particular to a link of this kind; undefined for a kind that is not registered. */
export function decodeKind(kind: string | undefined, data: Uint8Array | undefined): LinkKind | undefined {
  const decode = kind === undefined || data === undefined ? undefined : KINDS.get(kind)?.decode;
  return decode && data && { kind, ...decode(data) } as LinkKind; // the registry has it under this name
}
