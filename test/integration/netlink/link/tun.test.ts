import { assert, assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { createTun, SyscallError } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, scratch } from "../support.ts";

describeAsRoot("createTun()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("makes a TUN that is gone when it is closed", () => {
    using here = scratch();
    const tun = here.ns.run(() => createTun({ name: "tun%d" }));
    assertEquals([tun.name, tun.isOpen], ["tun0", true]);
    assertObjectMatch(here.netlink.getLink("tun0"), {
      kind: "tun",
      data: { kind: "tun", mode: "tun", persistent: false, pi: false, vnetHdr: false, multiQueue: false },
    });
    tun.close();
    tun.close();
    assertEquals([tun.fd, tun.isOpen], [-1, false]);
    assertEquals(refusal(() => here.netlink.getLink("tun0")).code, "ENODEV");
  });

  it("makes a TAP that stays, with an owner and a group, and opens it again", () => {
    using here = scratch();
    const spec = { name: "tap0", mode: "tap", persistent: true, owner: 1000, group: 1001, vnetHdr: true } as const;
    here.ns.run(() => createTun(spec)).close();
    assertObjectMatch(here.netlink.getLink("tap0"), {
      address: here.netlink.getLink("tap0").address,
      data: { kind: "tun", mode: "tap", persistent: true, owner: 1000, group: 1001, vnetHdr: true },
    });
    {
      using again = here.ns.run(() => createTun({ name: "tap0", mode: "tap", vnetHdr: true }));
      const busy = assertThrows(
        () => here.ns.run(() => createTun({ name: again.name, mode: "tap", vnetHdr: true })),
        SyscallError,
      );
      assertEquals(busy.code, "EBUSY");
    }
    here.ns.run(() => createTun({ ...spec, persistent: false })).close();
    assertEquals(refusal(() => here.netlink.getLink("tap0")).code, "ENODEV");
  });

  it("refuses a number that is none of a link, which the kernel would take for another", () => {
    for (const index of [0, -1, 1.5, NaN, 2 ** 31, 2 ** 32 + 5]) {
      assertThrows(() => createTun({ name: "tun0", index }), RangeError, "as index: expected a whole number from 1");
    }
  });

  it("opens several queues of one", () => {
    using here = scratch();
    using _first = here.ns.run(() => createTun({ name: "tun0", multiQueue: true }));
    using _second = here.ns.run(() => createTun({ name: "tun0", multiQueue: true }));
    assertObjectMatch(here.netlink.getLink("tun0").data ?? {}, { multiQueue: true, numqueues: 2 });
  });

  it("says why it cannot, and leaves no descriptor", () => {
    using here = scratch();
    here.netlink.addLink({ kind: "ifb", name: "taken" });
    const error = assertThrows(() => here.ns.run(() => createTun({ name: "taken" })), SyscallError);
    assertEquals([error.syscall, error.code], ["ioctl", "EINVAL"]);
    assert(error.message.includes("taken"), error.message);
    assertThrows(() => createTun({ name: "a/b" }), TypeError, "as the name of a link");
    assertThrows(() => createTun(JSON.parse('{ "name": "a", "mod": "tap" }')), TypeError, "did you mean mode?");
    assertThrows(() => createTun(JSON.parse('{ "name": "a", "mode": "tip" }')), TypeError, "expected tun, tap");
    assertThrows(() => here.ns.run(() => createTun({ name: "o", owner: -1 })), Error);
  });
});
