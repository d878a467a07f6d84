import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import {
  containerNs,
  createNamedNamespace,
  deleteNamedNamespace,
  fileNs,
  InvalidNamespaceError,
  type MicroserviceNamespace,
  microserviceNs,
  namedNamespaceExists,
  namedNs,
  type Namespace,
  NsHandle,
  pidNs,
  SyscallError,
  UnavailableMicroserviceError,
} from "@netns/netns";
import { close, O_CREAT, O_RDONLY, open, rmdir, umount, unlink } from "../../../ffi/mod.ts";
import { resolve, resolveIfThere, type ResolveOptions } from "../../../src/netns/resolve.ts";
import { describeAsRoot, scratchName, scratchNamespace, traces } from "../support/traces.ts";

function inodeOf(ns: Namespace | undefined, options?: ResolveOptions): bigint {
  using handle = resolve(ns, options);
  return handle.inode;
}

describeAsRoot("resolve()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("opens all four types, and the default namespace", () => {
    using blue = scratchNamespace();
    using handle = NsHandle.fromName(blue.name);
    using home = NsHandle.home();
    assertEquals(inodeOf(namedNs(blue.name)), handle.inode);
    assertEquals(inodeOf(fileNs(`/var/run/netns/${blue.name}`)), handle.inode);
    assertEquals([undefined, pidNs(0), pidNs(process.pid)].map((ns) => inodeOf(ns)), Array(3).fill(home.inode));
    const asked: MicroserviceNamespace[] = [];
    const containers = (ns: MicroserviceNamespace): NsHandle => {
      asked.push(ns);
      return NsHandle.fromName(ns.label);
    };
    const both = [microserviceNs(blue.name), containerNs(blue.name)];
    for (const ns of both) assertEquals(inodeOf(ns, { containers }), handle.inode);
    assertEquals(asked, both);
  });

  it("looks for names in the directory that it is given", () => {
    const netnsDir = `/run/${scratchName()}`;
    const name = scratchName();
    using made = createNamedNamespace(name, { netnsDir });
    assertEquals(inodeOf(namedNs(name), { netnsDir }), made.inode);
    assertThrows(() => resolve(namedNs(name)), SyscallError, "there is no namespace of this name");
    deleteNamedNamespace(name, { netnsDir });
    umount(netnsDir, 0);
    rmdir(netnsDir);
  });

  it("makes nothing, and says what is missing", () => {
    const missing = scratchName();
    assertEquals(assertThrows(() => resolve(namedNs(missing)), SyscallError).code, "ENOENT");
    assert(!namedNamespaceExists(missing));
    assertThrows(() => resolve(pidNs(4194303)), SyscallError, "no process with PID 4194303");
    assertThrows(() => resolve(fileNs("/etc/passwd")), InvalidNamespaceError, "not on nsfs");
    assertThrows(() => resolve(microserviceNs("web")), UnavailableMicroserviceError, "only an NsHandler");
    assertThrows(() => resolve({ type: "named", name: "a/b" }), InvalidNamespaceError, "1 to 255 bytes");
  });

  it("makes a name that is missing if it may, and opens one that somebody else made meanwhile", () => {
    const name = scratchName();
    const create = (name: string): NsHandle => createNamedNamespace(name);
    const first = inodeOf(namedNs(name), { create });
    assertEquals(inodeOf(namedNs(name), { create }), first);
    deleteNamedNamespace(name);
    const another: bigint[] = [];
    const late = (name: string): NsHandle => {
      using faster = createNamedNamespace(name);
      another.push(faster.inode);
      return createNamedNamespace(name);
    };
    assertEquals([inodeOf(namedNs(name), { create: late })], another);
    deleteNamedNamespace(name);
  });

  it("leaves the check to the switch where that follows", () => {
    using unchecked = resolve(fileNs("/etc/passwd"), { unchecked: true });
    assertThrows(() => unchecked.run(() => undefined), InvalidNamespaceError, "not on nsfs");
    const openNamed = (): NsHandle => resolve(fileNs("/etc/passwd"), { unchecked: true });
    assertThrows(() => resolve(namedNs("any"), { openNamed }), InvalidNamespaceError, "not on nsfs");
  });
});

describeAsRoot("resolveIfThere()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("gives nothing for what may yet come", () => {
    const name = scratchName();
    const waited = [namedNs(name), pidNs(4194303), fileNs("/run/netns-test-none"), microserviceNs("web")];
    assertEquals(waited.map((ns) => resolveIfThere(ns)), waited.map(() => undefined));
    close(open(`/var/run/netns/${name}`, O_RDONLY | O_CREAT, 0));
    assertEquals(resolveIfThere(namedNs(name)), undefined);
    unlink(`/var/run/netns/${name}`);
  });

  it("opens what is there, and throws for what can never be", () => {
    using blue = scratchNamespace();
    using found = resolveIfThere(namedNs(blue.name));
    assert(found?.isOpen);
    assertThrows(() => resolveIfThere(fileNs("/etc/passwd")), InvalidNamespaceError);
    assertThrows(() => resolveIfThere({ type: "named", name: "" }), InvalidNamespaceError);
  });
});
