/** Traffic control's numbers: TC_H_… of linux/pkt_sched.h, TC_ACT_… of linux/pkt_cls.h, ETH_P_… of linux/if_ether.h. */

/** No handle: the kernel chooses one; no parent: the qdisc at the root of the link. */
export const TC_H_UNSPEC = 0;
/** The parent of the qdisc that all packets of a link leave by. */
export const TC_H_ROOT = 0xffffffff;
/** The parent of the qdiscs `ingress` and `clsact`. */
export const TC_H_INGRESS = 0xfffffff1;
/** The handle of these two. */
export const TC_H_INGRESS_HANDLE = 0xffff0000;
/** Of these two, where packets that enter are filtered. */
export const TC_H_MIN_INGRESS = 0xfffffff2;
/** Of `clsact`, where packets that leave are filtered. */
export const TC_H_MIN_EGRESS = 0xfffffff3;

/** What an action does with a packet; `continue` leaves it to the next filter. */
export type TcVerdict =
  | "continue"
  | "pass"
  | "reclassify"
  | "drop"
  | "pipe"
  | "stolen"
  | "queued"
  | "repeat"
  | "redirect"
  | "trap";

/** TC_ACT_… */
export const TC_VERDICTS: Readonly<Record<TcVerdict, number>> = {
  continue: -1,
  pass: 0,
  reclassify: 1,
  drop: 2,
  pipe: 3,
  stolen: 4,
  queued: 5,
  repeat: 6,
  redirect: 7,
  trap: 8,
};

/** The bits of a verdict in which the verdicts below keep their number. */
export const TC_ACT_EXT_VAL_MASK = 0x0fffffff;
/** Skips actions. */
export const TC_ACT_JUMP = 0x10000000;
/** Goes on with the filters of another chain. */
export const TC_ACT_GOTO_CHAIN = 0x20000000;

/** What a link carries below IP, as the time that a packet needs depends on it. */
export type TcLinkLayer = "unaware" | "ethernet" | "atm";

/** TC_LINKLAYER_… */
export const TC_LINK_LAYERS: Readonly<Record<TcLinkLayer, number>> = { unaware: 0, ethernet: 1, atm: 2 };

/** The protocol of a frame. */
export type EtherType = "all" | "ip" | "arp" | "ipv6" | "802.1Q" | "802.1ad" | "mpls_uc" | "mpls_mc";

/** ETH_P_… */
export const ETHER_TYPES: Readonly<Record<EtherType, number>> = {
  all: 0x0003,
  ip: 0x0800,
  arp: 0x0806,
  ipv6: 0x86dd,
  "802.1Q": 0x8100,
  "802.1ad": 0x88a8,
  mpls_uc: 0x8847,
  mpls_mc: 0x8848,
};
