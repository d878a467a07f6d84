/** The model of a network interface: what every type has. What is particular to a type is in a file in `interface/`. */
import type { OptionalFields } from "../fields.ts";
import type { Impairment, ImpairmentInput } from "../impair.ts";
import type { BondFields, VrfFields } from "./bond.ts";
import type { BridgeFields } from "./bridge.ts";
import type { BridgePortFields } from "./bridge_port.ts";
import type { IpvlanFields, MacvlanFields } from "./macvlan.ts";
import type { TunFields } from "./tun.ts";
import type { TunnelFields } from "./tunnel.ts";
import type { VlanFields } from "./vlan.ts";
import type { GeneveFields, VxlanFields } from "./vxlan.ts";
import type { WireguardFields, WireguardInput } from "./wireguard.ts";
import type { InterfaceNamespace, NamespaceInput } from "../namespace.ts";

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
  /** True: `ipAddresses` and `physAddress` are somebody else's, and are left as they are. */
  readonly linkOnly?: true;
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
  extends OptionalFields<Omit<LinuxInterface, "name" | "type" | "namespace" | "impair" | "wireguard" | "linkOnly">> {
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
