/** The model of a packet filter: what is dropped or accepted at one end of a namespace, and what is excepted. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { familyOf } from "../ip/address.ts";
import { anyText, type Field, type FieldsOf, label, list, message, optional, type OptionalFields } from "./fields.ts";
import {
  ANY_IPV4,
  ANY_IPV6,
  described,
  fieldFits,
  ifThen,
  isGiven,
  type JsonSchema,
  sameFamily,
} from "./json_schema.ts";
import { type InterfaceNamespace, interfaceNamespaceSchema, type NamespaceInput } from "./namespace.ts";
import { type Ports, ports } from "./ports.ts";
import { network } from "./values.ts";

/** Where packets are filtered: what comes to the namespace, what leaves it, and what passes through. */
export const DIRECTIONS = ["in", "out", "forward"] as const;
/** One of these. */
export type FirewallDirection = (typeof DIRECTIONS)[number];

/** What is done with a packet. */
export type FirewallVerdict = "drop" | "accept";

/** What a connection is to the kernel; see conntrack(8). */
export type ConnectionState = "new" | "established" | "related" | "invalid" | "untracked";

/** A packet filter, as the file describes it. */
export interface Firewall {
  /** Its name in the file. */
  readonly name: string;
  /** What it is for, for people. */
  readonly description?: string;
  /** The namespace whose packets are filtered. */
  readonly namespace: InterfaceNamespace;
  /** What is done with packets to the namespace; those over its loopback link are never dropped. */
  readonly in?: FirewallVerdict;
  /** What is done with packets of the namespace; those over its loopback link are never dropped. */
  readonly out?: FirewallVerdict;
  /** What is done with packets that pass through. */
  readonly forward?: FirewallVerdict;
  /**
   * What is treated the other way: mappings with `in` or `out` (a link), `protocol` (tcp, udp, icmp, icmpv6), `port` (to
   * which it goes), `source`, `destination` (networks), `state` (of its connection: one or a list). All that one gives
   * must be so.
   */
  readonly except: readonly FirewallException[];
}

/** Packets that are treated the other way: all that is given must be so. */
export interface FirewallException {
  /** The link by which they come; of no meaning for `out`, where the exception does not count. */
  readonly in?: string;
  /** The link by which they leave; of no meaning for `in`, where the exception does not count. */
  readonly out?: string;
  /** The protocol. */
  readonly protocol?: "tcp" | "udp" | "icmp" | "icmpv6";
  /** The port to which they go, or a range of them. */
  readonly port?: Ports;
  /** The network they come from, in canonical text. */
  readonly source?: string;
  /** The network they go to, in canonical text. */
  readonly destination?: string;
  /** The state of their connection: one of these. */
  readonly state?: readonly ConnectionState[];
}

/** An exception as it may be written: a state is one or a list. */
export interface FirewallExceptionInput extends OptionalFields<Omit<FirewallException, "state">> {
  /** The state of their connection, or several of which it is one. */
  readonly state?: ConnectionState | readonly ConnectionState[] | undefined;
}

/** A packet filter as it may be written. */
export interface FirewallInput extends OptionalFields<Omit<Firewall, "name" | "namespace" | "except">> {
  /** Its name in the file. */
  readonly name: string;
  /** The namespace whose packets are filtered, as text or as the fields of the model. */
  readonly namespace: NamespaceInput;
  /** What is treated the other way. */
  readonly except?: readonly FirewallExceptionInput[] | undefined;
}

const STATES = "new, established, related, invalid or untracked, or a list of them";
const state = v.picklist(["new", "established", "related", "invalid", "untracked"], STATES);
const states: Field<ConnectionState[]> = described(
  v.lazy((input): Field<ConnectionState[]> =>
    Array.isArray(input)
      ? v.pipe(list("a list of states", state), v.minLength(1, STATES))
      : v.pipe(state, v.transform((one) => [one]))
  ),
  (of) => ({ anyOf: [of(state), { type: "array", minItems: 1, items: of(state) }] }),
);

const EXCEPTION = {
  in: optional(label("the name of the interface by which packets come")),
  out: optional(label("the name of the interface by which packets leave")),
  protocol: optional(v.picklist(["tcp", "udp", "icmp", "icmpv6"], "tcp, udp, icmp or icmpv6")),
  port: optional(ports),
  source: optional(network),
  destination: optional(network),
  state: optional(states),
} as const satisfies FieldsOf<FirewallExceptionInput>;

/** What JSON Schema can say of an exception: it has a field, a port goes with a protocol, a family with its own. */
function exceptionRules(): JsonSchema[] {
  const isProtocol = (...names: readonly string[]): JsonSchema => ({
    properties: { protocol: { enum: names } },
    required: ["protocol"],
  });
  const networks = (family: JsonSchema): JsonSchema => ({
    allOf: ["source", "destination"].map((name) => fieldFits(name, family)),
  });
  return [
    { anyOf: Object.keys(EXCEPTION).map(isGiven) },
    ifThen(isGiven("port"), isProtocol("tcp", "udp")),
    sameFamily("source", "destination"),
    ifThen(isProtocol("icmp"), networks(ANY_IPV4)),
    ifThen(isProtocol("icmpv6"), networks(ANY_IPV6)),
  ];
}

const exceptionSchema: Field<FirewallException> = v.pipe(
  message(
    `a mapping with one of ${Object.keys(EXCEPTION).join(", ")}, or several of them`,
    EXCEPTION,
    ({ protocol, source, destination }, given, report): void => {
      if (given("port") && (protocol === undefined ? !given("protocol") : protocol !== "tcp" && protocol !== "udp")) {
        report("protocol", "tcp or udp, as there is a port");
      }
      if (source !== undefined && destination !== undefined && familyOf(source) !== familyOf(destination)) {
        report("destination", `a network of IPv${familyOf(source)}, as the source`);
      }
      const address = source ?? destination;
      const family = protocol === "icmp" ? 4 : protocol === "icmpv6" ? 6 : undefined;
      if (address !== undefined && family !== undefined && familyOf(address) !== family) {
        report("protocol", `no ${protocol}, which goes with IPv${family} only`);
      }
    },
    exceptionRules,
  ),
  v.transform((exception): FirewallException => defined(exception)),
  v.check(
    (exception) => Object.keys(exception).length > 0,
    "at least one field: an empty exception excepts everything",
  ),
);

const verdict = v.picklist(["drop", "accept"], "drop or accept");

const FIELDS = {
  name: label("the name of the packet filter"),
  description: optional(anyText),
  namespace: interfaceNamespaceSchema,
  in: optional(verdict),
  out: optional(verdict),
  forward: optional(verdict),
  except: optional(list("a list of exceptions", exceptionSchema)),
} as const satisfies FieldsOf<FirewallInput>;

/** True if packets of this direction have what the exception names: those that leave came by no link. */
export function concerns(exception: FirewallException, direction: FirewallDirection): boolean {
  return !(direction === "out" && exception.in !== undefined) && !(direction === "in" && exception.out !== undefined);
}

/** Reads an item of `firewall`. */
export const firewallSchema: Field<Firewall> = v.pipe(
  message("a mapping with name, namespace, and in, out or forward", FIELDS, (values, given, report): void => {
    const directions = DIRECTIONS.filter((one) => given(one));
    const useless = (values.except ?? []).find((one) => !directions.some((direction) => concerns(one, direction)));
    if (useless !== undefined && directions.length > 0) {
      const name = useless.in === undefined ? "out" : "in";
      report("except", `no exception with ${name} in a filter that has ${directions.join(", ")} alone`);
    }
  }, () => [{ anyOf: DIRECTIONS.map(isGiven) }]),
  v.transform((firewall): Firewall => defined({ ...firewall, except: firewall.except ?? [] })),
  v.check((firewall) => DIRECTIONS.some((one) => firewall[one] !== undefined), "drop or accept for in, out or forward"),
);
