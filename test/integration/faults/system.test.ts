import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  type LinkRef,
  namedNs,
  NamespaceSwitchError,
  newNamespaceMgmtCtx,
  NsHandle,
  NsHandler,
  SyscallError,
  SystemHandler,
} from "@netns/netns";
import { rmdir, umount } from "../../../ffi/mod.ts";
import { describeAsRoot, scratchName, traces } from "../support/traces.ts";

/** A system of which one call, the `failing`-th from the start, throws instead. */
class Failing extends SystemHandler {
  readonly calls: string[] = [];
  readonly failure: SyscallError = new SyscallError("injected", 5);
  readonly #failing: number;

  constructor(failing: number, netnsDir?: string) {
    super({ netnsDir });
    this.#failing = failing;
  }

  #may(method: string): void {
    if (this.calls.push(method) - 1 === this.#failing) throw this.failure;
  }

  override openFile(name: string, flag: number, perm: number): number {
    this.#may("openFile");
    return super.openFile(name, flag, perm);
  }

  override mkDirAll(path: string, perm: number): void {
    this.#may("mkDirAll");
    super.mkDirAll(path, perm);
  }

  override remove(name: string): void {
    this.#may("remove");
    super.remove(name);
  }

  override mount(source: string, target: string, fsType: string, flags: number, data: string): void {
    this.#may("mount");
    super.mount(source, target, fsType, flags, data);
  }

  override unmount(target: string, flags: number): void {
    this.#may("unmount");
    super.unmount(target, flags);
  }

  override newNetworkNamespace(): NsHandle {
    this.#may("newNetworkNamespace");
    return super.newNetworkNamespace();
  }

  override getNamespaceFromName(name: string): NsHandle {
    this.#may("getNamespaceFromName");
    return super.getNamespaceFromName(name);
  }

  override setNamespace(ns: NsHandle): void {
    this.#may("setNamespace");
    super.setNamespace(ns);
  }

  override linkSetNsFd(link: LinkRef, fd: number): void {
    this.#may("linkSetNsFd");
    super.linkSetNsFd(link, fd);
  }
}

/** What a handler does, from a state to which `undo` leads back. */
interface Work {
  readonly prepare?: () => void;
  readonly run: (handler: NsHandler) => unknown;
  readonly undo?: () => void;
  readonly options?: { readonly netnsDir?: string; readonly configNamespace?: string };
}

/** Lets each call of the work fail in turn, and gives the names of those that were made. */
async function failEachMethod({ prepare, run, undo, options }: Work): Promise<string[]> {
  for (let index = 0;; index++) {
    prepare?.();
    const system = new Failing(index, options?.netnsDir);
    const handler = new NsHandler({ ...options, system, docker: false });
    const before = traces();
    let error: unknown;
    try {
      await run(handler);
    } catch (thrown) {
      error = thrown;
    }
    const label = `${system.calls[index]} (call ${index + 1} of ${system.calls.join(" ")})`;
    if (index >= system.calls.length) {
      assertEquals(error, undefined);
      undo?.();
      return system.calls;
    }
    assertStrictEquals(error instanceof NamespaceSwitchError ? error.cause : error, system.failure, label);
    comeBack();
    assertEquals(traces(), before, label);
    // Once more with the same handler, whose system is whole from here on.
    await run(handler);
    undo?.();
  }
}

/** A thread that could not return tries again with its next switch. */
function comeBack(): void {
  using home = NsHandle.home();
  home.run(() => undefined);
}

describeAsRoot("NsHandler, when a call of its SystemAPI fails,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("leaves nothing of getOrCreateNamespace(), and the next call works", async () => {
    const name = scratchName();
    const calls = await failEachMethod({
      run: (handler) => handler.getOrCreateNamespace(namedNs(name)).close(),
      undo: () => deleteNamedNamespace(name),
    });
    assertEquals(calls, ["getNamespaceFromName", "openFile", "mount", "openFile", "newNetworkNamespace", "mount"]);
  });

  it("leaves nothing of getOrCreateNamespace() in a new directory", async () => {
    const [name, netnsDir] = [scratchName(), `/run/${scratchName()}`];
    const calls = await failEachMethod({
      options: { netnsDir },
      run: (handler) => handler.getOrCreateNamespace(namedNs(name)).close(),
      undo: () => {
        deleteNamedNamespace(name, { netnsDir });
        umount(netnsDir, 0);
        rmdir(netnsDir);
      },
    });
    assert(calls.includes("mkDirAll"), calls.join());
  });

  it("brings the thread home from switchNamespace() and withNamespace()", async () => {
    const name = scratchName();
    createNamedNamespace(name).close();
    for (
      const run of [
        (handler: NsHandler): void => handler.withNamespace(namedNs(name), () => undefined),
        (handler: NsHandler): void => handler.switchNamespace(namedNs(name), newNamespaceMgmtCtx())(),
        (handler: NsHandler): void => {
          const ctx = newNamespaceMgmtCtx();
          using _outer = handler.switchNamespace(namedNs(name), ctx);
          using _inner = handler.switchNamespace(undefined, ctx);
        },
      ]
    ) {
      const calls = await failEachMethod({ run });
      assertEquals(calls.slice(0, 2), ["getNamespaceFromName", "setNamespace"]);
    }
    deleteNamedNamespace(name);
  });

  it("leaves nothing of init() and close(), and another try works", async () => {
    const configNamespace = scratchName();
    const calls = await failEachMethod({
      options: { configNamespace },
      run: async (handler) => {
        try {
          await handler.init();
        } catch (error) {
          await handler.close();
          throw error;
        }
        try {
          await handler.close();
        } catch (error) {
          await handler.close(); // the next call tries again
          throw error;
        }
      },
    });
    assert(calls.includes("unmount") && calls.includes("remove"), calls.join());
  });
});
