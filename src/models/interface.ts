/** The model of a network interface: what every type has. What is particular to a type is in a file in `interface/`. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { familyOf } from "../ip/address.ts";
import {
  anyText,
  enumeration,
  type Field,
  type FieldsOf,
  flag,
  integer,
  label,
  list,
  message,
  nullable,
  optional,
  type OptionalFields,
} from "./fields.ts";
import { type Impairment, type ImpairmentInput, impairmentSchema } from "./impair.ts";
import { type BondFields, bondSchema, type VrfFields, vrfSchema } from "./interface/bond.ts";
import { type BridgeFields, bridgeSchema } from "./interface/bridge.ts";
import { type BridgePortFields, bridgePortSchema } from "./interface/bridge_port.ts";
import { type IpvlanFields, ipvlanSchema, type MacvlanFields, macvlanSchema } from "./interface/macvlan.ts";
import { type TunnelFields, tunnelSchema } from "./interface/tunnel.ts";
import { type VlanFields, vlanSchema } from "./interface/vlan.ts";
import { type GeneveFields, geneveSchema, type VxlanFields, vxlanSchema } from "./interface/vxlan.ts";
import { type InterfaceNamespace, interfaceNamespaceSchema, type NamespaceInput } from "./namespace.ts";
import { fieldFits, ifThen, isGiven, type JsonSchema, noneGiven } from "./json_schema.ts";
import { HOST_NAME_PATTERN, HOST_NAME_RULE, hostIfName, isHostIfName, linkIp, unicastMac } from "./values.ts";

/** An interface, as the file describes it. What is absent is left as it is on a link that exists. */
export interface LinuxInterface {
  /** Its name in the file, by which peers, ARP entries and routes refer to it. */
  readonly name: string;
  /** What it is for, for people. The link gets it as its alias. */
  readonly description?: string;
  /**
   * `VETH`: one end of a pair. `AUTO_TAP`: a TAP made by another program, which is moved and renamed. `DUMMY`: a link
   * without another end. `IFB`: what is redirected to it passes its queue. `BRIDGE`: a switch, whose ports have it as
   * their `master`. `VLAN`, `MACVLAN`, `IPVLAN`: what shares another link. `VXLAN`, `GENEVE`, `TUNNEL`: a link over
   * another network. `VRF_DEVICE`: a routing domain. `BOND`: several links as one.
   */
  readonly type:
    | "VETH"
    | "AUTO_TAP"
    | "DUMMY"
    | "IFB"
    | "BRIDGE"
    | "VLAN"
    | "MACVLAN"
    | "IPVLAN"
    | "VXLAN"
    | "GENEVE"
    | "TUNNEL"
    | "VRF_DEVICE"
    | "BOND";
  // Protobuf's binary form would take absent as false. Whoever describes a link wants to use it.
  /** Up or down; absent is up, so a link that an apply made and could not set up is set up by the next one. */
  readonly enabled: boolean;
  /** Its addresses with prefixes, in canonical text: `"10.0.0.1/24"`. Absent: those that it has are left. */
  readonly ipAddresses?: readonly string[];
  /** Its hardware address in lower case. */
  readonly physAddress?: string;
  /** Its largest packet, in bytes. */
  readonly mtu?: number;
  /** The name of the link in its namespace. */
  readonly hostIfName: string;
  /**
   * What it is a port of: the name of a BRIDGE, BOND or VRF_DEVICE of the file in the same namespace, or the host name of
   * one that is there. `null`: none. Absent: as it is.
   */
  readonly master?: string | null;
  /** What it is as a port of its bridge. */
  readonly bridgePort?: BridgePortFields;
  /** The length of its transmit queue, in packets. */
  readonly txQueueLength?: number;
  /** How many queues it has in each direction; another number makes the link anew. Absent: one. */
  readonly queues?: number;
  /** Where it lives; absent is the default namespace. */
  readonly namespace?: InterfaceNamespace;
  /** The other end of the pair. */
  readonly veth?: {
    /** The name, in the file, of the interface at the other end. */
    readonly peerIfName: string;
  };
  /** The TAP that becomes this interface. */
  readonly tap?: {
    /** The name under which the other program makes it, in the default namespace. Absent: `hostIfName`. */
    readonly tempIfName?: string;
  };
  /** What it does to the packets that leave it. */
  readonly impair?: Impairment;
  /** What is particular to a BRIDGE. */
  readonly bridge?: BridgeFields;
  /** What is particular to a VLAN. */
  readonly vlan?: VlanFields;
  /** What is particular to a MACVLAN. */
  readonly macvlan?: MacvlanFields;
  /** What is particular to an IPVLAN. */
  readonly ipvlan?: IpvlanFields;
  /** What is particular to a VXLAN. */
  readonly vxlan?: VxlanFields;
  /** What is particular to a GENEVE link. */
  readonly geneve?: GeneveFields;
  /** What is particular to a TUNNEL. */
  readonly tunnel?: TunnelFields;
  /** What is particular to a VRF_DEVICE. */
  readonly vrf?: VrfFields;
  /** What is particular to a BOND. */
  readonly bond?: BondFields;
}

/** An interface as it may be written: only its name is required, what is absent has its default. */
export interface InterfaceInput extends OptionalFields<Omit<LinuxInterface, "name" | "type" | "namespace" | "impair">> {
  /** Its name in the file, by which peers, ARP entries and routes refer to it. */
  readonly name: string;
  /** `VETH` (0), `AUTO_TAP` (1), or the name of another type. @default {"VETH"} */
  readonly type?: LinuxInterface["type"] | 0 | 1 | undefined;
  /** Where it lives, as text or as the fields of the model; absent is the default namespace. */
  readonly namespace?: NamespaceInput | undefined;
  /** What it does to the packets that leave it, in the units of tc(8). */
  readonly impair?: ImpairmentInput | undefined;
}

/** The least MTU with which the kernel keeps IPv6 on a link, in bytes. */
const IPV6_MIN_MTU = 1280;

const vethSchema = message("a mapping with peerIfName", { peerIfName: label("the name of another interface") });
const tapSchema = message("a mapping with tempIfName", { tempIfName: optional(hostIfName) });

/** Each type, with the object that is particular to it; those without a number of Ligato's last. */
const OBJECTS = {
  VETH: "veth",
  AUTO_TAP: "tap",
  DUMMY: undefined,
  IFB: undefined,
  BRIDGE: "bridge",
  VLAN: "vlan",
  MACVLAN: "macvlan",
  IPVLAN: "ipvlan",
  VXLAN: "vxlan",
  GENEVE: "geneve",
  TUNNEL: "tunnel",
  VRF_DEVICE: "vrf",
  BOND: "bond",
} as const satisfies Readonly<Record<LinuxInterface["type"], keyof LinuxInterface | undefined>>;

/** How many types have a number. */
const NUMBERED = 2;

/** The objects that are particular to a type. */
const PARTICULAR = [...new Set(Object.values(OBJECTS))].filter((object) => object !== undefined);

const TYPES = Object.keys(OBJECTS) as readonly LinuxInterface["type"][]; // the keys of the literal

/** What has to be said of a type that cannot be without it. */
const REQUIRED: { readonly [type in LinuxInterface["type"]]?: string } = {
  VETH: "peerIfName, the name of the other end",
  VLAN: "parent, the name of the link below, and id",
  MACVLAN: "parent, the name of the link below",
  IPVLAN: "parent, the name of the link below",
  VXLAN: "id, and remote, group or entries",
  GENEVE: "id and remote",
  TUNNEL: "mode, and local and remote",
  VRF_DEVICE: "table, the number of its routing table",
};

/** The types whose links another program makes: their queues are its own. */
const NOT_MADE: ReadonlySet<LinuxInterface["type"]> = new Set(["AUTO_TAP"]);

/** The types whose links have others as their ports, each with its kind in the kernel. */
export const MASTER_KINDS: { readonly [type in LinuxInterface["type"]]?: string } = {
  BRIDGE: "bridge",
  BOND: "bond",
  VRF_DEVICE: "vrf",
};

/** The field with what is particular to an interface: `"veth"`. */
export const particularOf = ({ type }: LinuxInterface): keyof LinuxInterface | undefined => OBJECTS[type];

/** The name of the link that an interface stands on. */
export function parentOf({ vlan, macvlan, ipvlan, vxlan, tunnel }: LinuxInterface): string | undefined {
  return (vlan ?? macvlan ?? ipvlan ?? vxlan ?? tunnel)?.parent;
}

const FIELDS = {
  name: label("the name of the interface"),
  description: optional(anyText),
  type: optional(enumeration(TYPES, NUMBERED)),
  enabled: optional(flag),
  ipAddresses: optional(list("a list of IP addresses", linkIp)),
  physAddress: optional(unicastMac),
  mtu: optional(integer(68, 65_535, "a number of bytes")),
  hostIfName: optional(hostIfName),
  namespace: optional(interfaceNamespaceSchema),
  master: nullable(label("the name of a BRIDGE, BOND or VRF_DEVICE, or null for none")),
  bridgePort: optional(bridgePortSchema),
  txQueueLength: optional(integer(0, 2 ** 32 - 1, "a number of packets")),
  queues: optional(integer(1, 4096, "a number of queues")),
  veth: optional(vethSchema),
  tap: optional(tapSchema),
  impair: optional(impairmentSchema),
  bridge: optional(bridgeSchema),
  vlan: optional(vlanSchema),
  macvlan: optional(macvlanSchema),
  ipvlan: optional(ipvlanSchema),
  vxlan: optional(vxlanSchema),
  geneve: optional(geneveSchema),
  tunnel: optional(tunnelSchema),
  vrf: optional(vrfSchema),
  bond: optional(bondSchema),
} as const satisfies FieldsOf<InterfaceInput>;

/** Reads an interface: the model in protobuf JSON. */
export const interfaceSchema: Field<LinuxInterface> = v.pipe(
  message("a mapping that describes an interface", FIELDS, (values, given, report): void => {
    const { name, mtu, ipAddresses = [], type = given("type") ? undefined : "VETH" } = values;
    if (name !== undefined && !given("hostIfName") && !isHostIfName(name)) {
      report("name", `${HOST_NAME_RULE}, or a hostIfName beside it`);
    }
    if (type !== undefined) checkParticulars(type, given, report);
    if (mtu !== undefined && mtu < IPV6_MIN_MTU && ipAddresses.some((address) => familyOf(address) === 6)) {
      report("mtu", `at least ${IPV6_MIN_MTU} bytes, without which a link has no IPv6`);
    }
    const repeated = repeatedAddress(ipAddresses);
    if (repeated !== undefined) report("ipAddresses", `each address once; ${repeated} is there twice`);
  }, schemaRules),
  v.transform(({ tap, ...rest }): LinuxInterface =>
    defined({
      ...rest,
      type: rest.type ?? "VETH",
      enabled: rest.enabled ?? true,
      hostIfName: rest.hostIfName ?? rest.name,
      tap: tap === undefined ? undefined : defined(tap),
    })
  ),
);

/** What JSON Schema can say of an interface: what {@linkcode checkParticulars} checks, and its name, MTU and addresses. */
function schemaRules(): JsonSchema[] {
  const particulars = TYPES.map((type, number) => {
    const own = OBJECTS[type];
    const others = [...PARTICULAR.filter((object) => object !== own), ...NOT_MADE.has(type) ? ["queues"] : []];
    const spellings = [type, ...number < NUMBERED ? [number] : [], ...type === "VETH" ? [null] : []];
    const isType = { properties: { type: { enum: spellings } }, required: type === "VETH" ? [] : ["type"] };
    const isWhole = REQUIRED[type] === undefined || own === undefined ? {} : isGiven(own);
    return ifThen(isType, { allOf: [noneGiven(...others), isWhole] });
  });
  const isSmall = { properties: { mtu: { type: "integer", maximum: IPV6_MIN_MTU - 1 } }, required: ["mtu"] };
  return [
    ...particulars,
    ifThen({ not: isGiven("hostIfName") }, fieldFits("name", { pattern: `^${HOST_NAME_PATTERN}$` })),
    ifThen(isSmall, fieldFits("ipAddresses", { items: { not: { pattern: ":" } } })),
    fieldFits("ipAddresses", { uniqueItems: true }),
  ];
}

/** An interface has the object of its type and no other. */
function checkParticulars(
  type: LinuxInterface["type"],
  given: (name: keyof typeof FIELDS) => boolean,
  report: (name: keyof typeof FIELDS, expected: string) => void,
): void {
  const own = OBJECTS[type];
  const others = PARTICULAR.filter((object) => object !== own && given(object));
  const required = REQUIRED[type];
  if (required !== undefined && own !== undefined && !given(own)) {
    const meant = TYPES.find((one) => OBJECTS[one] !== undefined && OBJECTS[one] === others[0]);
    report(own, required + (meant === undefined ? "" : `; or type: ${meant}`));
  }
  for (const object of others) report(object, `no ${object} in an interface of type ${type}`);
  if (NOT_MADE.has(type) && given("queues")) {
    report("queues", `no queues in an interface of type ${type}, whose link another program makes`);
  }
}

/** The first address that stands twice: IPv4 compares with the prefix, IPv6 without, as the kernel does. */
function repeatedAddress(addresses: readonly string[]): string | undefined {
  if (addresses.length < 2) return undefined;
  const seen = new Set<string>();
  for (const text of addresses) {
    const key = familyOf(text) === 6 ? text.slice(0, text.indexOf("/")) : text; // both are canonical
    if (seen.has(key)) return text;
    seen.add(key);
  }
  return undefined;
}
