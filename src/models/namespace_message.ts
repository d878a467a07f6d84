/** A namespace as a message of the model: its type, and the field that belongs to that. */
import { match } from "npm:ts-pattern@5.9.2";
import * as v from "npm:valibot@1.5.0";
import { InvalidNamespaceError } from "../errors.ts";
import { containerNs, fileNs, microserviceNs, namedNs, type Namespace, pidNs } from "../namespace.ts";
import { enumeration, type Field, integer, message, optional, type OptionalFields, shortText } from "./fields.ts";
import { fieldFits, ifThen, isGiven, type JsonSchema, noneGiven } from "./json_schema.ts";
import { NAME_OR_NONE_SCHEMA } from "./namespace_pattern.ts";

/** The fields that all three types of namespace have. */
export interface NamespaceFields {
  /** Which of the other fields counts: PidRefNs, MicroserviceRefNs, NamedNs or FileRefNs. */
  readonly type: 0 | 1 | 2 | 3;
  /** A process in the namespace; 0 and absent are the default namespace. */
  readonly pid?: number;
  /** The label of the container that runs in it; with `by`, its name or id. */
  readonly microservice?: string;
  /** `"container"`: `microservice` is the name or the id of a container. */
  readonly by?: "container";
  /** Its name, as `ip netns` knows it. */
  readonly name?: string;
  /** A file of it, such as `/proc/1/ns/net`. */
  readonly filepath?: string;
}

/** The fields of the model, as they may be written. */
export interface NamespaceFieldsInput extends OptionalFields<Omit<NamespaceFields, "type">> {
  /** Which of the other fields counts, by number or by name. */
  readonly type?:
    | NamespaceFields["type"]
    | "PID_REF_NS"
    | "MICROSERVICE_REF_NS"
    | "NAMED_NS"
    | "FILE_REF_NS"
    | undefined;
}

/** The enumeration of the types, in the order of their numbers. */
const TYPES = ["PID_REF_NS", "MICROSERVICE_REF_NS", "NAMED_NS", "FILE_REF_NS"] as const;
/** One of them. */
export type TypeName = (typeof TYPES)[number];
/** The field that belongs to each type. */
export const FIELD = {
  PID_REF_NS: "pid",
  MICROSERVICE_REF_NS: "microservice",
  NAMED_NS: "name",
  FILE_REF_NS: "filepath",
} as const;

/** What is expected where there is no namespace at all. */
export const EXPECTED: string =
  'a namespace: its name, "PID:1", "MICROSERVICE:web", "CONTAINER:web-1", "FILE:/proc/1/ns/net", ' +
  "or a mapping with a type and its field";

/** The fields of the message, before the type says which one counts. */
export interface Written extends OptionalFields<Omit<NamespaceFields, "type">> {
  /** The name of the type. */
  readonly type?: TypeName | undefined;
}

const FIELDS: { readonly [K in keyof Required<Written>]: Field<Written[K]> } = {
  type: optional(enumeration(TYPES)),
  pid: optional(integer(0, 4_294_967_295)),
  microservice: optional(shortText),
  name: optional(shortText),
  filepath: optional(shortText),
  by: optional(v.literal("container", '"container"')),
};

/**
 * The type that is written, or the one whose field is given. By protobuf's rules a message without either would be the
 * default namespace; here it is a fault, so a typo can never configure the host.
 */
export function typeOf(written: Written): TypeName | undefined {
  const candidates = TYPES.filter((type) => written[FIELD[type]] !== undefined);
  return written.type ?? (candidates.length === 1 ? candidates[0] : undefined);
}

/** The namespace that `written` names, by its field for `type`. */
export function meant(
  type: TypeName,
  { pid = 0, microservice = "", name = "", filepath = "", by }: Written,
): Namespace {
  return match(type)
    .with("PID_REF_NS", () => pidNs(pid))
    .with("MICROSERVICE_REF_NS", () => by === undefined ? microserviceNs(microservice) : containerNs(microservice))
    .with("NAMED_NS", () => namedNs(name))
    .with("FILE_REF_NS", () => fileNs(filepath))
    .exhaustive();
}

/** The result of `make`, or what it expected instead. */
export function attempt(make: () => Namespace): { readonly ns: Namespace } | { readonly expected: string } {
  try {
    return { ns: make() };
  } catch (error) {
    if (error instanceof InvalidNamespaceError) return { expected: error.expected };
    throw error;
  }
}

/** Reads the message. */
export const namespaceMessage: Field<Written> = message(EXPECTED, FIELDS, (values: Written, given, report): void => {
  const type = typeOf(values);
  if (type === undefined) {
    if (!given("type")) report("type", `one of ${TYPES.join(", ")}, and the field that belongs to it`);
    return;
  }
  const own = FIELD[type];
  for (const field of Object.values(FIELD)) {
    // Some printers of protobuf write the defaults, 0 and "", for fields that are not set.
    if (field !== own && values[field]) report(field, `no ${field} in a namespace of type ${type}, which has ${own}`);
  }
  if (values.by !== undefined && type !== "MICROSERVICE_REF_NS") {
    report("by", `no by in a namespace of type ${type}: it belongs to microservice`);
  }
  if (given(own) && values[own] === undefined) return; // a fault already
  const result = attempt(() => meant(type, values));
  if ("expected" in result) report(own, result.expected);
}, schemaRules);

/** What JSON Schema can say of a namespace: one type, its field, and of the other fields only their defaults. */
function schemaRules(): JsonSchema[] {
  const others = (type: TypeName): string[] => Object.values(FIELD).filter((field) => field !== FIELD[type]);
  const isDefault = { enum: [null, 0, "0", ""] };
  const written = TYPES.map((type, number) =>
    ifThen({ properties: { type: { enum: [type, number] } }, required: ["type"] }, {
      allOf: [
        ...others(type).map((field) => fieldFits(field, isDefault)),
        type === "MICROSERVICE_REF_NS" ? {} : noneGiven("by"),
        type === "PID_REF_NS" ? {} : { allOf: [isGiven(FIELD[type]), fieldFits(FIELD[type], { minLength: 1 })] },
      ],
    })
  );
  const guessed = TYPES.map((type) => ({
    allOf: [
      isGiven(FIELD[type]),
      noneGiven(...others(type), ...type === "MICROSERVICE_REF_NS" ? [] : ["by"]),
    ],
  }));
  return [
    ...written,
    ifThen({ not: isGiven("type") }, { anyOf: guessed }),
    fieldFits("name", NAME_OR_NONE_SCHEMA), // without a name it is of another type
  ];
}
