import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { namesAsGiven, readNote, wordsAsGiven } from "../../../src/cli/inherited.ts";

const note = (ignored: string, pid = 42): string =>
  `${pid};${ignored.padStart(16, "0")};0000000000000200;4096;0,1,2,9,`;

describe("readNote()", () => {
  it("reads what the first lines of the command note", () => {
    const { descriptors, ...others } = readNote(note("1"), 42) ?? {};
    assertEquals(others, { fileLimit: 4096n, ignored: 1n, blocked: 0x200n });
    assertEquals([...descriptors ?? []], [0, 1, 2, 9]); // the assertions compare no sets in Node 20
  });

  it("takes SIGQUIT for ignored by the caller only together with SIGINT", () => {
    assertEquals(readNote(note("4"), 42)?.ignored, 0n);
    assertEquals(readNote(note("6"), 42)?.ignored, 6n);
  });

  it("refuses that of another process, and half a note", () => {
    assertEquals(readNote(note("0", 41), 42), undefined);
    for (const text of ["", "42", "42;", "42;4096;", note("0").slice(0, -1), `${note("0")}x`]) {
      assertEquals(readNote(text, 42), undefined);
    }
  });
});

describe("wordsAsGiven()", () => {
  it("leaves words alone that are not the arguments of this process", () => {
    const words = ["a", "b\\xff", "\ufffd"];
    assertEquals(wordsAsGiven(words), words);
    assertEquals(namesAsGiven(words.slice(0, 2)), words.slice(0, 2));
  });
});
