import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { numberPattern } from "../../../src/models/number_pattern.ts";

describe("numberPattern()", () => {
  it("matches the numbers from 1 to the largest, and no others", () => {
    for (const most of [10, 63, 4094, 65_535]) {
      const pattern = new RegExp(`^${numberPattern(most)}$`);
      for (let number = 0; number < most + 1500; number++) {
        assertEquals(pattern.test(String(number)), number >= 1 && number <= most, `${number} of ${most}`);
      }
      for (const none of ["", "-1", "1.5", "x", " 1", "0".repeat(String(most).length), "1e1"]) {
        assertEquals(pattern.test(none), false, none);
      }
    }
    const pattern = new RegExp(`^${numberPattern(4094)}-${numberPattern(4094)}$`);
    assertEquals(["1-4094", "0007-20", "0-5", "1-4095", "1-0"].map((one) => pattern.test(one)), [
      ...[true, true, false, false, false],
    ]);
  });
});
