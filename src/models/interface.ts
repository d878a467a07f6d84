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
  isMapping,
  label,
  list,
  message,
  nullable,
  optional,
  type OptionalFields,
} from "./fields.ts";
import { type Impairment, type ImpairmentInput, impairmentSchema } from "./impair.ts";
import { type BondFields, bondSchema, type VrfFields, vrfSchema, vrfTable } from "./interface/bond.ts";
import { type BridgeFields, bridgeSchema } from "./interface/bridge.ts";
import { type BridgePortFields, bridgePortSchema } from "./interface/bridge_port.ts";
import { type IpvlanFields, ipvlanSchema, type MacvlanFields, macvlanSchema } from "./interface/macvlan.ts";
import { type TunFields, tunSchema } from "./interface/tun.ts";
import { type TunnelFields, tunnelSchema } from "./interface/tunnel.ts";
import { type VlanFields, vlanSchema } from "./interface/vlan.ts";
import { type GeneveFields, geneveSchema, type VxlanFields, vxlanSchema } from "./interface/vxlan.ts";
import { type WireguardFields, type WireguardInput, wireguardSchema } from "./interface/wireguard.ts";
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
   * another network. `VRF_DEVICE`: a routing domain. `BOND`: several links as one. `TUN`, `TAP`: a link whose packets a
   * program reads and writes. `WIREGUARD`: an encrypted tunnel. `EXISTING`: a link that somebody else makes; what it has
   * stays, and what the file gives it is taken back. `LOOPBACK`: the same of `lo`.
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
    | "BOND"
    | "TUN"
    | "TAP"
    | "WIREGUARD"
    | "EXISTING"
    | "LOOPBACK";
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
  /** What is particular to a TUN or a TAP. */
  readonly tun?: TunFields;
  /** What is particular to a WIREGUARD. */
  readonly wireguard?: WireguardFields;
}

/** An interface as it may be written: only its name is required, what is absent has its default. */
export interface InterfaceInput
  extends OptionalFields<Omit<LinuxInterface, "name" | "type" | "namespace" | "impair" | "wireguard">> {
  /** Its name in the file, by which peers, ARP entries and routes refer to it. */
  readonly name: string;
  /**
   * A name, or a number: `VETH` (0), `AUTO_TAP` (1; with `veth` it is a VETH, as in version 3 of Ligato's model),
   * `LOOPBACK` (3), `EXISTING` (4), `VRF_DEVICE` (5), `DUMMY` (6). @default {"VETH"}
   */
  readonly type?: LinuxInterface["type"] | 0 | 1 | 3 | 4 | 5 | 6 | undefined;
  /** Where it lives, as text or as the fields of the model; absent is the default namespace. */
  readonly namespace?: NamespaceInput | undefined;
  /** What it does to the packets that leave it, in the units of tc(8). */
  readonly impair?: ImpairmentInput | undefined;
  /** What is particular to a WIREGUARD. */
  readonly wireguard?: WireguardInput | undefined;
  /** True: `ipAddresses` and `physAddress` are somebody else's, and are left as they are. @default {false} */
  readonly linkOnly?: boolean | undefined;
  /** `master`, as version 3 of Ligato's model calls it for a VRF_DEVICE. */
  readonly vrfMasterInterface?: string | undefined;
  /** `vrf`, as version 3 of Ligato's model has it. */
  readonly vrfDev?: {
    /** The number of its routing table. */
    readonly routingTable: number;
  } | undefined;
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
  TUN: "tun",
  TAP: "tun",
  WIREGUARD: "wireguard",
  EXISTING: undefined,
  LOOPBACK: undefined,
} as const satisfies Readonly<Record<LinuxInterface["type"], keyof LinuxInterface | undefined>>;

/** How many types have a number in version 1 of Ligato's model. */
const NUMBERED = 2;

/** The numbers of version 3 that mean nothing else in version 1. */
const NUMBERS_OF_VERSION_3 = { 3: "LOOPBACK", 4: "EXISTING", 5: "VRF_DEVICE", 6: "DUMMY" } as const;

/** The number of VETH in version 3. */
const VETH_OF_VERSION_3 = 1;

/** The name of the loopback link, which the kernel gives it. */
const LOOPBACK = "lo";

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

/** The types whose queues another program makes. */
const NOT_MADE: ReadonlySet<LinuxInterface["type"]> = new Set(["AUTO_TAP", "TUN", "TAP", "EXISTING", "LOOPBACK"]);

/** The types of links that have no hardware address. */
const WITHOUT_ADDRESS: ReadonlySet<LinuxInterface["type"]> = new Set(["TUN", "WIREGUARD"]);

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
  type: optional(enumeration(TYPES, NUMBERED, NUMBERS_OF_VERSION_3)),
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
  tun: optional(tunSchema),
  wireguard: optional(wireguardSchema),
  linkOnly: optional(flag),
  vrfMasterInterface: optional(label("the name of a VRF_DEVICE")),
  vrfDev: optional(message("a mapping with routingTable", { routingTable: vrfTable })),
} as const satisfies FieldsOf<InterfaceInput>;

/** Reads an interface: the model in protobuf JSON. */
export const interfaceSchema: Field<LinuxInterface> = v.pipe(
  v.unknown(),
  v.transform(inVersion1),
  message("a mapping that describes an interface", FIELDS, (values, given, report): void => {
    const { name, hostIfName, mtu, ipAddresses = [], type = given("type") ? undefined : "VETH" } = values;
    if (type === "LOOPBACK") {
      if (hostIfName !== undefined && hostIfName !== LOOPBACK) report("hostIfName", `${LOOPBACK} of type LOOPBACK`);
      if (given("master")) report("master", "no master of the loopback link");
    } else if (name !== undefined && !given("hostIfName") && !isHostIfName(name)) {
      report("name", `${HOST_NAME_RULE}, or a hostIfName beside it`);
    }
    if (given("vrfMasterInterface") && given("master")) {
      report("vrfMasterInterface", "only one of master and vrfMasterInterface");
    }
    if (type !== undefined) checkParticulars(type, given, report);
    if (mtu !== undefined && mtu < IPV6_MIN_MTU && ipAddresses.some((address) => familyOf(address) === 6)) {
      report("mtu", `at least ${IPV6_MIN_MTU} bytes, without which a link has no IPv6`);
    }
    const repeated = repeatedAddress(ipAddresses);
    if (repeated !== undefined) report("ipAddresses", `each address once; ${repeated} is there twice`);
  }, schemaRules),
  v.transform(({ tap, linkOnly, vrfMasterInterface, vrfDev, type = "VETH", ...rest }): LinuxInterface =>
    defined({
      ...rest,
      ...linkOnly ? { ipAddresses: undefined, physAddress: undefined } : {},
      type,
      enabled: rest.enabled ?? true,
      hostIfName: rest.hostIfName ?? (type === "LOOPBACK" ? LOOPBACK : rest.name),
      master: rest.master === undefined ? vrfMasterInterface : rest.master,
      tap: tap === undefined ? undefined : defined(tap),
      vrf: rest.vrf ?? (vrfDev && { table: vrfDev.routingTable }),
    })
  ),
);

/** What JSON Schema can say of an interface: what {@linkcode checkParticulars} checks, and its name, MTU and addresses. */
function schemaRules(): JsonSchema[] {
  const isOne = (type: unknown): JsonSchema => ({ properties: { type: { const: type } }, required: ["type"] });
  const isVersion3 = {
    allOf: [
      isOne(VETH_OF_VERSION_3),
      { required: ["veth"], properties: { veth: { type: "object" } } },
      noneGiven("tap"),
    ],
  };
  const isOfType = (type: LinuxInterface["type"], number: number): JsonSchema => {
    const numbers = Object.entries(NUMBERS_OF_VERSION_3).filter(([, name]) => name === type).map(([one]) =>
      Number(one)
    );
    const spellings = [type, ...number < NUMBERED ? [number] : [], ...numbers, ...type === "VETH" ? [null] : []];
    const isType = { properties: { type: { enum: spellings } }, required: type === "VETH" ? [] : ["type"] };
    if (type === "VETH") return { anyOf: [isType, isVersion3] };
    return type === "AUTO_TAP" ? { allOf: [isType, { not: isVersion3 }] } : isType;
  };
  const particulars = TYPES.map((type, number) => {
    const own = OBJECTS[type];
    const others = [
      ...PARTICULAR.filter((object) => object !== own),
      ...own === "vrf" ? [] : ["vrfDev"],
      ...NOT_MADE.has(type) ? ["queues"] : [],
      ...WITHOUT_ADDRESS.has(type) ? ["physAddress"] : [],
      ...type === "LOOPBACK" ? ["master"] : [],
    ];
    const spellings = own === "vrf" ? ["vrf", "vrfDev"] : own === undefined ? [] : [own];
    const isWhole = REQUIRED[type] === undefined || own === undefined ? {} : { oneOf: spellings.map(isGiven) };
    const isLoopback = type === "LOOPBACK" ? fieldFits("hostIfName", { enum: [LOOPBACK, null] }) : {};
    return ifThen(isOfType(type, number), { allOf: [noneGiven(...others), isWhole, isLoopback] });
  });
  const isSmall = { properties: { mtu: { type: "integer", maximum: IPV6_MIN_MTU - 1 } }, required: ["mtu"] };
  const isNamedByName = {
    not: { anyOf: [isGiven("hostIfName"), isOfType("LOOPBACK", TYPES.indexOf("LOOPBACK"))] },
  };
  return [
    ...particulars,
    ifThen(isNamedByName, fieldFits("name", { pattern: `^${HOST_NAME_PATTERN}$` })),
    ifThen(isSmall, fieldFits("ipAddresses", { items: { not: { pattern: ":" } } })),
    fieldFits("ipAddresses", { uniqueItems: true }),
    { not: { allOf: [isGiven("master"), isGiven("vrfMasterInterface")] } },
  ];
}

/** An interface of version 3 of Ligato's model whose type is the number of VETH there. */
function inVersion1(input: unknown): unknown {
  const isPair = isMapping(input) && input.type === VETH_OF_VERSION_3 && isMapping(input.veth) &&
    (input.tap ?? undefined) === undefined;
  return isPair ? { ...input, type: "VETH" } : input;
}

/** An interface has the object of its type and no other. */
function checkParticulars(
  type: LinuxInterface["type"],
  given: (name: keyof typeof FIELDS) => boolean,
  report: (name: keyof typeof FIELDS, expected: string) => void,
): void {
  const own = OBJECTS[type];
  const others = [...PARTICULAR, "vrfDev" as const].filter((object) =>
    object !== own && given(object) && !(object === "vrfDev" && own === "vrf" && !given(own))
  );
  const required = REQUIRED[type];
  if (required !== undefined && own !== undefined && !given(own) && !(own === "vrf" && given("vrfDev"))) {
    const meant = TYPES.find((one) => OBJECTS[one] !== undefined && OBJECTS[one] === others[0]);
    report(own, required + (meant === undefined ? "" : `; or type: ${meant}`));
  }
  for (const object of others) report(object, `no ${object} in an interface of type ${type}`);
  if (NOT_MADE.has(type) && given("queues")) {
    report("queues", `no queues in an interface of type ${type}`);
  }
  if (WITHOUT_ADDRESS.has(type) && given("physAddress")) {
    report("physAddress", `no physAddress in an interface of type ${type}, which has none`);
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
