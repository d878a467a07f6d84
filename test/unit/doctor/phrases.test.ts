import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { counted, firstOf } from "../../../src/doctor/phrases.ts";

describe("counted()", () => {
  it("adds an s except for one", () => {
    assertEquals([0, 1, 2].map((count) => counted(count, "link")), ["0 links", "1 link", "2 links"]);
  });
});

describe("firstOf()", () => {
  it("counts the names that it leaves out", () => {
    assertEquals([firstOf(["a", "b"], 2), firstOf(["a", "b", "c"], 1)], ["a, b", "a and 2 more"]);
  });
});
