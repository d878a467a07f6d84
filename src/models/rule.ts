/** The model of a rule: which table the route of a packet is looked up in. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { familyOf } from "../ip/address.ts";
import { RT_TABLE_MAIN } from "../netlink/constants/route.ts";
import {
  enumeration,
  type Field,
  type FieldsOf,
  flag,
  integer,
  label,
  message,
  optional,
  type OptionalFields,
  text,
  wrapped,
} from "./fields.ts";
import { type NamespaceInput, type RouteNamespace, routeNamespaceSchema } from "./namespace.ts";
import { described, ifThen, isGiven, type JsonSchema, noneGiven, sameFamily } from "./json_schema.ts";
import { ascendingPattern } from "./number_pattern.ts";
import { type Ports, ports } from "./ports.ts";
import { type InterfaceIndex, namespaceOfItem } from "./references.ts";
import { network, UINT32_MAX } from "./values.ts";

/** A rule, as the file describes it; what is absent fits every packet. See ip-rule(8). */
export interface LinuxRule {
  /** Its name in the file. */
  readonly name: string;
  /** Where it lives; absent is the default namespace. */
  readonly namespace?: RouteNamespace;
  /** The protocol of its packets. */
  readonly ipFamily: "IPV4" | "IPV6";
  /** The network of the source, in canonical text. */
  readonly from?: string;
  /** The network of the destination. */
  readonly to?: string;
  /** True if it is for the packets that do not fit. */
  readonly not?: true;
  /** The mark of the packets. */
  readonly fwMark?: number;
  /** Which bits of the mark count. Absent: all. */
  readonly fwMask?: number;
  /** The link by which they come: the name of an interface of the file, or the host name of one, which need not exist yet. */
  readonly iif?: string;
  /** The link to which their socket is bound, in the same way. */
  readonly oif?: string;
  /** The users who send them: `"1000-1999"`. */
  readonly uidRange?: string;
  /** The protocol of the packets. */
  readonly protocol?: "tcp" | "udp" | "sctp" | "icmp" | "icmpv6";
  /** The ports from which they come: one, or a range as text, `"8000-8010"`. */
  readonly sourcePort?: Ports;
  /** The ports to which they go, in the same way. */
  readonly destinationPort?: Ports;
  /** A route whose prefix is this long, or shorter, does not count: 0 leaves out the default route. */
  readonly suppressPrefixlength?: number;
  /** The number of the table that is looked up. Absent: the main one, 254; of the other actions, none. */
  readonly table?: number;
  /** The lowest comes first. Absent: the kernel chooses one below 32766. */
  readonly priority?: number;
  /** What is done instead of looking the table up. */
  readonly action?: "BLACKHOLE" | "UNREACHABLE" | "PROHIBIT";
}

/** The protocols that a rule names, as the file writes them. */
export type RuleProtocol = NonNullable<LinuxRule["protocol"]>;

/** A rule as it may be written: only its name is required. */
export interface RuleInput
  extends OptionalFields<Omit<LinuxRule, "name" | "namespace" | "ipFamily" | "action" | "not">> {
  /** Its name in the file. */
  readonly name: string;
  /** Where it lives, as text or as the fields of the model. */
  readonly namespace?: NamespaceInput | undefined;
  /** The protocol of its packets. @default {that of `from` or `to`, or "IPV4"} */
  readonly ipFamily?: LinuxRule["ipFamily"] | 0 | 1 | undefined;
  /** True if it is for the packets that do not fit. @default {false} */
  readonly not?: boolean | undefined;
  /** What is done; `UNICAST` looks the table up. @default {"UNICAST"} */
  readonly action?: "UNICAST" | NonNullable<LinuxRule["action"]> | 0 | 1 | 2 | 3 | undefined;
}

const uidRange: Field<string> = text("a range of user ids such as 1000-1999", (given) => {
  const [, first = "", last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(given.trim()) ?? [];
  const [from, to] = [Number(first), Number(last)];
  return first === "" || from > to || to > UINT32_MAX ? undefined : `${from}-${to}`;
}, `^\\s*(?:\\d{1,10}|(?=${ascendingPattern(10)}\\s*$)\\d{1,10}-\\d{1,10})\\s*$`);

const uidRangeOrNumber: Field<string> = described(
  v.pipe(
    v.unknown(),
    v.transform((value) => typeof value === "number" ? String(value) : value),
    uidRange,
  ),
  (of) => ({ ...of(uidRange), type: ["integer", "string"], minimum: 0, maximum: UINT32_MAX }),
);

const PROTOCOLS = ["tcp", "udp", "sctp", "icmp", "icmpv6"] as const satisfies readonly RuleProtocol[];

const FIELDS = {
  name: label("the name of the rule"),
  namespace: optional(routeNamespaceSchema),
  ipFamily: wrapped("family", enumeration(["IPV4", "IPV6"])),
  from: optional(network),
  to: optional(network),
  not: optional(flag),
  fwMark: optional(integer(1, UINT32_MAX)),
  fwMask: optional(integer(1, UINT32_MAX)),
  iif: optional(label("the name of the interface by which packets come")),
  oif: optional(label("the name of the interface to which sockets are bound")),
  uidRange: optional(uidRangeOrNumber),
  protocol: optional(v.picklist(PROTOCOLS, PROTOCOLS.join(", "))),
  sourcePort: optional(ports),
  destinationPort: optional(ports),
  suppressPrefixlength: optional(integer(0, 128)),
  table: optional(integer(1, UINT32_MAX)),
  priority: optional(integer(1, 32_765)),
  action: optional(enumeration(["UNICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT"])),
} as const satisfies FieldsOf<RuleInput>;

const familyName = (text: string): "IPV4" | "IPV6" => `IPV${familyOf(text)}`;

/** What JSON Schema can say of a rule: an action other than to look a table up has no table. */
function schemaRules(): JsonSchema[] {
  const isOther = { properties: { action: { not: { enum: ["UNICAST", 0, null] } } }, required: ["action"] };
  return [
    ifThen(isOther, noneGiven("table", "suppressPrefixlength")),
    sameFamily("from", "to"),
    ifThen(isGiven("fwMask"), isGiven("fwMark")),
  ];
}

/** Reads a rule. */
export const ruleSchema: Field<LinuxRule> = v.pipe(
  message("a mapping that describes a rule", FIELDS, (values, given, report): void => {
    const { from, to, ipFamily, action } = values;
    const first = from ?? to;
    if (ipFamily !== undefined && first !== undefined && ipFamily !== familyName(first)) {
      report("ipFamily", `${familyName(first)}, the family of ${first}`);
    }
    if (from !== undefined && to !== undefined && familyOf(from) !== familyOf(to)) {
      report("to", `an IPv${familyOf(from)} network, as from`);
    }
    for (const name of ["table", "suppressPrefixlength"] as const) {
      if (action !== undefined && action !== "UNICAST" && given(name)) report(name, `no ${name} with action ${action}`);
    }
    if (given("fwMask") && !given("fwMark")) report("fwMask", "the fwMark beside it, whose bits it chooses");
  }, schemaRules),
  v.transform(({ action, not, ...rule }): LinuxRule =>
    defined({
      ...rule,
      not: not || undefined,
      ipFamily: rule.ipFamily ?? (familyName(rule.from ?? rule.to ?? "0.0.0.0")),
      action: action === "UNICAST" ? undefined : action,
    })
  ),
);

/** The rule with the host names of the links that it names. */
export function withHostNames<R extends Pick<LinuxRule, "namespace" | "iif" | "oif">>(
  rule: R,
  index: InterfaceIndex,
): R {
  const [iif, oif] = [rule.iif, rule.oif].map((name) => (
    name === undefined ? undefined : index.in(namespaceOfItem(rule), name)?.hostIfName ?? name
  ));
  return { ...rule, ...iif === undefined ? {} : { iif }, ...oif === undefined ? {} : { oif } };
}

/** What a rule asks for, without its name: the defaults are written out, and a network of all hosts is none. */
export function effectiveRule({ name: _, namespace: __, ...rule }: LinuxRule): Omit<LinuxRule, "name" | "namespace"> {
  const narrows = (network: string | undefined): string | undefined => network?.endsWith("/0") ? undefined : network;
  return defined({
    ...rule,
    from: narrows(rule.from),
    to: narrows(rule.to),
    fwMask: rule.fwMask === UINT32_MAX ? undefined : rule.fwMask,
    table: rule.action === undefined ? rule.table ?? RT_TABLE_MAIN : undefined,
  });
}
