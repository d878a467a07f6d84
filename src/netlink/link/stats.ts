/** Counters of links: IFLA_STATS64. See ip-link(8), linux/if_link.h. */
import { Reader } from "../wire/buffers.ts";

/** What a link has counted, under the names that `ip -s -s -j` has for it. */
export interface LinkStats {
  /** Of what came in. */
  readonly rx: LinkRxStats;
  /** Of what went out. */
  readonly tx: LinkTxStats;
}

/** What a link has counted of what came in. */
export interface LinkRxStats {
  /** Bytes. */
  readonly bytes: bigint;
  /** Packets. */
  readonly packets: bigint;
  /** Packets with errors. */
  readonly errors: bigint;
  /** Packets that were dropped for lack of room. */
  readonly dropped: bigint;
  /** Packets for which the link had no room. */
  readonly overErrors: bigint;
  /** Multicast packets. */
  readonly multicast: bigint;
  /** Packets of a wrong length. */
  readonly lengthErrors: bigint;
  /** Packets with a wrong checksum. */
  readonly crcErrors: bigint;
  /** Packets that were not aligned. */
  readonly frameErrors: bigint;
  /** Packets that the queue of the link did not hold. */
  readonly fifoErrors: bigint;
  /** Packets that the host was too slow for. */
  readonly missedErrors: bigint;
  /** Compressed packets. */
  readonly compressed: bigint;
  /** Packets that no protocol wanted. */
  readonly nohandler: bigint;
  /** Packets for another host. */
  readonly otherhost: bigint;
}

/** What a link has counted of what went out. */
export interface LinkTxStats {
  /** Bytes. */
  readonly bytes: bigint;
  /** Packets. */
  readonly packets: bigint;
  /** Packets with errors. */
  readonly errors: bigint;
  /** Packets that were dropped for lack of room. */
  readonly dropped: bigint;
  /** Packets lost for want of a carrier. */
  readonly carrierErrors: bigint;
  /** Collisions. */
  readonly collisions: bigint;
  /** Packets that were given up. */
  readonly abortedErrors: bigint;
  /** Packets that the queue of the link did not hold. */
  readonly fifoErrors: bigint;
  /** Packets without a heartbeat. */
  readonly heartbeatErrors: bigint;
  /** Collisions that came late. */
  readonly windowErrors: bigint;
  /** Compressed packets. */
  readonly compressed: bigint;
}

const WORD = 8;

/** The counters of struct rtnl_link_stats64; those that an older kernel does not send are 0. */
export function linkStats(bytes: Uint8Array): LinkStats {
  const { view } = new Reader(bytes);
  const word = (index: number): bigint =>
    (index + 1) * WORD <= bytes.length ? view.getBigUint64(index * WORD, true) : 0n;
  return {
    rx: {
      bytes: word(2),
      packets: word(0),
      errors: word(4),
      dropped: word(6),
      overErrors: word(11),
      multicast: word(8),
      lengthErrors: word(10),
      crcErrors: word(12),
      frameErrors: word(13),
      fifoErrors: word(14),
      missedErrors: word(15),
      compressed: word(21),
      nohandler: word(23),
      otherhost: word(24),
    },
    tx: {
      bytes: word(3),
      packets: word(1),
      errors: word(5),
      dropped: word(7),
      carrierErrors: word(17),
      collisions: word(9),
      abortedErrors: word(16),
      fifoErrors: word(18),
      heartbeatErrors: word(19),
      windowErrors: word(20),
      compressed: word(22),
    },
  };
}
