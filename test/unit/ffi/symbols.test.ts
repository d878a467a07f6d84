import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SYMBOLS } from "../../../ffi/symbols.ts";

describe("SYMBOLS", () => {
  it("binds nothing as non-blocking: setns on a thread of the pool would strand it", () => {
    for (const [name, symbol] of Object.entries(SYMBOLS)) assertEquals("nonblocking" in symbol, false, name);
  });

  it("uses types that both backends know", () => {
    const types = new Set(["i32", "u32", "isize", "usize", "buffer", "pointer"]);
    for (const [name, { parameters, result }] of Object.entries(SYMBOLS)) {
      for (const type of [...parameters, result]) assert(types.has(type), `${name}: ${type}`);
    }
  });
});
