import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import { createNamedNamespace, deleteNamedNamespace, identifyNamespace, NsHandle, SyscallError } from "@netns/netns";
import { close, mount, MS_BIND, O_CREAT, O_RDONLY, open } from "../../../ffi/mod.ts";
import { describeAsRoot, scratchName, traces } from "../support/traces.ts";

describeAsRoot("identifyNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("knows the namespace of this process", () => {
    using home = NsHandle.home();
    const own = identifyNamespace(process.pid);
    assertEquals(own.inode, home.inode);
    assert(own.pids.includes(process.pid) && own.dev > 0n && own.cookie > 0n);
    assertEquals(identifyNamespace(0), own);
  });

  it("finds all names of a namespace, and no process in an empty one", () => {
    const [a, b] = [scratchName(), scratchName()].sort() as [string, string];
    using made = createNamedNamespace(a);
    close(open(`/var/run/netns/${b}`, O_RDONLY | O_CREAT, 0));
    mount(`/proc/self/fd/${made.fd}`, `/var/run/netns/${b}`, "none", MS_BIND);
    try {
      const found = identifyNamespace(made);
      assertEquals([found.names, found.pids, found.inode], [[a, b], [], made.inode]);
    } finally {
      deleteNamedNamespace(a);
      deleteNamedNamespace(b);
    }
  });

  it("gives every namespace a cookie of its own", () => {
    using a = NsHandle.create();
    using b = NsHandle.create();
    assertNotEquals(identifyNamespace(a).cookie, identifyNamespace(b).cookie);
  });

  it("says that there is no such process", () => {
    assertThrows(() => identifyNamespace(4194303), SyscallError, "no process with PID 4194303");
  });
});
