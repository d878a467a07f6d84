import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readJson } from "../../../../src/microservices/client/json.ts";
import { MalformedReplyError } from "../../../../src/microservices/client/replies.ts";

describe("readJson()", () => {
  it("gives the value, and refuses what is no JSON or has too many values", () => {
    assertEquals(readJson('{"a":[1,2]}', "a list", 3), { a: [1, 2] });
    assertThrows(() => readJson('{"a":[1,2,3]}', "a list", 3), MalformedReplyError, "a list that cannot be used");
    for (const text of ["", "{", "<h1>", "NaN"]) {
      assertThrows(() => readJson(text, "a list", 9), MalformedReplyError, "expected a JSON document");
    }
  });

  it("takes no longer and no more memory for a text that would be a million values", () => {
    const text = `[${"[],".repeat(5_000_000)}0]`;
    const start = performance.now();
    assertThrows(() => readJson(text, "a list", 1_000_000), MalformedReplyError, "expected at most 1000000 values");
    assertEquals(performance.now() - start < 5000, true);
  });
});
