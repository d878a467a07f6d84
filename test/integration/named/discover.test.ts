import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import {
  type DiscoveredNamespace,
  discoverNamespaces,
  type DiscoverOptions,
  NsHandle,
  SyscallError,
} from "@netns/netns";
import { close, MNT_DETACH, mount, MS_BIND, O_CREAT, O_RDONLY, open, umount, unlink } from "../../../ffi/mod.ts";
import { describeAsRoot, scratchName, scratchNamespace, traces } from "../support/traces.ts";

const NOWHERE = { processes: false, descriptors: false, mounts: false, names: false } as const;

function find(inode: bigint, options?: DiscoverOptions): DiscoveredNamespace | undefined {
  return discoverNamespaces(options).find((one) => one.inode === inode);
}

describeAsRoot("discoverNamespaces()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("finds the namespace of this process, with all processes in it", () => {
    using home = NsHandle.home();
    const found = find(home.inode);
    assert(found !== undefined && found.processes.includes(process.pid));
    using again = found.open();
    assert(again.equals(home));
    assertEquals(found.processes, found.processes.toSorted((a, b) => a - b));
  });

  it("finds one that has a name, and opens it by that", () => {
    using blue = scratchNamespace();
    using handle = NsHandle.fromName(blue.name);
    const found = find(handle.inode);
    assertEquals([found?.names, found?.mounts, found?.processes], [[blue.name], [], []]);
    assertEquals(find(handle.inode, { ...NOWHERE, names: true })?.descriptors, []);
    using again = found?.open();
    assert(again?.equals(handle));
  });

  it("finds one that only a descriptor holds, until that is closed", () => {
    const hidden = NsHandle.create();
    const { inode, fd } = hidden;
    const found = find(inode);
    assertEquals([found?.names, found?.mounts, found?.processes], [[], [], []]);
    assertEquals(found?.descriptors.filter(({ pid }) => pid === process.pid), [{ pid: process.pid, fd }]);
    assertEquals(find(inode, { descriptors: false }), undefined);
    using again = found?.open();
    assert(again?.equals(hidden));
    hidden.close();
    again?.close();
    assertEquals(assertThrows(() => found?.open(), SyscallError, "nothing holds the namespace").code, "ENOENT");
    // The kernel may have given the number to a new namespace of another process.
    assertEquals(find(inode)?.descriptors.filter(({ pid }) => pid === process.pid) ?? [], []);
  });

  it("finds one that is mounted on a file", () => {
    using hidden = NsHandle.create();
    const path = `/run/${scratchName()} a`;
    close(open(path, O_RDONLY | O_CREAT, 0o600));
    try {
      mount(`/proc/self/fd/${hidden.fd}`, path, "none", MS_BIND);
      assertEquals(find(hidden.inode)?.mounts, [{ path }]);
      assertEquals(find(hidden.inode, { ...NOWHERE, mounts: true })?.mounts, [{ path }]);
    } finally {
      umount(path, MNT_DETACH); // another process may look at it
      unlink(path);
    }
  });

  it("finds those of the containers that it is given", () => {
    using hidden = NsHandle.create();
    const container = { id: "0".repeat(64), name: "web", label: "front", pid: process.pid, inode: hidden.inode };
    assertEquals(find(hidden.inode, { containers: [container] })?.containers, [container]);
    // The process is in another namespace by now: it is not taken for this one.
    const found = find(hidden.inode, { ...NOWHERE, containers: [container] });
    assertThrows(() => found?.open(), SyscallError, "nothing holds the namespace");
  });

  it("looks nowhere if asked to", () => assertEquals(discoverNamespaces(NOWHERE), []));
});
