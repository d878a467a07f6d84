/** How an interface is read from the file. */
import { IPV6_MIN_MTU, LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import * as v from "npm:valibot@1.5.0";
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
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
} from "../fields.ts";
import { impairmentSchema } from "../impair.ts";
import type { InterfaceInput, LinuxInterface } from "./linux_interface.ts";
import { bondSchema, vrfSchema, vrfTable } from "./bond.ts";
import { bridgeSchema } from "./bridge.ts";
import { bridgePortSchema } from "./bridge_port.ts";
import { ipvlanSchema, macvlanSchema } from "./macvlan.ts";
import { tunSchema } from "./tun.ts";
import { tunnelSchema } from "./tunnel.ts";
import { vlanSchema } from "./vlan.ts";
import { geneveSchema, vxlanSchema } from "./vxlan.ts";
import { wireguardSchema } from "./wireguard.ts";
import { checkParticulars, IPV4_MAX_MTU, schemaRules } from "./type_rules.ts";
import {
  NUMBERED,
  NUMBERS_OF_VERSION_3,
  TYPES,
  VETH_OF_VERSION_3,
  WITH_LARGE_MTU,
  WITH_LOOPBACK_NAME,
} from "./interface_types.ts";
import { interfaceNamespaceSchema } from "../namespace.ts";
import { HOST_NAME_RULE, hostIfName, isHostIfName, linkIp, linkMtu, unicastMac } from "../values.ts";

const vethSchema = message("a mapping with peerIfName", { peerIfName: label("the name of another interface") });
const tapSchema = message("a mapping with tempIfName", { tempIfName: optional(hostIfName) });

const FIELDS = {
  name: label("the name of the interface"),
  description: optional(anyText),
  type: optional(enumeration(TYPES, NUMBERED, NUMBERS_OF_VERSION_3)),
  enabled: optional(flag),
  ipAddresses: optional(list("a list of IP addresses", linkIp)),
  physAddress: optional(unicastMac),
  mtu: optional(linkMtu),
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
    const { name, hostIfName, mtu, ipAddresses = [], macvlan, type = given("type") ? undefined : "VETH" } = values;
    if (type === "LOOPBACK") {
      if (hostIfName !== undefined && hostIfName !== LOOPBACK_NAME) {
        report("hostIfName", `${LOOPBACK_NAME} of type LOOPBACK`);
      }
      if (given("master")) report("master", "no master of the loopback link");
    } else if (name !== undefined && !given("hostIfName") && !isHostIfName(name)) {
      report("name", `${HOST_NAME_RULE}, or a hostIfName beside it`);
    }
    if (type !== undefined && !WITH_LOOPBACK_NAME.has(type) && (hostIfName ?? name) === LOOPBACK_NAME) {
      report(
        given("hostIfName") ? "hostIfName" : "name",
        "another name than that of the loopback link, which each namespace has; that is of type LOOPBACK",
      );
    }
    if (given("vrfMasterInterface") && given("master")) {
      report("vrfMasterInterface", "only one of master and vrfMasterInterface");
    }
    if (type !== undefined) checkParticulars(type, given, report);
    if (macvlan?.mode === "passthru" && given("physAddress")) {
      report("physAddress", "no physAddress in the mode passthru, which has that of its parent");
    }
    if (mtu !== undefined && mtu < IPV6_MIN_MTU && ipAddresses.some((address) => familyOf(address) === 6)) {
      report("mtu", `at least ${IPV6_MIN_MTU} bytes, without which a link has no IPv6`);
    }
    if (mtu !== undefined && mtu > IPV4_MAX_MTU && type !== undefined && !WITH_LARGE_MTU.has(type)) {
      report("mtu", `at most ${IPV4_MAX_MTU} bytes in an interface of type ${type}`);
    }
    const repeated = repeatedAddress(ipAddresses);
    if (repeated !== undefined) report("ipAddresses", `each address once; ${repeated} is there twice`);
  }, schemaRules),
  v.transform(({ tap, linkOnly, vrfMasterInterface, vrfDev, type = "VETH", ...rest }): LinuxInterface =>
    defined({
      ...rest,
      ...linkOnly ? { ipAddresses: undefined, physAddress: undefined, linkOnly: givesAddresses(rest) } : {},
      type,
      enabled: rest.enabled ?? true,
      hostIfName: rest.hostIfName ?? (type === "LOOPBACK" ? LOOPBACK_NAME : rest.name),
      master: rest.master === undefined ? vrfMasterInterface : rest.master,
      tap: tap === undefined ? undefined : defined(tap),
      vrf: rest.vrf ?? (vrfDev && { table: vrfDev.routingTable }),
    })
  ),
);

/** True if something would give a link its addresses. */
const givesAddresses = (
  { ipAddresses = [], physAddress }: Pick<InterfaceInput, "ipAddresses" | "physAddress">,
): true | undefined => ipAddresses.length > 0 || physAddress !== undefined || undefined;

/** An interface of version 3 of Ligato's model whose type is the number of VETH there. */
function inVersion1(input: unknown): unknown {
  const isPair = isMapping(input) && input.type === VETH_OF_VERSION_3 && isMapping(input.veth) &&
    (input.tap ?? undefined) === undefined;
  return isPair ? { ...input, type: "VETH" } : input;
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
