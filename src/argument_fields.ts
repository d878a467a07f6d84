/** The fields that an argument may have. One from untyped code can have others, which would silently do nothing. */
import { shown } from "./errors.ts";
import { nearest } from "./suggest.ts";

/** The keys of a type; of a union, those of each member. */
type KeysOf<T> = T extends unknown ? keyof T & string : never;

/** What a field holds; of a union, what it holds in each member that has it. */
type ValueOf<T, K extends string> = T extends { readonly [Key in K]?: infer V } ? Exclude<V, undefined> : never;

/**
 * What is checked of the value of a field before anything is made of it: untyped code that gives `"false"` for a boolean
 * would get true. `true`: nothing but that it is not null, as its codec does the rest; `any`: nothing, as it may be
 * null, or whoever takes it says better what is expected.
 */
export type FieldRule = true | "any" | "boolean" | "bytes" | "list" | "number" | "signal";

/** The rule of a field by its type: a boolean, bytes, a list or a signal that is not checked does not compile. */
type RuleOf<V> = [V] extends [never] ? FieldRule
  : [null] extends [V] ? "any"
  : [V] extends [boolean] ? "boolean"
  : [V] extends [readonly unknown[]] ? "list"
  : [V] extends [Uint8Array] ? "bytes"
  : [V] extends [AbortSignal] ? "signal"
  : [V] extends [number] ? true | "any" | "number"
  : true | "any";

/** The fields of a type, each with its rule. */
export type FieldRules<T> = { readonly [K in KeysOf<T>]: RuleOf<ValueOf<T, K>> };

/**
 * Throws a {@linkcode TypeError} if an object has another field, or in one what its rule does not allow.
 *
 * @param at Where the object stands, of several: `"peers[1]"`.
 */
export type FieldCheck<T> = (given: T, at?: string) => void;

/**
 * Makes a check that an object has no fields but these, and that their values are what their rules say.
 *
 * @param what What an error calls the object: `"a route"`.
 * @param rules Each key of `T`, so that a field that is forgotten does not compile; or what makes them, once.
 * @param options `secret`: no error shows a value, which may be a key.
 * @returns The check; it throws a {@linkcode TypeError} that names the field and the ones that there are.
 */
export function fieldsOf<T extends object>(
  what: string,
  rules: FieldRules<T> | (() => FieldRules<T>),
  options: { readonly secret?: boolean } = {},
): FieldCheck<T> {
  return checkOf(what, rules as UntypedRules, options); // each rule is one of these
}

type Rules = Readonly<Record<string, FieldRule>>;
/** Rules, or what makes them when they are first needed. */
type UntypedRules = Rules | (() => Rules);

/** {@linkcode fieldsOf} for fields that no type has together, as those of a kind. */
export function checkOf(
  what: string,
  rules: UntypedRules,
  { secret = false }: { readonly secret?: boolean } = {},
): FieldCheck<object> {
  const said = (value: unknown): string => secret ? "what was given" : shown(value);
  let known: ReadonlyMap<string, FieldRule> | undefined;
  return (given, at) => {
    const called = at ?? what;
    known ??= new Map(Object.entries(typeof rules === "function" ? rules() : rules));
    // for-in over a string or a number would find nothing to refuse.
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new TypeError(`Cannot use ${said(given)} as ${called}: expected an object`);
    }
    for (const key in given) {
      const rule = known.get(key);
      if (rule === undefined) {
        if (!Object.hasOwn(given, key)) continue; // of a class: an AbortController has a signal, and more
        throw unknownField(key, called, [...known.keys()]);
      }
      if (rule === "any") continue;
      const value = (given as Readonly<Record<string, unknown>>)[key];
      if (value === undefined || (rule === true ? value !== null : follows(value, rule))) continue;
      const place = at === undefined ? key : `${at}.${key}`;
      const expected = rule === true ? "a value; leave it out for none" : EXPECTED[rule];
      throw new TypeError(`Cannot use ${said(value)} as ${place}: expected ${expected}`);
    }
  };
}

/** What is expected where a rule is broken. */
const EXPECTED: Readonly<Record<Exclude<FieldRule, true | "any">, string>> = {
  boolean: "true or false",
  bytes: "a Uint8Array",
  list: "a list",
  number: "a number",
  signal: "an AbortSignal",
};

function follows(value: unknown, rule: Exclude<FieldRule, true | "any">): boolean {
  if (rule === "list") return Array.isArray(value);
  if (rule === "bytes") return value instanceof Uint8Array;
  if (rule === "signal") return value instanceof AbortSignal;
  return typeof value === rule && (rule !== "number" || Number.isFinite(value));
}

function unknownField(key: string, what: string, known: readonly string[]): TypeError {
  const close = nearest(key, known);
  return new TypeError(
    `Cannot use ${shown(key)} as a field of ${what}: expected ${known.join(", ")}` +
      (close === undefined ? "" : `; did you mean ${close}?`),
  );
}
