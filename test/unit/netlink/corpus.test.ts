import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CORPUS } from "./corpus.ts";
import { checkHostile, SUBJECTS } from "./fuzz.ts";
import { vector } from "./vector.ts";

describe("the corpus of the fuzz task", () => {
  it("is of every family", () => assertEquals(Object.keys(CORPUS).sort(), SUBJECTS.map(({ name }) => name).sort()));

  for (const { name, decode } of SUBJECTS) {
    it(`gives a value or a MalformedMessageError: ${name}`, () => {
      const messages = CORPUS[name] ?? [];
      for (const message of messages) checkHostile(decode, vector("kernel", "", message).bytes);
      assert(messages.every((message) => message.length < 8192), "a message is long");
    });
  }
});
