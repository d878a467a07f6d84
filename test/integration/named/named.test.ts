import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  inspectNamedNamespaces,
  InvalidNamespaceError,
  listNamedNamespaces,
  namedNamespaceExists,
  NsHandle,
  SyscallError,
} from "@netns/netns";
import { close, MNT_DETACH, mount, MS_BIND, O_CREAT, O_RDONLY, open, rmdir, umount, unlink } from "../../../ffi/mod.ts";
import { describeAsRoot, linkNames, scratchName, scratchNamespace, traces } from "../support/traces.ts";

const pathOf = (name: string): string => `/var/run/netns/${name}`;

const BAD_NAMES = ["", ".", "..", "a/b", "/", "a\0b", "x".repeat(256), "é".repeat(128), "\ud800"];

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

  it("replaces the file that a crash left", () => {
    const name = scratchName();
    close(open(pathOf(name), O_RDONLY | O_CREAT, 0));
    createNamedNamespace(name).close();
    assert(namedNamespaceExists(name));
    deleteNamedNamespace(name);
  });

  it("works in a directory of its own, which it makes", () => {
    const netnsDir = `/run/${scratchName()}`;
    const name = scratchName();
    createNamedNamespace(name, { netnsDir }).close();
    assertEquals(listNamedNamespaces({ netnsDir }), [name]);
    assert(!listNamedNamespaces().includes(name));
    deleteNamedNamespace(name, { netnsDir });
    umount(netnsDir, 0);
    rmdir(netnsDir);
  });
});

describeAsRoot("deleteNamedNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("takes the name away and leaves the namespace to who holds it", () => {
    const name = scratchName();
    using held = createNamedNamespace(name);
    deleteNamedNamespace(name);
    assert(!namedNamespaceExists(name));
    assertEquals(linkNames(held), ["lo"]);
  });

  it("says that there is none of the name", () => {
    const error = assertThrows(
      () => deleteNamedNamespace("netns-test-none"),
      SyscallError,
      "no namespace of this name",
    );
    assertEquals(error.code, "ENOENT");
    for (const name of BAD_NAMES) assertThrows(() => deleteNamedNamespace(name), InvalidNamespaceError);
    assertThrows(() => deleteNamedNamespace("x", { netnsDir: "/run/netns-test-none" }), SyscallError, "ENOENT");
  });

  it("removes a stale file", () => {
    const name = scratchName();
    close(open(pathOf(name), O_RDONLY | O_CREAT, 0));
    deleteNamedNamespace(name);
    assert(!inspectNamedNamespaces().some((entry) => entry.name === name));
  });

  it("removes a name on which two namespaces are mounted", () => {
    const blue = scratchNamespace();
    using other = NsHandle.create();
    mount(`/proc/self/fd/${other.fd}`, pathOf(blue.name), "none", MS_BIND);
    blue[Symbol.dispose]();
    assert(!namedNamespaceExists(blue.name));
  });
});

describeAsRoot("listNamedNamespaces()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("lists names in order, without stale files", () => {
    using b = scratchNamespace();
    using a = scratchNamespace();
    const stale = scratchName();
    close(open(pathOf(stale), O_RDONLY | O_CREAT, 0));
    try {
      const names = listNamedNamespaces();
      assertEquals(names.filter((name) => [a.name, b.name, stale].includes(name)), [a.name, b.name].sort());
      using opened = NsHandle.fromName(a.name);
      const entries = inspectNamedNamespaces();
      assertEquals(entries.find(({ name }) => name === a.name), {
        name: a.name,
        path: pathOf(a.name),
        inode: opened.inode,
        stale: false,
      });
      assertEquals(entries.find(({ name }) => name === stale), { name: stale, path: pathOf(stale), stale: true });
      assert(!namedNamespaceExists(stale));
    } finally {
      unlink(pathOf(stale));
    }
  });

  it("marks a namespace of another type as stale", () => {
    const name = scratchName();
    close(open(pathOf(name), O_RDONLY | O_CREAT, 0));
    mount("/proc/self/ns/uts", pathOf(name), "none", MS_BIND);
    try {
      assertEquals(inspectNamedNamespaces().find((entry) => entry.name === name)?.stale, true);
      assertThrows(() => NsHandle.fromName(name), InvalidNamespaceError, "of another type");
    } finally {
      umount(pathOf(name), MNT_DETACH);
      unlink(pathOf(name));
    }
  });

  it("has no names where there is no directory", () => {
    assertEquals(listNamedNamespaces({ netnsDir: "/run/netns-test-none" }), []);
    assertEquals(namedNamespaceExists("x", { netnsDir: "/run/netns-test-none" }), false);
  });
});
