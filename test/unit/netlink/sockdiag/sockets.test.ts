import { assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeInetSocket, listInetRequests, stateOf } from "../../../../src/netlink/sockdiag/inet.ts";
import { withTcpInfo } from "../../../../src/netlink/sockdiag/tcp_info.ts";
import { decodeUnixSocket, listUnixRequest, unixMessage } from "../../../../src/netlink/sockdiag/unix.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import { SOCKETS } from "./vectors.ts";

/** The bodies of requests, in hexadecimal. */
const bodies = (...args: Parameters<typeof listInetRequests>): string[] => (
  listInetRequests(...args).map(({ body }) => hex(body))
);

describe("listInetRequests()", () => {
  it("writes what ss writes", () => {
    const LISTEN_OR_CLOSED = 1 << 10 | 1 << 7;
    assertEquals(bodies("tcp", 2, LISTEN_OR_CLOSED, false), [hex(SOCKETS.listTcp.bytes)]);
    assertEquals(bodies("udp", undefined, 0xfff, true)[0], hex(SOCKETS.listUdp.bytes));
    const [own = ""] = bodies("tcp", 10, 0xfff, true);
    // ss asks for what particular congestion controls say, too: INET_DIAG_VEGASINFO.
    assertEquals(own, hex(SOCKETS.listTcpInfo.bytes).replace("0a060e", "0a060a"));
  });

  it("asks for TCP of both families at once", () => {
    const [request, ...others] = listInetRequests("tcp", undefined, 1 << 10, false);
    assertEquals([request?.type, others.length], [18, 0]); // TCPDIAG_GETSOCK
    assertEquals(hex(request?.body ?? new Uint8Array()), "00".repeat(52) + "00040000" + "00000000");
  });
});

describe("decodeInetSocket()", () => {
  it("reads a connection with what TCP measured", () => {
    // ss: ESTAB 0 0 127.0.0.1:36608 127.0.0.1:7001 ino:8186654 sk:148a rto:204 rtt:0.041/0.023 cwnd:11 …
    assertObjectMatch(decodeInetSocket("tcp", SOCKETS.client.bytes), {
      ...{ protocol: "tcp", family: 2, state: "established", uid: 0, inode: 8186654, cookie: 0x148an },
      ...{ localAddress: "127.0.0.1", localPort: 36608, remoteAddress: "127.0.0.1", remotePort: 7001 },
      ...{ rxQueue: 0, txQueue: 0, congestion: "bbr", cgroupId: 1n, mark: 0, shutdown: 0 },
      ...{ rtt: 41, rttvar: 23, rto: 204_000, cwnd: 11, minRtt: 13, sndMss: 32768, rcvMss: 536, advmss: 65483 },
      ...{ pmtu: 65535, sndWscale: 10, rcvWscale: 10, segsOut: 3, segsIn: 2, dataSegsOut: 1, dataSegsIn: 0 },
      ...{ bytesSent: 5n, bytesAcked: 6n, bytesReceived: 0n, delivered: 2, lastDataSent: 208, lastAckRecv: 208 },
      ...{ rcvSpace: 65495, rcvSsthresh: 65495, sndWnd: 65536, retransmits: 0, lost: 0, caState: "open" },
    });
    assertObjectMatch(decodeInetSocket("tcp", SOCKETS.server.bytes), { rxQueue: 5, ato: 40_000, bytesReceived: 5n });
  });

  it("reads a socket that listens, and one of IPv6", () => {
    assertObjectMatch(decodeInetSocket("tcp", SOCKETS.listening.bytes), {
      ...{ state: "listen", localAddress: "127.0.0.1", localPort: 7001, remoteAddress: "0.0.0.0", remotePort: 0 },
      ...{ rxQueue: 0, txQueue: 5, inode: 8186652 },
    });
    assertObjectMatch(decodeInetSocket("tcp", SOCKETS.client6.bytes), {
      ...{ family: 10, localAddress: "::1", localPort: 56296, remoteAddress: "::1", remotePort: 7002, rtt: 16 },
    });
    assertObjectMatch(decodeInetSocket("tcp", SOCKETS.listening6.bytes), { v6Only: true });
  });

  it("reads a socket of UDP", () => {
    const socket = decodeInetSocket("udp", SOCKETS.udp.bytes);
    assertObjectMatch(socket, {
      ...{ protocol: "udp", state: "established", localPort: 52882, remoteAddress: "127.0.0.1", remotePort: 7003 },
    });
    assertEquals("rtt" in socket, false);
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const vector of [SOCKETS.client, SOCKETS.listening6, SOCKETS.udp]) {
      checkTruncated((bytes) => decodeInetSocket("tcp", bytes), vector);
    }
  });
});

describe("withTcpInfo()", () => {
  it("reads a shorter struct of an older kernel, without what lies behind it", () => {
    const view = new DataView(new Uint8Array(300).fill(1).buffer);
    assertObjectMatch(withTcpInfo({}, view, 10, 104), {
      rtt: 0x01010101,
      totalRetrans: 0x01010101,
      bytesAcked: 0n,
      sndWnd: 0,
    });
    assertObjectMatch(withTcpInfo({}, view, 10, 248), { bytesAcked: 0x0101010101010101n, sndWnd: 0x01010101 });
  });
});

describe("stateOf()", () => {
  it("gives the number of a state that has no name", () => {
    assertEquals([1, 10, 13, 14, 0].map(stateOf), ["established", "listen", "bound-inactive", 14, 0]);
  });
});

describe("listUnixRequest()", () => {
  it("writes what ss writes, and asks for the user too", () => {
    const ours = hex(listUnixRequest(0xfff).body);
    assertEquals(ours, hex(SOCKETS.listUnix.bytes).replace("1f000000", "57000000"));
  });
});

describe("decodeUnixSocket()", () => {
  it("reads what the kernel wrote", () => {
    assertEquals(decodeUnixSocket(SOCKETS.unixListening.bytes), {
      ...{
        protocol: "unix",
        type: "stream",
        state: "listen",
        path: "@abstract",
        inode: 8186661,
        rxQueue: 0,
        txQueue: 1,
      },
      ...{ shutdown: 0, cookie: 0x1496n },
    });
    assertObjectMatch(decodeUnixSocket(SOCKETS.unixAbstract.bytes), { state: "established", path: "@abstract" });
    assertObjectMatch(decodeUnixSocket(SOCKETS.unixClient.bytes), { peerInode: 8186663, txQueue: 768 });
    assertObjectMatch(decodeUnixSocket(SOCKETS.unixFile.bytes), {
      ...{ type: "dgram", state: "closed", path: "/tmp/tcss.sock", file: { inode: 2146942, device: 0x0fe00000 } },
    });
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    checkTruncated(decodeUnixSocket, SOCKETS.unixFile);
  });
});

describe("unixMessage", () => {
  it("writes what it read", () => {
    for (const vector of [SOCKETS.unixFile, SOCKETS.unixListening]) checkVector(unixMessage, vector, { family: 1 });
  });
});
