import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SYMBOLS } from "../../../ffi/symbols.ts";

describe("SYMBOLS", () => {
  it("binds nothing that changes its thread as non-blocking: setns on one of the pool would strand it", () => {
    const nonblocking = Object.entries(SYMBOLS).filter(([, symbol]) => "nonblocking" in symbol);
    assertEquals(nonblocking.map(([name]) => name), ["usleep", "parkOnRead"]);
  });

  it("uses types that both backends know", () => {
    const types = new Set(["i32", "u32", "isize", "usize", "buffer", "pointer"]);
    for (const [name, { parameters, result }] of Object.entries(SYMBOLS)) {
      for (const type of [...parameters, result]) assert(types.has(type), `${name}: ${type}`);
    }
  });
});
