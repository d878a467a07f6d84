import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  namedNs,
  newNamespaceMgmtCtx,
  NsHandle,
  NsHandler,
} from "@netns/netns";
import { rmdir, umount } from "../../../ffi/mod.ts";
import { openNetlinks } from "../../../src/netns/handle.ts";
import { describeAsRoot, scratchName, traces } from "../support/traces.ts";
import { failEachCall } from "./faults.ts";

describeAsRoot("every failing call", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("of createNamedNamespace() leaves nothing", async () => {
    const name = scratchName();
    const failures = await failEachCall({
      run: () => createNamedNamespace(name).close(),
      undo: () => deleteNamedNamespace(name),
    });
    assert(failures > 30, `${failures}`);
  });

  it("of createNamedNamespace() in a new directory leaves nothing", async () => {
    const netnsDir = `/run/${scratchName()}`;
    const name = scratchName();
    await failEachCall({
      run: () => createNamedNamespace(name, { netnsDir }).close(),
      undo: () => {
        deleteNamedNamespace(name, { netnsDir });
        umount(netnsDir, 0);
        rmdir(netnsDir);
      },
    });
  });

  it("of deleteNamedNamespace() leaves the name", async () => {
    const name = scratchName();
    const exists = { now: false };
    const failures = await failEachCall({
      prepare: () => {
        if (!exists.now) createNamedNamespace(name).close();
        exists.now = true;
      },
      run: () => deleteNamedNamespace(name),
      undo: () => exists.now = false,
    });
    assert(failures > 20, `${failures}`);
  });

  it("of a switch and its revert brings the thread home", async () => {
    const name = scratchName();
    createNamedNamespace(name).close();
    const handler = new NsHandler();
    await failEachCall({ run: () => handler.withNamespace(namedNs(name), () => undefined), undo: () => undefined });
    await failEachCall({
      run: () => {
        using _revert = handler.switchNamespace(namedNs(name), newNamespaceMgmtCtx());
      },
      undo: () => undefined,
    });
    await failEachCall({
      run: () => {
        using ns = NsHandle.create();
        ns.run(() => undefined);
        ns.netlink().close();
      },
      undo: () => undefined,
    });
    deleteNamedNamespace(name);
  });

  it("of opening the sockets of several namespaces closes those that were opened, and brings the thread home", async () => {
    using a = NsHandle.create();
    using b = NsHandle.create();
    using c = NsHandle.create();
    using inB = b.netlink();
    inB.addLink({ kind: "veth", name: "one", peer: { name: "two" } });
    const netlinks = openNetlinks([a, b, c]);
    assertEquals(netlinks.map((netlink) => netlink.listLinks().length), [1, 3, 1]);
    for (const netlink of netlinks) netlink.close();
    const failures = await failEachCall({
      run: () => {
        for (const netlink of openNetlinks([a, b, c])) netlink.close();
      },
      undo: () => undefined,
    });
    assert(failures > 20, `${failures}`);
  });

  it("of init() and close() leaves nothing, and another try works", async () => {
    const configNamespace = scratchName();
    const failures = await failEachCall({
      run: async () => {
        const handler = new NsHandler({ configNamespace, docker: false }); // what follows containers has tests of its own
        try {
          await handler.init();
        } catch (error) {
          await handler.close();
          throw error;
        }
        try {
          await handler.close();
        } catch (error) {
          await handler.close();
          throw error;
        }
      },
      undo: () => undefined,
      // A process may end while its namespace is looked at, or belong to somebody else.
      survives: (name, code, earlier) =>
        name === "statx" && ["ENOENT", "EACCES"].includes(code) && earlier.includes("getdents64"),
    });
    assert(failures > 30, `${failures}`);
  });
});
