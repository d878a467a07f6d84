/** Raw sockets, which not every kernel lists. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NsHandle, type SocketEntry } from "@netns/netns";

const AF_INET = 2;

describe("SocketDiag.list() of raw sockets", () => {
  it("says what ss says", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.setLink("lo", { up: true });
    using sockets = ns.sockets();
    // Otherwise ping has a socket that needs no privileges.
    ns.run(() => writeFileSync("/proc/sys/net/ipv4/ping_group_range", "1 0"));
    const listed = (): SocketEntry[] => sockets.list({ protocol: "raw", family: AF_INET }); // IPv6 has one of its own
    assertEquals(listed(), []);
    const ping = ns.spawn("ping", ["-n", "-i", "20", "127.0.0.1"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      for await (const line of ping.stdout ?? []) if (String(line).includes("time=")) break;
      const [raw, ...others] = listed();
      assertEquals(others, []);
      // The port of a raw socket is its protocol: ICMP.
      assertObjectMatch(raw ?? {}, { protocol: "raw", family: 2, localPort: 1, uid: 0, rxQueue: 0 });
      const { stdout } = ns.run(() => spawnSync("ss", ["-Hw4ane"], { encoding: "utf8" }));
      assertEquals(/ ino:(\d+) /.exec(stdout)?.[1], String(raw?.inode), stdout);
    } finally {
      const ended = once(ping, "exit");
      ping.kill();
      await ended;
    }
  });
});
