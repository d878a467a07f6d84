/** What the short forms of the file have in common: items as text, and where the items are that they stand for. */
import * as v from "npm:valibot@1.5.0";
import { InvalidNamespaceError } from "../../errors.ts";
import { namespaceToString, parseNamespace } from "../../namespace.ts";
import { type Field, LONGEST_TEXT } from "../fields.ts";
import { jsonSchema } from "../json_schema.ts";

/** Where something stands in the document. */
export type Keys = readonly (string | number)[];

/** An item that a short form stands for. */
export interface ShortItem {
  /** The item, as it would be written in full. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Where the short form has what the item has in `field`. */
  keysOf(field?: string | number): Keys;
}

/** What a short form is found to be, or what was expected there. */
export type Read<T> = { readonly value: T } | { readonly expected: string };

/** A field that is text which `read` reads; `pattern` is what JSON Schema can say of it. */
export function textItem<T>(
  expected: string,
  read: (words: readonly string[]) => Read<T>,
  pattern: string,
): Field<T> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const isShort = typeof value === "string" && value.length <= LONGEST_TEXT;
      const words = isShort ? value.trim().split(/\s+/) : [];
      const result: Read<T> = words.length === 0 || words[0] === "" ? { expected: "" } : read(words);
      if ("value" in result) return result.value;
      addIssue({ message: result.expected === "" ? expected : `${expected}; ${result.expected}` });
      return NEVER;
    }),
    jsonSchema(() => ({ type: "string", description: expected, pattern })),
  );
}

/** A namespace in a short form, as `namespaceToString` writes it. */
export function namespaceWord(word: string): Read<string> {
  try {
    return { value: namespaceToString(parseNamespace(word)) };
  } catch (error) {
    if (error instanceof InvalidNamespaceError) return { expected: `${word} is no namespace: ${error.expected}` };
    throw error;
  }
}
