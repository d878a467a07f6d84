/** Files where namespaces should be: links, FIFOs, devices, directories that everybody may write to. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import process from "node:process";
import {
  Configurator,
  createNamedNamespace,
  defineNetwork,
  deleteNamedNamespace,
  discoverNamespaces,
  fileNs,
  FileRefNs,
  identifyNamespace,
  inspectNamedNamespaces,
  InvalidNamespaceError,
  listNamedNamespaces,
  MemoryStateStore,
  namedNs,
  NsHandle,
  NsHandler,
  SyscallError,
  SystemHandler,
} from "@netns/netns";
import { describeAsRoot, mounts, traces } from "../integration/support/traces.ts";

/** A directory of names and one of other files; both are gone at the end of the block. */
class Folder implements Disposable {
  readonly path: string = mkdtempSync("/run/netns-hostile-");
  readonly netnsDir: string = `${this.path}/netns`;
  readonly handler: NsHandler = new NsHandler({ netnsDir: this.netnsDir, docker: false });
  readonly options: { readonly netnsDir: string } = { netnsDir: this.netnsDir };

  constructor() {
    mkdirSync(this.netnsDir);
  }

  inode(name: string): bigint {
    return this.handler.withNamespace(namedNs(name), () => {
      using here = NsHandle.current();
      return here.inode;
    });
  }

  [Symbol.dispose](): void {
    spawnSync("umount", ["--recursive", "--lazy", this.netnsDir], { stdio: "ignore" });
    rmSync(this.path, { recursive: true, force: true });
  }
}

describeAsRoot("a symbolic link among the names", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("leads to the namespace of a process, as one that was put there by hand does", () => {
    using folder = new Folder();
    using fresh = NsHandle.create();
    symlinkSync(`/proc/${process.pid}/fd/${fresh.fd}`, `${folder.netnsDir}/link`);
    assertEquals(folder.inode("link"), fresh.inode);
    assertEquals(listNamedNamespaces(folder.options), ["link"]);
    assertEquals(inspectNamedNamespaces(folder.options)[0]?.inode, fresh.inode);
    const error = assertThrows(() => createNamedNamespace("link", folder.options), SyscallError, "a symbolic link");
    assertEquals(error.code, "EEXIST");
    deleteNamedNamespace("link", folder.options);
    assertEquals(inspectNamedNamespaces(folder.options), []);
    assert(fresh.isOpen && fresh.run(() => true), "what it led to is left alone");
  });

  it("is neither written through nor deleted through", () => {
    using folder = new Folder();
    const victim = `${folder.path}/victim`;
    writeFileSync(victim, "precious");
    symlinkSync(victim, `${folder.netnsDir}/link`);
    symlinkSync(folder.path, `${folder.netnsDir}/directory`);
    for (const name of ["link", "directory"]) {
      assertThrows(() => folder.inode(name), InvalidNamespaceError, "not on nsfs");
      const error = assertThrows(() => createNamedNamespace(name, folder.options), SyscallError, "a symbolic link");
      assertEquals([error.code, error.path], ["EEXIST", `${folder.netnsDir}/${name}`]);
    }
    assertEquals(inspectNamedNamespaces(folder.options).map(({ stale }) => stale), [true, true]);
    for (const name of ["link", "directory"]) deleteNamedNamespace(name, folder.options);
    assertEquals(readFileSync(victim, "utf8"), "precious");
    assertEquals(inspectNamedNamespaces(folder.options), []);
  });

  it("is said to be one by a plan of a namespace of its name", async () => {
    using folder = new Folder();
    symlinkSync("nowhere", `${folder.netnsDir}/link`);
    const configurator = new Configurator(folder.handler, { store: new MemoryStateStore() });
    const { failed } = await configurator.plan(defineNetwork({ namespaces: ["link", "other"] }));
    assertEquals(failed.map(({ item }) => item), ["namespace link"]);
    assertMatch(failed[0]?.reason ?? "", /EEXIST.*a symbolic link/);
  });

  it("is said to be one where its target is gone, and no target is made", () => {
    using folder = new Folder();
    const target = `${folder.path}/target`;
    symlinkSync(target, `${folder.netnsDir}/link`);
    symlinkSync("loop", `${folder.netnsDir}/loop`);
    const error = assertThrows(() => folder.inode("link"), SyscallError, "there is a symbolic link");
    assertEquals([error.code, error.path], ["EEXIST", `${folder.netnsDir}/link`]);
    assertThrows(() => NsHandle.fromPath(`${folder.netnsDir}/link`), SyscallError, "link whose target is gone");
    assertThrows(() => createNamedNamespace("link", folder.options), SyscallError, "a symbolic link");
    assertEquals(listNamedNamespaces(folder.options), []);
    assertEquals(inspectNamedNamespaces(folder.options).map(({ name, stale }) => [name, stale]), [
      ["link", true],
      ["loop", true],
    ]);
    assert(!existsSync(target));
    for (const name of ["link", "loop"]) deleteNamedNamespace(name, folder.options);
  });

  it("that is put in folder of the file just made gets no namespace mounted on its target", () => {
    using folder = new Folder();
    const victim = `${folder.path}/victim`;
    const name = `${folder.netnsDir}/blue`;
    writeFileSync(victim, "precious");
    class Swapped extends SystemHandler {
      override newNetworkNamespace(): NsHandle {
        unlinkSync(name);
        symlinkSync(victim, name);
        return super.newNetworkNamespace();
      }
    }
    const system = new Swapped({ netnsDir: folder.netnsDir });
    const error = assertThrows(() => createNamedNamespace("blue", { ...folder.options, system }), SyscallError);
    assertEquals([error.code, error.path], ["EEXIST", name]);
    assertEquals(readlinkSync(name), victim, "the link is not ours to remove");
    assertEquals(readFileSync(victim, "utf8"), "precious");
    assert(!mounts().some((mount) => mount.includes("victim")), "nothing is mounted there");
  });
});

describeAsRoot("a directory of names that everybody may write to", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is refused before anything is made or deleted in it, unless only owners may replace their files", () => {
    using folder = new Folder();
    createNamedNamespace("mine", folder.options).close();
    chmodSync(folder.netnsDir, 0o777);
    const earlier = mounts();
    for (const act of [createNamedNamespace, deleteNamedNamespace]) {
      const error = assertThrows(() => void act("mine", folder.options), InvalidNamespaceError, "chmod o-w");
      assertEquals(error.given, folder.netnsDir);
    }
    assertThrows(() => folder.handler.getOrCreateNamespace(namedNs("other")), InvalidNamespaceError, "chmod o-w");
    assertEquals(listNamedNamespaces(folder.options), ["mine"]);
    assertEquals(mounts(), earlier);
    chmodSync(folder.netnsDir, 0o1777);
    createNamedNamespace("other", folder.options).close();
    for (const name of ["mine", "other"]) deleteNamedNamespace(name, folder.options);
  });
});

describeAsRoot("a file that is no network namespace", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is refused, whatever it is, and never waited for", async () => {
    using folder = new Folder();
    const path = (name: string): string => `${folder.path}/${name}`;
    assertEquals(spawnSync("mkfifo", [path("fifo")]).status, 0);
    writeFileSync(path("plain"), "");
    const server = createServer().listen(path("socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const files = ["fifo", "plain", "socket", "."].map(path).concat("/dev/null", "/dev/zero", "/dev/net/tun");
      const others = ["mnt", "pid", "user", "uts", "ipc", "cgroup"].map((name) => `/proc/self/ns/${name}`);
      for (const file of [...files, ...others]) {
        const why = others.includes(file) ? "a namespace of another type" : "it is";
        assertThrows(() => NsHandle.fromPath(file), InvalidNamespaceError, why);
        assertThrows(() => folder.handler.withNamespace(fileNs(file), () => 1), InvalidNamespaceError, why);
        const model = { type: FileRefNs, filepath: file } as const;
        assertEquals(folder.handler.isNamespaceAvailable(model), false, file);
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("is refused under a name as well, and a directory is not taken for a file that a crash left", () => {
    using folder = new Folder();
    assertEquals(spawnSync("mkfifo", [`${folder.netnsDir}/fifo`]).status, 0);
    mkdirSync(`${folder.netnsDir}/folder`);
    for (const name of ["fifo", "folder"]) {
      assertThrows(() => folder.inode(name), InvalidNamespaceError, "not on nsfs");
      assertThrows(() => folder.handler.getOrCreateNamespace(namedNs(name)), SyscallError, "no namespace");
      const error = assertThrows(() => createNamedNamespace(name, folder.options), SyscallError, "no namespace");
      assertEquals(error.code, "EEXIST");
    }
    deleteNamedNamespace("fifo", folder.options);
    rmdirSync(`${folder.netnsDir}/folder`);
    assertEquals(inspectNamedNamespaces(folder.options), []);
  });
});

describeAsRoot("the namespace of a process that has ended", () => {
  it("is said to be that, while its parent has not asked for its exit status", async () => {
    const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [text] = await once(parent.stdout, "data");
      const pid = Number(String(text));
      const isZombie = (): boolean => /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
      for (let i = 0; i < 500 && !isZombie(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
      const error = assertThrows(() => NsHandle.fromPid(pid), SyscallError, "the process has ended");
      assertEquals(error.code, "ENOENT");
      assertThrows(() => identifyNamespace(pid), SyscallError, "the process has ended");
    } finally {
      parent.kill();
    }
  });
});

describeAsRoot("a name that is not UTF-8", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const ip = (...args: string[]): void => {
    // printf makes the bytes: an argument of a program is text here.
    const { status, stderr } = spawnSync("sh", ["-c", `ip netns ${args.join(" ")}`], { encoding: "utf8" });
    assertEquals(status, 0, stderr);
  };

  it("is shown with its bytes as digits, and that text opens, enters and deletes it", () => {
    const unique = crypto.randomUUID().slice(0, 8);
    const name = `netns-test-${unique}-\\xff\u00e4\\x80`;
    ip("add", `"$(printf 'netns-test-${unique}-\\377\\303\\244\\200')"`);
    try {
      assert(listNamedNamespaces().includes(name));
      using handle = NsHandle.fromName(name);
      assert(handle.run(() => true));
      assertEquals(inspectNamedNamespaces().find((entry) => entry.name === name)?.inode, handle.inode);
      assertEquals(identifyNamespace(handle).names, [name]);
      const found = discoverNamespaces().find(({ inode }) => inode === handle.inode);
      assertEquals([found?.names, found?.mounts], [[name], []]);
    } finally {
      deleteNamedNamespace(name);
    }
    assert(!listNamedNamespaces().some((one) => one.includes(unique)));
  });

  it("is made from the text as well, as ip lists it", () => {
    const unique = crypto.randomUUID().slice(0, 8);
    const name = `netns-test-${unique}-\\xfe`;
    createNamedNamespace(name).close();
    try {
      const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "latin1" });
      assert(stdout.includes(`netns-test-${unique}-\u00fe`));
    } finally {
      deleteNamedNamespace(name);
    }
  });

  it("may be as long as a file name", () => {
    namedNs("\\xff".repeat(255));
    assertThrows(() => namedNs("\\xff".repeat(256)), InvalidNamespaceError);
  });
});
