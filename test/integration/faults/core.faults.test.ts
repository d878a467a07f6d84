import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { createNamedNamespace, deleteNamedNamespace, namedNs, newNamespaceMgmtCtx, NsHandle, NsHandler } from "netns";
import { close, O_CREAT, O_RDONLY, open, rmdir, umount } from "../../../ffi/mod.ts";
import { describeAsRoot, scratchName, traces } from "../support/traces.ts";
import { failEachCall } from "./faults.ts";

describeAsRoot("every failing call", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("of createNamedNamespace() leaves nothing", () => {
    const name = scratchName();
    const failures = failEachCall({
      run: () => createNamedNamespace(name).close(),
      undo: () => deleteNamedNamespace(name),
    });
    assert(failures > 30, `${failures}`);
  });

  it("of createNamedNamespace() in a new directory leaves nothing", () => {
    const netnsDir = `/run/${scratchName()}`;
    const name = scratchName();
    failEachCall({
      run: () => createNamedNamespace(name, { netnsDir }).close(),
      undo: () => {
        deleteNamedNamespace(name, { netnsDir });
        umount(netnsDir, 0);
        rmdir(netnsDir);
      },
    });
  });

  it("of createNamedNamespace() over a stale file leaves that, and the next call uses it", () => {
    const name = scratchName();
    const exists = { now: false };
    failEachCall({
      prepare: () => {
        if (!exists.now) close(open(`/var/run/netns/${name}`, O_RDONLY | O_CREAT, 0));
        exists.now = true;
      },
      run: () => createNamedNamespace(name).close(),
      undo: () => {
        deleteNamedNamespace(name);
        exists.now = false;
      },
    });
  });

  it("of deleteNamedNamespace() leaves the name", () => {
    const name = scratchName();
    const exists = { now: false };
    const failures = failEachCall({
      prepare: () => {
        if (!exists.now) createNamedNamespace(name).close();
        exists.now = true;
      },
      run: () => deleteNamedNamespace(name),
      undo: () => exists.now = false,
    });
    assert(failures > 20, `${failures}`);
  });

  it("of a switch and its revert brings the thread home", () => {
    const name = scratchName();
    createNamedNamespace(name).close();
    const handler = new NsHandler();
    failEachCall({ run: () => handler.withNamespace(namedNs(name), () => undefined), undo: () => undefined });
    failEachCall({
      run: () => {
        using _revert = handler.switchNamespace(namedNs(name), newNamespaceMgmtCtx());
      },
      undo: () => undefined,
    });
    failEachCall({
      run: () => {
        using ns = NsHandle.create();
        ns.run(() => undefined);
      },
      undo: () => undefined,
    });
    deleteNamedNamespace(name);
  });
});
