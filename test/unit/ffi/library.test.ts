import { constants } from "node:os";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { libc } from "../../../ffi/library.ts";

describe("libc()", () => {
  it("reads errno without asking the runtime, which would make calls of its own first", () => {
    const { functions, errno } = libc();
    const missing = new TextEncoder().encode("/netns-test-no-such-file\0");
    const { prototype } = Deno.UnsafePointerView;
    const methods = Object.getOwnPropertyDescriptors(prototype);
    const asked: string[] = [];
    try {
      for (const name of Object.keys(methods).filter((name) => name.startsWith("get"))) {
        Object.defineProperty(prototype, name, { configurable: true, value: () => asked.push(name) });
      }
      assertEquals([functions.open(missing, 0, 0), errno[0]], [-1, constants.errno.ENOENT]);
      assertEquals([functions.close(-1), errno[0]], [-1, constants.errno.EBADF]);
    } finally {
      Object.defineProperties(prototype, methods);
    }
    assertEquals(asked, []);
  });

  it("reads what a call counted, whatever C type it counts in", () => {
    const { functions, errno } = libc();
    const buffer = new Uint8Array(8);
    const zeros = functions.open(new TextEncoder().encode("/dev/zero\0"), 0, 0);
    try {
      assertEquals(functions.read(zeros, buffer, buffer.length), buffer.length);
    } finally {
      assertEquals(functions.close(zeros), 0);
    }
    assertEquals([functions.read(-1, buffer, buffer.length), errno[0]], [-1, constants.errno.EBADF]);
  });
});
