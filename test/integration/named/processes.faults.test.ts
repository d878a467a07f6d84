import { assert, assertEquals, assertThrows } from "@std/assert";
import { it } from "@std/testing/bdd";
import { constants } from "node:os";
import process from "node:process";
import { NsHandle, SyscallError } from "@netns/netns";
import { interceptLibc } from "../../../ffi/mod.ts";
import { processesByNamespace } from "../../../src/named/processes.ts";
import { describeAsRoot } from "../support/traces.ts";

/** What a look at the namespace of this process fails with in the block. */
function refused(errno: number): Disposable {
  const path = `/proc/${process.pid}/ns/net\0`;
  return interceptLibc((name, args, proceed) =>
    name === "statx" && args[2] instanceof Uint8Array && new TextDecoder().decode(args[2]) === path
      ? { errno }
      : proceed()
  );
}

describeAsRoot("processesByNamespace()", () => {
  it("leaves out a process that it may not inspect, and names it", () => {
    using home = NsHandle.home();
    const before = processesByNamespace().get(home.inode) ?? [];
    assert(before.includes(process.pid));
    for (const code of ["EACCES", "EPERM"] as const) {
      using _refused = refused(constants.errno[code]);
      const hidden: number[] = [];
      const found = processesByNamespace((pid) => hidden.push(pid));
      assertEquals([hidden, found.get(home.inode)?.includes(process.pid) ?? false], [[process.pid], false]);
    }
  });

  it("leaves out one that has ended meanwhile, and throws what it does not expect", () => {
    using home = NsHandle.home();
    for (const code of ["ENOENT", "ESRCH"] as const) {
      using _refused = refused(constants.errno[code]);
      const hidden: number[] = [];
      const found = processesByNamespace((pid) => hidden.push(pid));
      assertEquals([hidden, found.get(home.inode)?.includes(process.pid) ?? false], [[], false]);
    }
    using _refused = refused(constants.errno.EIO);
    assertThrows(() => processesByNamespace(), SyscallError, "EIO");
  });
});
