/**
 * Ligato's models of versions 2 and 3: protobuf JSON, strict. Enumerations are names, numbers are read too, a field of
 * another name is a fault. What is absent means false, 0 or "".
 */
import { isMapping } from "../../models/fields.ts";
import { snakeCase } from "../../models/snake_case.ts";
import { nearest } from "../../suggest.ts";
import { isDefault, labelOf, type Mapped, MappingFault, masked, unlessDefault } from "./mapped.ts";

/** What the keys of each model begin with, and what maps its values. */
const MODELS: readonly (readonly [beginning: string, map: (value: unknown) => Mapped])[] = [
  ["interfaces/v2/interface/", mapInterface],
  ["l3/v2/arp/", mapArpEntry],
  ["l3/v2/route/", mapRoute],
];

/**
 * The item that a value of version 2 or 3 stands for. Its identity comes from the value.
 *
 * @param rest The key after `config/linux/`.
 * @throws {MappingFault} It stands for none.
 */
export function mapV2(rest: string, value: unknown): Mapped {
  const found = MODELS.find(([beginning]) => rest.startsWith(beginning));
  if (found !== undefined) return found[1](value);
  throw new MappingFault("", rest, "a key of an interface, an ARP entry or a route", "UNIMPLEMENTED");
}

const INTERFACE_TYPES = ["UNDEFINED", "VETH", "TAP_TO_VPP", "LOOPBACK", "EXISTING", "VRF_DEVICE", "DUMMY"] as const;
const NAMESPACE_TYPES = ["UNDEFINED", "NSID", "PID", "FD", "MICROSERVICE"] as const;
const SCOPES = ["UNDEFINED", "GLOBAL", "SITE", "LINK", "HOST"] as const;
const OFFLOADING = ["CHKSM_OFFLOAD_DEFAULT", "CHKSM_OFFLOAD_ENABLED", "CHKSM_OFFLOAD_DISABLED"] as const;

/** The fields of a message by their camelCase names; those of another name are faults. */
function fieldsOf<const N extends string>(
  value: unknown,
  names: readonly N[],
  path = "",
): Readonly<Partial<Record<N, unknown>>> {
  if (!isMapping(value)) throw new MappingFault(path.replace(/\.$/, ""), value, "an object of JSON");
  const fields: Partial<Record<N, unknown>> = {};
  for (const [key, given] of Object.entries(value)) {
    const name = names.find((one) => key === one || key === snakeCase(one));
    if (name === undefined) throw new MappingFault(path + key, given, unknownField(key, names));
    if (Object.hasOwn(fields, name)) throw new MappingFault(path + key, given, `only one of ${name} and ${key}`);
    if (given !== null) fields[name] = given;
  }
  return fields;
}

function unknownField(key: string, names: readonly string[]): string {
  const close = nearest(key, names.map(snakeCase));
  return close === undefined ? "no such field" : `no such field; did you mean ${close}?`;
}

/**
 * The name of an enumeration's value.
 *
 * @param unknownNumber The state of a key whose number has no name here.
 */
function enumerated<const N extends string>(
  value: unknown,
  names: readonly N[],
  path: string,
  unknownNumber: "INVALID" | "UNIMPLEMENTED" = "INVALID",
): N {
  const found = value === undefined
    ? names[0]
    : names.find((name, number) => value === name || value === number || value === String(number));
  if (found !== undefined) return found;
  const isNumber = typeof value === "number" || typeof value === "string" && /^-?\d+$/.test(value);
  throw new MappingFault(path, value, names.slice(1).join(", "), isNumber ? unknownNumber : "INVALID");
}

function mapInterface(value: unknown): Mapped {
  const fields = fieldsOf(value, [
    "name",
    "type",
    "namespace",
    "hostIfName",
    "enabled",
    "ipAddresses",
    "physAddress",
    "mtu",
    "linkOnly",
    "vrfMasterInterface",
    "veth",
    "tap",
    "vrfDev",
  ]);
  const type = enumerated(fields.type, INTERFACE_TYPES, "type", "UNIMPLEMENTED");
  if (type === "UNDEFINED") {
    throw new MappingFault("type", type, INTERFACE_TYPES.slice(1).join(", "), "UNIMPLEMENTED");
  }
  const warnings: string[] = [];
  const linkOnly = fields.linkOnly ?? false;
  if (typeof linkOnly !== "boolean") throw new MappingFault("link_only", linkOnly, "true or false");
  const input = {
    name: fields.name,
    ...particularOf(type, fields, warnings),
    enabled: fields.enabled ?? false,
    hostIfName: unlessDefault(fields.hostIfName),
    namespace: namespaceOf(fields.namespace),
    master: unlessDefault(fields.vrfMasterInterface),
    ...linkOnly ? {} : {
      ipAddresses: fields.ipAddresses ?? [],
      physAddress: unlessDefault(fields.physAddress),
      mtu: unlessDefault(fields.mtu),
    },
  };
  return { section: "interfaces", input, warnings };
}

/** The type of the topology file, and what is particular to it. */
function particularOf(
  type: Exclude<(typeof INTERFACE_TYPES)[number], "UNDEFINED">,
  fields: { readonly veth?: unknown; readonly tap?: unknown; readonly vrfDev?: unknown },
  warnings: string[],
): Readonly<Record<string, unknown>> {
  const own = { VETH: "veth", TAP_TO_VPP: "tap", VRF_DEVICE: "vrfDev" } as const;
  const object = type === "VETH" || type === "TAP_TO_VPP" || type === "VRF_DEVICE" ? own[type] : undefined;
  for (const other of Object.values(own)) {
    if (other === object || fields[other] === undefined) continue;
    throw new MappingFault(snakeCase(other), fields[other], `no ${snakeCase(other)} in an interface of type ${type}`);
  }
  switch (type) {
    case "VETH": {
      const names = ["peerIfName", "rxChecksumOffloading", "txChecksumOffloading"] as const;
      const veth = fieldsOf(fields.veth ?? {}, names, "veth.");
      for (const name of names.slice(1)) {
        const path = `veth.${snakeCase(name)}`;
        if (enumerated(veth[name], OFFLOADING, path) !== OFFLOADING[0]) {
          warnings.push(`${path} is ignored: checksums are left as the kernel has them`);
        }
      }
      return { type, veth: { peerIfName: veth.peerIfName } };
    }
    case "TAP_TO_VPP": {
      const tap = fieldsOf(fields.tap ?? {}, ["vppTapIfName"], "tap.");
      return { type: "AUTO_TAP", tap: { tempIfName: unlessDefault(tap.vppTapIfName) } };
    }
    case "VRF_DEVICE": {
      const vrf = fieldsOf(fields.vrfDev ?? {}, ["routingTable"], "vrf_dev.");
      return { type, vrf: { table: vrf.routingTable } };
    }
    case "LOOPBACK":
    case "EXISTING":
    case "DUMMY":
      return { type };
  }
}

/** Which field of the topology file has the reference of each type of namespace. */
const REFERENCES = {
  NSID: [2, "name"],
  PID: [0, "pid"],
  FD: [3, "filepath"],
  MICROSERVICE: [1, "microservice"],
} as const;

function namespaceOf(value: unknown): unknown {
  if (value === undefined) return undefined;
  const { type: given, reference } = fieldsOf(value, ["type", "reference"], "namespace.");
  const type = enumerated(given, NAMESPACE_TYPES, "namespace.type");
  if (type === "UNDEFINED") {
    if (isDefault(reference)) return undefined;
    throw new MappingFault("namespace.type", type, NAMESPACE_TYPES.slice(1).join(", "));
  }
  if (typeof reference !== "string" || reference === "") {
    throw new MappingFault("namespace.reference", reference, `text that names a namespace of type ${type}`);
  }
  const [number, field] = REFERENCES[type];
  return { type: number, [field]: reference };
}

function mapArpEntry(value: unknown): Mapped {
  const { interface: link, ipAddress, hwAddress } = fieldsOf(value, ["interface", "ipAddress", "hwAddress"]);
  const input = { name: labelOf(link, ipAddress), interface: link, ipAddr: ipAddress, hwAddress };
  return { section: "arpEntries", input, warnings: [] };
}

function mapRoute(value: unknown): Mapped {
  const names = ["outgoingInterface", "scope", "dstNetwork", "gwAddr", "metric"] as const;
  const { outgoingInterface, scope, dstNetwork, gwAddr, metric } = fieldsOf(value, names);
  const meant = enumerated(scope, SCOPES, "scope");
  if (meant === "UNDEFINED") throw new MappingFault("scope", scope, SCOPES.slice(1).join(", "));
  if (isDefault(outgoingInterface)) {
    throw new MappingFault("outgoing_interface", outgoingInterface, "the name of an interface");
  }
  const warnings: string[] = [];
  const dstIpAddr = masked(dstNetwork, (network) => (
    warnings.push(`dst_network has bits beyond its prefix, which are ignored: ${network}`)
  ));
  const isIpv6 = typeof dstIpAddr === "string" && dstIpAddr.includes(":");
  const input = {
    name: labelOf(dstIpAddr, outgoingInterface),
    interface: outgoingInterface,
    scope: isIpv6 ? undefined : meant,
    dstIpAddr,
    gwAddr: unlessDefault(gwAddr),
    metric: unlessDefault(metric),
  };
  return { section: "routes", input, warnings };
}
