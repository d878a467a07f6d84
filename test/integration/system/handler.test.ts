import { constants as fs } from "node:fs";
import { assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { newSystemHandler, NsHandle, SyscallError } from "@netns/netns";
import { close } from "../../../ffi/mod.ts";
import { untyped } from "../../support/untyped.ts";
import { assertSameTraces, describeAsRoot, scratchName, scratchNamespace, traces } from "../support/traces.ts";

describeAsRoot("SystemHandler", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));
  const system = newSystemHandler();
  const failure = (fn: () => unknown): [string, string, string | undefined] => {
    const { syscall, code, path } = assertThrows(fn, SyscallError);
    return [syscall, code, path];
  };

  /** A directory of the test's own, which is gone at the end. */
  function directory(): { readonly path: string } & Disposable {
    const path = `/tmp/${scratchName()}`;
    system.mkDirAll(path, 0o700);
    return { path, [Symbol.dispose]: () => system.remove(path) };
  }

  it("refuses what untyped code gives for a path, a number or a namespace", () => {
    const wrong: readonly (readonly [said: string, call: () => unknown])[] = [
      ["undefined as path: ", () => system.mkDirAll(untyped(undefined), 0o755)],
      ["-1 as perm: ", () => system.mkDirAll("/tmp", -1)],
      ["NaN as flag: ", () => system.openFile("/tmp", NaN, 0)],
      ["1.5 as perm: ", () => system.openFile("/tmp", 0, 1.5)],
      ["5n as flags: ", () => system.mount("none", "/nowhere", "tmpfs", untyped(5n), "")],
      ["-1 as flags: ", () => system.unmount("/nowhere", -1)],
      ['"3" as fd: ', () => system.linkSetNsFd("lo", untyped("3"))],
      ["undefined as a namespace: ", () => system.setNamespace(untyped(undefined))],
      ["{} as a namespace: ", () => system.setNamespace(untyped({}))],
    ];
    for (const [said, call] of wrong) assertThrows(call, Error, `Cannot use ${said}expected `);
  });

  it("makes directories, those above them too, and is content with what is there", () => {
    using folder = directory();
    system.mkDirAll(`${folder.path}/a/b/c`, 0o755);
    system.mkDirAll(`${folder.path}/a/b/c`, 0o755);
    for (const inner of ["a/b/c", "a/b", "a"]) system.remove(`${folder.path}/${inner}`);
    assertEquals(failure(() => system.remove(`${folder.path}/a`)), ["unlink", "ENOENT", `${folder.path}/a`]);
  });

  it("makes files, takes them away, and does not take one for a directory", () => {
    using folder = directory();
    const file = `${folder.path}/file`;
    close(system.openFile(file, fs.O_RDONLY | fs.O_CREAT | fs.O_EXCL, 0o600));
    assertEquals(failure(() => system.openFile(file, fs.O_RDONLY | fs.O_CREAT | fs.O_EXCL, 0o600)), [
      "open",
      "EEXIST",
      file,
    ]);
    assertEquals(failure(() => system.mkDirAll(file, 0o755)), ["mkdir", "ENOTDIR", file]);
    assertEquals(failure(() => system.mkDirAll(`${file}/below`, 0o755)), ["mkdir", "ENOTDIR", `${file}/below`]);
    assertEquals(failure(() => system.remove(folder.path)), ["rmdir", "ENOTEMPTY", folder.path]);
    system.remove(file);
  });

  it("mounts and unmounts", () => {
    using folder = directory();
    system.mount("none", folder.path, "tmpfs", 0, "size=64k");
    close(system.openFile(`${folder.path}/inside`, fs.O_RDONLY | fs.O_CREAT, 0o600));
    system.unmount(folder.path, 0);
    assertEquals(failure(() => system.openFile(`${folder.path}/inside`, fs.O_RDONLY, 0))[1], "ENOENT");
    assertEquals(failure(() => system.unmount(folder.path, 0)), ["umount2", "EINVAL", folder.path]);
  });

  it("makes, opens and enters namespaces", () => {
    using scratch = scratchNamespace();
    using home = NsHandle.current();
    using made = system.newNetworkNamespace();
    using named = system.getNamespaceFromName(scratch.name);
    const where = (): bigint => {
      using here = NsHandle.current();
      return here.inode;
    };
    for (const ns of [made, named]) {
      try {
        system.setNamespace(ns);
        assertEquals(where(), ns.inode);
      } finally {
        system.setNamespace(home);
      }
    }
    assertEquals(where(), home.inode);
    assertEquals(failure(() => system.getNamespaceFromName(scratchName()))[1], "ENOENT");
    made.close();
    assertEquals(failure(() => system.setNamespace(made)).slice(0, 2), ["setns", "EBADF"]);
  });
});
