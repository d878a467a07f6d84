/** Protocols and options of netlink sockets: NETLINK_… of linux/netlink.h, SOL_NETLINK of linux/socket.h. */

/** Links, addresses, neighbours, routes: rtnetlink(7). */
export const NETLINK_ROUTE = 0;

export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;
