/**
 * The kinds of field that the models are made of, as valibot schemas. Every message is what was expected, in
 * words that go behind "expected" in a {@linkcode ConfigError}.
 */
import * as v from "npm:valibot@1.5.0";
import { nearest } from "../suggest.ts";
import { described, isGiven, type JsonSchema, jsonSchema, type SchemaOf } from "./json_schema.ts";
import { snakeCase } from "./snake_case.ts";

/** A schema that takes anything and gives a `T`, or says what it expected. */
export type Field<T> = v.GenericSchema<unknown, T>;

/** The fields of a message, by their camelCase names. */
type Fields = Readonly<Record<string, Field<unknown>>>;

type Values<F extends Fields> = { [K in keyof F]: v.InferOutput<F[K]> };

/** `T` as it may be written in code: any field may be absent or undefined. */
export type OptionalFields<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** One schema for each field of an item as it may be written, and no others. */
export type FieldsOf<Input> = { readonly [K in keyof Input]-?: Field<unknown> };

/** A mapping of text to values, as YAML and JSON have it. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How schemas are run: as valibot does by default. */
const CONFIG = {};

/**
 * Looks at the fields of a message together. `values` has those that are sound by themselves, `given` knows which
 * the message has at all; `report` adds a fault at a field.
 */
export type Check<F extends Fields> = (
  values: Partial<Values<F>>,
  given: (name: keyof F) => boolean,
  report: (name: keyof F & string, expected: string) => void,
) => void;

/**
 * A protobuf message in its JSON form: camelCase and snake_case names are read, null is the same as absent, a
 * field of another name is a fault. All faults of all fields are reported, not only the first.
 *
 * @param what What is expected if the value is no mapping at all.
 * @param rules What JSON Schema can say of `check`.
 */
export function message<const F extends Fields>(
  what: string,
  fields: F,
  check?: Check<F>,
  rules?: () => readonly JsonSchema[],
): Field<Values<F>> {
  const entries = Object.entries(fields);
  const mayBeAbsent = entries.map(([, { type }]) => type === "optional" || type === "nullish");
  /** The positions of the fields in `entries`, by both their names: few files have something of each message. */
  let positionsByName: ReadonlyMap<string, number> | undefined;
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const input = dataset.value;
      if (!isMapping(input)) {
        addIssue({ message: what, input });
        return NEVER;
      }
      const positions = positionsByName ??= new Map(
        entries.flatMap(([name], position): [string, number][] => [[name, position], [snakeCase(name), position]]),
      );
      let faults = 0;
      const report = (key: string, value: unknown, expected: string, rest: readonly v.IssuePathItem[] = []): void => {
        faults++;
        const item: v.IssuePathItem = { type: "object", origin: "value", input, key, value };
        addIssue({ message: expected, input: rest.length === 0 ? value : rest.at(-1)?.value, path: [item, ...rest] });
      };
      const keys: (string | undefined)[] = []; // under which each field is given
      for (const key of Object.keys(input)) {
        const position = positions.get(key);
        if (position === undefined) report(key, input[key], unknownField(key, faults < MOST_GUESSES ? fields : {}));
        else if (keys[position] === undefined) keys[position] = key;
        else {
          const [name = ""] = entries[position] ?? [];
          report(key, input[key], `only one of ${name} and ${snakeCase(name)}`);
        }
      }
      const keyOf = (name: string): string => keys[positions.get(name) ?? -1] ?? name;
      const valueOf = (name: string): unknown => {
        const key = keys[positions.get(name) ?? -1];
        return key === undefined ? undefined : input[key] ?? undefined;
      };
      const parsed: Record<string, unknown> = {};
      for (let position = 0; position < entries.length; position++) {
        const key = keys[position];
        if (key === undefined && mayBeAbsent[position]) continue; // as most fields
        const [name, field] = entries[position] ?? [];
        if (name === undefined || field === undefined) continue;
        const given = key === undefined ? undefined : input[key];
        const value = field.type === "nullish" ? given : given ?? undefined;
        const result = field["~run"]({ value }, CONFIG); // a file has tens of thousands of fields, too many for safeParse
        if (result.issues === undefined) parsed[name] = result.value;
        else for (const issue of result.issues) report(key ?? name, value, issue.message, issue.path);
      }
      const values = parsed as Values<F>; // each key was parsed by its own schema
      check?.(
        values,
        (name) => valueOf(String(name)) !== undefined,
        (name, expected) => report(keyOf(name), valueOf(name), expected),
      );
      return faults === 0 ? values : NEVER;
    }),
    jsonSchema((of) => messageSchema(what, entries, rules?.() ?? [], of)),
  );
}

/** The schema of a mapping. Editors propose only its `properties`, so only camelCase names stand there. */
function messageSchema(
  what: string,
  entries: readonly (readonly [name: string, field: Field<unknown>])[],
  rules: readonly JsonSchema[],
  of: SchemaOf,
): JsonSchema {
  const aliases = entries.filter(([name]) => snakeCase(name) !== name).map(([name]) => name);
  const required = entries.filter(([, field]) => !v.safeParse(field, undefined).success).map(([name]) => name);
  const all = [
    ...aliases.map((name) => ({ not: { required: [name, snakeCase(name)] } })),
    ...required.filter((name) => aliases.includes(name)).map(isGiven),
    ...rules,
  ];
  return {
    type: "object",
    description: what,
    properties: Object.fromEntries(entries.map(([name, field]) => [name, of(field)])),
    patternProperties: Object.fromEntries(
      entries.filter(([name]) => aliases.includes(name)).map(([name, field]) => [`^${snakeCase(name)}$`, of(field)]),
    ),
    additionalProperties: false,
    required: required.filter((name) => !aliases.includes(name)),
    ...all.length === 0 ? {} : { allOf: all },
  };
}

/** How often it is guessed what field was meant: who misspelt more has a file for something else. */
const MOST_GUESSES = 20;

function unknownField(key: string, fields: Fields): string {
  const known = Object.keys(fields);
  if (known.length === 0) return "no such field";
  const close = nearest(key, known.flatMap((name) => [name, snakeCase(name)]));
  return close === undefined ? `no such field; there are ${known.join(", ")}` : `no such field; did you mean ${close}?`;
}

/** The field may be absent (or null). */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return v.optional(field);
}

/** The field may be absent; null is a value of its own. */
export function nullable<T>(field: Field<T>): Field<T | null | undefined> {
  return v.nullish(field);
}

/**
 * The longest text of a field, in characters. A few lines of YAML repeat a text ten thousand times, so no field reads one
 * that can be of any length.
 */
export const LONGEST_TEXT = 8192; // more than "FILE:" and the longest path

/**
 * Text that `read` accepts, as it writes it.
 *
 * @param pattern A regular expression of what `read` accepts, for JSON Schema. Absent: any text.
 * @param longest The most characters that `read` gets.
 */
export function text(
  expected: string,
  read: (given: string) => string | undefined,
  pattern?: string,
  longest: number = LONGEST_TEXT,
): Field<string> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      if (typeof value === "string" && value.length > longest) {
        addIssue({ message: `${expected}; at most ${longest} characters` });
      } else if (typeof value === "string") {
        const result = read(value);
        if (result !== undefined) return result;
        addIssue({ message: expected });
      } else {
        const quotable = typeof value === "number" || typeof value === "boolean";
        addIssue({ message: quotable ? `${expected}, as text: write it in quotes` : expected });
      }
      return NEVER;
    }),
    jsonSchema(() => ({
      type: "string",
      description: expected,
      ...pattern === undefined ? {} : { pattern },
      ...longest === Infinity ? {} : { maxLength: longest },
    })),
  );
}

/** A text with a sign that is seen, and without control characters. */
const LABEL_PATTERN = "^(?=[^]*\\S)[^\\u0000-\\u001F\\u007F-\\u009F]*$";

/** Text that is not empty, without control characters and half characters: a name or a label of ours. */
export function label(expected: string): Field<string> {
  return text(
    expected,
    (given) => given.trim() !== "" && !/\p{Cc}/u.test(given) && given.isWellFormed() ? given : undefined,
    LABEL_PATTERN,
  );
}

/** Any text that is not too long for a name. */
export const shortText: Field<string> = text("text", (given) => given);

/** Any text. */
export const anyText: Field<string> = text("text", (given) => given, undefined, Infinity);

/** True or false. */
export const flag: Field<boolean> = v.boolean("true or false");

/** A whole number from `least` to `most`, also as text in decimal, as protobuf's JSON allows. */
export function integer(least: number, most: number, what = "a whole number"): Field<number> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
      if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) {
        return number + 0;
      }
      addIssue({ message: `${what} from ${least} to ${most}` });
      return NEVER;
    }),
    jsonSchema(() => ({
      type: ["integer", "string"],
      description: `${what} from ${least} to ${most}`,
      minimum: least,
      maximum: most,
      pattern: "^\\d{1,10}$",
    })),
  );
}

/**
 * A value of an enumeration, by name or by number; the numbers are the positions in `names`.
 *
 * @param numbered How many of them, the first ones, have their position as a number.
 * @param others Those of the others that have a number.
 */
export function enumeration<const N extends string>(
  names: readonly N[],
  numbered: number = names.length,
  others: Readonly<Record<number, N>> = {},
): Field<N> {
  const allNames = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const found = names.find((name, number) => value === name || number < numbered && value === number) ??
        (typeof value === "number" ? others[value] : undefined);
      if (found !== undefined) return found;
      const close = typeof value === "string" ? nearest(value, names) : undefined;
      const numbers = numbered === 2 ? "0 or 1" : `0 to ${numbered - 1}`;
      const further = Object.entries(others).map(([number, name]) => `, ${name} ${number}`).join("");
      const which = numbered === names.length
        ? "the number"
        : `for ${names.slice(0, numbered).join(" and ")} the number`;
      addIssue({
        message: `${allNames} (or ${which}, ${numbers}${further})` +
          (close === undefined ? "" : `; did you mean ${close}?`),
      });
      return NEVER;
    }),
    jsonSchema(() => ({
      description: allNames,
      enum: [...names, ...Array(numbered).keys(), ...Object.keys(others).map(Number)],
    })),
  );
}

/** One of `words`, as `ip` writes them. */
export function word<const W extends string>(words: readonly W[]): Field<W> {
  const allWords = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const found = words.find((one) => value === one);
      if (found !== undefined) return found;
      const close = typeof value === "string" ? nearest(value, words) : undefined;
      addIssue({ message: allWords + (close === undefined ? "" : `; did you mean ${close}?`) });
      return NEVER;
    }),
    jsonSchema(() => ({ description: allWords, enum: words })),
  );
}

/**
 * A field that protobuf puts into a message of its own, `{ type: LINK }`; also read without the message. An empty
 * message is the same as none.
 */
export function wrapped<T>(name: string, field: Field<T>): Field<T | undefined> {
  const outer = message(`a mapping with ${name}`, { [name]: optional(field) });
  const inner = optional(field);
  return described(
    v.lazy((input): Field<T | undefined> =>
      isMapping(input) ? v.pipe(outer, v.transform((values) => values[name])) : inner
    ),
    (of) => ({ anyOf: [of(inner), of(outer)] }),
  );
}

/** A list of which each item is a `T`. */
export function list<T>(what: string, item: Field<T>): Field<T[]> {
  return v.array(item, what);
}
