import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { once } from "node:events";
import { createWorker, NsHandle, runInNamespace, SyscallError } from "@netns/netns";
import { firstConnection, lookAlikes, serversIn } from "../../integration/netns/sockets/network.ts";
import { assertSameTraces, describeAsRoot, strayThreads, traces } from "../../integration/support/traces.ts";
import { webServer } from "./web_server.ts";

/** A module that needs no permission to be read. */
const module = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

/** The types of the module below. */
interface Work {
  count(): number;
  echo<T extends unknown[]>(...values: T): Promise<T>;
  fail(): never;
  failTwice(): Promise<never>;
  failInCircles(): never;
  failInCrowds(): never;
  ask(port: number): Promise<string>;
  get(url: string): Promise<string>;
  until(signal: AbortSignal): Promise<string>;
  never(): Promise<never>;
  spin(ms: number): number;
  size(bytes: ArrayBuffer): number;
  crash(): Promise<never>;
  failWith(what: string): never;
  readonly constant: number;
}

const WORK = module(`
  import { connect } from "node:net";
  let calls = 0;
  export const constant = 1;
  export const count = () => ++calls;
  export const echo = async (...values) => { await 0; return values; };
  export const fail = () => {
    throw Object.assign(new RangeError("not today", { cause: new TypeError("because") }), { code: "E_TODAY" });
  };
  export const failTwice = () => Promise.any([Promise.reject(new TypeError("one")), Promise.reject(new RangeError("two"))]);
  const failures = {
    text: () => "only text",
    list: () => [1, { a: 2 }],
    nothing: () => undefined,
    function: () => () => 1,
    unshowable: () => ({ toString() { throw 1; }, f() {} }),
    getter: () => Object.defineProperty(new Error("x"), "message", { get() { throw new Error("y"); } }),
    uri: () => new URIError("of its class"),
  };
  export const failWith = (what) => { throw failures[what](); };
  export const failInCircles = () => {
    const error = new Error("round");
    error.cause = error;
    throw error;
  };
  export const failInCrowds = () => {
    const all = Array.from({ length: 1000 }, (_, i) => new AggregateError([], "one " + i));
    for (const one of all) one.errors = all;
    throw new AggregateError(all, "crowd");
  };
  export const ask = (port) => new Promise((resolve, reject) => {
    let answer = "";
    connect(port, "127.0.0.1").on("data", (data) => answer += data).on("close", () => resolve(answer)).on("error", reject);
  });
  export const get = async (url) => (await (await fetch(url)).json()).from;
  export const until = (signal) => new Promise((resolve) => {
    signal.addEventListener("abort", () => { aborted = signal.reason.message; resolve(aborted); });
  });
  let aborted = "";
  export const last = () => aborted;
  export const never = () => new Promise(() => setTimeout(() => undefined, 60_000));
  export const spin = (ms) => { for (const end = Date.now() + ms; Date.now() < end;); return ms; };
  export const size = (bytes) => bytes.byteLength;
  export const crash = () => { setTimeout(() => { throw new EvalError("crashed"); }); return never(); };
`);

/** Threads end after the promise of `terminate` in some runtimes: at most half a minute is waited for it. */
async function allHome(): Promise<void> {
  for (let i = 0; i < 3000 && strayThreads().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(strayThreads(), []);
}

describeAsRoot("NsHandle.worker()", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    {
      using ns = NsHandle.create();
      await using worker = await ns.worker<Work>(WORK); // what the runtime opens for its first worker stays open
      await worker.call("count");
    }
    await allHome();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("is one thread for many calls, and keeps what its module has", async () => {
    using ns = NsHandle.create();
    await using worker = await ns.worker<Work>(WORK);
    assertEquals([await worker.call("count"), await worker.call("count")], [1, 2]);
    const values = [1n, new Map([["a", [1]]]), undefined, new Uint8Array([1])];
    assertEquals(await worker.call("echo", ...values), values);
    assertEquals((await Promise.all(Array.from({ length: 100 }, (_, i) => worker.call("echo", i)))).flat().length, 100);
  });

  it("connects from its own namespace, 200 calls over three threads", async () => {
    using networks = lookAlikes();
    await using servers = await serversIn(networks);
    await using blue = await networks.blue.worker<Work>(WORK);
    await using green = await networks.green.worker<Work>(WORK);
    await using home = await networks.home.worker<Work>(WORK);
    const workers = [["home", home], ["blue", blue], ["green", green]] as const;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => workers[i % 3]?.[1].call("ask", servers.port)),
    );
    assertEquals(answers, Array.from({ length: 200 }, (_, i) => workers[i % 3]?.[0]));
  });

  it("has a fetch of its own namespace", async () => {
    using networks = lookAlikes();
    await using blueServer = await webServer(networks.blue, { name: "blue" });
    await using _green = await webServer(networks.green, { name: "green", port: blueServer.port });
    await using blue = await networks.blue.worker<Work>(WORK);
    await using green = await networks.green.worker<Work>(WORK);
    for (let i = 0; i < 3; i++) {
      assertEquals(await blue.call("get", blueServer.origin), "blue");
      assertEquals(await green.call("get", blueServer.origin), "green");
    }
  });

  it("has one in createWorker() and runInNamespace() too", async () => {
    using networks = lookAlikes();
    await using blueServer = await webServer(networks.blue, { name: "blue" });
    await using _green = await webServer(networks.green, { name: "green", port: blueServer.port });
    const program = module(`
      import { parentPort, workerData } from "node:worker_threads";
      parentPort.postMessage((await (await fetch(workerData)).json()).from);
    `);
    for (const [name, ns] of [["blue", networks.blue], ["green", networks.green]] as const) {
      assertEquals(await runInNamespace(ns, WORK, "get", blueServer.origin), name);
      const worker = createWorker(ns, program, { workerData: blueServer.origin });
      assertEquals(await once(worker, "message"), [name]);
      await worker.terminate();
    }
    await allHome();
  });

  it("passes errors on with name, stack, cause and properties", async () => {
    using ns = NsHandle.create();
    await using worker = await ns.worker<Work>(WORK);
    const error = await assertRejects(() => worker.call("fail"), Error, "not today");
    assertEquals([error.name, Reflect.get(error, "code")], ["RangeError", "E_TODAY"]);
    assert(error.stack?.includes("fail"), error.stack);
    assertInstanceOf(error.cause, Error);
    const twice = await assertRejects(() => worker.call("failTwice"), Error);
    assertEquals(Reflect.get(twice, "errors").map(({ name, message }: Error) => [name, message]), [
      ["TypeError", "one"],
      ["RangeError", "two"],
    ]);
    await assertRejects(() => worker.call("failInCircles"), Error, "round");
    const crowd = await assertRejects(() => worker.call("failInCrowds"), Error, "crowd");
    assertEquals(Reflect.get(crowd, "errors").map(({ message }: Error) => message), ["one 0"]);
    // @ts-expect-error: it is no function
    await assertRejects(() => worker.call("constant"), Error, "exports no function constant");
    await assertRejects(() => worker.call("echo", () => 1), Error, "not be cloned");
    assertEquals(await worker.call("count"), 1);
  });

  it("passes on what is thrown that is no error, and lives on whatever is thrown", async () => {
    using ns = NsHandle.create();
    await using work = await ns.worker<Work>(WORK);
    const thrown = (what: string) => work.call("failWith", what).then(() => "nothing", (reason: unknown) => reason);
    assertEquals(await thrown("text"), "only text");
    assertEquals(await thrown("list"), [1, { a: 2 }]);
    assertEquals(await thrown("nothing"), undefined);
    for (const what of ["function", "unshowable", "getter"]) assertInstanceOf(await thrown(what), Error);
    assertInstanceOf(await thrown("uri"), URIError);
    assertEquals(await work.call("echo", 5), [5]);
  });

  it("rejects with a reason that cannot be sent, and ends a start with one", async () => {
    using ns = NsHandle.create();
    await using work = await ns.worker<Work>(WORK);
    for (const reason of [() => 1, Symbol("why")]) {
      const controller = new AbortController();
      const waiting = work.call("until", controller.signal).then(() => "nothing", (given: unknown) => given);
      controller.abort(reason);
      assertEquals(await waiting, reason);
    }
    assertEquals(await work.call("echo", 5), [5]);
    const aborted = AbortSignal.abort(new RangeError("too late"));
    await assertRejects(() => ns.worker(WORK, { signal: aborted }), RangeError, "too late");
    const untyped = (options: unknown) => options as { signal: AbortSignal };
    await assertRejects(() => ns.worker(WORK, untyped({ signal: 1 })), TypeError, "options.signal");
    assertThrows(() => work.with(untyped({ signal: 1 })), TypeError, "options.signal");
    assertThrows(() => work.with(untyped({ transfer: 1 })), TypeError, "options.transfer");
  });

  it("passes signals on, and rejects with their reason", async () => {
    using ns = NsHandle.create();
    await using worker = await ns.worker<Work & { last(): string }>(WORK);
    const controller = new AbortController();
    const waiting = worker.call("until", controller.signal);
    setTimeout(() => controller.abort(new EvalError("enough")), 10);
    await assertRejects(() => waiting, EvalError, "enough");
    assertEquals(await worker.call("last"), "enough");
    const limited = worker.with({ signal: AbortSignal.timeout(20) }).call("never");
    assertEquals((await assertRejects(() => limited, Error)).name, "TimeoutError");
    await assertRejects(() => worker.call("until", AbortSignal.abort(new EvalError("before"))), EvalError, "before");
  });

  it("imports a text with dots, however it is written", async () => {
    using ns = NsHandle.create();
    const code = "export const half = (x) => { const all = [x * .5]; return all.at(0); }; // a.ts b.json é";
    const texts = [code, encodeURIComponent(code), `${code}//?a.b=1,2`, `;charset=utf-8,${code}`];
    for (const text of texts) {
      const url = `data:text/javascript${text.startsWith(";") ? "" : ","}${text}`;
      await using work = await ns.worker<{ half(x: number): number }>(url);
      assertEquals(await work.call("half", 5), 2.5);
      assertEquals(await runInNamespace(ns, new URL(url), "half", 3), 1.5);
    }
  });

  it("hands over what is to be transferred", async () => {
    using ns = NsHandle.create();
    await using worker = await ns.worker<Work>(WORK);
    const bytes = new ArrayBuffer(1000);
    assertEquals(await worker.with({ transfer: [bytes] }).call("size", bytes), 1000);
    assertEquals(bytes.byteLength, 0);
  });

  it("ends at once, also when it is busy or has failed", async () => {
    using ns = NsHandle.create();
    const worker = await ns.worker<Work>(WORK);
    const [spinning, waiting] = [worker.call("spin", 300), worker.call("never")];
    const rejected = [
      assertRejects(() => spinning, Error, "The worker was ended before spin() was answered"),
      assertRejects(() => waiting, Error, "The worker was ended before never() was answered"),
    ];
    await worker[Symbol.asyncDispose]();
    await Promise.all(rejected);
    const { message } = await assertRejects(() => worker.call("count"), Error);
    assertEquals(message, "The worker was ended");
    const broken = await ns.worker<Work>(WORK);
    await assertRejects(() => broken.call("crash"), Error, "crashed");
    await assertRejects(() => broken.call("count"), Error);
    await broken[Symbol.asyncDispose]();
    await allHome();
  });

  it("says which call was open when it ended by itself", async () => {
    using ns = NsHandle.create();
    const exiting = module(`
      import process from "node:process";
      export const exit = async () => { await 0; process.exit(3); };
    `);
    const worker = await ns.worker<{ exit(): Promise<never> }>(exiting);
    const { message } = await assertRejects(() => worker.call("exit"), Error);
    assert(/^The worker ended with status \d+ before exit\(\) was answered$/.test(message), message);
    await worker[Symbol.asyncDispose]();
    await allHome();
  });

  it("says what it cannot start", async () => {
    using ns = NsHandle.create();
    await assertRejects(() => ns.worker("./work.ts"), TypeError);
    await assertRejects(() => ns.worker(module("throw new RangeError('no module')")), Error, "no module");
    ns.close();
    await assertRejects(() => ns.worker(WORK), SyscallError, "this handle is closed");
  });

  it("hears no message that the module posts by itself", async () => {
    using ns = NsHandle.create();
    const posting = module(`
      import { parentPort } from "node:worker_threads";
      export const post = async (message) => {
        parentPort.postMessage(message);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return "posted";
      };
    `);
    await using work = await ns.worker<{ post(message: unknown): Promise<string> }>(posting);
    for (const message of ["text", 5, null, undefined, [], { id: 5, value: "forged" }, { id: 0, started: true }]) {
      assertEquals(await work.call("post", message), "posted");
    }
  });

  it("has the code of an exception of the web, and survives what has no text", async () => {
    using ns = NsHandle.create();
    const failing = module(`
      export const exception = () => structuredClone(() => 1);
      const refuse = () => { throw 1; };
      export const proxy = () => { throw new Proxy({}, { get: refuse, getPrototypeOf: refuse, ownKeys: refuse }); };
    `);
    await using work = await ns.worker<{ exception(): void; proxy(): never }>(failing);
    const error = await assertRejects(() => work.call("exception"), Error);
    assertEquals([error.name, Reflect.get(error, "code")], ["DataCloneError", 25]);
    await assertRejects(() => work.call("proxy"), Error, "what has no text");
    await assertRejects(() => work.call("exception"), Error); // the thread is there
  });
});
