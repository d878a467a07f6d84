import { describe, it } from "@std/testing/bdd";
import { fuzz } from "./fuzz.ts";

/** As many as a run in between can wait for; the end-to-end tests read 200,000. */
const MESSAGES = 10_000;

describe("every decoder", () => {
  it(`gives a value or says what is wrong, for ${MESSAGES} random and mutated messages`, () => fuzz(MESSAGES));
});
