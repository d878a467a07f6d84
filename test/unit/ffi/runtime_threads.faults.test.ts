import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { constants } from "node:os";
import process from "node:process";
import { fillPoolBeforeLeaving, type Functions, interceptLibc, SyscallError } from "../../../ffi/mod.ts";
import { libc } from "../../../ffi/library.ts";

let hours = 0;

/** Fills the pool, as if nothing had filled it before; the first writes fail with `errors`. */
function fill(...errors: number[]): { fd: number; calls: (keyof Functions)[]; error: unknown } {
  const calls: (keyof Functions)[] = [];
  let fd = -1;
  let error: unknown;
  const { now } = Date;
  using _door = interceptLibc((name, args, proceed) => {
    if (name !== "parkOnRead") calls.push(name);
    if (name !== "unparkByWrite") return proceed();
    fd = Number(args[0]);
    const errno = errors.shift();
    return errno === undefined ? proceed() : { errno };
  });
  try {
    Date.now = () => now() + 3_600_000 * ++hours;
    fillPoolBeforeLeaving();
  } catch (thrown) {
    error = thrown;
  } finally {
    Date.now = now;
  }
  return { fd, calls, error };
}

describe("fillPoolBeforeLeaving()", () => {
  if (process.versions.deno === undefined) {
    it("makes no call in a runtime without such a pool", () => assertEquals(fill().calls, []));
    return;
  }

  it("writes again after a signal", () => {
    const { calls, error } = fill(constants.errno.EINTR);
    assertEquals([calls, error], [["eventfd", "unparkByWrite", "unparkByWrite"], undefined]);
  });

  it("throws when the threads that wait were not let go", async () => {
    const { fd, error } = fill(constants.errno.EIO);
    const { functions } = libc();
    assertEquals(functions.unparkByWrite(fd, new Uint8Array([32, 0, 0, 0, 0, 0, 0, 0]), 8), 8);
    await functions.usleep(1); // the pool works again
    const { syscall, code } = assertThrows(() => {
      throw error;
    }, SyscallError);
    assertEquals([syscall, code], ["write", "EIO"]);
  });
});
