/**
 * Ligato's models of version 1: JSON with snake_case names, enumerations as numbers, and what is absent means false, 0
 * or "". What an agent of Ligato ignores is ignored here, with a warning.
 */
import { isMapping } from "../../models/fields.ts";
import { familyOf } from "../../ip/address.ts";
import { isDefault, type Mapped, MappingFault, masked, unlessDefault } from "./mapped.ts";

/** Each kind of key, with the section of the topology file and what maps its values. */
const KINDS: Readonly<Record<string, (fields: V1Message, name: string) => Omit<Mapped, "warnings">>> = {
  interface: (fields, name) => ({ section: "interfaces", input: interfaceOf(fields, name) }),
  arp: (fields, name) => ({ section: "arpEntries", input: arpEntryOf(fields, name) }),
  route: (fields, name) => ({ section: "routes", input: routeOf(fields, name) }),
};

/**
 * The item that a value of version 1 stands for.
 *
 * @param rest The key after `linux/config/v1/`: `"interface/eth0"`.
 * @param value The value, as JSON has it.
 * @throws {MappingFault} It stands for none.
 */
export function mapV1(rest: string, value: unknown): Mapped {
  const [kind = "", ...name] = rest.split("/");
  const map = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (map === undefined) throw new MappingFault("", kind, "a key of an interface, an arp or a route", "UNIMPLEMENTED");
  if (!isMapping(value)) throw new MappingFault("", value, "an object of JSON");
  const warnings: string[] = [];
  const fields = new V1Message(value, "", warnings);
  const mapped = map(fields, name.join("/"));
  fields.warnOfOthers();
  return { ...mapped, warnings };
}

/** A message; it remembers which of its fields were asked for. */
class V1Message {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #warnings: string[];
  readonly #asked = new Set<string>();

  constructor(values: Readonly<Record<string, unknown>>, path: string, warnings: string[]) {
    this.#values = values;
    this.#path = path;
    this.#warnings = warnings;
  }

  /** The value of a field; undefined if it is absent or null. */
  take(name: string): unknown {
    this.#asked.add(name);
    return Object.hasOwn(this.#values, name) ? this.#values[name] ?? undefined : undefined;
  }

  /** The message in a field; undefined if it is absent. */
  takeMessage(name: string): V1Message | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (!isMapping(value)) throw new MappingFault(this.#path + name, value, "an object of JSON");
    return new V1Message(value, `${this.#path}${name}.`, this.#warnings);
  }

  /** Says that a field does not count, if it has more than a default. */
  ignore(name: string, why: string): void {
    const value = this.take(name);
    if (isDefault(value) || isMapping(value) && Object.values(value).every(isDefault)) return;
    this.warn(name, `is ignored: ${why}`);
  }

  /** Says something of a field. */
  warn(name: string, what: string): void {
    this.#warnings.push(`${this.#path}${name} ${what}`);
  }

  /** Says which fields nobody asked for. */
  warnOfOthers(): void {
    for (const name of Object.keys(this.#values)) {
      if (!this.#asked.has(name)) this.warn(name, "is ignored: version 1 has no such field");
    }
  }
}

/** The number of an enumeration's value, which may be its name. */
function enumerated(value: unknown, names: readonly string[], path: string): number {
  const number = value === undefined ? 0 : typeof value === "string" ? names.indexOf(value) : value;
  if (typeof number === "number" && names[number] !== undefined) return number;
  throw new MappingFault(path, value, names.map((name, position) => `${position} (${name})`).join(", "));
}

function interfaceOf(fields: V1Message, name: string): unknown {
  const isTap = enumerated(fields.take("type"), ["VETH", "AUTO_TAP"], "type") === 1;
  const type = isTap ? "AUTO_TAP" : "VETH";
  const own = fields.takeMessage(isTap ? "tap" : "veth");
  fields.ignore(isTap ? "veth" : "tap", `it is of another type than ${type}`);
  const particular = isTap
    ? { tap: own === undefined ? undefined : { tempIfName: unlessDefault(own.take("temp_if_name")) } }
    : { veth: own === undefined ? undefined : { peerIfName: own.take("peer_if_name") } };
  own?.warnOfOthers();
  return {
    name: unlessDefault(fields.take("name")) ?? name,
    description: unlessDefault(fields.take("description")),
    type,
    enabled: fields.take("enabled") ?? false,
    ipAddresses: fields.take("ip_addresses") ?? [],
    physAddress: unlessDefault(fields.take("phys_address")),
    mtu: unlessDefault(fields.take("mtu")),
    hostIfName: unlessDefault(fields.take("host_if_name")),
    namespace: namespaceOf(fields),
    ...particular,
  };
}

const NAMESPACE_TYPES = ["PID_REF_NS", "MICROSERVICE_REF_NS", "NAMED_NS", "FILE_REF_NS"] as const;
const NAMESPACE_FIELDS = ["pid", "microservice", "name", "filepath"] as const;

/** The default namespace where the field of its type is not set, as an agent of Ligato takes it. */
function namespaceOf(fields: V1Message): unknown {
  const written = fields.takeMessage("namespace");
  if (written === undefined) return undefined;
  const type = enumerated(written.take("type"), NAMESPACE_TYPES, "namespace.type");
  const own = NAMESPACE_FIELDS[type] ?? "pid";
  const value = unlessDefault(written.take(own));
  for (const other of NAMESPACE_FIELDS) {
    if (other !== own) written.ignore(other, `a namespace of type ${type} has its ${own} instead`);
  }
  written.warnOfOthers();
  if (value !== undefined) return { type, [own]: value };
  if (type !== 0) written.warn(own, "is absent, which means the default namespace");
  return { type: 0, pid: 0 };
}

function arpEntryOf(fields: V1Message, name: string): unknown {
  const family = fields.takeMessage("ip_family");
  const state = fields.takeMessage("state");
  // {} stands for IPV4, and for what was never set: the address knows its family.
  const given = enumerated(family?.take("family"), ["IPV4", "IPV6", "ALL", "MPLS"], "ip_family.family");
  if (given === 3) throw new MappingFault("ip_family.family", given, "0 (IPV4), 1 (IPV6) or 2 (ALL)");
  const stateType = enumerated(state?.take("type"), ["PERMANENT", "NOARP", "REACHABLE", "STALE"], "state.type");
  family?.warnOfOthers();
  state?.warnOfOthers();
  return {
    name: unlessDefault(fields.take("name")) ?? name,
    namespace: namespaceOf(fields),
    interface: fields.take("interface"),
    ipFamily: given === 1 ? "IPV6" : undefined,
    state: stateType,
    ipAddr: fields.take("ip_addr"),
    hwAddress: fields.take("hw_address"),
  };
}

function routeOf(fields: V1Message, name: string): unknown {
  const isDefaultRoute = fields.take("default") ?? false;
  if (typeof isDefaultRoute !== "boolean") throw new MappingFault("default", isDefaultRoute, "true or false");
  const gwAddr = unlessDefault(fields.take("gw_addr"));
  if (isDefaultRoute) fields.ignore("dst_ip_addr", "it is a default route");
  const dstIpAddr = isDefaultRoute ? undefined : masked(fields.take("dst_ip_addr"), (text) => (
    fields.warn("dst_ip_addr", `has bits beyond its prefix, which are ignored: ${text}`)
  ));
  const scope = fields.takeMessage("scope");
  const number = enumerated(scope?.take("type"), ["GLOBAL", "SITE", "LINK", "HOST"], "scope.type");
  scope?.warnOfOthers();
  // Without a scope it is the universe's, also on a link; IPv6 has no other.
  const address = dstIpAddr ?? gwAddr;
  const isIpv6 = typeof address === "string" && familyOf(address) === 6;
  return {
    name: unlessDefault(fields.take("name")) ?? name,
    default: isDefaultRoute ? true : undefined,
    namespace: namespaceOf(fields),
    interface: unlessDefault(fields.take("interface")),
    description: unlessDefault(fields.take("description")),
    scope: isIpv6 ? undefined : number,
    dstIpAddr,
    srcIpAddr: unlessDefault(fields.take("src_ip_addr")),
    gwAddr,
    metric: unlessDefault(fields.take("metric")),
    table: unlessDefault(fields.take("table")),
  };
}
