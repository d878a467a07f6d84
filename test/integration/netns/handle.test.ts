import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import { deleteNamedNamespace, InvalidNamespaceError, NamespaceLeakError, NsHandle, SyscallError } from "@netns/netns";
import { describeAsRoot, descriptors, scratchName, scratchNamespace, traces } from "../support/traces.ts";

describeAsRoot("NsHandle", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("opens the current namespace", () => {
    using here = NsHandle.current();
    using own = NsHandle.fromPath("/proc/self/ns/net");
    assert(here.equals(own));
    assert(here.isOpen && here.fd > 2);
    assertMatch(String(here), /^NS\(\d+: net:\[\d+\]\)$/);
  });

  it("opens the default namespace for PID 0", () => {
    using home = NsHandle.home();
    using fresh = NsHandle.create();
    fresh.run(() => {
      using zero = NsHandle.fromPid(0);
      assert(zero.equals(home));
    });
  });

  it("creates a namespace of its own and comes back", () => {
    using before = NsHandle.current();
    using fresh = NsHandle.create();
    using now = NsHandle.current();
    assert(now.equals(before));
    assertNotEquals(fresh.inode, before.inode);
  });

  it("leaves no descriptor when the block throws", () => {
    const before = descriptors();
    assertThrows(
      () => {
        using ns = NsHandle.create();
        assertEquals(descriptors().length, before.length + 1, `${ns.fd} is open`);
        throw new RangeError("the caller's own");
      },
      RangeError,
      "the caller's own",
    );
    assertEquals(descriptors(), before);
  });

  it("is closed once", () => {
    const ns = NsHandle.create();
    ns.close();
    ns.close();
    assertEquals([ns.isOpen, ns.fd, String(ns)], [false, -1, "NS(closed)"]);
    const error = assertThrows(() => ns.run(() => undefined), SyscallError, "this handle is closed");
    assertEquals(error.code, "EBADF");
  });

  it("opens by name, PID and path, and says what is wrong with each", () => {
    using blue = scratchNamespace();
    using byName = NsHandle.fromName(blue.name);
    using byPath = NsHandle.fromPath(`/var/run/netns/${blue.name}`);
    assert(byName.equals(byPath));
    using byPid = NsHandle.fromPid(process.pid);
    assert(byPid.isOpen);

    const noName = assertThrows(() => NsHandle.fromName("netns-test-none"), SyscallError, "no namespace of this name");
    assertEquals([noName.syscall, noName.code, noName.path], ["open", "ENOENT", "/var/run/netns/netns-test-none"]);
    assertThrows(() => NsHandle.fromPid(4194303), SyscallError, "there is no process with PID 4194303");
    for (const name of ["", ".", "..", "a/b", "a\0b", "x".repeat(256)]) {
      assertThrows(() => NsHandle.fromName(name), InvalidNamespaceError, "1 to 255 bytes");
    }
    for (const pid of [-1, 0.5, NaN, 4194305]) assertThrows(() => NsHandle.fromPid(pid), InvalidNamespaceError);
  });

  it("refuses files that are no network namespace", () => {
    for (
      const [path, why] of [
        ["/etc/passwd", "not on nsfs"],
        ["/proc/self/ns/mnt", "of another type"],
        ["/", "not on nsfs"],
        ["/dev/null", "not on nsfs"],
      ] as const
    ) assertThrows(() => NsHandle.fromPath(path), InvalidNamespaceError, why);
    assertThrows(() => NsHandle.fromFd(0), InvalidNamespaceError, "descriptor of a network namespace");
  });
});

describeAsRoot("NsHandle.run()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const inode = (): bigint => {
    using here = NsHandle.current();
    return here.inode;
  };

  it("runs there and returns here", () => {
    const home = inode();
    using ns = NsHandle.create();
    assertEquals(ns.run(inode), ns.inode);
    assertEquals(inode(), home);
  });

  it("returns to the outer namespace from an inner one", () => {
    using outer = NsHandle.create();
    using inner = NsHandle.create();
    const seen = outer.run(() => [inode(), inner.run(inode), inode()]);
    assertEquals(seen, [outer.inode, inner.inode, outer.inode]);
  });

  it("returns when the function throws, and passes the error on", () => {
    const home = inode();
    using ns = NsHandle.create();
    assertThrows(
      () =>
        ns.run(() => {
          throw new RangeError("mine");
        }),
      RangeError,
      "mine",
    );
    assertEquals(inode(), home);
  });

  it("refuses a promise, after it has returned (N22)", () => {
    const home = inode();
    using ns = NsHandle.create();
    // @ts-expect-error: what follows an await would run elsewhere
    assertThrows(() => ns.run(async () => await Promise.resolve(1)), NamespaceLeakError, "returned a promise");
    assertThrows(() => ns.run((): unknown => Promise.resolve(1)), NamespaceLeakError, "returned a promise");
    assertThrows(() => ns.run((): unknown => Promise.reject(new Error("unseen"))), NamespaceLeakError);
    assertThrows(() => ns.run(() => ({ then: () => undefined })), NamespaceLeakError);
    assertEquals(inode(), home);
  });

  it("finds its way back when the outer handle is closed inside", () => {
    const home = inode();
    const outer = NsHandle.create();
    using inner = NsHandle.create();
    const seen = outer.run(() => {
      const before = inode();
      inner.run(() => outer.close());
      return inode() === before;
    });
    assert(seen);
    assert(!outer.isOpen);
    assertEquals(inode(), home);
  });

  it("makes namespaces inside a section and returns to it", () => {
    using outer = NsHandle.create();
    outer.run(() => {
      using fresh = NsHandle.create();
      assertNotEquals(fresh.inode, outer.inode);
      assertEquals(inode(), outer.inode);
    });
  });
});

describeAsRoot("NsHandle.attach()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("gives a namespace names, which keep it when the handle is closed", () => {
    const ns = NsHandle.create();
    const { inode } = ns;
    const names = [scratchName(), scratchName()];
    try {
      for (const name of names) ns.attach(name);
      ns.close();
      for (const name of names) {
        using found = NsHandle.fromName(name);
        assertEquals(found.inode, inode);
      }
    } finally {
      for (const name of names) deleteNamedNamespace(name);
    }
  });

  it("refuses a name that is taken, one that no file can have, and a handle that is closed", () => {
    using blue = scratchNamespace();
    const ns = NsHandle.create();
    assertEquals(assertThrows(() => ns.attach(blue.name), SyscallError).code, "EEXIST");
    assertThrows(() => ns.attach("a/b"), InvalidNamespaceError, 'no "/"');
    assert(ns.isOpen);
    ns.close();
    assertEquals(assertThrows(() => ns.attach(scratchName()), SyscallError, "closed").code, "EBADF");
  });
});
