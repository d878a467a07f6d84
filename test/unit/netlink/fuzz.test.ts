import { describe, it } from "@std/testing/bdd";
import { fuzz } from "./fuzz.ts";

/** A number that takes a second; the end-to-end tests read 200,000. */
const MESSAGES = 10_000;

describe("every decoder", () => {
  it(`gives a value or a MalformedMessageError, for ${MESSAGES} random and mutated messages`, () => fuzz(MESSAGES));
});
