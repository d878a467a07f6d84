import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import fc from "../../support/properties.ts";
import { anyCharacter } from "../../support/any_character.ts";
import { jsonText } from "../../../src/cli/json_text.ts";

describe("jsonText()", () => {
  it("escapes control characters and direction marks, also beyond 16 bits", () => {
    assertEquals(jsonText("a\x1b\x7f\x9b\u202e\u061c\u2028b"), String.raw`"a\u001b\u007f\u009b\u202e\u061c\u2028b"`);
    assertEquals(jsonText({ "\u2066": "\u{e0001}" }), String.raw`{"\u2066":"\udb40\udc01"}`);
    assertEquals(jsonText(["süß 名前 🙂", 1, null]), '["süß 名前 🙂",1,null]');
  });

  it("parses to the same data, and has no invisible characters", () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: anyCharacter }), (value) => {
      const text = jsonText(value);
      assertEquals(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert(!/[\p{C}\u2028\u2029]/u.test(text), text);
    }));
  });
});
