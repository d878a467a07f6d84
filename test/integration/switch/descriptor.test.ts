import { assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { InvalidNamespaceError, NsHandle, SyscallError } from "@netns/netns";
import { Descriptor, openCurrent, threadHome } from "../../../src/switch/descriptor.ts";
import { describeAsRoot, descriptors, scratchNamespace, traces } from "../support/traces.ts";

describeAsRoot("Descriptor", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("stays open after close() until the last holder releases it", () => {
    const before = descriptors();
    const { descriptor } = NsHandle.create();
    descriptor.hold();
    descriptor.hold();
    descriptor.close();
    descriptor.close();
    assertEquals([descriptor.fd, descriptors().length], [-1, before.length + 1]);
    descriptor.release();
    assertEquals(descriptors().length, before.length + 1);
    descriptor.enter();
    threadHome().enter();
    descriptor.release();
    assertEquals(descriptors(), before);
    assertEquals(String(descriptor), "NS(closed)");
    assertEquals(assertThrows(() => descriptor.enter(), SyscallError, "this handle is closed").code, "EBADF");
  });

  it("is checked when it is opened, or when it is entered", () => {
    using blue = scratchNamespace();
    const path = `/var/run/netns/${blue.name}`;
    const before = descriptors();
    assertThrows(() => Descriptor.open("/etc/passwd"), InvalidNamespaceError, "not on nsfs");
    assertThrows(() => Descriptor.open("/proc/self/ns/mnt"), InvalidNamespaceError, "another type");
    assertEquals(descriptors(), before);
    for (const [file, why] of [["/etc/passwd", "not on nsfs"], ["/proc/self/ns/mnt", "another type"]] as const) {
      const unchecked = Descriptor.openUnchecked(file);
      assertThrows(() => unchecked.enter(), InvalidNamespaceError, why);
      unchecked.close();
    }
    const [checked, current] = [Descriptor.open(path), openCurrent()];
    assertEquals([checked.inode === current.inode, current.inode], [false, threadHome().inode]);
    checked.close();
    current.close();
  });
});
