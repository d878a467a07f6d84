import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDirectories } from "../../src/directories.ts";

describe("makeDirectories()", () => {
  it("makes what is missing with the mode, and leaves what is there", () => {
    const top = mkdtempSync(join(tmpdir(), "netns-directories-"));
    try {
      chmodSync(top, 0o755);
      const inner = join(top, "a", "b", "c");
      makeDirectories(inner, 0o700);
      makeDirectories(inner, 0o755);
      const modes = [top, join(top, "a"), inner].map((path) => statSync(path).mode & 0o777);
      assertEquals(modes, [0o755, 0o700, 0o700]);
      writeFileSync(join(top, "file"), "");
      assertThrows(() => makeDirectories(join(top, "file", "under"), 0o700), Error, "ENOTDIR");
      assertThrows(() => makeDirectories(join(top, "file"), 0o700), Error, "EEXIST");
    } finally {
      rmSync(top, { recursive: true });
    }
  });
});
