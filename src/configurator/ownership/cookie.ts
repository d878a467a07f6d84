/** The kernel's number of a namespace. */

/** The kernel's number of a namespace (SO_NETNS_COOKIE) in decimal: it is never used twice while the machine is up. */
export type Cookie = string;
