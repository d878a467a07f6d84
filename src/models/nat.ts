/** The model of address translation: what leaves by a link gets the address of that link. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { anyText, type Field, type FieldsOf, flag, label, message, optional, type OptionalFields } from "./fields.ts";
import { type InterfaceNamespace, interfaceNamespaceSchema, type NamespaceInput } from "./namespace.ts";
import { network } from "./values.ts";

/** Address translation of what leaves by a link, as the file describes it. */
export interface NatRule {
  /** Its name in the file. */
  readonly name: string;
  /** What it is for, for people. */
  readonly description?: string;
  /** Where it is done. Absent: the namespace of the link `out` if the file describes that, else the default one. */
  readonly namespace?: InterfaceNamespace;
  /** The link: the name of an interface of the file, or the host name of one, which need not exist yet. */
  readonly out: string;
  /** The network whose packets are translated, in canonical text. Absent: all of IPv4 and IPv6. */
  readonly source?: string;
  /** True: each flow gets a port of its own, as a symmetric NAT gives it. Absent is false: the same port, if it is free. */
  readonly random: boolean;
}

/** Address translation as it may be written. */
export interface NatRuleInput extends OptionalFields<Omit<NatRule, "name" | "out" | "namespace">> {
  /** Its name in the file. */
  readonly name: string;
  /** The name of an interface of the file, or the host name of one. */
  readonly out: string;
  /** Where it is done, as text or as the fields of the model. */
  readonly namespace?: NamespaceInput | undefined;
}

const FIELDS = {
  name: label("the name of the address translation"),
  description: optional(anyText),
  namespace: optional(interfaceNamespaceSchema),
  out: label("the name of the interface by which packets leave"),
  source: optional(network),
  random: optional(flag),
} as const satisfies FieldsOf<NatRuleInput>;

/** Reads an item of `nat`. */
export const natSchema: Field<NatRule> = v.pipe(
  message("a mapping with name and out", FIELDS),
  v.transform((rule): NatRule => defined({ ...rule, random: rule.random ?? false })),
);
