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
import { type Field, isMapping, LONGEST_TEXT } from "./fields.ts";
import { definition, described } from "./json_schema.ts";
import {
  attempt,
  EXPECTED,
  meant,
  type NamespaceFields,
  type NamespaceFieldsInput,
  namespaceMessage,
  typeOf,
} from "./namespace_message.ts";
import { NAMESPACE_PATTERN } from "./namespace_pattern.ts";
import {
  isReference,
  type NamespaceReferenceInput,
  referenceMessage,
  referredTo,
  withTypeName,
} from "./namespace_reference.ts";

/** The brand that keeps the three types of namespace apart. It exists only for the compiler. */
export declare const owner: unique symbol;

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

/** The fields of the model for a namespace of the union, which is validated. */
export function namespaceFields(ns: Namespace): NamespaceFields {
  if (ns?.type === "named") return { type: NamedNs, name: namedNs(ns.name).name }; // as nearly all are
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

const TOO_LONG = `at most ${LONGEST_TEXT} characters`;

/** The union's form of a namespace, from text or from the model's message. */
const generic: Field<Namespace> = definition(
  "namespace",
  described(
    v.pipe(
      v.unknown(),
      v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
        const addAll = (issues: readonly v.BaseIssue<unknown>[]): typeof NEVER => {
          for (const { message, path } of issues) {
            addIssue(path === undefined ? { message } : { message, input: path.at(-1)?.value, path });
          }
          return NEVER;
        };
        if (typeof value === "string") {
          const result = value.length > LONGEST_TEXT ? { expected: TOO_LONG } : attempt(() => parseNamespace(value));
          if ("ns" in result) return result.ns;
          addIssue({ message: `${EXPECTED}; ${result.expected}` });
          return NEVER;
        }
        if (isReference(value)) {
          const reference = v.safeParse(referenceMessage, withTypeName(value));
          if (!reference.success) return addAll(reference.issues);
          const result = attempt(() => referredTo(reference.output));
          if ("ns" in result) return result.ns;
          addIssue({ message: result.expected });
          return NEVER;
        }
        const result = v.safeParse(namespaceMessage, isMapping(value) ? value : undefined);
        const type = result.success ? typeOf(result.output) : undefined;
        if (result.success && type !== undefined) return meant(type, result.output);
        return addAll(result.issues ?? []);
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
