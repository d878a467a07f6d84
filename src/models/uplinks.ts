/** The model of an uplink: the way out of a namespace through the default one. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { networkOf } from "../ip/arithmetic.ts";
import { IPV4_PATTERN } from "../ip/pattern.ts";
import { parseIpPrefix } from "../ip/prefix.ts";
import { isDefaultNamespace, namespaceToString } from "../namespace.ts";
import { ifNsToGeneric } from "./converters.ts";
import { type Field, type FieldsOf, isMapping, list, message, optional, text } from "./fields.ts";
import { described } from "./json_schema.ts";
import { type InterfaceNamespace, interfaceNamespaceSchema, type NamespaceInput } from "./namespace.ts";
import { hostIp, isHostIfName } from "./values.ts";

/** An uplink, as the file describes it: a pair to the default namespace, a default route, and address translation. */
export interface Uplink {
  /** The namespace that gets a way out. */
  readonly namespace: InterfaceNamespace;
  /**
   * The network of the pair: its first address is the default namespace's, its second that of `namespace`. Absent: a /30
   * of 10.200.0.0/16 that no route uses.
   */
  readonly addresses?: string;
  /**
   * The servers that `/etc/netns/NAME/resolv.conf` names; `"host"`: those of the host. An empty list: the file is left
   * as it is.
   */
  readonly dns: "host" | readonly string[];
}

/** An uplink as it may be written, with more than a namespace. */
export interface UplinkFields {
  /** The namespace that gets a way out, as text or as the fields of the model. */
  readonly namespace: NamespaceInput;
  /** The network of the pair. */
  readonly addresses?: string | undefined;
  /** The servers that resolve names. @default {"host" of a namespace with a name} */
  readonly dns?: "host" | readonly string[] | undefined;
}

/** An uplink as it may be written: the namespace alone, or more. */
export type UplinkInput = string | UplinkFields;

/** The longest prefix of a network with two hosts. */
const LONGEST_PREFIX = 30;

const pairNetwork = text(
  `an IPv4 network of at least two hosts, without bits beyond its prefix, such as 10.200.1.0/30`,
  (given) => {
    const prefix = parseIpPrefix(given);
    if (prefix === undefined || prefix.address.family !== 4 || prefix.length > LONGEST_PREFIX) return undefined;
    return networkOf(prefix).text === prefix.text ? prefix.text : undefined;
  },
  `^${IPV4_PATTERN}/(?:30|[12]\\d|\\d)$`,
);

const servers = list('"host", or a list of addresses of servers', hostIp);
const ofHost = v.literal("host", '"host"');
const dns: Field<"host" | string[]> = described(
  v.lazy((input): Field<"host" | string[]> => input === "host" ? ofHost : servers),
  (of) => ({ anyOf: [of(ofHost), of(servers)] }),
);

const FIELDS = {
  namespace: interfaceNamespaceSchema,
  addresses: optional(pairNetwork),
  dns: optional(dns),
} as const satisfies FieldsOf<UplinkFields>;

const isNamed = ({ type }: InterfaceNamespace): boolean => type === 2;
const isDefault = (namespace: InterfaceNamespace): boolean => isDefaultNamespace(ifNsToGeneric(namespace));
const NOT_DEFAULT = "another namespace than the default one";

/** An uplink of which a file says no more than its namespace. */
const usual = (namespace: InterfaceNamespace): Uplink => ({ namespace, dns: isNamed(namespace) ? "host" : [] });

const whole: Field<Uplink> = v.pipe(
  message(
    "the name of a namespace, or a mapping with namespace",
    FIELDS,
    ({ namespace, dns }, _given, report): void => {
      if (namespace === undefined) return;
      if (isDefault(namespace)) report("namespace", NOT_DEFAULT);
      if (dns !== undefined && dns.length > 0 && !isNamed(namespace)) {
        report("dns", "no dns: only a namespace with a name has a resolv.conf of its own");
      }
    },
  ),
  v.transform((uplink): Uplink => defined({ ...uplink, dns: uplink.dns ?? usual(uplink.namespace).dns })),
);

/** The namespace alone. */
const short: Field<Uplink> = v.pipe(
  interfaceNamespaceSchema,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || !isDefault(dataset.value)) return;
    addIssue({ message: NOT_DEFAULT, input: namespaceToString(ifNsToGeneric(dataset.value)) });
  }),
  v.transform(usual),
);

/** Reads an item of `uplinks`: the name of a namespace, or a mapping. */
export const uplinkSchema: Field<Uplink> = described(
  v.lazy((given): Field<Uplink> => isMapping(given) && !("type" in given) ? whole : short),
  (of) => ({
    anyOf: [of(whole), {
      allOf: [of(interfaceNamespaceSchema), { anyOf: [{ type: "string" }, { required: ["type"] }] }],
    }],
  }),
);

/** The namespace of an uplink, as text: what reports call it. */
export function uplinkName({ namespace }: Uplink): string {
  return namespaceToString(ifNsToGeneric(namespace));
}

/** The network from which the pair of an uplink without `addresses` gets its own. */
export const UPLINK_POOL = "10.200.0.0/16";

/** The host name of an uplink's link in the default namespace: the same on each run. */
export function uplinkHostLink(uplink: Uplink): string {
  const name = `up-${uplinkName(uplink)}`;
  return isHostIfName(name) && !name.endsWith("*") ? name : `up-${hash32(uplinkName(uplink)).toString(36)}`;
}

/** FNV-1a of 32 bits: the same number for a text on each run. */
export function hash32(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/** Where `ip netns exec` and `netns exec` look for the resolvers of the namespace `name`. */
export function resolverPath(name: string): string {
  return `/etc/netns/${name}/resolv.conf`;
}

/** True of a path that {@linkcode resolverPath} gives. */
export function isResolverPath(path: string): boolean {
  const name = /^\/etc\/netns\/([^/]+)\/resolv\.conf$/.exec(path)?.[1];
  return name !== undefined && name !== "." && name !== "..";
}
