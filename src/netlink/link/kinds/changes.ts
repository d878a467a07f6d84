/** The options of a kind that are changed of a link that exists. */
import { checkOf } from "../../../argument_fields.ts";
import type { LinkInfo } from "../message.ts";
import { type KindChanges, KINDS } from "./link_spec.ts";

/** The keys of {@linkcode KindChanges}. */
export const KIND_CHANGES: Readonly<Record<keyof KindChanges, true>> = Object.fromEntries(
  [...KINDS.values()].filter(({ options }) => options !== undefined).map(({ kind }) => [kind, true]),
) as Readonly<Record<keyof KindChanges, true>>; // each kind with options

/** The options of a kind that are changed. */
export interface ChangedKind {
  /** The kind. */
  readonly kind: string;
  /** The options, by name. */
  readonly options: object;
  /** IFLA_LINKINFO for them. */
  readonly info: LinkInfo;
}

/**
 * The options of a kind that a change has; undefined if it has none.
 *
 * @throws {TypeError} It has options of two kinds, or one that the kind lacks.
 */
export function changedKind(change: KindChanges): ChangedKind | undefined {
  let found: ChangedKind | undefined;
  const all: Readonly<Record<string, object | undefined>> = change;
  for (const kind in all) {
    const given = all[kind];
    const options = kind in KIND_CHANGES ? KINDS.get(kind)?.options : undefined;
    if (options === undefined || given === undefined) continue;
    if (found !== undefined) {
      throw new TypeError(`Cannot use both ${found.kind} and ${kind}: expected one, since a link has one kind`);
    }
    checkOf(`the options of a link of the kind ${kind}`, { ...options.fields, link: true })(given);
    found = { kind, options: given, info: { kind, data: options.encode(given) } };
  }
  return found;
}
