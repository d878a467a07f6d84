import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { usesCodeCache } from "../../../src/cli/code_cache.ts";

describe("usesCodeCache()", () => {
  it("is true for root alone: the other programs of another user lack their capabilities", () => {
    assertEquals([0, 1000, undefined].map((user) => usesCodeCache({ HOME: "/root" }, user)), [true, false, false]);
  });

  it("is false where Node's own cache is used or forbidden, and while coverage is taken", () => {
    for (const name of ["NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE", "NODE_V8_COVERAGE"]) {
      assertEquals([usesCodeCache({ [name]: "1" }, 0), usesCodeCache({ [name]: "" }, 0)], [false, true], name);
    }
  });
});
