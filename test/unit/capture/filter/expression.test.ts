import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NsHandle } from "@netns/netns";
import { expressionOf } from "../../../../src/capture/filter/expression.ts";

/** A value as untyped code has it. */
function untyped<T>(value: unknown): T {
  return value as T;
}

describe("expressionOf()", () => {
  it("refuses a field that there is not, which would let everything through", () => {
    assertThrows(() => expressionOf(untyped({ prot: "icmp" })), TypeError, 'Cannot use "prot" as a field of a filter');
    for (const value of [null, 5]) assertThrows(() => expressionOf(untyped(value)), TypeError, "expected an object");
  });

  it("refuses a port of a protocol that has none, which nothing would fit", () => {
    for (const protocol of ["arp", "icmp", "icmp6"] as const) {
      assertThrows(() => expressionOf({ protocol, port: 80 }), TypeError, "expected tcp or udp");
    }
    assertEquals(expressionOf({ protocol: "ip", port: 80 })?.kind, "and");
  });
});

describe("options of a capture from untyped code", () => {
  for (const options of [{ link: 1 }, { link: { index: 1 } }, { file: 5 }, { signal: {} }, null]) {
    it(`${JSON.stringify(options)} are refused by name`, async () => {
      using here = NsHandle.current();
      const error = await here.capture(untyped(options)).then(() => undefined, (error: unknown) => error);
      const [field = "the options of"] = Object.keys(options ?? {});
      assertEquals(error instanceof TypeError && error.message.includes(` as ${field}`), true, String(error));
    });
  }
});
