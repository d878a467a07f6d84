import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NsHandle, SocketDiag, type SocketFilter, SyscallError } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal } from "../support.ts";

describeAsRoot("SocketDiag.list()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("has none of TCP and UDP in a new namespace", () => {
    using ns = NsHandle.create();
    using sockets = ns.sockets();
    assertEquals(sockets.list({ protocol: ["tcp", "udp"] }), []);
    assertEquals(sockets.list({ protocol: "tcp", family: 10, states: ["listen", "time-wait", 12] }), []);
    assertEquals(sockets.list({ family: 2 }), []);
    assertEquals(sockets.list({ protocol: "unix", states: ["listen"] }), []);
  });

  it("stays in the namespace in which it was opened", () => {
    using ns = NsHandle.create();
    using here = SocketDiag.open();
    const own = here.list({ protocol: "unix" }).length;
    ns.run(() => assertEquals(here.list({ protocol: "unix" }).length >= Math.min(own, 1), true));
    using there = ns.sockets();
    assertEquals(there.list({ protocol: "unix" }), []);
  });

  it("refuses what is no filter", () => {
    using sockets = SocketDiag.open();
    const wrong = (json: string): SocketFilter => JSON.parse(json); // from untyped code
    assertThrows(() => sockets.list(wrong('{"protocol":"sctp"}')), TypeError, 'Cannot use "sctp" as protocol');
    assertThrows(() => sockets.list(wrong('{"protocol":"tcp","states":["open"]}')), TypeError, 'Cannot use "open" as');
    assertThrows(() => sockets.list(wrong('{"protcol":"tcp"}')), TypeError, "did you mean protocol?");
  });

  it("refuses states that are none, and says which", () => {
    using sockets = SocketDiag.open();
    for (const state of ["nosuch", NaN, 32, -1, 1.5, ["listen"], { toString: null }]) {
      const filter = { states: ["listen", state] } as SocketFilter; // as untyped code has it
      assertThrows(() => sockets.list(filter), Error, "as states[1]: expected");
    }
  });

  it("says what the kernel needs for a protocol that it cannot list", () => {
    using sockets = SocketDiag.open();
    try {
      assert(Array.isArray(sockets.list({ protocol: "raw" })));
    } catch {
      assertEquals(refusal(() => sockets.list({ protocol: "raw" })).code, "ENOENT");
      assertThrows(() => sockets.list({ protocol: "raw" }), Error, "CONFIG_INET_RAW_DIAG");
    }
  });

  it("lists nothing once it is closed", () => {
    const sockets = SocketDiag.open();
    assertEquals(sockets.isOpen, true);
    sockets.close();
    sockets.close();
    assertEquals(sockets.isOpen, false);
    assertEquals(assertThrows(() => sockets.list({ protocol: "tcp" }), SyscallError).code, "EBADF");
  });
});
