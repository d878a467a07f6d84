import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ascendingPattern, numberPattern, rangePattern } from "../../../src/models/number_pattern.ts";

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

describe("rangePattern()", () => {
  it("matches one number, and two of which the first is not the larger", () => {
    const pattern = new RegExp(`^${rangePattern(63)}$`, "u");
    const spellings = (number: number): string[] => [`${number}`, ...number < 10 ? [`0${number}`] : []];
    for (let from = 0; from < 66; from++) {
      for (const text of spellings(from)) assertEquals(pattern.test(text), from >= 1 && from <= 63, text);
      for (let to = 0; to < 66; to++) {
        const isRange = from >= 1 && from <= to && to <= 63;
        for (const text of spellings(from).flatMap((a) => spellings(to).map((b) => `${a}-${b}`))) {
          assertEquals(pattern.test(text), isRange, text);
        }
      }
    }
    const vlans = new RegExp(`^${rangePattern(4094)}$`, "u");
    const given = [
      "10-20",
      "20-10",
      "100-99",
      "99-100",
      "0100-99",
      "1234-1234",
      "1234-1233",
      "4094-4095",
      "1-2-3",
      "-1",
    ];
    assertEquals(given.filter((one) => vlans.test(one)), ["10-20", "99-100", "1234-1234"]);
  });
});

describe("ascendingPattern()", () => {
  it("matches zeros too", () => {
    const pattern = new RegExp(`^${ascendingPattern(10)}$`, "u");
    const given = ["0-0", "0-1000", "00-7", "7-0", "4294967294-4294967295", "4294967295-4294967294"];
    assertEquals(given.filter((one) => pattern.test(one)), ["0-0", "0-1000", "00-7", "4294967294-4294967295"]);
  });
});
