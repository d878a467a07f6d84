/** The model of a network interface: one end of a veth pair, or a TAP that another program makes. */
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
  optional,
  type OptionalFields,
} from "./fields.ts";
import { type Impairment, type ImpairmentInput, impairmentSchema } from "./impair.ts";
import { type InterfaceNamespace, interfaceNamespaceSchema, type NamespaceInput } from "./namespace.ts";
import { HOST_NAME_RULE, hostIfName, isHostIfName, linkIp, unicastMac } from "./values.ts";

/** An interface, as the file describes it. What is absent is left as it is on a link that exists. */
export interface LinuxInterface {
  /** Its name in the file, by which peers, ARP entries and routes refer to it. */
  readonly name: string;
  /** What it is for, for people. */
  readonly description?: string;
  /** `VETH`: one end of a pair. `AUTO_TAP`: a TAP made by another program, which is moved and renamed. */
  readonly type: "VETH" | "AUTO_TAP";
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
}

/** An interface as it may be written: only its name is required, what is absent has its default. */
export interface InterfaceInput extends OptionalFields<Omit<LinuxInterface, "name" | "type" | "namespace" | "impair">> {
  /** Its name in the file, by which peers, ARP entries and routes refer to it. */
  readonly name: string;
  /** `VETH` (0) or `AUTO_TAP` (1). @default {"VETH"} */
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

const FIELDS = {
  name: label("the name of the interface"),
  description: optional(anyText),
  type: optional(enumeration(["VETH", "AUTO_TAP"])),
  enabled: optional(flag),
  ipAddresses: optional(list("a list of IP addresses", linkIp)),
  physAddress: optional(unicastMac),
  mtu: optional(integer(68, 65_535, "a number of bytes")),
  hostIfName: optional(hostIfName),
  namespace: optional(interfaceNamespaceSchema),
  veth: optional(vethSchema),
  tap: optional(tapSchema),
  impair: optional(impairmentSchema),
} as const satisfies FieldsOf<InterfaceInput>;

/** Reads an interface: the model in protobuf JSON. */
export const interfaceSchema: Field<LinuxInterface> = v.pipe(
  message("a mapping that describes an interface", FIELDS, (values, given, report): void => {
    const { name, mtu, ipAddresses = [], type = given("type") ? undefined : "VETH" } = values;
    if (name !== undefined && !given("hostIfName") && !isHostIfName(name)) {
      report("name", `${HOST_NAME_RULE}, or a hostIfName beside it`);
    }
    if (type === "VETH" && !given("veth")) {
      report("veth", `peerIfName, the name of the other end${given("tap") ? "; or type: AUTO_TAP" : ""}`);
    }
    if (type === "VETH" && given("tap")) report("tap", "no tap in an interface of type VETH");
    if (type === "AUTO_TAP" && given("veth")) report("veth", "no veth in an interface of type AUTO_TAP");
    if (mtu !== undefined && mtu < IPV6_MIN_MTU && ipAddresses.some((address) => familyOf(address) === 6)) {
      report("mtu", `at least ${IPV6_MIN_MTU} bytes, without which a link has no IPv6`);
    }
    const repeated = repeatedAddress(ipAddresses);
    if (repeated !== undefined) report("ipAddresses", `each address once; ${repeated} is there twice`);
  }),
  v.transform(({ tap, veth, ...rest }): LinuxInterface =>
    defined({
      ...rest,
      type: rest.type ?? "VETH",
      enabled: rest.enabled ?? true,
      hostIfName: rest.hostIfName ?? rest.name,
      veth,
      tap: tap === undefined ? undefined : defined(tap),
    })
  ),
);

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
