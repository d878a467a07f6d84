/** Raw sockets, which not every kernel lists. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NsHandle } from "@netns/netns";

describe("SocketDiag.list() of raw sockets", () => {
  it("says what ss says", async () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    netlink.setLink("lo", { up: true });
    using sockets = ns.sockets();
    // Otherwise ping has a socket that needs no privileges.
    ns.run(() => writeFileSync("/proc/sys/net/ipv4/ping_group_range", "1 0"));
    assertEquals(sockets.list({ protocol: "raw" }), []);
    const ping = ns.spawn("ping", ["-n", "-i", "20", "127.0.0.1"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      for await (const line of ping.stdout ?? []) if (String(line).includes("time=")) break;
      const [raw, ...others] = sockets.list({ protocol: "raw" });
      assertEquals(others, []);
      // The port of a raw socket is its protocol: ICMP.
      assertObjectMatch(raw ?? {}, { protocol: "raw", family: 2, localPort: 1, uid: 0, rxQueue: 0 });
      const { stdout } = ns.run(() => spawnSync("ss", ["-Hwane"], { encoding: "utf8" }));
      assertEquals(/ ino:(\d+) /.exec(stdout)?.[1], String(raw?.inode), stdout);
    } finally {
      const ended = once(ping, "exit");
      ping.kill();
      await ended;
    }
  });
});
