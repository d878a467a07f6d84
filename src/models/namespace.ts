/** The namespaces of the models, in their protobuf form, and the schemas that read them. */
import { match } from "npm:ts-pattern@5.9.2";
import * as v from "npm:valibot@1.5.0";
import { InvalidNamespaceError } from "../errors.ts";
import {
  containerNs,
  fileNs,
  FileRefNs,
  microserviceNs,
  MicroserviceRefNs,
  NamedNs,
  namedNs,
  type Namespace,
  parseNamespace,
  pidNs,
  PidRefNs,
} from "../namespace.ts";
import {
  enumeration,
  type Field,
  type FieldsOf,
  integer,
  isMapping,
  LONGEST_TEXT,
  message,
  optional,
  type OptionalFields,
  shortText,
  word,
} from "./fields.ts";
import { definition, described, fieldFits, ifThen, isGiven, type JsonSchema, noneGiven } from "./json_schema.ts";
import { NAME_PATTERN, NAMESPACE_PATTERN } from "./namespace_pattern.ts";

/** The brand that keeps the three types of namespace apart. It exists only for the compiler. */
export declare const owner: unique symbol;

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

/** The namespace of an interface. A plain object literal of these fields is one. */
export interface InterfaceNamespace extends NamespaceFields {
  /** Absent in every value: a brand for the compiler. */
  readonly [owner]?: "interface";
}

/** The namespace of an ARP entry, made by {@linkcode arpNamespaceSchema} or `genericToArpNs`. */
export interface ArpNamespace extends NamespaceFields {
  /** Absent in every value: a brand for the compiler. */
  readonly [owner]: "arp";
}

/** The namespace of a route, made by {@linkcode routeNamespaceSchema} or `genericToRouteNs`. */
export interface RouteNamespace extends NamespaceFields {
  /** Absent in every value: a brand for the compiler. */
  readonly [owner]: "route";
}

/**
 * A namespace as it may be written: text as `parseNamespace` reads it, or the fields of the model, whose type may be its
 * name and may be left out beside one field.
 */
export type NamespaceInput = string | NamespaceFieldsInput | NamespaceReferenceInput;

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

/** A namespace as version 3 of Ligato's model has it. */
export interface NamespaceReferenceInput {
  /** What `reference` is, by name or by number from 1: a name, a PID, a file, the label of a container. */
  readonly type: "NSID" | "PID" | "FD" | "MICROSERVICE" | 1 | 2 | 3 | 4;
  /** The name, the PID, the path or the label. */
  readonly reference: string;
}

/** The fields of the model for a namespace of the union, which is validated. */
export function namespaceFields(ns: Namespace): NamespaceFields {
  if (ns.type === "named") return { type: NamedNs, name: namedNs(ns.name).name }; // as nearly all are
  return match(ns)
    .with({ type: "pid" }, ({ pid }) => ({ type: PidRefNs, pid: pidNs(pid).pid } as const))
    .with({ type: "microservice", by: "container" }, ({ label, by }) => (
      { type: MicroserviceRefNs, microservice: containerNs(label).label, by } as const
    ))
    .with({ type: "microservice" }, ({ label }) => (
      { type: MicroserviceRefNs, microservice: microserviceNs(label).label } as const
    ))
    .with({ type: "file" }, ({ path }) => ({ type: FileRefNs, filepath: fileNs(path).path } as const))
    .exhaustive((given: unknown) => {
      throw new InvalidNamespaceError(
        given,
        "a namespace",
        'an object whose type is "pid", "microservice", "named" or "file"',
      );
    });
}

/** The enumeration of the types, in the order of their numbers. */
const TYPES = ["PID_REF_NS", "MICROSERVICE_REF_NS", "NAMED_NS", "FILE_REF_NS"] as const;
type TypeName = (typeof TYPES)[number];
/** The field that belongs to each type. */
const FIELD = {
  PID_REF_NS: "pid",
  MICROSERVICE_REF_NS: "microservice",
  NAMED_NS: "name",
  FILE_REF_NS: "filepath",
} as const;

/** What is expected where there is no namespace at all. */
const EXPECTED = 'a namespace: its name, "PID:1", "MICROSERVICE:web", "CONTAINER:web-1", "FILE:/proc/1/ns/net", ' +
  "or a mapping with a type and its field";

const TOO_LONG = `at most ${LONGEST_TEXT} characters`;

const FIELDS = {
  type: optional(enumeration(TYPES)),
  pid: optional(integer(0, 4_294_967_295)),
  microservice: optional(shortText),
  name: optional(shortText),
  filepath: optional(shortText),
  by: optional(v.literal("container", '"container"')),
} as const satisfies FieldsOf<NamespaceFieldsInput>;

/** The types of version 3 of Ligato's model, each with its type here; the first has the number 1. */
const VERSION_3 = {
  NSID: "NAMED_NS",
  PID: "PID_REF_NS",
  FD: "FILE_REF_NS",
  MICROSERVICE: "MICROSERVICE_REF_NS",
} as const;

const referenceMessage = message(
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
      ifThen(isOf("NSID", 1), fieldFits("reference", { pattern: `^${NAME_PATTERN}$` })),
      ifThen(isOf("PID", 2), fieldFits("reference", { pattern: "^\\d{1,10}$" })),
    ];
  },
);

/** True of a mapping as version 3 has it. */
const isReference = (value: unknown): boolean => isMapping(value) && value.reference !== undefined;

/** A mapping of version 3 with the name of its type; the first has the number 1. */
function withTypeName(value: unknown): unknown {
  if (!isMapping(value) || typeof value.type !== "number") return value;
  return { ...value, type: Object.keys(VERSION_3)[value.type - 1] ?? value.type };
}

/** The fields of the message, before the type says which one counts. */
type Written = { readonly [K in keyof typeof FIELDS]?: v.InferOutput<(typeof FIELDS)[K]> };

/**
 * The type that is written, or the one whose field is given. By protobuf's rules a message without either would be the
 * default namespace; here it is a fault, so a typo can never configure the host.
 */
function typeOf(written: Written): TypeName | undefined {
  const candidates = TYPES.filter((type) => written[FIELD[type]] !== undefined);
  return written.type ?? (candidates.length === 1 ? candidates[0] : undefined);
}

/** The namespace that `written` names, by its field for `type`. */
function meant(type: TypeName, { pid = 0, microservice = "", name = "", filepath = "", by }: Written): Namespace {
  return match(type)
    .with("PID_REF_NS", () => pidNs(pid))
    .with("MICROSERVICE_REF_NS", () => by === undefined ? microserviceNs(microservice) : containerNs(microservice))
    .with("NAMED_NS", () => namedNs(name))
    .with("FILE_REF_NS", () => fileNs(filepath))
    .exhaustive();
}

/** The result of `make`, or what it expected instead. */
function attempt(make: () => Namespace): { readonly ns: Namespace } | { readonly expected: string } {
  try {
    return { ns: make() };
  } catch (error) {
    if (error instanceof InvalidNamespaceError) return { expected: error.expected };
    throw error;
  }
}

const namespaceMessage = message(EXPECTED, FIELDS, (values: Written, given, report): void => {
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
    fieldFits("name", { anyOf: [{ type: "null" }, { enum: [""] }, { pattern: `^${NAME_PATTERN}$` }] }),
  ];
}

/** A PID that stands as text. */
const pidOf = (text: string): number => /^\d{1,10}$/.test(text) ? Number(text) : NaN;

/** The union's form of a namespace, from text or from the model's message. */
const generic: Field<Namespace> = definition(
  "namespace",
  described(
    v.pipe(
      v.unknown(),
      v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
        if (typeof value === "string") {
          const result = value.length > LONGEST_TEXT ? { expected: TOO_LONG } : attempt(() => parseNamespace(value));
          if ("ns" in result) return result.ns;
          addIssue({ message: `${EXPECTED}; ${result.expected}` });
          return NEVER;
        }
        if (isReference(value)) {
          const reference = v.safeParse(referenceMessage, withTypeName(value));
          if (!reference.success) {
            for (const { message, path } of reference.issues) {
              addIssue(path === undefined ? { message } : { message, input: path.at(-1)?.value, path });
            }
            return NEVER;
          }
          const type = VERSION_3[reference.output.type];
          const given = reference.output.reference;
          const result = attempt(() => meant(type, { [FIELD[type]]: type === "PID_REF_NS" ? pidOf(given) : given }));
          if ("ns" in result) return result.ns;
          addIssue({ message: result.expected });
          return NEVER;
        }
        const result = v.safeParse(namespaceMessage, isMapping(value) ? value : undefined);
        const type = result.success ? typeOf(result.output) : undefined;
        if (result.success && type !== undefined) return meant(type, result.output);
        for (const { message, path } of result.issues ?? []) {
          addIssue(path === undefined ? { message } : { message, input: path.at(-1)?.value, path });
        }
        return NEVER;
      }),
    ),
    (of) => ({
      anyOf: [
        { type: "string", description: EXPECTED, pattern: NAMESPACE_PATTERN },
        of(namespaceMessage),
        of(referenceMessage),
      ],
    }),
  ),
);

/** Reads the namespace of an interface: text as `parseNamespace` reads it, or the model's message. */
export const interfaceNamespaceSchema: Field<InterfaceNamespace> = v.pipe(generic, v.transform(namespaceFields));

/** Reads the namespace of an ARP entry, as {@linkcode interfaceNamespaceSchema} does. */
export const arpNamespaceSchema: Field<ArpNamespace> = v.pipe(
  generic,
  v.transform((ns) => namespaceFields(ns) as ArpNamespace), // the brand exists only for the compiler
);

/** Reads the namespace of a route, as {@linkcode interfaceNamespaceSchema} does. */
export const routeNamespaceSchema: Field<RouteNamespace> = v.pipe(
  generic,
  v.transform((ns) => namespaceFields(ns) as RouteNamespace), // the brand exists only for the compiler
);
