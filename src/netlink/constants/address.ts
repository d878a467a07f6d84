/** Flags of addresses: IFA_F_… of linux/if_addr.h. */

/** IPv4: goes with the first address of its network. IPv6: temporary (the same bit is IFA_F_TEMPORARY). */
export const IFA_F_SECONDARY = 0x01;
export const IFA_F_NODAD = 0x02;
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_PERMANENT = 0x80;
