import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  InvalidNamespaceError,
  listNamedNamespaces,
  namedNamespaceExists,
  NsHandle,
  SyscallError,
  SystemHandler,
} from "@netns/netns";
import { close, MNT_DETACH, O_CREAT, O_RDONLY, open, rmdir, umount } from "../../../ffi/mod.ts";
import { describeAsRoot, linkNames, scratchName, scratchNamespace, traces } from "../support/traces.ts";
import { BAD_NAMES, pathOf } from "./names.ts";

describeAsRoot("createNamedNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("makes an empty namespace that others find", () => {
    const name = scratchName();
    using made = createNamedNamespace(name);
    try {
      using found = NsHandle.fromName(name);
      assert(found.equals(made));
      assertEquals(linkNames(made), ["lo"]);
    } finally {
      deleteNamedNamespace(name);
    }
  });

  it("refuses a taken name and leaves its owner alone", () => {
    using blue = scratchNamespace();
    using before = NsHandle.fromName(blue.name);
    const error = assertThrows(() => createNamedNamespace(blue.name), SyscallError, "exists");
    assertEquals([error.syscall, error.code, error.path], ["open", "EEXIST", pathOf(blue.name)]);
    using after = NsHandle.fromName(blue.name);
    assert(after.equals(before));
  });

  it("refuses names that no file can have, and touches nothing", () => {
    const before = traces();
    for (const name of BAD_NAMES) {
      assertThrows(() => createNamedNamespace(name), InvalidNamespaceError, "1 to 255 bytes");
    }
    assertEquals(traces(), before);
  });

  it("takes a name of 255 bytes", () => {
    const name = scratchName().padEnd(19, "x") + "é".repeat(118); // 19 bytes, and 2 for each é
    createNamedNamespace(name).close();
    assert(namedNamespaceExists(name));
    deleteNamedNamespace(name);
  });

  it("leaves a stale file alone, which may be a live name elsewhere, and says so", () => {
    const name = scratchName();
    close(open(pathOf(name), O_RDONLY | O_CREAT, 0));
    const error = assertThrows(() => createNamedNamespace(name), SyscallError, "it is stale");
    assertEquals([error.code, namedNamespaceExists(name)], ["EEXIST", false]);
    deleteNamedNamespace(name);
    createNamedNamespace(name).close();
    deleteNamedNamespace(name);
  });

  it("makes its file again if somebody takes it for one that a crash left, and removes it", () => {
    class Racing extends SystemHandler {
      races = 3;
      override mount(source: string, target: string, fsType: string, flags: number, data: string): void {
        if (target.startsWith("/proc/self/fd/") && this.races-- > 0) this.remove(pathOf(name));
        super.mount(source, target, fsType, flags, data);
      }
    }
    const [name, system] = [scratchName(), new Racing()];
    using made = createNamedNamespace(name, { system });
    using found = NsHandle.fromName(name);
    assertEquals([found.equals(made), system.races], [true, -1]);
    deleteNamedNamespace(name);
  });

  it("works in a directory of its own, which it makes", () => {
    const netnsDir = `/run/${scratchName()}`;
    const name = scratchName();
    createNamedNamespace(name, { netnsDir }).close();
    assertEquals(listNamedNamespaces({ netnsDir }), [name]);
    assert(!listNamedNamespaces().includes(name));
    deleteNamedNamespace(name, { netnsDir });
    umount(netnsDir, MNT_DETACH); // another process may look at it
    rmdir(netnsDir);
  });
});
