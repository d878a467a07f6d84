/** What tunnels over UDP for Ethernet frames have: VXLAN and GENEVE. See ip-link(8), linux/if_link.h. */
import type { EndAddresses } from "./end_addresses.ts";
import type { KeptOptions } from "./kind_options.ts";
import type { PortRange } from "./port_range.ts";

/** Whether packets may be fragmented on their way: as they may, never, or as the packet inside says. */
export type DontFragment = "unset" | "set" | "inherit";

/** VXLAN_DF_…, GENEVE_DF_… */
export const DONT_FRAGMENT: Readonly<Record<DontFragment, number>> = { unset: 0, set: 1, inherit: 2 };

/** What is particular to a tunnel over UDP for Ethernet frames. */
export interface UdpTunnelOptions extends KeptOptions, EndAddresses {
  /** Its number, 0 to 16777215. */
  readonly id?: number | undefined;
  /** The UDP ports from which packets go. @default {those of the system} */
  readonly portRange?: PortRange | undefined;
  /** Sends with the time to live of the packet inside. */
  readonly ttlInherit?: boolean | undefined;
  /** The type of service of packets that go out; 1 for that of the packet inside. @default {0} */
  readonly tos?: number | undefined;
  /** Whether packets may be fragmented; a number, if this library has no name for it. */
  readonly df?: DontFragment | number | undefined;
  /** The flow label of packets over IPv6. */
  readonly label?: number | undefined;
  /** Sends no checksums over IPv6. */
  readonly udpZeroCsum6Tx?: boolean | undefined;
  /** Takes packets without checksums over IPv6. */
  readonly udpZeroCsum6Rx?: boolean | undefined;
  /** Routes and filters choose number and other end of each packet. */
  readonly external?: boolean | undefined;
}
