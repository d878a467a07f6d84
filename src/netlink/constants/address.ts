/** Flags of addresses: IFA_F_… of linux/if_addr.h. */

/** IPv4: goes with the first address of its network. IPv6: temporary (the same bit is IFA_F_TEMPORARY). */
export const IFA_F_SECONDARY = 0x01;
export const IFA_F_NODAD = 0x02;
/** IPv6: usable while duplicate address detection runs. */
export const IFA_F_OPTIMISTIC = 0x04;
export const IFA_F_DADFAILED = 0x08;
/** IPv6: the home address of a mobile host. */
export const IFA_F_HOMEADDRESS = 0x10;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_PERMANENT = 0x80;
/** IPv6: the kernel makes temporary addresses of its network. */
export const IFA_F_MANAGETEMPADDR = 0x100;
/** The kernel makes no route to its network. */
export const IFA_F_NOPREFIXROUTE = 0x200;
/** The link joins this multicast group. */
export const IFA_F_MCAUTOJOIN = 0x400;

// Who made an address: IFAPROT_… of linux/if_addr.h.
/** The kernel, of what a router advertises. */
export const IFAPROT_KERNEL_RA = 2;
/** The kernel, as the link-local address of a link. */
export const IFAPROT_KERNEL_LL = 3;
