/**
 * JSON Schema (draft 7) of the models. A field says as metadata of valibot how it is written in JSON Schema; this file puts
 * what the fields say together.
 */
import * as v from "npm:valibot@1.5.0";
import { snakeCase } from "./snake_case.ts";

/** A schema, or a part of one. See json-schema.org, draft 7. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Gives the schema of a field that is a part of another. */
export type SchemaOf = (field: v.GenericSchema) => JsonSchema;

/** What a field says of itself: its schema, made when somebody asks for it, and a name if it is to be said only once. */
interface Description {
  readonly jsonSchema?: unknown;
  readonly definition?: unknown;
}

/** Metadata of a field: its schema. */
export function jsonSchema<T>(make: (of: SchemaOf) => JsonSchema): v.MetadataAction<T, Record<string, unknown>> {
  return v.metadata({ jsonSchema: make });
}

/** `field`, whose JSON Schema is what `make` gives. */
export function described<T>(
  field: v.GenericSchema<unknown, T>,
  make: (of: SchemaOf) => JsonSchema,
): v.GenericSchema<unknown, T> {
  return v.pipe(field, v.metadata({ jsonSchema: make }));
}

/** `field`, which stands in the definitions of a schema as `name`. */
export function definition<T>(name: string, field: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T> {
  return v.pipe(field, v.metadata({ definition: name }));
}

/** The schema of a file whose document is `field`. */
export function jsonSchemaOf(field: v.GenericSchema): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const of: SchemaOf = (one) => {
    const { definition: name, jsonSchema: make }: Description = v.getMetadata(one);
    const schema = (): JsonSchema => typeof make === "function" ? make(of) : ofValibot(one, of);
    if (typeof name !== "string") return schema();
    definitions[name] ??= schema();
    return { $ref: `#/definitions/${name}` };
  };
  return withMessages({ $schema: "http://json-schema.org/draft-07/schema#", ...of(field), definitions });
}

/** A schema in which editors say what is expected in place of a pattern, which says nothing to a reader. */
function withMessages(schema: JsonSchema): JsonSchema {
  const parts = Object.entries(schema).map(([key, value]) => [key, partWithMessages(value)] as const);
  const { pattern, description, patternErrorMessage } = schema;
  const isUnclear = typeof pattern === "string" && typeof description === "string" && patternErrorMessage === undefined;
  return { ...Object.fromEntries(parts), ...isUnclear ? { patternErrorMessage: `Expected ${description}` } : {} };
}

function partWithMessages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(partWithMessages);
  return typeof value === "object" && value !== null ? withMessages({ ...value }) : value;
}

/** The schema of what valibot itself has a word for. */
function ofValibot(field: v.GenericSchema, of: SchemaOf): JsonSchema {
  const { type } = field;
  const part = (key: string): v.GenericSchema => Reflect.get(field, key); // by `type`, it has this part
  if ("pipe" in field && Array.isArray(field.pipe)) return ofValibot(field.pipe[0], of);
  if (type === "optional" || type === "nullish" || type === "nullable") return orNull(of(part("wrapped")));
  if (type === "array") return { type: "array", description: messageOf(field), items: of(part("item")) };
  if (type === "picklist") return { description: messageOf(field), enum: Reflect.get(field, "options") };
  if (type === "literal") return { description: messageOf(field), const: Reflect.get(field, "literal") };
  if (type === "boolean") return { type: "boolean", description: messageOf(field) };
  if (type === "unknown") return {};
  throw new TypeError(`A field of type ${type} has no JSON Schema: give it one by described()`);
}

const messageOf = (field: v.GenericSchema): unknown => Reflect.get(field, "message");

/** `schema`, or null, which is the same as absent. */
function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema;
  if (Array.isArray(values)) return { ...schema, enum: [...values, null] };
  const types = Array.isArray(type) ? type : typeof type === "string" ? [type] : undefined;
  const isPlain = types !== undefined && !("anyOf" in schema) && !("allOf" in schema);
  return isPlain ? { ...schema, type: [...types, "null"] } : { anyOf: [schema, { type: "null" }] };
}

/** A mapping in which `name` has a value other than null. */
export function isGiven(name: string): JsonSchema {
  const spellings = [...new Set([name, snakeCase(name)])]
    .map((key) => ({ required: [key], properties: { [key]: { not: { type: "null" } } } }));
  const [first, ...others] = spellings;
  return others.length === 0 ? first ?? {} : { anyOf: spellings };
}

/** A mapping in which none of `names` has a value other than null. */
export function noneGiven(...names: readonly string[]): JsonSchema {
  const keys = names.flatMap((name) => [name, snakeCase(name)]);
  const none = (key: string): JsonSchema => ({ type: "null", errorMessage: `Expected no ${key} here` });
  return { properties: Object.fromEntries(keys.map((key) => [key, none(key)])) };
}

/** A mapping in which `name`, if it is given, fits `schema`. */
export function fieldFits(name: string, schema: JsonSchema): JsonSchema {
  return { properties: { [name]: schema, [snakeCase(name)]: schema } };
}

/** A mapping in which the addresses in `others`, if they are given, are of the family that `name` is of. */
export function sameFamily(name: string, ...others: readonly string[]): JsonSchema {
  const both = (key: string, family: JsonSchema): JsonSchema =>
    ifThen(
      { properties: { [key]: { type: "string", pattern: family["pattern"] } }, required: [key] },
      { allOf: others.map((other) => fieldFits(other, family)) },
    );
  return { allOf: [name, snakeCase(name)].flatMap((key) => [both(key, ANY_IPV6), both(key, ANY_IPV4)]) };
}

/** What is of a family, of texts that are addresses or networks. */
export const ANY_IPV4: JsonSchema = { pattern: "^[^:]*$", patternErrorMessage: "Expected IPv4 here" };
/** The same of IPv6. */
export const ANY_IPV6: JsonSchema = { pattern: ":", patternErrorMessage: "Expected IPv6 here" };

/** What fits `condition` fits `consequence`. */
export function ifThen(condition: JsonSchema, consequence: JsonSchema): JsonSchema {
  return { if: condition, then: consequence };
}
