import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  close,
  mkdir,
  MNT_DETACH,
  mount,
  MS_BIND,
  MS_SHARED,
  MS_SLAVE,
  O_CREAT,
  O_RDONLY,
  open,
  rmdir,
  umount,
  unlink,
} from "../../../../ffi/mod.ts";
import { namesTopic } from "../../../../src/doctor/topics/names.ts";
import { describeAsRoot, scratchName, traces } from "../../support/traces.ts";
import { findings } from "../findings.ts";

/** A directory of the test, a mount if it has a mode; it is removed at the end of the block with its files. */
function scratchDirectory(mode?: string): { readonly path: string; file(name: string): void } & Disposable {
  const path = `/run/${scratchName()}`;
  const files: string[] = [];
  const mounted = mode !== undefined;
  mkdir(path, 0o755);
  if (mounted) mount("none", path, "tmpfs", 0, `mode=${mode}`);
  return {
    path,
    file: (name) => {
      close(open(`${path}/${name}`, O_RDONLY | O_CREAT, 0o644));
      files.push(name);
    },
    [Symbol.dispose]: () => {
      for (const name of files) unlink(`${path}/${name}`);
      if (mounted) umount(path, MNT_DETACH);
      rmdir(path);
    },
  };
}

describeAsRoot("namesTopic()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("accepts a shared mount, and a directory that does not exist yet", async () => {
    using directory = scratchDirectory("0755");
    mount("", directory.path, "none", MS_SHARED);
    for (const path of [directory.path, "/run/netns-test-none"]) {
      for (const { check, status, detail } of await namesTopic(path).examine()) {
        assertEquals(status, "ok", `${check}: ${detail}`);
      }
    }
  });

  it("warns of a mount that is not shared", async () => {
    using directory = scratchDirectory("0755");
    mount("", directory.path, "none", MS_SLAVE);
    const { propagation } = await findings(namesTopic(directory.path));
    assertEquals(propagation?.status, "warning");
    assertMatch(propagation?.detail ?? "", /^a (private|slave) mount: /);
    assertMatch(propagation?.remedy ?? "", /mount --make-rshared \/run\/netns-test-/);
  });

  it("warns of names in a directory that is not a mount", async () => {
    using directory = scratchDirectory();
    assertEquals((await findings(namesTopic(directory.path)))["propagation"]?.status, "ok");
    directory.file("name");
    assertMatch((await findings(namesTopic(directory.path)))["propagation"]?.detail ?? "", /^not a mount: /);
  });

  it("lists stale files, escaped", async () => {
    using directory = scratchDirectory("0755");
    directory.file("crashed");
    directory.file("a\nb\u202e");
    const { names } = await findings(namesTopic(directory.path));
    assertEquals(names?.status, "warning");
    assertEquals(names?.detail, `0 namespaces, 2 stale files without a namespace: "a\\nb\\u{202e}", crashed`);
  });

  it("lists namespaces of another type apart from stale files", async () => {
    using directory = scratchDirectory("0755");
    for (const name of ["crashed", "held"]) directory.file(name);
    mount("/proc/self/ns/uts", `${directory.path}/held`, "none", MS_BIND);
    try {
      const { names } = await findings(namesTopic(directory.path));
      assertEquals(names?.status, "warning");
      assertEquals(names?.detail, "0 namespaces, 1 stale file (crashed), 1 namespace of another type: held (uts)");
    } finally {
      umount(`${directory.path}/held`, MNT_DETACH);
    }
  });

  it("warns of a directory that others may write to, and fails if it is none", async () => {
    const kinds = [["0777", "every user", "failed"], ["1777", "every user", "warning"], [
      "0775",
      "its group",
      "warning",
    ]];
    for (const [mode = "", why = "", status] of kinds) {
      using directory = scratchDirectory(mode);
      const finding = (await findings(namesTopic(directory.path)))[directory.path];
      assertEquals(finding?.status, status);
      assert(finding?.detail.includes(why), finding?.detail);
      assertMatch(finding?.remedy ?? "", /^chmod [og]-w \/run\//);
    }
    using directory = scratchDirectory();
    directory.file("file");
    assertEquals((await namesTopic(`${directory.path}/file`).examine())[0]?.status, "failed");
  });
});
