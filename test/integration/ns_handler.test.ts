import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { readFile } from "node:fs/promises";
import process from "node:process";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  fileNs,
  InvalidNamespaceError,
  listNamedNamespaces,
  MicroserviceCtx,
  microserviceNs,
  namedNamespaceExists,
  namedNs,
  NamespaceLeakError,
  NamespaceSwitchError,
  newNamespaceMgmtCtx,
  NsHandle,
  NsHandler,
  pidNs,
  SyscallError,
  SystemHandler,
  UnavailableMicroserviceError,
} from "@netns/netns";
import { close, MNT_DETACH, O_CREAT, O_RDONLY, open, rmdir, umount, unlink } from "../../ffi/mod.ts";
import { describeAsRoot, scratchName, scratchNamespace, strayThreads, traces } from "./support/traces.ts";

function inode(): bigint {
  using here = NsHandle.current();
  return here.inode;
}

function inodeOf(name: string): bigint {
  using ns = NsHandle.fromName(name);
  return ns.inode;
}

describeAsRoot("NsHandler.getOrCreateNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));
  const handler = new NsHandler();

  it("gives the default namespace for undefined and PID 0", () => {
    using a = handler.getOrCreateNamespace();
    using b = handler.getOrCreateNamespace(pidNs(0));
    assert(a.equals(b) && a.inode === inode());
  });

  it("makes a named namespace once", () => {
    const name = scratchName();
    using made = handler.getOrCreateNamespace(namedNs(name));
    using found = handler.getOrCreateNamespace(namedNs(name));
    deleteNamedNamespace(name);
    assert(made.equals(found));
  });

  it("leaves a stale file alone, and says so", () => {
    const name = scratchName();
    close(open(`/var/run/netns/${name}`, O_RDONLY | O_CREAT, 0));
    const error = assertThrows(() => handler.getOrCreateNamespace(namedNs(name)), SyscallError, "it is stale");
    assertEquals(error.code, "EEXIST");
    assert(!handler.isNamespaceAvailable({ type: 2, name }));
    deleteNamedNamespace(name);
    assert(handler.isNamespaceAvailable({ type: 2, name }));
  });

  it("makes no others, and says what is wrong", () => {
    assertThrows(() => handler.getOrCreateNamespace(pidNs(4194303)), SyscallError, "no process with PID 4194303");
    assertThrows(() => handler.getOrCreateNamespace(fileNs("/run/netns-test-none")), SyscallError, "ENOENT");
    assertThrows(() => handler.getOrCreateNamespace(fileNs("/etc/passwd")), InvalidNamespaceError, "not on nsfs");
    assertThrows(() => handler.getOrCreateNamespace(microserviceNs("web")), UnavailableMicroserviceError, '"web"');
    assertThrows(() => handler.getOrCreateNamespace({ type: "named", name: "" }), InvalidNamespaceError);
  });
});

describeAsRoot("NsHandler.openNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("opens what exists, in the handler's directory or another, and makes nothing", () => {
    const netnsDir = `/run/${scratchName()}`;
    const name = scratchName();
    using made = createNamedNamespace(name, { netnsDir });
    const handler = new NsHandler({ netnsDir });
    assertEquals(handler.netnsDir, netnsDir);
    using found = handler.openNamespace(namedNs(name));
    using elsewhere = new NsHandler().openNamespace(namedNs(name), { netnsDir });
    assert(found.equals(made) && elsewhere.equals(made));
    assertThrows(() => new NsHandler().openNamespace(namedNs(name)), SyscallError, "ENOENT");
    assertEquals([handler.openIfThere(namedNs("none")), new NsHandler().openIfThere(namedNs(name))], [
      undefined,
      undefined,
    ]);
    deleteNamedNamespace(name, { netnsDir });
    umount(netnsDir, MNT_DETACH); // another process may look at it
    rmdir(netnsDir);
  });
});

describeAsRoot("NsHandler.withNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));
  const handler = new NsHandler();

  it("switches by name, file and PID, and returns", () => {
    using blue = scratchNamespace();
    const home = inode();
    const expected = inodeOf(blue.name);
    assertEquals(handler.withNamespace(namedNs(blue.name), inode), expected);
    assertEquals(handler.withNamespace(fileNs(`/var/run/netns/${blue.name}`), inode), expected);
    assertEquals(handler.withNamespace(pidNs(process.pid), inode), home);
    assertEquals(inode(), home);
  });

  it("goes to the default namespace from inside another, and back", () => {
    using blue = scratchNamespace();
    const home = inode();
    const seen = handler.withNamespace(
      namedNs(blue.name),
      () => [inode(), handler.withNamespace(undefined, inode), handler.withNamespace(pidNs(0), inode), inode()],
    );
    const there = inodeOf(blue.name);
    assertEquals(seen, [there, home, home, there]);
  });

  it("makes a name on demand", () => {
    const name = scratchName();
    const made = handler.withNamespace(namedNs(name), inode);
    assertEquals(made, inodeOf(name));
    deleteNamedNamespace(name);
  });

  it("does not go on in the wrong namespace where the switch fails", () => {
    const before = traces();
    let ran = false;
    const run = (): void => void (ran = true);
    assertThrows(() => handler.withNamespace(fileNs("/etc/passwd"), run), InvalidNamespaceError, "not on nsfs");
    const stale = scratchName();
    close(open(`/var/run/netns/${stale}`, O_RDONLY | O_CREAT, 0));
    assertThrows(() => handler.withNamespace(namedNs(stale), run), InvalidNamespaceError, "not on nsfs");
    unlink(`/var/run/netns/${stale}`);
    assertThrows(() => handler.withNamespace(microserviceNs("web"), run), UnavailableMicroserviceError);
    assert(!ran);
    assertEquals(traces(), before);
  });

  it("reports switches that the function left open, and is back", () => {
    using blue = scratchNamespace();
    const home = inode();
    assertThrows(
      () =>
        handler.withNamespace(namedNs(blue.name), () => {
          handler.switchNamespace(undefined, newNamespaceMgmtCtx());
        }),
      NamespaceLeakError,
      "left a switch open",
    );
    assertEquals(inode(), home);
  });

  it("carries both errors when body and way back fail, and recovers", () => {
    let broken = false;
    class Breaking extends SystemHandler {
      override setNamespace(ns: NsHandle): void {
        if (broken) throw new RangeError("no way back");
        super.setNamespace(ns);
      }
    }
    using blue = scratchNamespace();
    const home = inode();
    const fragile = new NsHandler({ system: new Breaking() });
    const error = assertThrows(
      () =>
        fragile.withNamespace(namedNs(blue.name), () => {
          broken = true;
          throw new TypeError("the body");
        }),
      NamespaceSwitchError,
      "wrong namespace",
    );
    assertInstanceOf(error.cause, RangeError);
    assertInstanceOf(error.body, TypeError);
    assertThrows(() => fragile.withNamespace(undefined, inode), NamespaceSwitchError, "still cannot");
    broken = false;
    assertEquals(fragile.withNamespace(undefined, inode), home);
    assertEquals(inode(), home);
  });
});

describeAsRoot("NsHandler.switchNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));
  const handler = new NsHandler();

  it("holds until it is reverted, and reverts once", () => {
    using blue = scratchNamespace();
    const home = inode();
    const ctx = newNamespaceMgmtCtx();
    const revert = handler.switchNamespace(namedNs(blue.name), ctx);
    assertEquals([inode(), ctx.depth], [inodeOf(blue.name), 1]);
    revert();
    revert();
    assertEquals([inode(), ctx.depth], [home, 0]);
  });

  it("reverts at the end of a block, the inner before the outer", () => {
    using blue = scratchNamespace();
    using green = scratchNamespace();
    const home = inode();
    const ctx = newNamespaceMgmtCtx();
    {
      using _outer = handler.switchNamespace(namedNs(blue.name), ctx);
      {
        using _inner = handler.switchToNamespace(ctx, { type: 2, name: green.name });
        assertEquals(inode(), inodeOf(green.name));
      }
      assertEquals(inode(), inodeOf(blue.name));
    }
    assertEquals(inode(), home);
  });

  it("says so when the outer is reverted first, and is home", () => {
    using blue = scratchNamespace();
    const home = inode();
    const ctx = newNamespaceMgmtCtx();
    const outer = handler.switchNamespace(namedNs(blue.name), ctx);
    const inner = handler.switchNamespace(undefined, ctx);
    assertThrows(outer, NamespaceSwitchError, "last in, first out");
    assertEquals([inode(), ctx.depth], [home, 0]);
    inner();
    assertEquals(inode(), home);
  });

  it("does not stay open over an await: it is reverted and reported", async () => {
    using blue = scratchNamespace();
    const home = inode();
    const there = inodeOf(blue.name);
    const uncaught: unknown[] = [];
    const seen: bigint[] = [];
    using _errors = collectUncaught(uncaught);
    const work = async (): Promise<void> => {
      using _revert = handler.switchNamespace(namedNs(blue.name), newNamespaceMgmtCtx());
      seen.push(inode());
      await undefined;
      seen.push(inode());
    };
    await work();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(seen, [there, home]);
    assertEquals(uncaught.length, 1);
    assertInstanceOf(uncaught[0], NamespaceLeakError);
  });

  it("is reverted before callbacks of the section run", async () => {
    using blue = scratchNamespace();
    const home = inode();
    const uncaught: unknown[] = [];
    using _errors = collectUncaught(uncaught);
    const seen: bigint[] = [];
    await new Promise<void>((resolve) =>
      setTimeout(() => {
        handler.switchNamespace(namedNs(blue.name), newNamespaceMgmtCtx());
        process.nextTick(() => seen.push(inode()));
        queueMicrotask(() => seen.push(inode()));
        setTimeout(() => resolve(void seen.push(inode())), 5);
      }, 0)
    );
    assertEquals(seen, [home, home, home]);
    assertEquals(uncaught.length, 1);
  });
});

/** Takes uncaught errors away from the test runner while it is open. */
function collectUncaught(into: unknown[]): Disposable {
  const others = process.listeners("uncaughtException");
  const collect = (error: unknown): void => void into.push(error);
  const onError = (event: Event): void => {
    event.preventDefault();
    if ("error" in event && !into.includes(event.error)) into.push(event.error);
  };
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", collect);
  globalThis.addEventListener?.("error", onError);
  return {
    [Symbol.dispose](): void {
      globalThis.removeEventListener?.("error", onError);
      process.removeAllListeners("uncaughtException");
      others.forEach((listener) => process.on("uncaughtException", listener));
    },
  };
}

describeAsRoot("NsHandler.isNamespaceAvailable()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is true exactly where a switch would succeed", () => {
    const handler = new NsHandler();
    using blue = scratchNamespace();
    const missing = scratchName();
    assert(handler.isNamespaceAvailable());
    assert(handler.isNamespaceAvailable({ type: 0, pid: process.pid }));
    assert(handler.isNamespaceAvailable({ type: 2, name: blue.name }));
    assert(handler.isNamespaceAvailable({ type: 2, name: missing }), "made on demand");
    assert(!listNamedNamespaces().includes(missing), "not made by looking");
    assert(handler.isNamespaceAvailable({ type: 3, filepath: "/proc/self/ns/net" }));
    assert(!handler.isNamespaceAvailable({ type: 0, pid: 4194303 }));
    assert(!handler.isNamespaceAvailable({ type: 1, microservice: "web" }));
    assert(!handler.isNamespaceAvailable({ type: 2, name: "" }));
    assert(!handler.isNamespaceAvailable({ type: 3, filepath: "/etc/passwd" }));
  });
});

describeAsRoot("NsHandler.init()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("ends what an init() begins that was not waited for, and begins again after such a close()", async () => {
    const handler = new NsHandler({ docker: { socketPath: "/nonexistent/socket" } });
    const isFollowing = (): boolean => {
      const { containerRuntime } = handler;
      return containerRuntime.state !== "unavailable" || containerRuntime.tried.length > 0;
    };
    await Promise.all([handler.init(), handler.close()]);
    assertEquals(isFollowing(), false);
    await Promise.all([handler.init(), handler.close(), handler.close(), handler.init()]);
    assertEquals(isFollowing(), true);
    await handler.close();
    assertEquals(isFollowing(), false);
  });

  it("makes the configuration namespace that an option names, and close() removes it", async () => {
    const configNamespace = scratchName();
    const handler = new NsHandler({ configNamespace });
    await handler.close();
    await handler.init();
    assert(namedNamespaceExists(configNamespace));
    assertEquals(handler.getConfigNamespace(), { type: 2, name: configNamespace });
    await handler.close();
    await handler.close();
    assert(!namedNamespaceExists(configNamespace));
  });

  it("makes none by default, until it is asked for", async () => {
    const netnsDir = `/run/${scratchName()}`;
    await using handler = new NsHandler({ netnsDir });
    await handler.init();
    assertEquals(listNamedNamespaces({ netnsDir }), []);
    assertEquals(handler.getConfigNamespace(), { type: 2, name: "veth-cfg-ns" });
    assertEquals(listNamedNamespaces({ netnsDir }), ["veth-cfg-ns"]);
    await handler.close();
    assertEquals(listNamedNamespaces({ netnsDir }), []);
    umount(netnsDir, MNT_DETACH); // another process may look at it
    rmdir(netnsDir);
  });

  it("leaves a configuration namespace that somebody else made", async () => {
    const configNamespace = scratchName();
    createNamedNamespace(configNamespace).close();
    {
      await using handler = new NsHandler({ configNamespace });
      await handler.init();
    }
    assert(namedNamespaceExists(configNamespace), "it was there before");
    deleteNamedNamespace(configNamespace);
    {
      await using handler = new NsHandler({ configNamespace });
      await handler.init();
      deleteNamedNamespace(configNamespace);
      createNamedNamespace(configNamespace).close();
    }
    assert(namedNamespaceExists(configNamespace), "it is another one");
    deleteNamedNamespace(configNamespace);
  });

  it("starts the pool at home: what a section queues runs on no thread that is born there", async () => {
    await using handler = new NsHandler({ configNamespace: scratchName() });
    await handler.init();
    using ns = NsHandle.create();
    // Without the right to read, as with --allow-ffi alone, none of it gets as far as the pool.
    const queued: Promise<unknown>[] = [];
    ns.run(() => void queued.push(...Array.from({ length: 40 }, () => readFile("/proc/self/stat"))));
    await Promise.allSettled(queued);
    assertEquals(strayThreads(), []);
  });

  it("can be closed after it failed", async () => {
    class Failing extends SystemHandler {
      override newNetworkNamespace(): NsHandle {
        throw new RangeError("none today");
      }
    }
    const before = traces();
    const handler = new NsHandler({ system: new Failing(), configNamespace: scratchName() });
    await assertRejects(() => handler.init(), RangeError, "none today");
    await handler.close();
    assertEquals(traces(), before);
  });
});

describeAsRoot("NsHandler.waitFor()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));
  const handler = new NsHandler();

  it("opens what exists at once", async () => {
    using blue = scratchNamespace();
    using found = await handler.waitFor(namedNs(blue.name));
    assertEquals(found.inode, inodeOf(blue.name));
    using own = await handler.waitFor(pidNs(process.pid));
    assertEquals(own.inode, inode());
  });

  it("waits for a name, and does not make it", async () => {
    const name = scratchName();
    const waiting = handler.waitFor(namedNs(name));
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert(!namedNamespaceExists(name));
    createNamedNamespace(name).close();
    try {
      using found = await waiting;
      assertEquals(found.inode, inodeOf(name));
    } finally {
      deleteNamedNamespace(name);
    }
  });

  it("ends with the signal, and with what can never be", async () => {
    for (const ns of [namedNs("netns-test-none"), microserviceNs("web"), pidNs(4194303)]) {
      const signal = abortedSoon(new RangeError("enough"));
      await assertRejects(() => handler.waitFor(ns, { signal }), RangeError, "enough");
    }
    await assertRejects(() => handler.waitFor(fileNs("/etc/passwd")), InvalidNamespaceError);
  });
});

describeAsRoot("NsHandler without containers", () => {
  it("knows no microservice, and says so", async () => {
    const handler = new NsHandler();
    assertEquals(handler.convertMicroserviceNsToPidNs("web"), undefined);
    assertEquals([handler.getMicroserviceByLabel().size, handler.getMicroserviceByID().size], [0, 0]);
    await handler.handleMicroservices(new MicroserviceCtx());
    await assertRejects(() => handler.handleMicroservices(new MicroserviceCtx(AbortSignal.abort())));
    for await (const event of handler.microserviceEvents({ signal: abortedSoon() })) throw event;
    assertThrows(() => handler.withNamespace(microserviceNs("web"), inode), UnavailableMicroserviceError, '"web"');
  });

  it("has the converters as methods", () => {
    const handler = new NsHandler();
    assertEquals(handler.ifNsToGeneric({ type: 2, name: "blue" }), namedNs("blue"));
    assertEquals(handler.genericToIfaceNs(pidNs(1)), { type: 0, pid: 1 });
    assertEquals(handler.arpNsToGeneric(handler.genericToArpNs(fileNs("/x"))), fileNs("/x"));
    assertEquals(handler.routeNsToGeneric(handler.genericToRouteNs(namedNs("y"))), namedNs("y"));
    assertEquals([handler.ifaceNsToString(), handler.ifaceNsToString({ type: 0, pid: 7 })], ["<nil>", "PID:7"]);
  });
});

/** Unlike AbortSignal.timeout(), it keeps Node alive until it is aborted. */
function abortedSoon(reason?: unknown): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 30);
  return controller.signal;
}
