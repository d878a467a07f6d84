import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { NsHandle, type SocketEntry, type TcpSocket } from "@netns/netns";
import { traces } from "../integration/support/traces.ts";

/** A namespace whose `lo` is up. */
function scene(): NsHandle {
  const ns = NsHandle.create();
  using netlink = ns.netlink();
  netlink.setLink("lo", { up: true });
  return ns;
}

/** What `ss` says of the sockets of TCP and UDP in a namespace, a line for each, by their inodes. */
function ss(ns: NsHandle, ...options: string[]): Map<number, string> {
  const { stdout } = ns.run(() => spawnSync("ss", ["-HOnaei", ...options], { encoding: "utf8" }));
  return new Map(
    stdout.split("\n").flatMap((line) => {
      const inode = / ino:(\d+) /.exec(line)?.[1];
      return inode === undefined ? [] : [[Number(inode), line.trim()]];
    }),
  );
}

/** The names of states in `ss`. */
const STATES: Readonly<Record<string, string>> = {
  ...{ established: "ESTAB", listen: "LISTEN", closed: "UNCONN", "time-wait": "TIME-WAIT", "close-wait": "CLOSE-WAIT" },
  ...{ "fin-wait-1": "FIN-WAIT-1", "fin-wait-2": "FIN-WAIT-2", "last-ack": "LAST-ACK", "syn-sent": "SYN-SENT" },
};

/** Checks all that `ss` says of a socket, but for what goes on by itself. */
function same(socket: SocketEntry, line: string): void {
  if (socket.protocol === "unix") throw new Error("a Unix socket has other columns");
  const host = (address: string): string => address.includes(":") ? `[${address}]` : address;
  const [state, rx, tx, local, remote] = line.split(/\s+/);
  assertEquals(STATES[String(socket.state)], state, line);
  assertEquals([socket.rxQueue, socket.txQueue].map(String), [rx, tx], line);
  assertEquals(`${host(socket.localAddress)}:${socket.localPort}`, local);
  assertEquals(`${host(socket.remoteAddress)}:${socket.remotePort || "*"}`, remote);
  const word = (name: string): string | undefined => new RegExp(` ${name}:(\\S+)`).exec(line)?.[1];
  assertEquals(socket.cookie.toString(16), word("sk"), line);
  assertEquals(socket.uid, Number(word("uid") ?? 0), line);
  if (socket.protocol !== "tcp") return;
  const numbers: readonly (readonly [keyof TcpSocket, string, number])[] = [
    ...[["cwnd", "cwnd", 1], ["sndMss", "mss", 1], ["pmtu", "pmtu", 1], ["rcvMss", "rcvmss", 1]] as const,
    ...[["advmss", "advmss", 1], ["segsOut", "segs_out", 1], ["segsIn", "segs_in", 1], ["rto", "rto", 1e3]] as const,
    ...[["dataSegsOut", "data_segs_out", 1], ["dataSegsIn", "data_segs_in", 1], ["minRtt", "minrtt", 1e3]] as const,
    ...[["bytesSent", "bytes_sent", 1], ["bytesAcked", "bytes_acked", 1], ["sndWnd", "snd_wnd", 1]] as const,
    ...[["bytesReceived", "bytes_received", 1], ["rcvSpace", "rcv_space", 1], ["delivered", "delivered", 1]] as const,
    ...[["rcvSsthresh", "rcv_ssthresh", 1], ["ato", "ato", 1e3], ["ssthresh", "ssthresh", 1]] as const,
  ];
  for (const [ours, theirs, unit] of numbers) {
    const value = word(theirs);
    if (value !== undefined) assertEquals(Number(socket[ours]), Math.round(Number(value) * unit), `${ours}: ${line}`);
  }
  const [rtt, rttvar] = word("rtt")?.split("/") ?? [];
  if (rtt !== undefined) {
    assertEquals([socket.rtt, socket.rttvar], [rtt, rttvar].map((ms) => Math.round(Number(ms) * 1000)), line);
  }
  if (socket.congestion !== undefined) assert(line.includes(` ${socket.congestion} `), line);
}

describe("SocketDiag beside ss", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("says of TCP and UDP what ss says, field by field", async () => {
    using ns = scene();
    using sockets = ns.sockets();
    const accepted: net.Socket[] = [];
    const servers = await Promise.all(["127.0.0.1", "::1"].map((host) => (
      ns.listen(net.createServer((socket) => accepted.push(socket.pause())), { host, port: 0 })
    )));
    const clients: net.Socket[] = [];
    for (const server of servers) {
      const address = server.address();
      if (typeof address !== "object" || address === null) throw new Error("it has no address");
      clients.push(await ns.connect({ host: address.address, port: address.port }));
    }
    const datagram = await ns.datagram({ port: 0, host: "127.0.0.1" });
    for (const client of clients) client.write("some bytes");
    while (accepted.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 300)); // acknowledgements that are delayed

    const listed = sockets.list({ protocol: ["tcp", "udp"] });
    const theirs = new Map([...ss(ns, "-t"), ...ss(ns, "-u")]);
    assertEquals(listed.length, theirs.size);
    assertEquals(listed.length >= 7, true);
    for (const socket of listed) same(socket, theirs.get(socket.inode) ?? "");

    assertEquals(sockets.list({ protocol: "tcp", states: ["listen"] }).length, 2);
    assertEquals(sockets.list({ protocol: "tcp", states: ["established"], family: 10 }).length, 2);
    const [short] = sockets.list({ protocol: "tcp", states: ["established"], tcpInfo: false });
    assertEquals(short !== undefined && "rtt" in short, false);
    assertEquals(sockets.list({ protocol: "udp" }).length, 1);

    datagram.close();
    for (const socket of [...clients, ...accepted]) socket.destroy();
    for (const server of servers) server.close();
    await Promise.all(servers.map((server) => once(server, "close")));
    const left = sockets.list({ protocol: "tcp" });
    for (const socket of left) assertEquals(socket.inode, 0, `${socket.state}`);
    if (left[0] !== undefined) assertObjectMatch(left[0], { timer: "time-wait" });
  });

  it("says of Unix sockets what ss says", async () => {
    const path = join(tmpdir(), `netns-sockets-${crypto.randomUUID()}.sock`);
    const server = net.createServer();
    server.listen(path);
    await once(server, "listening");
    try {
      using home = NsHandle.current();
      using sockets = home.sockets();
      const mine = sockets.list({ protocol: "unix" }).find((socket) => socket.path === path);
      assertObjectMatch(mine ?? {}, { type: "stream", state: "listen", rxQueue: 0 });
      const { stdout } = spawnSync("ss", ["-Hxlne", `src ${path}`], { encoding: "utf8" });
      const [, state, rx, tx, local, inode] = stdout.trim().split(/\s+/);
      assertEquals(["LISTEN", String(mine?.rxQueue), String(mine?.txQueue), path, String(mine?.inode)], [
        ...[state, rx, tx, local, inode],
      ]);
      assertEquals(/ ino:(\d+) /.exec(stdout)?.[1], String(mine?.file?.inode));
    } finally {
      server.close();
      rmSync(path, { force: true });
    }
  });
});
