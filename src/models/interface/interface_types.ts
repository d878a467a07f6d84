/** The types of interfaces: what each has of its own, needs, and cannot have; and their numbers in Ligato's models. */
import type { LinuxInterface } from "./linux_interface.ts";

/** Each type, with the object that is particular to it; those without a number of Ligato's last. */
export const OBJECTS: Readonly<Record<LinuxInterface["type"], keyof LinuxInterface | undefined>> = {
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
};

/** How many types have a number in version 1 of Ligato's model. */
export const NUMBERED = 2;

/** The numbers of version 3 that mean nothing else in version 1. */
export const NUMBERS_OF_VERSION_3 = { 3: "LOOPBACK", 4: "EXISTING", 5: "VRF_DEVICE", 6: "DUMMY" } as const;

/** The number of VETH in version 3. */
export const VETH_OF_VERSION_3 = 1;

/** The types that may be the loopback link. */
export const WITH_LOOPBACK_NAME: ReadonlySet<LinuxInterface["type"]> = new Set(["LOOPBACK", "EXISTING"]);

/** The objects that are particular to a type. */
export const PARTICULAR: readonly (keyof LinuxInterface)[] = [...new Set(Object.values(OBJECTS))].filter((object) =>
  object !== undefined
);

export const TYPES: readonly LinuxInterface["type"][] = Object.keys(OBJECTS) as LinuxInterface["type"][]; // the keys of the literal

/** What has to be said of a type that cannot be without it. */
export const REQUIRED: { readonly [type in LinuxInterface["type"]]?: string } = {
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
export const NOT_MADE: ReadonlySet<LinuxInterface["type"]> = new Set([
  "AUTO_TAP",
  "TUN",
  "TAP",
  "EXISTING",
  "LOOPBACK",
]);

/** The types of links that have no hardware address. */
export const WITHOUT_ADDRESS: ReadonlySet<LinuxInterface["type"]> = new Set(["TUN", "WIREGUARD", "IPVLAN"]);

/** The types whose links can have a larger MTU than a packet of IPv4: how large, the kernel decides. */
export const WITH_LARGE_MTU: ReadonlySet<LinuxInterface["type"]> = new Set([
  "EXISTING",
  "LOOPBACK",
  "DUMMY",
  "IFB",
  "VRF_DEVICE",
  "TUNNEL",
  "WIREGUARD",
]);

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
