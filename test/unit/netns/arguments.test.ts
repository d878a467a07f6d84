import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createServer } from "node:net";
import {
  compareNamespaces,
  createTun,
  InvalidNamespaceError,
  namespaceToString,
  NsHandle,
  runInNamespace,
} from "@netns/netns";
import { until } from "../../../src/lab/until.ts";
import { untyped } from "../../support/untyped.ts";

describe("arguments of asynchronous calls from untyped code", () => {
  const here = NsHandle.current();
  const address = { host: "127.0.0.1", port: 9 };
  const server = createServer();

  /** Each call, with the code and a part of the message of its refusal. */
  const WRONG: readonly (readonly [code: string, said: string, call: () => Promise<unknown>])[] = [
    ["ERR_INVALID_ARG_TYPE", '"options"', () => here.connect(untyped(undefined))],
    ["ERR_INVALID_ARG_TYPE", '"options"', () => here.connect(untyped(null))],
    ["ERR_INVALID_ARG_TYPE", '"options.host"', () => here.connect(untyped({ port: 1 }))],
    ["ERR_INVALID_ARG_TYPE", '"options.host"', () => here.connect(untyped({ host: 127, port: 1 }))],
    ["ERR_INVALID_ARG_TYPE", '"options.localAddress"', () => here.connect(untyped({ ...address, localAddress: 5 }))],
    ["ERR_INVALID_ARG_TYPE", '"options.signal"', () => here.connect(untyped({ ...address, signal: {} }))],
    ["ERR_OUT_OF_RANGE", "timeout", () => here.connect(untyped({ ...address, timeout: "5" }))],
    ["ERR_INVALID_ARG_TYPE", '"server"', () => here.listen(untyped({}), { port: 0 })],
    ["ERR_INVALID_ARG_TYPE", '"options"', () => here.listen(server, untyped(undefined))],
    ["ERR_OUT_OF_RANGE", '"backlog"', () => here.listen(server, { port: 0, backlog: NaN })],
    ["ERR_OUT_OF_RANGE", '"backlog"', () => here.listen(server, { port: 0, backlog: 1e12 })],
    ["ERR_OUT_OF_RANGE", '"backlog"', () => here.listen(server, untyped({ port: 0, backlog: "5" }))],
    ["ERR_INVALID_ARG_TYPE", '"options"', () => here.datagram(untyped(null))],
    ["ERR_INVALID_ARG_VALUE", "'family'", () => here.datagram(untyped({ family: 5 }))],
    ["ERR_INVALID_ARG_VALUE", "'family'", () => here.datagram(untyped({ family: "IPv6" }))],
    ["ERR_INVALID_ARG_TYPE", '"name"', () => here.resolve(untyped(5))],
    ["ERR_INVALID_ARG_VALUE", "'family'", () => here.resolve("localhost", untyped({ family: 0 }))],
    ["ERR_INVALID_ARG_TYPE", '"options"', () => here.resolve("localhost", untyped(null))],
    ["ERR_INVALID_ARG_TYPE", '"options.signal"', () => here.fetch("http://127.0.0.1:9", untyped({ signal: {} }))],
    ["ERR_INVALID_ARG_TYPE", '"options.signal"', () => here.exec("true", [], untyped({ signal: {} }))],
    ["ERR_INVALID_ARG_TYPE", '"options"', () => here.exec("true", [], untyped(null))],
  ];
  for (const [index, [code, said, call]] of WRONG.entries()) {
    it(`${index + 1}: ${code}, of ${said}`, async () => {
      const error: Error & { code?: unknown } = await assertRejects(call, Error, said);
      assertEquals(error.code, code);
    });
  }
});

describe("what is no namespace, from untyped code", () => {
  for (const value of ["blue", {}, null, 5]) {
    it(`${JSON.stringify(value)} is refused by name`, async () => {
      const ns = untyped<undefined>(value);
      await assertRejects(() => runInNamespace(untyped(ns), "file:///none.js", "f"), InvalidNamespaceError);
      assertThrows(() => namespaceToString(ns), InvalidNamespaceError, "parseNamespace()");
      assertThrows(() => compareNamespaces(ns, { type: "pid", pid: 1 }), InvalidNamespaceError);
    });
  }
});

describe("createTun()", () => {
  it("refuses an id of which the kernel would take the lower 32 bits", () => {
    for (const owner of [2 ** 32, 2 ** 32 - 1, 1.5, NaN, -1, untyped<number>("0")]) {
      assertThrows(() => createTun({ name: "tun0", owner }), RangeError, "as owner: expected");
      assertThrows(() => createTun({ name: "tun0", group: owner }), RangeError, "as group: expected");
    }
  });

  it("refuses a mode that is none", () => {
    for (const mode of ["TUN", 1, 4096]) {
      assertThrows(() => createTun(untyped({ name: "tun0", mode })), TypeError, "as mode: expected tun, tap");
    }
  });
});

describe("until()", () => {
  it("refuses what is no question, and a time that would never be over", async () => {
    await assertRejects(() => until(untyped(undefined)), TypeError, "expected a function");
    for (const within of [NaN, -1, untyped<number>("200")]) {
      await assertRejects(() => until(() => false, { within }), RangeError, "as within");
    }
  });
});
