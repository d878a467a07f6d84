import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { backoff } from "../../../src/async/backoff.ts";

describe("backoff()", () => {
  it("doubles up to five seconds, and is up to half shorter by chance", () => {
    assertEquals([1, 2, 3, 6, 7, 1000].map((failures) => backoff(failures, { chance: 0 })), [
      100,
      200,
      400,
      3200,
      5000,
      5000,
    ]);
    assertEquals(backoff(1, { chance: 1 }), 50);
    assertEquals([1, 2, 9].map((failures) => backoff(failures, { first: 1, longest: 3, chance: 0 })), [1, 2, 3]);
    for (let i = 0; i < 50; i++) assert(backoff(9) >= 2500 && backoff(9) <= 5000);
  });
});
