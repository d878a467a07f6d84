import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { MalformedMessageError, Netlink, NetlinkError, NsHandle, SyscallError } from "@netns/netns";
import { interceptLibc, type Interceptor } from "../../../ffi/mod.ts";
import { describeAsRoot, descriptors, traces } from "../support/traces.ts";
import { scratch, wired } from "./support.ts";

const { EAGAIN, EINTR, EMFILE, EINVAL, ENOBUFS, ENOMEM, ENOPROTOOPT, EPROTONOSUPPORT } = constants.errno;
const NLM_F_DUMP_INTR = 0x10;

/** Hands what recv(2) received to `change`, with how often it was called before. */
function received(change: (bytes: Uint8Array, call: number) => number | undefined): Interceptor {
  let calls = 0;
  return (name, args, proceed) => {
    const result = proceed();
    const [, buffer] = args;
    if (name !== "recvfrom" || !(buffer instanceof Uint8Array) || Number(result) < 0) return result;
    return change(buffer.subarray(0, Math.min(Number(result), buffer.length)), calls++) ?? result;
  };
}

const setFlag = (bytes: Uint8Array, flag: number): void => {
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(6, flag | 2, true);
};

describeAsRoot("Netlink.open()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("leaves no descriptor, whichever of its calls fails", () => {
    const calls: string[] = [];
    Netlink.open().close(); // the first of a thread gets random numbers for the next ones, too
    {
      using _door = interceptLibc((name, _args, proceed) => {
        calls.push(name);
        return proceed();
      });
      Netlink.open().close();
    }
    assertEquals(calls, ["socket", "setsockopt", "close"]);
    const before = descriptors();
    for (const [failing, name] of calls.entries()) {
      if (name === "close") continue;
      for (const errno of [EINVAL, EMFILE, ENOMEM, EPROTONOSUPPORT]) {
        let call = 0;
        using _door = interceptLibc((_name, _args, proceed) => call++ === failing ? { errno } : proceed());
        const error = assertThrows(() => Netlink.open(), SyscallError);
        assertEquals([error.syscall, error.errno], [name, errno]);
      }
      assertEquals(descriptors(), before);
    }
  });

  it("says that a question cannot be checked strictly, and asks again", () => {
    using netlink = Netlink.open();
    assertEquals(netlink.listLinks().length > 0, true);
    {
      using _door = interceptLibc((name, _args, proceed) => name === "setsockopt" ? { errno: ENOMEM } : proceed());
      assertEquals(netlink.listLinks().length > 0, true);
      const error = assertThrows(() => netlink.listAddresses(), SyscallError);
      assertEquals([error.syscall, error.errno], ["setsockopt", ENOMEM]);
    }
    assertEquals(netlink.listAddresses({ linkIndex: 1 }).every(({ linkIndex }) => linkIndex === 1), true);
  });

  it("does without what an older kernel lacks", () => {
    using _door = interceptLibc((name, args, proceed) =>
      name === "setsockopt" && args[1] === 270 ? { errno: ENOPROTOOPT } : proceed()
    );
    using here = wired();
    here.netlink.addAddress({ name: "left" }, "10.0.0.1/24");
    const error = assertThrows(() => here.netlink.setLink({ name: "left" }, { mtu: 9_999_999 }), NetlinkError);
    assertEquals([error.code, error.detail], ["EINVAL", undefined]);
    assert(here.netlink.listAddresses({ linkIndex: here.left }).every(({ linkIndex }) => linkIndex === here.left));
    assert(here.netlink.listNeighbours({ linkIndex: here.left }).every(({ linkIndex }) => linkIndex === here.left));
    assert(
      here.netlink.listRoutes({ linkIndex: here.left }).every(({ nextHops }) => nextHops[0]?.linkIndex === here.left),
    );
  });

  it("opens in the namespace where the thread is, and stays there", () => {
    using far = NsHandle.create();
    using netlink = far.run(() => Netlink.open());
    netlink.addLink({ kind: "bridge", name: "br0" });
    assertEquals(netlink.listLinks().map(({ name }) => name), ["lo", "br0"]);
  });
});

describeAsRoot("Netlink", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("reports that it is closed", () => {
    using ns = NsHandle.create();
    const netlink = ns.netlink();
    assert(netlink.isOpen);
    netlink.close();
    netlink.close();
    assert(!netlink.isOpen);
    for (
      const call of [
        () => netlink.listLinks(),
        () => netlink.getLink({ index: 1 }),
        () => netlink.deleteLink({ index: 1 }),
        () => netlink.batch((batch) => batch.deleteLink({ index: 1 })),
      ]
    ) {
      const error = assertThrows(call, SyscallError, "this socket is closed");
      assertEquals([error.syscall, error.code], ["send", "EBADF"]);
    }
  });

  it("reads a list again that changed while it was read", () => {
    using here = wired();
    let interrupted = 0;
    let sends = 0;
    const mark = received((bytes, call) => {
      if (call < 3) setFlag(bytes, NLM_F_DUMP_INTR), interrupted++;
      return undefined;
    });
    using _door = interceptLibc((name, args, proceed) => {
      if (name === "send") sends++;
      return mark(name, args, proceed);
    });
    assertEquals(here.netlink.listLinks().map(({ name }) => name), ["lo", "right", "left"]);
    assertEquals(interrupted, 3);
    assert(sends >= 2);
  });

  it("gives up on a list that never stops changing", () => {
    using here = scratch();
    {
      using _door = interceptLibc(received((bytes) => void setFlag(bytes, NLM_F_DUMP_INTR)));
      const error = assertThrows(() => here.netlink.listLinks(), NetlinkError, "it changed during each of 20 readings");
      assertEquals(error.code, "EINTR");
    }
    assertEquals(here.netlink.listLinks().length, 1);
  });

  it("asks again with a longer buffer for an answer that was cut short", () => {
    for (
      const call of [
        (netlink: Netlink) => netlink.listLinks().map(({ name }) => name),
        (netlink: Netlink) => netlink.getLink({ name: "left" }).name,
        (netlink: Netlink) => netlink.getLink({ index: 4711 }),
      ]
    ) {
      using here = wired();
      const expected = outcome(() => call(here.netlink));
      let cut = 0;
      using _door = interceptLibc((name, [, , length], proceed) => {
        const result = proceed();
        return name === "recvfrom" && cut++ === 0 ? Number(length) + 1 : result; // longer than the buffer
      });
      assertEquals(outcome(() => call(here.netlink)), expected);
      assert(cut > 2);
    }
  });

  it("reads half a list to its end before the next question, when something is wrong with it", () => {
    using here = scratch();
    here.netlink.batch((batch) => {
      for (let i = 0; i < 200; i++) batch.addLink({ kind: "bridge", name: `br${i}` });
    });
    {
      using _door = interceptLibc(received((bytes, call) => {
        if (call === 0) new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, 15, true);
        return undefined;
      }));
      assertThrows(() => here.netlink.listLinks(), MalformedMessageError, "a message of 15 bytes at byte 0");
    }
    assertEquals(here.netlink.listLinks().length, 201);
  });

  it("names the request that had no answer in time", () => {
    using here = scratch();
    {
      using _door = interceptLibc((name, _args, proceed) => name === "recvfrom" ? { errno: EAGAIN } : proceed());
      const error = assertThrows(() => here.netlink.getLink({ name: "lo" }), NetlinkError, "no answer in 30 s");
      assertEquals([error.code, error.request], ["ETIMEDOUT", "RTM_GETLINK lo"]);
      assert(error.cause instanceof SyscallError);
      assertThrows(() => here.netlink.setLink({ name: "lo" }, { up: true }), NetlinkError, "RTM_NEWLINK lo");
    }
    // The late answers are there by now: they are not taken for those of the next request.
    assertEquals(here.netlink.getLink({ name: "lo" }).name, "lo");
  });

  it("waits for an answer that is not there yet", () => {
    using here = scratch();
    let early = 0;
    using _door = interceptLibc((name, _args, proceed) =>
      name === "recvfrom" && early++ === 0 ? { errno: EAGAIN } : proceed()
    );
    assertEquals(here.netlink.getLink({ name: "lo" }).index, 1);
    assertEquals(here.netlink.listLinks().length, 1);
    assert(early > 2);
  });

  it("reports that it cannot wait for a late answer, and does not take that for the next one", () => {
    using here = scratch();
    {
      using _door = interceptLibc((name, _args, proceed) =>
        name === "recvfrom" ? { errno: EAGAIN } : name === "setsockopt" ? { errno: ENOMEM } : proceed()
      );
      const error = assertThrows(() => here.netlink.getLink({ name: "lo" }), SyscallError);
      assertEquals([error.syscall, error.errno], ["setsockopt", ENOMEM]);
    }
    assertEquals(here.netlink.listLinks().length, 1);
  });

  it("makes a call again that a signal interrupted", () => {
    using here = scratch();
    for (const interrupted of ["send", "recvfrom"]) {
      let calls = 0;
      using _door = interceptLibc((name, _args, proceed) =>
        name === interrupted && calls++ === 0 ? { errno: EINTR } : proceed()
      );
      assertEquals(here.netlink.listLinks().length, 1);
      assert(calls > 1, interrupted);
    }
  });

  it("throws the failure of a call", () => {
    using here = scratch();
    for (const [name, errno] of [["send", ENOMEM], ["recvfrom", ENOBUFS], ["recvfrom", ENOMEM]] as const) {
      using _door = interceptLibc((called, _args, proceed) => called === name ? { errno } : proceed());
      const error = assertThrows(() => here.netlink.listLinks(), SyscallError);
      assertEquals([error.syscall, error.errno], [name, errno]);
    }
    assertEquals(here.netlink.listLinks().length, 1);
  });

  it("ignores answers that are not for it", () => {
    using here = wired();
    let alien = true;
    using _door = interceptLibc(received((bytes) => {
      if (!alien) return undefined;
      alien = false;
      const foreign = new Uint8Array(36); // an error, to nobody's request
      const view = new DataView(foreign.buffer);
      view.setUint32(0, 36, true);
      view.setUint16(4, 2, true);
      view.setUint32(8, 0xdead, true);
      view.setInt32(16, -1, true);
      const whole = bytes.slice();
      bytes.set(foreign);
      // The buffer behind the view is longer: the real answer follows the foreign one.
      new Uint8Array(bytes.buffer, bytes.byteOffset + foreign.length, whole.length).set(whole);
      return foreign.length + whole.length;
    }));
    assertEquals(here.netlink.getLink({ name: "left" }).index, here.left);
  });

  it("explains what needs a privilege", () => {
    using here = scratch();
    let refused = false;
    using _door = interceptLibc(received((bytes) => {
      refused = true;
      new DataView(bytes.buffer, bytes.byteOffset).setInt32(16, -constants.errno.EPERM, true);
      return undefined;
    }));
    const error = assertThrows(() => here.netlink.setLink({ name: "lo" }, { up: true }), NetlinkError);
    assert(refused);
    assertMatch(error.message, /Operation not permitted \(EPERM\); run as root \(sudo\), or give .* CAP_NET_ADMIN/);
  });
});

/** What a call gives, or the code of what it throws. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error instanceof NetlinkError ? error.code : error;
  }
}
