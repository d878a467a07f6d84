/** The kinds of a registry by name: what qdiscs, classes, filters and actions have in common. */
import { shown } from "../../errors.ts";
import { checkOf, type FieldRule } from "../../argument_fields.ts";
import { type FieldAt, fieldNames, fieldsIn } from "../wire/codec.ts";
import { tcMessage } from "./message.ts";
import type { IndexOf, TcKind } from "./tc_kind.ts";

/** A kind as a registry has it, however its options are typed. */
export interface RegisteredKind extends Omit<TcKind<string, object>, "fields"> {
  /** Each key of its options. */
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** The bytes of TCA_OPTIONS. */
  encode?(options: object, indexOf: IndexOf): Uint8Array<ArrayBuffer>;
}

/** Kinds by name. */
export interface TcKinds<K extends RegisteredKind> {
  /** All, by name. */
  readonly all: ReadonlyMap<string, K>;
  /**
   * Checks that `spec` has no field but those of its kind.
   *
   * @throws {TypeError} It has one.
   */
  check(spec: { readonly kind?: string | undefined }): void;
  /** Checks `spec`, and encodes its options; undefined for none. */
  encode(spec: { readonly kind: string }, indexOf: IndexOf): Uint8Array<ArrayBuffer> | undefined;
  /** The options of a kind; those of a kind that is not registered are `data`, as they are. */
  decode(kind: string, data: Uint8Array | undefined): object;
  /** Names the fields of a request about one of a kind. */
  fieldsOf(kind: string | undefined): FieldAt;
}

const fieldAt = fieldNames(tcMessage);

/**
 * Makes the lookup of a registry.
 *
 * @param what What an error calls one: `"a qdisc"`.
 * @param common The fields that each kind has.
 */
export function kindsOf<K extends RegisteredKind>(
  registry: Readonly<Record<string, K>>,
  what: string,
  common: Readonly<Record<string, FieldRule>>,
): TcKinds<K> {
  const all = new Map(Object.values(registry).map((kind): [string, K] => [kind.kind, kind]));
  const checks = new Map(
    [...all.values()].map(({ kind, fields }) => [
      kind,
      checkOf(`${what} of the kind ${kind}`, { kind: true, ...common, ...fields }),
    ]),
  );
  const checkOther = checkOf(what, { kind: true, data: true, ...common });
  const check = (spec: { readonly kind?: string | undefined }): void => {
    (checks.get(spec?.kind ?? "") ?? checkOther)(spec);
  };
  return {
    all,
    check,
    encode(spec, indexOf): Uint8Array<ArrayBuffer> | undefined {
      check(spec);
      const known = all.get(spec.kind);
      if (known === undefined) return rawOf(spec, what);
      const data = known.encode?.(spec, indexOf); // the check let only fields of this kind through
      return data === undefined || data.length === 0 ? undefined : data;
    },
    decode(kind, data): object {
      const known = all.get(kind);
      if (data === undefined) return {};
      if (known === undefined) return { data: data.slice() };
      // For a kind without options some kernels send no attribute, others an empty one.
      return data.length === 0 ? {} : known.decode?.(data) ?? {};
    },
    fieldsOf(kind): FieldAt {
      const { wire, fields = {} } = all.get(kind ?? "") ?? {};
      const inner = wire === undefined ? () => undefined : fieldNames(wire);
      return fieldsIn(fieldAt, "options", (data, offset) => {
        const name = inner(data, offset);
        return name !== undefined && name in fields ? name : undefined;
      });
    },
  };
}

function rawOf(spec: { readonly kind: string }, what: string): Uint8Array<ArrayBuffer> | undefined {
  if (typeof spec.kind !== "string") {
    throw new TypeError(`Cannot use ${shown(spec.kind)} as the kind of ${what}: expected a name`);
  }
  const data: unknown = "data" in spec ? spec.data : undefined;
  if (data === undefined) return undefined;
  if (data instanceof Uint8Array) return data.slice();
  throw new TypeError(`Cannot use ${shown(data)} as data of ${what}: expected a Uint8Array`);
}
