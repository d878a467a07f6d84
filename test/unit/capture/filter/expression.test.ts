import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NsHandle } from "@netns/netns";
import { expressionOf } from "../../../../src/capture/filter/expression.ts";
import { untyped } from "../../../support/untyped.ts";

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
  for (
    const [options, place] of [
      [{ link: 1 }, "a link"],
      [{ link: { index: "eth0" } }, "a link"],
      [{ file: 5 }, "file"],
      [{ signal: {} }, "signal"],
      [null, "the options of"],
    ] as const
  ) {
    it(`${JSON.stringify(options)} are refused by name`, async () => {
      using here = NsHandle.current();
      const error = await here.capture(untyped(options)).then(() => undefined, (error: unknown) => error);
      assertEquals(error instanceof TypeError && error.message.includes(` as ${place}`), true, String(error));
    });
  }
});
