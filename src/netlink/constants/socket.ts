/** Protocols and options of netlink sockets: NETLINK_… of linux/netlink.h, SOL_NETLINK of linux/socket.h. */

/** Links, addresses, neighbours, routes: rtnetlink(7). */
export const NETLINK_ROUTE = 0;
/** Sockets: sock_diag(7). */
export const NETLINK_SOCK_DIAG = 4;
/** Netfilter: nf_tables, conntrack. */
export const NETLINK_NETFILTER = 12;
/** Families that are found by their names: WireGuard, ethtool. */
export const NETLINK_GENERIC = 16;

export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;
