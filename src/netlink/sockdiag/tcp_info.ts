/** What TCP measures of a connection: struct tcp_info. See tcp(7), ss(8), linux/tcp.h. */
import { TCP_CONGESTION_STATES, type TcpCongestionState } from "../constants/sockdiag.ts";
import { nameOf } from "../wire/named_numbers.ts";

/** What TCP measures of a connection. A kernel that lacks one of them gives 0. */
export interface TcpInfo {
  /** The round-trip time, in microseconds. */
  readonly rtt: number;
  /** Its variance, in microseconds. */
  readonly rttvar: number;
  /** The least of late, in microseconds. */
  readonly minRtt: number;
  /** After which time it sends again, in microseconds. */
  readonly rto: number;
  /** After which time it acknowledges, in microseconds. */
  readonly ato: number;
  /** The congestion window, in packets. */
  readonly cwnd: number;
  /** The slow start threshold, in packets. */
  readonly ssthresh: number;
  /** The state of its congestion control. */
  readonly caState: TcpCongestionState | number;
  /** How often what waits was sent again. */
  readonly retransmits: number;
  /** How many packets are on their way again. */
  readonly retrans: number;
  /** How many packets were sent again since it exists. */
  readonly totalRetrans: number;
  /** How often it asked in vain whether the other end takes more. */
  readonly probes: number;
  /** How often it doubled `rto`. */
  readonly backoff: number;
  /** TCPI_OPT_…: 1 timestamps, 2 selective acknowledgements, 4 window scaling, 8 ECN. */
  readonly options: number;
  /** How far the windows are shifted that it is given. */
  readonly sndWscale: number;
  /** How far the windows are shifted that it gives. */
  readonly rcvWscale: number;
  /** The segment size with which it sends, in bytes. */
  readonly sndMss: number;
  /** The segment size with which the other end sends, in bytes. */
  readonly rcvMss: number;
  /** The segment size that it advertised to the other end, in bytes. */
  readonly advmss: number;
  /** The largest packet of the way, in bytes. */
  readonly pmtu: number;
  /** Packets that are not acknowledged. */
  readonly unacked: number;
  /** Packets that are, out of order. */
  readonly sacked: number;
  /** Packets that count as lost. */
  readonly lost: number;
  /** How far packets may be out of order. */
  readonly reordering: number;
  /** The time since data were sent, in milliseconds. */
  readonly lastDataSent: number;
  /** The time since data came, in milliseconds. */
  readonly lastDataRecv: number;
  /** The time since an acknowledgement came, in milliseconds. */
  readonly lastAckRecv: number;
  /** The largest window that it gives for now, in bytes. */
  readonly rcvSsthresh: number;
  /** The round-trip time as the receiver sees it, in microseconds. */
  readonly rcvRtt: number;
  /** How many bytes the program reads in that time. */
  readonly rcvSpace: number;
  /** The window that it is given, in bytes. */
  readonly sndWnd: number;
  /** Bytes that were not sent yet. */
  readonly notsentBytes: number;
  /** Segments that it sent. */
  readonly segsOut: number;
  /** Segments that it received. */
  readonly segsIn: number;
  /** Segments with data that it sent. */
  readonly dataSegsOut: number;
  /** Segments with data that it received. */
  readonly dataSegsIn: number;
  /** Packets that arrived. */
  readonly delivered: number;
  /** Packets that arrived with a mark of congestion. */
  readonly deliveredCe: number;
  /** Segments that the other end had twice. */
  readonly dsackDups: number;
  /** How often packets were seen out of order. */
  readonly reordSeen: number;
  /** Packets that it received out of order. */
  readonly rcvOoopack: number;
  /** Bytes a second at which it sends. */
  readonly pacingRate: bigint;
  /** Bytes a second at which it sends at most. */
  readonly maxPacingRate: bigint;
  /** Bytes a second that arrive. */
  readonly deliveryRate: bigint;
  /** Bytes that it sent, with those that it sent again. */
  readonly bytesSent: bigint;
  /** Bytes that it sent again. */
  readonly bytesRetrans: bigint;
  /** Bytes that were acknowledged. */
  readonly bytesAcked: bigint;
  /** Bytes that it received. */
  readonly bytesReceived: bigint;
  /** The time in which it had something to send, in microseconds. */
  readonly busyTime: bigint;
  /** Of this, the time in which the other end took no more, in microseconds. */
  readonly rwndLimited: bigint;
  /** Of this, the time in which its own buffer was too small, in microseconds. */
  readonly sndbufLimited: bigint;
}

/** The length of struct tcp_info of Linux 5.5, which has all that is read here. */
const LENGTH = 232;

/** What is read from where a shorter struct lies, behind which are zeros. */
const padded: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(LENGTH));

/**
 * A socket, with what a struct tcp_info of `length` bytes at `at` says of it. Field by field, as a list has thousands
 * of them: a table would take three times as long.
 */
export function withTcpInfo<B extends object>(socket: B, view: DataView, at: number, length: number): B & TcpInfo {
  if (length < LENGTH) {
    for (let i = 0; i < LENGTH; i++) padded.setUint8(i, i < length ? view.getUint8(at + i) : 0);
    return withTcpInfo(socket, padded, 0, LENGTH);
  }
  const scales = view.getUint8(at + 6);
  const caState = view.getUint8(at + 1);
  return {
    ...socket,
    rtt: view.getUint32(at + 68, true),
    rttvar: view.getUint32(at + 72, true),
    minRtt: view.getUint32(at + 148, true),
    rto: view.getUint32(at + 8, true),
    ato: view.getUint32(at + 12, true),
    cwnd: view.getUint32(at + 80, true),
    ssthresh: view.getUint32(at + 76, true),
    caState: caState === 0 ? "open" : nameOf(TCP_CONGESTION_STATES, caState),
    retransmits: view.getUint8(at + 2),
    retrans: view.getUint32(at + 36, true),
    totalRetrans: view.getUint32(at + 100, true),
    probes: view.getUint8(at + 3),
    backoff: view.getUint8(at + 4),
    options: view.getUint8(at + 5),
    sndWscale: scales & 0xf,
    rcvWscale: scales >> 4,
    sndMss: view.getUint32(at + 16, true),
    rcvMss: view.getUint32(at + 20, true),
    advmss: view.getUint32(at + 84, true),
    pmtu: view.getUint32(at + 60, true),
    unacked: view.getUint32(at + 24, true),
    sacked: view.getUint32(at + 28, true),
    lost: view.getUint32(at + 32, true),
    reordering: view.getUint32(at + 88, true),
    lastDataSent: view.getUint32(at + 44, true),
    lastDataRecv: view.getUint32(at + 52, true),
    lastAckRecv: view.getUint32(at + 56, true),
    rcvSsthresh: view.getUint32(at + 64, true),
    rcvRtt: view.getUint32(at + 92, true),
    rcvSpace: view.getUint32(at + 96, true),
    sndWnd: view.getUint32(at + 228, true),
    notsentBytes: view.getUint32(at + 144, true),
    segsOut: view.getUint32(at + 136, true),
    segsIn: view.getUint32(at + 140, true),
    dataSegsOut: view.getUint32(at + 156, true),
    dataSegsIn: view.getUint32(at + 152, true),
    delivered: view.getUint32(at + 192, true),
    deliveredCe: view.getUint32(at + 196, true),
    dsackDups: view.getUint32(at + 216, true),
    reordSeen: view.getUint32(at + 220, true),
    rcvOoopack: view.getUint32(at + 224, true),
    pacingRate: view.getBigUint64(at + 104, true),
    maxPacingRate: view.getBigUint64(at + 112, true),
    deliveryRate: view.getBigUint64(at + 160, true),
    bytesSent: view.getBigUint64(at + 200, true),
    bytesRetrans: view.getBigUint64(at + 208, true),
    bytesAcked: view.getBigUint64(at + 120, true),
    bytesReceived: view.getBigUint64(at + 128, true),
    busyTime: view.getBigUint64(at + 168, true),
    rwndLimited: view.getBigUint64(at + 176, true),
    sndbufLimited: view.getBigUint64(at + 184, true),
  };
}
