import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  fileNs,
  InvalidNamespaceError,
  microserviceNs,
  namedNs,
  NsHandle,
  runInNamespace,
  UnavailableMicroserviceError,
} from "@netns/netns";
import {
  assertSameTraces,
  describeAsRoot,
  descriptors,
  scratchNamespace,
  strayThreads,
  traces,
} from "../support/traces.ts";

/** A module that needs no permission to be read. In base64: Bun takes what follows a dot for the kind of a file. */
const module = (code: string): string => `data:text/javascript;base64,${btoa(code)}`;

const WORK = module(`
  export const echo = async (...values) => { await 0; return values; };
  export const fail = () => {
    throw Object.assign(new RangeError("not today", { cause: new TypeError("because") }), { code: "E_TODAY" });
  };
  export const never = () => new Promise((resolve) => setTimeout(resolve, 60_000));
  export const uncloneable = () => () => undefined;
  export const leave = async () => { setTimeout(() => { throw new EvalError("late") }); await never(); };
  export const value = 1;
`);

describeAsRoot("runInNamespace()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("hands arguments and results over by structured clone", async () => {
    using blue = scratchNamespace();
    const values = [1n, new Map([["a", [1]]]), undefined, new Uint8Array([1])];
    assertEquals(await runInNamespace(namedNs(blue.name), WORK, "echo", ...values), values);
    assertEquals(await runInNamespace(fileNs(`/var/run/netns/${blue.name}`), WORK, "echo"), []);
  });

  it("runs on a thread that is born in the namespace, and gone afterwards", async () => {
    using ns = NsHandle.create();
    const away = (): number => strayThreads().filter(({ inode }) => inode === ns.inode).length;
    const controller = new AbortController();
    const running = runInNamespace(ns, WORK, "never", controller.signal);
    assert(away() > 0, "the thread is there");
    controller.abort(new RangeError("enough"));
    await assertRejects(() => running, RangeError, "enough");
    await waitUntil(() => away() === 0);
  });

  it("leaves no descriptor of a thread that is ended while it starts, imports its module or works", async () => {
    using ns = NsHandle.create();
    const events = (): number => descriptors().filter((one) => /eventfd|eventpoll/.test(one)).length;
    const slow = module("await new Promise((resolve) => setTimeout(resolve, 60_000)); export const never = 1;");
    await runInNamespace(ns, WORK, "echo"); // what the first thread of a process makes for all of them
    const before = events();
    for (
      const [url, ms] of [[WORK, 0], [WORK, 2], [WORK, 20], [WORK, 200], [slow, 0], [slow, 50], [slow, 200]] as const
    ) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(new RangeError("enough")), ms);
      await assertRejects(() => runInNamespace(ns, url, "never", controller.signal), RangeError, "enough");
      clearTimeout(timer);
    }
    await waitUntil(() => events() <= before);
  });

  it("leaves no descriptor of a thread that was busy when it was ended, once it is done", async () => {
    using ns = NsHandle.create();
    const spin = (ms: number): string => `{ const end = Date.now() + ${ms}; while (Date.now() < end); }`;
    const busy = module(`
      export const spin = () => ${spin(1000)};
      export const turns = async () => { const end = Date.now() + 1000; while (Date.now() < end) await null; };
      export const wait = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    `);
    const imports = module(`${spin(1000)}; export const spin = 1;`);
    await runInNamespace(ns, WORK, "echo");
    const before = descriptors().length;
    for (const [url, name] of [[busy, "spin"], [busy, "turns"], [busy, "wait"], [imports, "spin"]] as const) {
      const start = performance.now();
      await assertRejects(() => runInNamespace(ns, url, name, AbortSignal.timeout(100)), DOMException);
      assert(performance.now() - start < 10_000, "it does not wait for the thread to be done");
    }
    await waitUntil(() => descriptors().length <= before);
  });

  it("does not start if the signal is aborted already", async () => {
    using ns = NsHandle.create();
    await assertRejects(
      () => runInNamespace(ns, WORK, "echo", AbortSignal.abort(new RangeError("no"))),
      RangeError,
      "no",
    );
  });

  it("passes errors on with name, stack, cause and properties", async () => {
    using ns = NsHandle.create();
    const error = await assertRejects(() => runInNamespace(ns, WORK, "fail"), Error, "not today");
    assertEquals([error.name, Reflect.get(error, "code")], ["RangeError", "E_TODAY"]);
    assert(error.stack?.includes("fail"), error.stack);
    assertInstanceOf(error.cause, Error);
    assertEquals([error.cause.name, error.cause.message], ["TypeError", "because"]);
  });

  it("says in one line what cannot be called or handed over (N24)", async () => {
    using ns = NsHandle.create();
    await assertRejects(() => runInNamespace(ns, WORK, "value"), Error, "exports no function value");
    const missing = await assertRejects(
      () => runInNamespace(ns, new URL("none.ts", import.meta.url), "echo"),
      Error,
      "none.ts",
    );
    assert(missing.message.length < 300, missing.message);
    await assertRejects(() => runInNamespace(ns, WORK, "uncloneable"), Error, "not be cloned");
    await assertRejects(() => runInNamespace(ns, WORK, "echo", () => 1), Error, "not be cloned");
    await assertRejects(() => runInNamespace(ns, "./work.ts", "echo"), TypeError);
    await assertRejects(
      () => runInNamespace(namedNs("netns-test-none"), WORK, "echo"),
      Error,
      "no namespace of this name",
    );
    await assertRejects(() => runInNamespace(fileNs("/etc/passwd"), WORK, "echo"), InvalidNamespaceError);
    await assertRejects(
      () => runInNamespace(microserviceNs("web"), WORK, "echo"),
      UnavailableMicroserviceError,
      "NsHandler",
    );
  });
});

/** Threads end after the promise of `terminate` in some runtimes: at most half a minute is waited for it. */
async function waitUntil(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert(condition());
}
