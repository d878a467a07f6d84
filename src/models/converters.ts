/** Converts between the union of namespaces and the namespaces of the three models. */
import { match } from "npm:ts-pattern@5.9.2";
import { InvalidNamespaceError } from "../errors.ts";
import { type ArpNamespace, type InterfaceNamespace, namespaceFields, type RouteNamespace } from "./namespace.ts";
import type { NamespaceFields } from "./namespace_message.ts";
import {
  containerNs,
  fileNs,
  FileRefNs,
  microserviceNs,
  MicroserviceRefNs,
  NamedNs,
  namedNs,
  type Namespace,
  namespaceToString,
  pidNs,
  PidRefNs,
} from "../namespace.ts";

/** The namespace that `fields` name. Data from outside may have no valid type, or lack the field of its type. */
function toGeneric(fields: NamespaceFields): Namespace {
  if (fields?.type === NamedNs) return named(fields.name ?? ""); // nearly all are: not worth a match
  return match(fields)
    .with({ type: NamedNs }, ({ name = "" }) => namedNs(name))
    .with({ type: PidRefNs }, ({ pid = 0 }) => pidNs(pid))
    .with({ type: MicroserviceRefNs, by: "container" }, ({ microservice = "" }) => containerNs(microservice))
    .with({ type: MicroserviceRefNs }, ({ microservice = "" }) => microserviceNs(microservice))
    .with({ type: FileRefNs }, ({ filepath = "" }) => fileNs(filepath))
    .exhaustive((given: unknown) => {
      throw new InvalidNamespaceError(given, "a namespace of a model", "an object whose type is 0, 1, 2 or 3");
    });
}

/** How many named namespaces are kept. */
const MOST_KEPT = 4096;
const kept = new Map<string, Namespace>();

/** A named namespace: each is asked for again and again while a plan is made. */
function named(name: string): Namespace {
  let ns = kept.get(name);
  if (ns === undefined) {
    ns = Object.freeze(namedNs(name));
    if (kept.size === MOST_KEPT) kept.clear();
    kept.set(name, ns);
  }
  return ns;
}

/**
 * The namespace of an interface as a {@linkcode Namespace}.
 *
 * @returns `undefined`, the default namespace, for `undefined`.
 * @throws {InvalidNamespaceError} The field of its type is empty or invalid, or the type is unknown.
 */
export function ifNsToGeneric(ns: InterfaceNamespace): Namespace;
/** As above; `undefined` stays `undefined`. */
export function ifNsToGeneric(ns?: InterfaceNamespace): Namespace | undefined;
export function ifNsToGeneric(ns?: InterfaceNamespace): Namespace | undefined {
  return ns === undefined ? undefined : toGeneric(ns);
}

/**
 * The namespace of an ARP entry as a {@linkcode Namespace}.
 *
 * @returns `undefined`, the default namespace, for `undefined`.
 * @throws {InvalidNamespaceError} The field of its type is empty or invalid, or the type is unknown.
 */
export function arpNsToGeneric(ns: ArpNamespace): Namespace;
/** As above; `undefined` stays `undefined`. */
export function arpNsToGeneric(ns?: ArpNamespace): Namespace | undefined;
export function arpNsToGeneric(ns?: ArpNamespace): Namespace | undefined {
  return ns === undefined ? undefined : toGeneric(ns);
}

/**
 * The namespace of a route as a {@linkcode Namespace}.
 *
 * @returns `undefined`, the default namespace, for `undefined`.
 * @throws {InvalidNamespaceError} The field of its type is empty or invalid, or the type is unknown.
 */
export function routeNsToGeneric(ns: RouteNamespace): Namespace;
/** As above; `undefined` stays `undefined`. */
export function routeNsToGeneric(ns?: RouteNamespace): Namespace | undefined;
export function routeNsToGeneric(ns?: RouteNamespace): Namespace | undefined {
  return ns === undefined ? undefined : toGeneric(ns);
}

/**
 * A {@linkcode Namespace} as the namespace of an interface.
 *
 * @returns `undefined` for `undefined`.
 * @throws {InvalidNamespaceError} It is not valid, such as one made by hand with an empty name.
 */
export function genericToIfaceNs(ns: Namespace): InterfaceNamespace;
/** As above; `undefined` stays `undefined`. */
export function genericToIfaceNs(ns?: Namespace): InterfaceNamespace | undefined;
export function genericToIfaceNs(ns?: Namespace): InterfaceNamespace | undefined {
  return ns === undefined ? undefined : namespaceFields(ns);
}

/**
 * A {@linkcode Namespace} as the namespace of an ARP entry.
 *
 * @returns `undefined` for `undefined`.
 * @throws {InvalidNamespaceError} It is not valid, such as one made by hand with an empty name.
 */
export function genericToArpNs(ns: Namespace): ArpNamespace;
/** As above; `undefined` stays `undefined`. */
export function genericToArpNs(ns?: Namespace): ArpNamespace | undefined;
export function genericToArpNs(ns?: Namespace): ArpNamespace | undefined {
  return ns === undefined ? undefined : namespaceFields(ns) as ArpNamespace; // the brand exists only for the compiler
}

/**
 * A {@linkcode Namespace} as the namespace of a route.
 *
 * @returns `undefined` for `undefined`.
 * @throws {InvalidNamespaceError} It is not valid, such as one made by hand with an empty name.
 */
export function genericToRouteNs(ns: Namespace): RouteNamespace;
/** As above; `undefined` stays `undefined`. */
export function genericToRouteNs(ns?: Namespace): RouteNamespace | undefined;
export function genericToRouteNs(ns?: Namespace): RouteNamespace | undefined {
  return ns === undefined ? undefined : namespaceFields(ns) as RouteNamespace; // the brand exists only for the compiler
}

/**
 * The namespace of an interface as text, as `namespaceToString` writes it.
 *
 * @returns `"<nil>"` for `undefined`.
 * @throws {InvalidNamespaceError} As {@linkcode ifNsToGeneric}.
 */
export function ifaceNsToString(ns?: InterfaceNamespace): string {
  return ns === undefined ? "<nil>" : namespaceToString(toGeneric(ns));
}

/** The converters as methods. */
export abstract class NsConverters {
  /** {@linkcode ifaceNsToString} */
  readonly ifaceNsToString: typeof ifaceNsToString = ifaceNsToString;
  /** {@linkcode ifNsToGeneric} */
  readonly ifNsToGeneric: typeof ifNsToGeneric = ifNsToGeneric;
  /** {@linkcode arpNsToGeneric} */
  readonly arpNsToGeneric: typeof arpNsToGeneric = arpNsToGeneric;
  /** {@linkcode routeNsToGeneric} */
  readonly routeNsToGeneric: typeof routeNsToGeneric = routeNsToGeneric;
  /** {@linkcode genericToIfaceNs} */
  readonly genericToIfaceNs: typeof genericToIfaceNs = genericToIfaceNs;
  /** {@linkcode genericToArpNs} */
  readonly genericToArpNs: typeof genericToArpNs = genericToArpNs;
  /** {@linkcode genericToRouteNs} */
  readonly genericToRouteNs: typeof genericToRouteNs = genericToRouteNs;
}
