/** A namespace as version 3 of Ligato's model has it: what a reference is, and the reference. */
import type { Namespace } from "../namespace.ts";
import { type Field, isMapping, message, shortText, word } from "./fields.ts";
import { described, fieldFits, ifThen, type JsonSchema } from "./json_schema.ts";
import { FIELD, meant } from "./namespace_message.ts";
import { NAME_SCHEMA } from "./namespace_pattern.ts";

/** A namespace as version 3 of Ligato's model has it. */
export interface NamespaceReferenceInput {
  /** What `reference` is, by name or by number from 1: a name, a PID, a file, the label of a container. */
  readonly type: "NSID" | "PID" | "FD" | "MICROSERVICE" | 1 | 2 | 3 | 4;
  /** The name, the PID, the path or the label. */
  readonly reference: string;
}

/** The types of version 3 of Ligato's model, each with its type here; the first has the number 1. */
const VERSION_3 = {
  NSID: "NAMED_NS",
  PID: "PID_REF_NS",
  FD: "FILE_REF_NS",
  MICROSERVICE: "MICROSERVICE_REF_NS",
} as const;

/** What a reference is, by the name of its type, and the reference. */
type Reference = { readonly type: keyof typeof VERSION_3; readonly reference: string };

/** Reads it. */
export const referenceMessage: Field<Reference> = message(
  "a mapping with type and reference",
  {
    type: described(
      word(Object.keys(VERSION_3) as (keyof typeof VERSION_3)[]), // the keys of the literal
      () => ({ enum: [...Object.keys(VERSION_3), ...Object.keys(VERSION_3).map((_, position) => position + 1)] }),
    ),
    reference: shortText,
  },
  undefined,
  () => {
    const isOf = (...types: unknown[]): JsonSchema => ({ properties: { type: { enum: types } }, required: ["type"] });
    return [
      fieldFits("reference", { minLength: 1 }),
      ifThen(isOf("NSID", 1), fieldFits("reference", NAME_SCHEMA)),
      ifThen(isOf("PID", 2), fieldFits("reference", { description: "a PID", pattern: "^\\d{1,10}$" })),
    ];
  },
);

/** True of a mapping as version 3 has it. */
export const isReference = (value: unknown): boolean => isMapping(value) && value.reference !== undefined;

/** A mapping of version 3 with the name of its type; the first has the number 1. */
export function withTypeName(value: unknown): unknown {
  if (!isMapping(value) || typeof value.type !== "number") return value;
  return { ...value, type: Object.keys(VERSION_3)[value.type - 1] ?? value.type };
}

/** A PID that stands as text. */
const pidOf = (text: string): number => /^\d{1,10}$/.test(text) ? Number(text) : NaN;

/** The namespace that a reference names. */
export function referredTo({ type: given, reference }: Reference): Namespace {
  const type = VERSION_3[given];
  return meant(type, { [FIELD[type]]: type === "PID_REF_NS" ? pidOf(reference) : reference });
}
