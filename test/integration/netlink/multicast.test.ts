import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { NsHandle, SyscallError } from "@netns/netns";
import { interceptLibc, MSG_DONTWAIT } from "../../../ffi/mod.ts";
import { RTNLGRP_IPV4_IFADDR, RTNLGRP_LINK } from "../../../src/netlink/constants/groups.ts";
import { RTM_NEWADDR, RTM_NEWLINK } from "../../../src/netlink/constants/messages.ts";
import { MulticastSocket } from "../../../src/netlink/multicast.ts";
import { answers } from "../../../src/netlink/wire/framing.ts";
import { describeAsRoot, descriptors, traces } from "../support/traces.ts";
import { scratch } from "./support.ts";

describeAsRoot("MulticastSocket", () => {
  let start: unknown;
  before(() => {
    NsHandle.home().close(); // opened once, and kept
    start = traces();
  });
  after(() => assertEquals(traces(), start));

  /** The types of all messages that are queued. */
  function types(socket: MulticastSocket): number[] {
    const buffer = new Uint8Array(64 * 1024);
    const found: number[] = [];
    for (;;) {
      const received = socket.receive(buffer, MSG_DONTWAIT);
      if (received === undefined) return found;
      assert(received !== "overrun");
      for (const answer of answers(buffer.subarray(0, received))) {
        if (answer.kind === "message") found.push(answer.type);
      }
    }
  }

  it("receives what is sent to its groups in its namespace, and nothing else", () => {
    using here = scratch();
    using there = scratch();
    using links = here.ns.run(() => MulticastSocket.open([RTNLGRP_LINK]));
    using addresses = here.ns.run(() => MulticastSocket.open([RTNLGRP_IPV4_IFADDR]));
    there.netlink.addLink({ kind: "bridge", name: "b" });
    assertEquals([types(links), types(addresses)], [[], []]);
    here.netlink.addLink({ kind: "bridge", name: "b" });
    here.netlink.addAddress({ name: "b" }, "192.0.2.1/24");
    assertEquals([...new Set(types(links))], [RTM_NEWLINK]);
    assertEquals(types(addresses), [RTM_NEWADDR]);
  });

  it("waits as long as it is given", () => {
    using here = scratch();
    using socket = here.ns.run(() => MulticastSocket.open([RTNLGRP_LINK], { timeout: 20 }));
    const begun = performance.now();
    assertEquals(socket.receive(new Uint8Array(4096)), undefined);
    assert(performance.now() - begun >= 10); // the kernel's clock is coarse
  });

  it("reports that messages were lost: its queue or the buffer is too small", () => {
    using here = scratch();
    using small = here.ns.run(() => MulticastSocket.open([RTNLGRP_LINK], { receiveBuffer: 1 }));
    using large = here.ns.run(() => MulticastSocket.open([RTNLGRP_LINK]));
    for (let i = 0; i < 20; i++) here.netlink.addLink({ kind: "bridge", name: `b${i}` });
    assertEquals(small.receive(new Uint8Array(64 * 1024), MSG_DONTWAIT), "overrun");
    assertEquals(large.receive(new Uint8Array(16), MSG_DONTWAIT), "overrun");
    assert(types(large).length > 0);
  });

  it("prepares its descriptor before it joins, and closes it whichever call fails", () => {
    const open = descriptors();
    for (const call of ["setsockopt", "bind"] as const) {
      using _door = interceptLibc((name, _args, proceed) =>
        name === call ? { errno: constants.errno.ENOMEM } : proceed()
      );
      const error = assertThrows(() => MulticastSocket.open([RTNLGRP_LINK], { timeout: 1 }), SyscallError);
      assertEquals(error.syscall, call);
    }
    const failing = (): void => {
      throw new RangeError("the caller's own");
    };
    assertThrows(() => MulticastSocket.open([RTNLGRP_LINK], { prepare: failing }), RangeError);
    assertEquals(descriptors(), open);
  });

  it("closes once", () => {
    const socket = MulticastSocket.open([RTNLGRP_LINK]);
    assert(socket.fd >= 0);
    socket.close();
    socket.close();
    assertEquals(socket.fd, -1);
  });
});
