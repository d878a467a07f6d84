import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SyscallError } from "@netns/netns";
import { libc } from "../../../ffi/library.ts";
import { close, errnoName, errnoText, interceptLibc, open, setns } from "../../../ffi/mod.ts";

describe("SyscallError", () => {
  it("names call, path, reason, code and remedy", () => {
    const error = assertThrows(() => open("/proc/4194304/ns/net", 0), SyscallError);
    assertEquals(
      [error.name, error.syscall, error.errno, error.code, error.path],
      ["SyscallError", "open", 2, "ENOENT", "/proc/4194304/ns/net"],
    );
    assertEquals(
      error.message,
      "open /proc/4194304/ns/net: No such file or directory (ENOENT); there is no process with PID 4194304",
    );
  });

  it("escapes a hostile path", () => {
    assert(!open_("/nope\x1b[2J\n").message.includes("\x1b"));
  });
});

function open_(path: string): SyscallError {
  return assertThrows(() => open(path, 0), SyscallError);
}

describe("errnoName()", () => {
  it("prefers the names that the man pages use", () => {
    assertEquals([1, 11, 95, 4095].map(errnoName), ["EPERM", "EAGAIN", "EOPNOTSUPP", "4095"]);
    assertEquals(errnoText(1), "Operation not permitted");
  });
});

describe("interceptLibc()", () => {
  it("makes a call fail without making it, and is gone with its block", () => {
    const calls: string[] = [];
    {
      using _door = interceptLibc((name, _args, proceed) => {
        calls.push(name);
        return name === "setns" ? { errno: 1 } : proceed();
      });
      const error = assertThrows(() => setns(-1), SyscallError, "Operation not permitted (EPERM)");
      assertEquals(error.syscall, "setns");
      assertEquals(assertThrows(() => close(-1), SyscallError).code, "EBADF");
    }
    assert(calls.includes("setns") && calls.includes("close"));
    assertEquals(assertThrows(() => setns(-1), SyscallError).code, "EBADF");
  });

  it("leaves a call that is made its errno, whatever is done before it is given back", () => {
    using _door = interceptLibc((_name, _args, proceed) => {
      const result = proceed();
      libc().errno[0] = 11; // as of what the runtime waits for
      return result;
    });
    assertEquals(assertThrows(() => setns(-1), SyscallError).code, "EBADF");
  });
});
