import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  inspectNamedNamespaces,
  InvalidNamespaceError,
  namedNamespaceExists,
  NsHandle,
  SyscallError,
  SystemHandler,
} from "@netns/netns";
import { close, mount, MS_BIND, O_CREAT, O_RDONLY, open } from "../../../ffi/mod.ts";
import { describeAsRoot, linkNames, scratchName, scratchNamespace, traces } from "../support/traces.ts";
import { BAD_NAMES, pathOf } from "./names.ts";

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

  it("removes a name that is completed while it looks at it", () => {
    class Racing extends SystemHandler {
      #isComplete = false;
      override remove(path: string): void {
        if (!this.#isComplete) mount(`/proc/self/fd/${other.fd}`, path, "none", MS_BIND);
        this.#isComplete = true;
        super.remove(path);
      }
    }
    using other = NsHandle.create();
    const name = scratchName();
    close(open(pathOf(name), O_RDONLY | O_CREAT, 0));
    deleteNamedNamespace(name, { system: new Racing() });
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
