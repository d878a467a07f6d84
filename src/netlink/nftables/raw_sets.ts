/** The sets and maps that a rule has for itself, as bytes beside those of the rule. */
import { shown } from "../../errors.ts";
import { type MessageCodec, messageCodec } from "../wire/codec.ts";
import { elements } from "./element_list.ts";
import { type Expression, expression } from "./expressions.ts";
import { checkKeys, textOf } from "./given.ts";
import {
  type ElementAttributes,
  type ElementsAttributes,
  elementsMessage,
  type NetfilterHeader,
  type SetAttributes,
  setMessage,
} from "./messages.ts";
import type { NftRawSet } from "./types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The most elements in one message: an attribute has at most 65535 bytes, and an element hardly more than 600. */
export const MOST_ELEMENTS = 100;

/** Says nothing: a set is made where its rule is. */
const HEADER: NetfilterHeader = { family: 0, version: 0, resource: 0 };

const list = messageCodec(elements(expression));

/** A set as bytes. What the library does not know of it the kernel only lists, and refuses: its backend, how many elements. */
export function rawSetOf(
  { table: _, handle: __, unknown: ___, ...attributes }: SetAttributes & { readonly unknown?: unknown },
  all: readonly ElementAttributes[],
): NftRawSet {
  const pieces: Bytes[] = [];
  for (let start = 0; start < all.length; start += MOST_ELEMENTS) {
    const piece = { elements: all.slice(start, start + MOST_ELEMENTS) };
    pieces.push(elementsMessage.encode({ ...HEADER, attributes: piece }));
  }
  return {
    name: attributes.name ?? "",
    set: setMessage.encode({ ...HEADER, attributes }),
    elements: pieces,
  };
}

/** The names of the sets and maps that expressions look up. */
export const setsIn = (expressions: readonly Expression[]): readonly string[] => [
  ...new Set(expressions.flatMap((one) => namesSet(one) ? one.data.set ?? [] : [])),
];

/** True of an expression that names a set or a map. */
const namesSet = (one: Expression): one is Extract<Expression, { readonly name: "lookup" | "objref" | "dynset" }> =>
  one.name === "lookup" || one.name === "objref" || one.name === "dynset";

/** What makes the sets of a rule, and the rule's expressions, which name them by their numbers in the batch. */
export interface RawRule {
  readonly sets: readonly { readonly set: SetAttributes; readonly elements: readonly ElementsAttributes[] }[];
  readonly expressions: readonly Expression[];
}

/**
 * A rule that was listed, for a batch.
 *
 * @throws {TypeError} A set is none that was listed.
 */
export function rawRule(raw: Bytes, given: readonly NftRawSet[], newSetId: () => number, at: string): RawRule {
  if (!Array.isArray(given)) throw new TypeError(`Cannot use ${shown(given)} as ${at}: expected a list`);
  const ids = new Map<string, { readonly set: string; readonly setId: number }>();
  const sets = given.map((one: NftRawSet, i) => {
    const path = `${at}[${i}]`;
    checkKeys(one, ["name", "set", "elements"], path);
    const { name, set, elements } = one;
    if (!Array.isArray(elements)) {
      throw new TypeError(`Cannot use ${shown(elements)} as ${path}.elements: expected a list`);
    }
    const template = textOf(name, `${path}.name`).replace(/\d+$/, "%d"); // the kernel gives it a number again
    const names = { set: template, setId: newSetId() };
    ids.set(name, names);
    return {
      set: { ...read(setMessage, set, `${path}.set`).attributes, name: template, id: names.setId },
      elements: elements.map((piece: Bytes, k): ElementsAttributes => (
        { ...read(elementsMessage, piece, `${path}.elements[${k}]`).attributes, ...names }
      )),
    };
  });
  const expressions = read(list, raw, at).map((one): Expression => {
    if (!namesSet(one)) return one;
    return { ...one, data: { ...one.data, ...ids.get(one.data.set ?? "") } } as Expression; // of the same kind
  });
  return { sets, expressions };
}

/** What bytes hold that a list gave. */
function read<T>(codec: MessageCodec<T>, value: Bytes, at: string): T {
  if (!(value instanceof Uint8Array)) throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected bytes`);
  try {
    return codec.decode(value);
  } catch (cause) {
    throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected bytes as list() gives them`, { cause });
  }
}
