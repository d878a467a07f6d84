/** Flags and states of links: linux/if.h, linux/if_link.h, linux/rtnetlink.h. */

export const IFF_UP = 0x1;
export const IFF_LOOPBACK = 0x8;
export const IFF_NOARP = 0x80;
export const IFF_PROMISC = 0x100;
export const IFF_ALLMULTI = 0x200;
export const IFF_LOWER_UP = 0x10000;

/** Has bridges say the VLANs of their ports. */
export const RTEXT_FILTER_BRVLAN = 0x2;

/** The index of the loopback link, which each namespace has. */
export const LOOPBACK_INDEX = 1;
/** Its name. */
export const LOOPBACK_NAME = "lo";
/** The smallest MTU of a link that has IPv6: the kernel takes IPv6 with all its sysctls from a link that gets a smaller one. */
export const IPV6_MIN_MTU = 1280;
/** ETH_DATA_LEN of linux/if_ether.h: the MTU of most links, and of a bridge without ports. */
export const ETH_DATA_LEN = 1500;

/** Leaves most counters out of an answer. */
export const RTEXT_FILTER_SKIP_STATS = 0x8;

/** Whether a link can carry packets: RFC 2863. */
export type OperState = "unknown" | "notpresent" | "down" | "lowerlayerdown" | "testing" | "dormant" | "up";

/** IF_OPER_… by number. */
export const OPER_STATES: readonly OperState[] = [
  "unknown",
  "notpresent",
  "down",
  "lowerlayerdown",
  "testing",
  "dormant",
  "up",
];

/** How a link makes its IPv6 link-local address. */
export type AddrGenMode = "eui64" | "none" | "stable-privacy" | "random";

/** IN6_ADDR_GEN_MODE_… */
export const ADDR_GEN_MODES: Readonly<Record<AddrGenMode, number>> = {
  eui64: 0,
  none: 1,
  "stable-privacy": 2,
  random: 3,
};

/** The mode of a new macvlan or macvtap that is given none. */
export const MACVLAN_MODE = "bridge";

/** The mode of a new ipvlan that is given none. */
export const IPVLAN_MODE = "l2";
