import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  inspectNamedNamespaces,
  InvalidNamespaceError,
  listNamedNamespaces,
  namedNamespaceExists,
  NsHandle,
} from "@netns/netns";
import { close, MNT_DETACH, mount, MS_BIND, O_CREAT, O_RDONLY, open, umount, unlink } from "../../../ffi/mod.ts";
import { describeAsRoot, scratchName, scratchNamespace, traces } from "../support/traces.ts";
import { pathOf } from "./names.ts";

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

  it("has the type of what is no network namespace, which is neither stale nor a name in use", () => {
    const name = scratchName();
    close(open(pathOf(name), O_RDONLY | O_CREAT, 0));
    mount("/proc/self/ns/uts", pathOf(name), "none", MS_BIND);
    try {
      assertEquals(
        inspectNamedNamespaces().find((entry) => entry.name === name),
        { name, path: pathOf(name), stale: false, otherType: "uts" },
      );
      assertEquals([listNamedNamespaces().includes(name), namedNamespaceExists(name)], [false, false]);
      assertThrows(() => NsHandle.fromName(name), InvalidNamespaceError, "of another type, uts");
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
