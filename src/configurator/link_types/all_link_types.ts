/** The types of the file. */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { autoTap } from "./auto_tap.ts";
import { bond } from "./bond.ts";
import { bridge } from "./bridge.ts";
import { dummy } from "./dummy.ts";
import { existing, loopback } from "./existing.ts";
import { geneve } from "./geneve.ts";
import { ifb } from "./ifb.ts";
import { ipvlan } from "./ipvlan.ts";
import type { LinkType } from "./link_type.ts";
import { macvlan } from "./macvlan.ts";
import { tap, tun } from "./tun.ts";
import { tunnel } from "./tunnel.ts";
import { veth } from "./veth.ts";
import { vlan } from "./vlan.ts";
import { vrfDevice } from "./vrf_device.ts";
import { vxlan } from "./vxlan.ts";
import { wireguard } from "./wireguard.ts";

/** Each type by its name in the file, in the order in which they are planned. */
export const LINK_TYPES: Readonly<Record<LinuxInterface["type"], LinkType>> = {
  EXISTING: existing,
  LOOPBACK: loopback,
  VETH: veth,
  AUTO_TAP: autoTap,
  DUMMY: dummy,
  IFB: ifb,
  BRIDGE: bridge,
  VLAN: vlan,
  MACVLAN: macvlan,
  IPVLAN: ipvlan,
  VXLAN: vxlan,
  GENEVE: geneve,
  TUNNEL: tunnel,
  VRF_DEVICE: vrfDevice,
  BOND: bond,
  TUN: tun,
  TAP: tap,
  WIREGUARD: wireguard,
};
